"""Replies that are as a whole a word to stop, resume or ask for help, in English and Chinese.

Only the whole body counts ("T" stops, "T恤" does not), after width, case, spaces and punctuation are ignored.
English stop words are the carriers' defaults; the Chinese ones follow the usual 回复T退订 notices, which carriers
do not know. A stop word is widened generously and a resume word narrowly: the default "YES" is an answer, not consent.
"""

import unicodedata

from outreach.telephony.events import OptWord


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STOP = _words(
    "stop stopall unsubscribe cancel end quit revoke optout t td n tui tuiding "
    "退订 退訂 取消 取消订阅 取消訂閱 停止 停 拒收 勿扰 勿擾 不要 不要再发 不要再发了 别发了 别再发了 不需要 "
    "t退订 td退订 n退订 退订t 退订td 回t 回td 回复t 回复td"
)
_START = _words("start unstop 恢复 恢復 恢复订阅 重新订阅")
_HELP = _words("help info 帮助 幫助")


def classify_opt_word(body: str) -> OptWord | None:
    """The opt word that the whole body is, or None."""
    folded = unicodedata.normalize("NFKC", body).casefold()
    word = "".join(char for char in folded if char.isalnum())
    if word in _STOP:
        return OptWord.STOP
    if word in _START:
        return OptWord.START
    if word in _HELP:
        return OptWord.HELP
    return None
