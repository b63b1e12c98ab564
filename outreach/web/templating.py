"""The template environment: strict about missing values, escaping everywhere, only files of this package (I/O)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from outreach.web.i18n import Translator
from outreach.web.live.views import CheckView, LineView, ReasonView
from policy.telling.page import ASSETS
from policy.telling.page import asset as page_asset
from scripts.script import Library, Stage

STATIC_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def environment(library: Library) -> Environment:
    """Templates of this package with the filters they use; stages and roles are named as the script library does."""
    env = Environment(
        loader=PackageLoader("outreach.web", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["clock"] = clock
    env.filters["instant"] = instant
    env.filters["short"] = short_digest
    env.globals["marked"] = marked
    env.globals["asset"] = asset
    env.globals["house"] = reason_message
    env.globals["stage_name"] = lambda stage, lang: _named(library.flow.stages.get(stage), stage, lang)
    env.globals["role_name"] = lambda role, lang: library.flow.names.get(role, {}).get(lang, role)
    env.filters["reason_text"] = reason_text
    return env


def _named(stage: Stage | None, code: str, lang: str) -> str:
    return code if stage is None else stage.names[lang]


def reason_message(reason: ReasonView, t: Translator) -> str:
    """What a rule says: in the catalogue's words for rules of the house, else in the ruling's own."""
    worded = t.code("rule", reason.rule)
    return reason.message[t.lang] if worded == reason.rule else worded


def reason_text(code: str, t: Translator, checks: Sequence[CheckView]) -> str:
    """A reason for review as a person reads it: a label, or one of the monitor's own reasons."""
    kind, _, detail = code.partition(":")
    names = {check.id: check.names[t.lang] for check in checks}
    match kind:
        case "unclear":
            return t("reason.unclear")
        case "not-heard":
            return t("reason.not_heard", name=names.get(detail, detail))
        case "skipped":
            return t("reason.skipped", name=detail)
        case _:
            return t.label(code)


def clock(secs: float) -> str:
    """Seconds of a call as m:ss."""
    whole = max(0, int(secs))
    return f"{whole // 60}:{whole % 60:02d}"


def instant(value: datetime | None, zone: str | None = None) -> str:
    """An instant in a zone (UTC when none is known) to the minute, with the zone named."""
    if value is None:
        return ""
    try:
        local = value.astimezone(ZoneInfo(zone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        local, zone = value.astimezone(ZoneInfo("UTC")), None
    return f"{local:%Y-%m-%d %H:%M} {zone or 'UTC'}"


def short_digest(value: str | None, length: int = 12) -> str:
    """The beginning of a digest, without its algorithm."""
    return (value or "").removeprefix("sha256:")[:length]


def marked(line: LineView, t: Translator) -> Markup:
    """A line of transcript with findings marked and the part that may still change set apart."""
    edges = {0, len(line.text), min(line.committed, len(line.text))}
    edges |= {edge for mark in line.marks for edge in (mark.start, mark.end) if 0 <= edge <= len(line.text)}
    ordered = sorted(edges)
    pieces: list[Markup] = []
    for start, end in pairwise(ordered):
        piece = Markup("{}").format(line.text[start:end])
        if start >= line.committed:
            piece = Markup('<span class="tail">{}</span>').format(piece)
        mark = next((mark for mark in line.marks if mark.start <= start and end <= mark.end), None)
        if mark is not None:
            title = t.label(mark.label)
            piece = Markup('<mark class="sev-{} state-{}" title="{}">{}</mark>').format(
                mark.severity, mark.state, title, piece
            )
        pieces.append(piece)
    return Markup("").join(pieces)


@cache
def static_file(name: str) -> tuple[bytes, str] | None:
    """Bytes and media type of one of our own static files, or of the rulebook page's; None for anything else."""
    if name in ASSETS:
        return page_asset(name).encode(), STATIC_TYPES[f".{name.rpartition('.')[2]}"]
    known = {entry.name: entry for entry in files("outreach.web").joinpath("static").iterdir() if entry.is_file()}
    suffix = f".{name.rpartition('.')[2]}"
    if name not in known or suffix not in STATIC_TYPES:
        return None
    return known[name].read_bytes(), STATIC_TYPES[suffix]


@cache
def asset(name: str) -> str:
    """The address of a static file with the digest of its content, so that it may be cached for ever."""
    found = static_file(name)
    digest = hashlib.sha256(found[0]).hexdigest()[:12] if found else "missing"
    return f"/static/{name}?v={digest}"
