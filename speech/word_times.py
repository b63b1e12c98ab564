"""Where in a clip each word was said, by CTranslate2's alignment of tokens with sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from speech.types import Word

_PREPENDED = "\"'“¿([{-"
_APPENDED = "\"'.。,，!！?？:：”)]}、"


def words_of(alignment: Sequence[Mapping[str, Any]], duration_secs: float) -> tuple[Word, ...]:
    """The words of one clip from faster-whisper's alignment, put in order and kept inside the clip.

    Together they read as the text without white space at its ends.
    """
    from faster_whisper.transcribe import merge_punctuations

    items = [dict(item) for item in alignment]
    merge_punctuations(items, _PREPENDED, _APPENDED)
    words: list[Word] = []
    earliest = 0.0
    for item in items:
        text = item["word"] if words else item["word"].lstrip()
        if not text:
            continue
        start = min(max(float(item["start"]), earliest), duration_secs)
        end = min(max(float(item["end"]), start), duration_secs)
        words.append(Word(text=text, start=start, end=end, probability=float(item["probability"])))
        earliest = end
    while words and not words[-1].text.rstrip():
        words.pop()
    if words:
        words[-1] = replace(words[-1], text=words[-1].text.rstrip())
    return tuple(words)
