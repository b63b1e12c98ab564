"""Strict loader of rulebook files (I/O at start-up): YAML in, `Rulebook` out, or `RulebookError` naming file, line
and field.

Layout: `<root>/<jurisdiction>/**/<topic>.yaml`; one of the jurisdiction's files holds `pack`. A file may hold the
sections
`pack`, `sources`, `flags_without_effect`, `stop_words`, `rules`, `duties`, `disclosures`, `statements`,
`lawful_statements`, `doubts`.
The shape of every section is documented in `docs/rulebook.md`.
"""

import importlib.resources
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources.abc import Traversable
from itertools import groupby
from pathlib import Path

from policy.book import Pack, Rulebook
from policy.digest import canonical_bytes, digest_of
from policy.errors import RulebookError
from policy.facts import FLAGS
from policy.located import Node, read_yaml
from policy.overlays.schema import OVERLAY_FOLDER, OverlayText, is_overlay, lay_over
from policy.sections import (
    Shelf,
    read_disclosures,
    read_doubts,
    read_duties,
    read_flags_without_effect,
    read_lawful_statements,
    read_pack_head,
    read_rules,
    read_sources,
    read_statements,
    read_stop_words,
)

_LISTS = ("sources", "rules", "duties", "disclosures", "statements", "lawful_statements", "stop_words", "doubts")
_SECTIONS = frozenset({"topic", "pack", "flags_without_effect", *_LISTS})
_NAME = re.compile(r"[a-z][a-z0-9_-]*")


@lru_cache(maxsize=1)
def _packaged() -> Rulebook:
    return _load(importlib.resources.files("policy").joinpath("rulebook"))


def load_rulebook(root: Path | None = None, overlays: Sequence[Traversable] = ()) -> Rulebook:
    """The packaged rulebook (loaded once), or the one under `root`, with overlays laid over it.

    `overlays`: files and folders of overlay files; `house_rules()` are those that ship with the package. Raises
    `RulebookError`.
    """
    book = _packaged() if root is None else _load(root)
    return lay_over(book, _overlay_texts(overlays, book.files)) if overlays else book


def house_rules() -> Traversable:
    """The folder of the packaged house rules: what every attempt of this house is held to beside the law."""
    return importlib.resources.files("policy").joinpath("house")


def load_rulebook_files(files: Mapping[str, str], origin: str = "rulebook") -> Rulebook:
    """The rulebook of these YAML texts by path: the inverse of `Rulebook.files`.

    Paths are `<jurisdiction>/<topic>.yaml`; what lies under `overlays/` is laid over the law.

    The same files give the same digest, so a book that was kept can be opened again. `origin` is what an error about
    the whole calls them. Raises `RulebookError`.
    """
    packs: dict[str, Pack] = {}
    content: dict[str, object] = {}
    law = {name: text for name, text in files.items() if not is_overlay(name)}
    for folder, names in groupby(sorted(law), key=lambda name: name.split("/", 1)[0]):
        pack, plain = _load_pack(folder, [(name, read_yaml(files[name], name)) for name in names])
        if pack.id in packs:
            raise _broken(folder, f"the pack `{pack.id}` again", "each pack id once")
        packs[pack.id] = pack
        content[pack.id] = plain
        _check_rules_once(folder, packs)
    if not packs:
        raise RulebookError(
            "rulebook.empty", file=origin, line=0, field="", found="no pack", expected="at least one pack folder"
        )
    digest = digest_of(canonical_bytes(content))
    book = Rulebook(packs=packs, digest=digest, law_digest=digest, files=law)
    texts = [OverlayText(key=name, file=name, text=text) for name, text in files.items() if is_overlay(name)]
    return lay_over(book, texts) if texts else book


def _check_rules_once(folder: str, packs: Mapping[str, Pack]) -> None:
    """A ruling names a rule by its id alone, so an id means one rule of one pack."""
    last, *others = reversed(list(packs.values()))
    taken = {rule.id for pack in others for rule in pack.rules}
    for rule in last.rules:
        if rule.id in taken:
            raise _broken(folder, f"the rule `{rule.id}`, which another pack has", "each rule id once", field="rules")


def _load(root: Traversable) -> Rulebook:
    if not root.is_dir():
        raise RulebookError(
            "rulebook.empty", file=str(root), line=0, field="", found="no such folder", expected="a rulebook folder"
        )
    loose = sorted(child.name for child in root.iterdir() if not child.is_dir() and _is_yaml(child.name))
    if loose:
        raise _broken(loose[0], "a rulebook file beside the folders", "every file in the folder of its jurisdiction")
    folders = [child for child in root.iterdir() if child.is_dir()]
    found = {name: _read(node, name) for folder in folders for name, node in _yaml_files(folder, folder.name)}
    return load_rulebook_files(found, str(root))


