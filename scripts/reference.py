"""Reads the files of the library that scripts refer to: slots, disclosures, flow. Pure: works on parsed YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scripts.script import Disclosure, Flow, Route, Slot, SlotKind, Stage
from scripts.vocabulary import HEARD, LANGS, MOODS, REASONS
from scripts.yamlread import Reader

_WORD_LISTS = ("debt_words", "harsh_words", "opt_out_words")


def _by_lang(reader: Reader, *, complete: bool = True) -> dict[str, str]:
    members = reader.mapping(required=LANGS if complete else (), optional=LANGS)
    return {lang: member.text() for lang, member in members.items()}


def _optional_texts(m: Mapping[str, Reader], key: str) -> tuple[str, ...]:
    return m[key].texts() if key in m else ()


def unique(id_reader: Reader, seen: Iterable[str]) -> str:
    """An id that is not among `seen`. Raises LibraryError."""
    value = id_reader.text()
    if value in seen:
        raise id_reader.fail("duplicate_id", found=f"'{value}' a second time", expected="each id once")
    return value


def read_slots(reader: Reader) -> dict[str, Slot]:
    """Slots by name (`slots.yaml`). Raises LibraryError."""
    slots: dict[str, Slot] = {}
    names: set[str] = set()
    for item in reader.mapping(required=["slots"])["slots"].items():
        m = item.mapping(required=["name", "kind", "examples"], optional=["reveals_debt", "aliases", "defaults"])
        aliases = _optional_texts(m, "aliases")
        name = unique(m["name"], names)
        for alias in aliases:
            if alias in names:
                raise m["aliases"].fail("duplicate_id", found=f"'{alias}' a second time", expected="names used once")
        names.update((name, *aliases))
        slots[name] = Slot(
            name=name,
            kind=SlotKind(m["kind"].one_of([kind.value for kind in SlotKind])),
            reveals_debt=m["reveals_debt"].boolean() if "reveals_debt" in m else False,
            aliases=aliases,
            examples=_by_lang(m["examples"]),
            defaults=_by_lang(m["defaults"], complete=False) if "defaults" in m else {},
        )
    return slots


def read_disclosures(reader: Reader, slots: Mapping[str, Slot]) -> tuple[Disclosure, ...]:
    """Disclosures in the order in which they must be said (`disclosures.yaml`). Raises LibraryError."""
    found: dict[str, Disclosure] = {}
    for item in reader.mapping(required=["disclosures"])["disclosures"].items():
        m = item.mapping(required=["id", "names", "citation"], optional=["langs", "synthetic_only", "evidence"])
        evidence = m["evidence"].mapping(required=(), optional=["slots", "words"]) if "evidence" in m else {}
        identifier = unique(m["id"], found)
        found[identifier] = Disclosure(
            id=identifier,
            names=_by_lang(m["names"]),
            langs=m["langs"].all_of(LANGS) if "langs" in m else LANGS,
            synthetic_only=m["synthetic_only"].boolean() if "synthetic_only" in m else False,
            citation=m["citation"].text(),
            evidence_slots=evidence["slots"].all_of(slots) if "slots" in evidence else (),
            evidence_words=_word_groups(evidence["words"]) if "words" in evidence else {},
        )
    return tuple(found.values())


def _word_groups(reader: Reader) -> dict[str, tuple[tuple[str, ...], ...]]:
    members = reader.mapping(required=(), optional=LANGS)
    return {lang: tuple(group.texts() for group in member.items()) for lang, member in members.items()}


def read_flow(reader: Reader) -> Flow:
    """Stages, routes, mood fallbacks, reasons and word lists (`flow.yaml`). Raises LibraryError."""
    root = reader.mapping(required=["stages", "routes", "mood_fallback", "reasons", "names", *_WORD_LISTS])
    stages: dict[str, Stage] = {}
    taken: set[str] = set()
    for item in root["stages"].items():
        m = item.mapping(required=["id", "names"], optional=["aliases", "interrupts", "escalate"])
        aliases = _optional_texts(m, "aliases")
        identifier = unique(m["id"], taken)
        for alias in aliases:
            if alias in taken:
                raise m["aliases"].fail("duplicate_id", found=f"'{alias}' a second time", expected="names used once")
        taken.update((identifier, *aliases))
        stages[identifier] = Stage(
            id=identifier,
            names=_by_lang(m["names"]),
            aliases=aliases,
            interrupts=m["interrupts"].boolean() if "interrupts" in m else False,
            escalate=m["escalate"].text() if "escalate" in m else None,
        )
    routes = tuple(_route(item, stages) for item in root["routes"].items())
    fallback = {mood: member.all_of(MOODS) for mood, member in root["mood_fallback"].mapping(required=MOODS).items()}
    reasons = {key: _by_lang(member) for key, member in root["reasons"].mapping(required=REASONS).items()}
    names = {key: _by_lang(member) for key, member in root["names"].members().items()}
    words = {
        key: {lang: member.texts() for lang, member in root[key].mapping(required=LANGS).items()} for key in _WORD_LISTS
    }
    _check_names(root["names"], stages, names)
    return Flow(
        stages=stages,
        routes=routes,
        mood_fallback=fallback,
        reasons=reasons,
        names=names,
        debt_words=words["debt_words"],
        harsh_words=words["harsh_words"],
        opt_out_words=words["opt_out_words"],
    )


def _check_names(reader: Reader, stages: Mapping[str, Stage], names: Mapping[str, object]) -> None:
    """Moods and people to escalate to have names."""
    for name in (*MOODS, *(stage.escalate for stage in stages.values() if stage.escalate)):
        if name not in names:
            raise reader.fail("missing_key", found=f"no name for '{name}'", expected=f"'{name}' in every language")


def _route(reader: Reader, stages: Mapping[str, Stage]) -> Route:
    m = reader.mapping(required=["kind", "signal"], optional=["stage", "soften", "except_stages"])
    if ("stage" in m) == ("soften" in m):
        raise reader.fail("bad_route", found="both or neither of 'stage' and 'soften'", expected="exactly one of them")
    kind = m["kind"].one_of(["heard", "alert"])
    return Route(
        kind=kind,
        signal=m["signal"].one_of(HEARD if kind == "heard" else ["any"]),
        stage=m["stage"].one_of(stages) if "stage" in m else None,
        soften=m["soften"].one_of(MOODS) if "soften" in m else None,
        except_stages=m["except_stages"].all_of(stages) if "except_stages" in m else (),
    )
