"""The strict loader of the script library (I/O: reads YAML files).

A library folder holds `flow.yaml`, `slots.yaml`, `disclosures.yaml`, `approvals.yaml` and `<lang>/<name>.yaml`.
Anything unknown, missing, repeated or of the wrong kind is a LibraryError that names file, line, field, what was found
and what was expected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from scripts.errors import LibraryError
from scripts.reference import read_disclosures, read_flow, read_slots, unique
from scripts.script import SLOT_PATTERN, Approval, Library, Line, Script, Step
from scripts.vocabulary import CREDITOR_TIERS, DEBTOR_TIERS, LANGS, MOODS, VIOLATIONS
from scripts.yamlread import Reader, read_yaml

_STEP_OPTIONAL = ("needs", "gives", "ends_call", "synthetic_only", "spoken")
_STRAY_BRACE = frozenset("{}")


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What scripts may refer to."""

    slots: frozenset[str]
    stages: frozenset[str]
    disclosures: tuple[str, ...]


def packaged_library() -> Traversable:
    """The folder of the library that ships with the package."""
    return files("scripts") / "library"


def load_library(folder: Traversable | None = None) -> Library:
    """The library of a folder (a `pathlib.Path` will do), or the packaged one. Raises LibraryError."""
    folder = packaged_library() if folder is None else folder
    slots = read_slots(_open(folder, "slots.yaml"))
    disclosures = read_disclosures(_open(folder, "disclosures.yaml"), slots)
    flow = read_flow(_open(folder, "flow.yaml"))
    approvals = parse_approvals(_text(folder, "approvals.yaml"))
    ids = tuple(disclosure.id for disclosure in disclosures)
    known = _Known(slots=frozenset(slots), stages=frozenset(flow.stages), disclosures=ids)
    scripts = tuple(_script(_open(folder, name), lang, known) for lang in LANGS for name in _yaml_files(folder, lang))
    library = Library(scripts=scripts, slots=slots, disclosures=disclosures, flow=flow, approvals=approvals)
    _check_ids(library)
    return library


def parse_approvals(content: str, file: str = "approvals.yaml") -> dict[str, Approval]:
    """Approvals by digest. Raises LibraryError."""
    root = read_yaml(content, file).mapping(required=["approvals"])
    approvals: dict[str, Approval] = {}
    for item in root["approvals"].items():
        m = item.mapping(required=["digest", "line", "by", "role", "date", "effective"])
        digest = m["digest"].text()
        if not (digest.startswith("sha256:") and len(digest) == 71):
            raise m["digest"].fail("bad_digest", found="text of another form", expected="sha256: and 64 hex digits")
        if digest in approvals:
            raise m["digest"].fail(
                "duplicate_value", found="this digest a second time", expected="one approval per digest"
            )
        approvals[digest] = Approval(
            digest=digest,
            line=m["line"].text(),
            by=m["by"].text(),
            role=m["role"].text(),
            date=m["date"].day(),
            effective=m["effective"].day(),
        )
    return approvals


def _text(folder: Traversable, name: str) -> str:
    path = folder / name
    if not path.is_file():
        raise _file_error("no_file", name, "no such file", "this file in the library")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _file_error("not_utf8", name, "bytes that are not UTF-8", "a text file in UTF-8") from error


def _file_error(code: str, name: str, found: str, expected: str) -> LibraryError:
    return LibraryError(f"library.{code}", file=name, line=1, field="(file)", found=found, expected=expected)


def _open(folder: Traversable, name: str) -> Reader:
    return read_yaml(_text(folder, name), name)


def _yaml_files(folder: Traversable, lang: str) -> list[str]:
    """Paths of the scripts of a language inside the library, in alphabetical order."""
    if not (folder / lang).is_dir():
        return []
    return sorted(f"{lang}/{path.name}" for path in (folder / lang).iterdir() if path.name.endswith(".yaml"))