def _overlay_texts(places: Sequence[Traversable], files: Iterable[str]) -> Iterator[OverlayText]:
    taken = {"/".join(name.split("/")[:2]) for name in files}
    for place in places:
        head = f"{OVERLAY_FOLDER}/{place.name}"
        while head in taken:
            head += "+"
        taken.add(head)
        if place.is_file():
            yield OverlayText(key=head, file=str(place), text=_read(place, str(place)))
            continue
        found = list(_yaml_files(place, "")) if place.is_dir() else []
        if not found:
            seen = "no overlay file" if place.is_dir() else "no such file or folder"
            raise RulebookError(
                "overlay.empty", file=str(place), line=0, field="", found=seen, expected="overlay files in YAML"
            )
        for name, node in found:
            file = f"{place}{name}"
            yield OverlayText(key=head + name, file=file, text=_read(node, file))


def _yaml_files(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for child in sorted(folder.iterdir(), key=lambda item: item.name):
        name = f"{prefix}/{child.name}"
        if child.is_dir():
            yield from _yaml_files(child, name)
        elif _is_yaml(child.name):
            yield name, child


def _is_yaml(name: str) -> bool:
    return name.lower().endswith((".yaml", ".yml"))


def _read(node: Traversable, name: str) -> str:
    try:
        return node.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RulebookError(
            "rulebook.not_yaml", file=name, line=0, field="", found="bytes that are not UTF-8", expected="UTF-8 text"
        ) from error
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror})"
        raise RulebookError(
            "rulebook.unreadable", file=name, line=0, field="", found=found, expected="a file open to this program"
        ) from error


def _broken(file: str, found: str, expected: str, field: str = "pack") -> RulebookError:
    return RulebookError("rulebook.bad_value", file=file, line=0, field=field, found=found, expected=expected)


def _load_pack(folder: str, files: list[tuple[str, Node]]) -> tuple[Pack, dict[str, object]]:
    sections = _gather(folder, files)
    heads = sections["pack"]
    if len(heads) != 1:
        raise _broken(folder, f"{len(heads)} `pack` sections", "exactly one file of the folder with a `pack` section")
    head = read_pack_head(heads[0])
    topics = {name: root.entries()["topic"].text() for name, root in files}
    sources = read_sources(sections["sources"])
    shelf = Shelf(
        sources=sources,
        covers_from=head.covers_from,
        covers_until=head.covers_until,
        disclosures=_ids(sections["disclosures"]),
        topic_of_file=topics,
    )
    rules = read_rules(sections["rules"], shelf)
    used = frozenset(
        flag for rule in rules for period in rule.values.periods for flag in period.value.content.flags_used()
    )
    pack = Pack(
        id=head.id,
        name=head.name,
        jurisdiction=head.jurisdiction,
        legal_timezone=head.legal_timezone,
        covers_from=head.covers_from,
        covers_until=head.covers_until,
        sources=shelf.sources,
        rules=rules,
        duties=read_duties(sections["duties"], shelf),
        disclosures=read_disclosures(sections["disclosures"], shelf),
        statements=read_statements(sections["statements"], shelf),
        lawful_statements=read_lawful_statements(sections["lawful_statements"]),
        stop_words=read_stop_words(sections["stop_words"]),
        flags_without_effect=read_flags_without_effect(sections["flags_without_effect"], used),
        doubts=read_doubts(sections["doubts"], shelf),
        topics=shelf.topics,
    )
    _check_whole(pack, heads[0], used)
    return pack, _plain(sections)


def _gather(folder: str, files: list[tuple[str, Node]]) -> dict[str, list[Node]]:
    """Section name to its nodes: list items of all files for lists, whole nodes otherwise."""
    found: dict[str, list[Node]] = {name: [] for name in _SECTIONS - {"topic"}}
    topics: set[str] = set()
    for name, root in files:
        parts = root.mapping(("topic",), _SECTIONS)
        topic = parts.pop("topic")
        if topic.matching(_NAME.pattern, "a topic in lower case") in topics:
            topic.fail("rulebook.bad_value", f"each topic of `{folder}` once")
        topics.add(topic.text())
        if not parts:
            root.fail("rulebook.missing_key", "at least one section beside `topic`", f"an empty file {name}")
        for section, node in parts.items():
            found[section].extend(node.items(at_least=1) if section in _LISTS else [node])
    return found


def _ids(nodes: list[Node]) -> frozenset[str]:
    """The ids of entries that are read later, as they are written."""
    written = (node.value.get("id") for node in nodes if isinstance(node.value, dict))
    return frozenset(node.value for node in written if node is not None and isinstance(node.value, str))


def _check_whole(pack: Pack, head: Node, used: frozenset[str]) -> None:
    """What no single entry can show: unique ids, every known flag considered, at least one rule."""
    if not pack.rules:
        head.fail("rulebook.missing_key", "at least one rule in the pack", "none")
    forgotten = sorted(FLAGS - used - pack.flags_without_effect.keys())
    if forgotten:
        expected = "every debtor flag in a rule or in `flags_without_effect`"
        head.fail("rulebook.flag_not_considered", expected, f"nothing about {', '.join(forgotten)}")


def _plain(sections: dict[str, list[Node]]) -> dict[str, object]:
    """Content for the digest: every section sorted, so that moving an entry to another file changes nothing."""
    return {name: sorted((node.plain() for node in nodes), key=canonical_bytes) for name, nodes in sections.items()}
