"""The packaged library, a copy that a test may spoil, and facts for both languages."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.resources import as_file
from pathlib import Path

import pytest

from scripts.schema import load_library, packaged_library
from scripts.script import Library

FACTS: dict[str, dict[str, object]] = {
    "zh": {
        "institution": "安和服务公司", "agent_name": "小林", "debtor_name": "张伟", "creditor": "恒信银行",
        "debt_name": "信用卡账单", "amount": 2000, "due_date": "2026-06-05", "today": "2026-06-10",
    },
    "en": {
        "institution": "Harbor Services", "agent_name": "Sam", "debtor_name": "Alex Smith", "creditor": "Harbor Bank",
        "debt_name": "card account", "amount": "200.00", "due_date": "2026-06-05", "today": "2026-06-10",
    },
}  # fmt: skip
PROMISE: dict[str, object] = {"promise_amount": 2000, "promise_date": "2026-06-19"}


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A library folder of one's own."""
    with as_file(packaged_library()) as folder:
        return Path(shutil.copytree(folder, tmp_path / "library"))


@pytest.fixture
def spoil(copy: Path) -> Callable[[str, str, str], Path]:
    """Replace the first occurrence of a text in a file of the copy; the text must be there."""

    def replace(name: str, old: str, new: str) -> Path:
        path = copy / name
        content = path.read_text("utf-8")
        assert old in content, f"{old!r} is not in {name}"
        path.write_text(content.replace(old, new, 1), "utf-8")
        return copy

    return replace
