"""Licensed conversational text cut into telephone-sized turns, split by dialogue into training and test."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from speech.synthesis import chinese_numbers, english_numbers

DATA = Path(__file__).parent / "data"
TEST_SHARE = 0.04
_HANZI_ONLY = re.compile(r"[\u4e00-\u9fff]+")
_ZH_CLAUSE = re.compile(r"[，。！？；：、…,.!?;:~\s\"'“”‘’（）()《》]+")
_EN_KEEP = re.compile(r"[^a-z' ]+")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A turn to be spoken: as written (punctuation shapes the prosody) and where it comes from."""

    text: str
    lang: str
    source: str
    heldout: bool


def share(key: str) -> float:
    """A number in [0, 1) that depends on the key alone."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48


def target(text: str, lang: str) -> str:
    """The written form that the recogniser learns: zh hanzi only, numerals as spoken; en lower case, words only."""
    if lang == "zh":
        return "".join(_HANZI_ONLY.findall(chinese_numbers.write_out(text)))
    spelled = english_numbers.write_out(text).lower().replace("’", "'").replace("-", " ")
    words = [word.strip("'") for word in _EN_KEEP.sub(" ", spelled).split()]
    return " ".join(word for word in words if word)


def speakable(text: str, lang: str) -> bool:
    """Whether every sound of the text is also in its target form."""
    if lang == "zh":
        return not re.search(r"[A-Za-z]", text) and bool(target(text, lang))
    return text.isascii() and bool(target(text, lang))


def zh_turns(text: str, shortest: int = 4, longest: int = 24) -> Iterator[str]:
    """Neighbouring clauses joined to turns of a telephone conversation's length."""
    joined = ""
    for clause in filter(None, _ZH_CLAUSE.split(text)):
        spoken = chinese_numbers.write_out(clause)
        if not _HANZI_ONLY.fullmatch(spoken) or len(spoken) > longest:
            joined = ""
            continue
        if len(joined) + len(spoken) > longest:
            yield joined
            joined = ""
        joined = f"{joined}，{spoken}" if joined else spoken
        if len(joined) >= shortest + share(joined) * 12:
            yield joined
            joined = ""
    if len(joined) >= shortest:
        yield joined


def _read(path: Path) -> list[str]:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8").splitlines()


def zh_dialogues(path: Path) -> Iterator[Line]:
    """Turns of a `dialogue<TAB>text` file; a dialogue goes to training or to test as a whole."""
    seen: set[str] = set()
    source = path.name.partition(".")[0]
    for row in _read(path):
        dialogue, _, text = row.partition("\t")
        for turn in zh_turns(text):
            if turn not in seen:
                seen.add(turn)
                yield Line(text=turn, lang="zh", source=source, heldout=share(f"{source}/{dialogue}") < TEST_SHARE)


def en_sentences(path: Path, longest: int = 18) -> Iterator[Line]:
    """English lines of 2 to 18 words; each line goes to training or to test by its own hash."""
    seen: set[str] = set()
    source = path.name.partition(".")[0]
    for row in _read(path):
        spoken = target(row, "en")
        if spoken in seen or not 2 <= len(spoken.split()) <= longest or not row.isascii():
            continue
        seen.add(spoken)
        yield Line(text=row.strip(), lang="en", source=source, heldout=share(f"{source}/{spoken}") < TEST_SHARE)


def licensed(extra: Iterable[Path] = ()) -> list[Line]:
    """All licensed lines of both languages, with further `dialogue<TAB>text` files of Chinese turns if given."""
    lines = list(zh_dialogues(DATA / "smilechat-zh.tsv.gz"))
    for path in extra:
        lines += zh_dialogues(path)
    for name in ("banking77-en.txt.gz", "goemotions-en.txt.gz"):
        lines += en_sentences(DATA / name)
    return lines


def _strings(node: object, keys: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in keys and isinstance(value, str):
                yield value
            else:
                yield from _strings(value, keys)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value, keys)


def domain_lines(
    paths: Iterable[Path], keys: tuple[str, ...] = ("text", "say"), longest: int = 110
) -> list[tuple[str, str]]:
    """(language, text) of every string at the given keys of some YAML files, whole and sentence by sentence."""
    found: dict[tuple[str, str], None] = {}
    for path in paths:
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            for text in _strings(document, keys):
                lang = "zh" if re.search(r"[\u4e00-\u9fff]", text) else "en"
                sentences = [part.strip() for part in re.split(r"(?<=[。！？!?])|(?<=\.)\s", text) if part.strip()]
                for sentence in [*sentences, *([text.strip()] if len(text) <= longest else [])]:
                    found.setdefault((lang, sentence))
    return list(found)