def _script(reader: Reader, lang: str, known: _Known) -> Script:
    m = reader.mapping(required=["script", "lang", "version", "maker", "purposes", "steps"], optional=["start"])
    m["lang"].one_of([lang])
    identifier = m["script"].text()
    steps: dict[str, Step] = {}
    for item in m["steps"].items():
        step = _step(item, identifier, lang, known, steps)
        steps[step.id] = step
    return Script(
        id=identifier,
        lang=lang,
        version=m["version"].text(),
        maker=m["maker"].text(),
        purposes=m["purposes"].texts(),
        start=m["start"].text() if "start" in m else None,
        steps=tuple(steps.values()),
        file=reader.file,
    )


def _step(reader: Reader, script: str, lang: str, known: _Known, seen: Mapping[str, Step]) -> Step:
    m = reader.mapping(required=["id", "stage", "next", "avoid", "lines"], optional=_STEP_OPTIONAL)
    identifier = unique(m["id"], seen)
    gives = m["gives"].all_of(known.disclosures) if "gives" in m else ()
    lines: dict[str, Line] = {}
    for item in m["lines"].items():
        line = _line(
            item, Line(id="", lang=lang, script=script, step=identifier, text="", moods=(), gives=gives), known
        )
        if line.id in lines:
            raise item.fail("duplicate_id", found=f"'{line.id}' a second time", expected="each id once")
        lines[line.id] = line
    if not lines:
        raise m["lines"].fail("empty", found="no line", expected="at least one line")
    return Step(
        id=identifier,
        stage=m["stage"].one_of(sorted(known.stages)),
        needs=m["needs"].one_of(known.disclosures) if "needs" in m else None,
        gives=gives,
        next=m["next"].texts(),
        avoid=m["avoid"].all_of(VIOLATIONS),
        lines=tuple(lines.values()),
        ends_call=m["ends_call"].boolean() if "ends_call" in m else False,
        synthetic_only=m["synthetic_only"].boolean() if "synthetic_only" in m else False,
        spoken=m["spoken"].boolean() if "spoken" in m else True,
        at=reader.line,
    )


def _line(reader: Reader, place: Line, known: _Known) -> Line:
    m = reader.mapping(required=["id", "moods", "text"], optional=["debtor_tiers", "creditor_tiers"])
    text = m["text"].text()
    for slot in SLOT_PATTERN.findall(text):
        if slot not in known.slots:
            raise m["text"].fail("unknown_slot", found=f"'{{{slot}}}'", expected="a slot of slots.yaml")
    if _STRAY_BRACE & set(SLOT_PATTERN.sub("", text)):
        raise m["text"].fail("bad_slot", found="a brace that is not part of a slot", expected="{slot_name}")
    return Line(
        id=m["id"].text(),
        lang=place.lang,
        script=place.script,
        step=place.step,
        text=text,
        moods=m["moods"].all_of(MOODS),
        gives=place.gives,
        at=reader.line,
        debtor_tiers=m["debtor_tiers"].all_of(DEBTOR_TIERS) if "debtor_tiers" in m else (),
        creditor_tiers=m["creditor_tiers"].all_of(CREDITOR_TIERS) if "creditor_tiers" in m else (),
    )


def _check_ids(library: Library) -> None:
    """Step ids are unique per language, and `start` names a step that the purposes of the script can reach."""
    for lang in library.langs:
        seen: dict[str, str] = {}
        for script in (s for s in library.scripts if s.lang == lang):
            for step in script.steps:
                if step.id in seen:
                    raise _place(
                        script, "steps", f"step '{step.id}', also in {seen[step.id]}", "each step id once per language"
                    )
                seen[step.id] = script.file
    for script in library.scripts:
        for purpose in script.purposes if script.start else ():
            if script.start not in library.playbook(script.lang, purpose).steps:
                raise _place(script, "start", f"'{script.start}'", f"a step of a script for {purpose}")


def _place(script: Script, field: str, found: str, expected: str) -> LibraryError:
    return LibraryError("library.bad_step", file=script.file, line=1, field=field, found=found, expected=expected)
