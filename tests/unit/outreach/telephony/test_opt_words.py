"""Replies that stop everything, and those that only look like it."""

import pytest

from outreach.telephony.events import OptWord
from outreach.telephony.opt_words import classify_opt_word


@pytest.mark.parametrize(
    "body",
    [
        "STOP",
        " stop ",
        "Stop.",
        "退订",
        "退訂",
        "ＴＤ",
        "t",
        "N",
        "停止",
        "TD退订",
        "回复T",
        "不要再发了！",
        "取消订阅",
    ],
)
def test_stop(body: str) -> None:
    assert classify_opt_word(body) is OptWord.STOP


@pytest.mark.parametrize("body", ["START", "恢复"])
def test_start(body: str) -> None:
    assert classify_opt_word(body) is OptWord.START


def test_help() -> None:
    assert classify_opt_word("帮助") is OptWord.HELP


@pytest.mark.parametrize(
    "body", ["", "T恤", "YES", "是", "我想退订你们的服务，怎么办", "stop calling me please", "不", "1"]
)
def test_anything_else(body: str) -> None:
    assert classify_opt_word(body) is None
