"""The rulebook as a page for compliance officers, in English or Chinese (I/O: reads its own template files once).

`render_page` makes one file that needs nothing else: style, script and plots are inside. `render_body` is the same
content for the web application, which serves `STYLE` and `SCRIPT` itself.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from policy.book import Pack, Rulebook
from policy.overlays.overlay import Overlay
from policy.telling.coverage import Item, items_of, pack_summary, warnings
from policy.telling.explain import Asked, explain
from policy.telling.page_texts import PageTexts
from policy.telling.parameter_words import topic_word
from policy.telling.timeline import Axis, axis_of, told
from policy.telling.words import known, word, words

STYLE = "rulebook.css"
SCRIPT = "rulebook.js"
ASSETS = (STYLE, SCRIPT)
_RANK = {"critical": 0, "high": 1, "medium": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What is shown: a rulebook in `lang` as in force on `day`. `embedded`: inside the web application."""

    rulebook: Rulebook
    lang: str
    day: date
    embedded: bool = False


def render_page(view: View) -> str:
    """One complete HTML file that works without a network."""
    inline = {"style": Markup(asset("alone.css") + asset(STYLE)), "script": Markup(asset(SCRIPT))}  # noqa: S704 - ours
    return _environment().get_template("rulebook.html").render(**_values(view), **inline)


def render_body(view: View) -> Markup:
    """The content alone, for a frame that has the style and the script."""
    return Markup(_environment().get_template("rulebook_body.html").render(**_values(view)))  # noqa: S704 - escaped


@cache
def asset(name: str) -> str:
    """The text of one of this page's own files."""
    return files("policy.telling").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("policy.telling", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["word"] = word
    env.globals["words"] = words
    env.globals["topic_word"] = topic_word
    return env


def _values(view: View) -> dict[str, Any]:
    packs = [_pack(pack, view) for _, pack in sorted(view.rulebook.packs.items())]
    overlays = [_overlay(overlay, view) for overlay in view.rulebook.overlays]
    marks = [(mark, word("certainty", mark, view.lang)) for mark in ("V", "S", "M", "P", "paper")]
    return {
        "say": PageTexts(view.lang),
        "lang": view.lang,
        "day": view.day.isoformat(),
        "digest": view.rulebook.digest,
        "embedded": view.embedded,
        "packs": packs,
        "overlays": overlays,
        "marks": [pair for pair in marks if pair[0] in known("certainty")],
    }


def _pack(pack: Pack, view: View) -> dict[str, Any]:
    summary = pack_summary(pack, view.day, view.lang)
    axis = axis_of((item for _, item in items_of(pack)), pack.covers_from, view.day)
    told_items = [_item(section, item, pack, view, axis) for section, item in items_of(pack)]
    by_section = {name: [one for one in told_items if one["section"] == name] for name in _SECTION_ORDER}
    by_section["statements"].sort(key=lambda one: (_RANK[one["severity"]], one["id"]))
    lang = view.lang
    return {
        **summary,
        "notices": warnings(summary, lang, today=view.day),
        "axis": axis,
        "by_topic": [
            (topic, list(found))
            for topic, found in groupby(
                sorted(by_section["rules"], key=lambda one: (one["topic"], one["id"])),
                key=lambda one: str(one["topic"]),
            )
        ],
        "sections": by_section,
        "lawful": [item.text[lang] for item in pack.lawful_statements],
        "stop_words": pack.stop_words,
        "ignored": [(word("flag", flag, lang), text[lang]) for flag, text in sorted(pack.flags_without_effect.items())],
        "doubts": [(doubt.text[lang], doubt.about) for doubt in pack.doubts],
        "sources": [
            {
                "title": source.title[lang],
                "short": source.short[lang],
                "instrument": word("instrument", source.instrument, lang),
                "from": None if source.in_force_from is None else source.in_force_from.isoformat(),
                "link": source.link,
            }
            for source in pack.sources.values()
        ],
    }


_SECTION_ORDER = ("rules", "duties", "disclosures", "statements")


def _item(section: str, item: Item, pack: Pack, view: View, axis: Axis) -> dict[str, Any]:
    body = explain(Asked(section=section, item=item, pack=pack, day=view.day, lang=view.lang))
    bars = axis.bars(item)
    current = [value for value in body["values"] if value["in_force"]] or body["values"][-1:]
    return body | {
        "anchor": f"{pack.id}--{item.id}",
        "bars": bars,
        "bars_told": told(bars, PageTexts(view.lang)("unknown_gap")),
        "axis": axis,
        "current": current[0],
        "others": [value for value in reversed(body["values"]) if value is not current[0]],
    }


def _overlay(overlay: Overlay, view: View) -> dict[str, Any]:
    packs = [pack for name in sorted(overlay.over) if (pack := view.rulebook.pack(name)) is not None]
    items: list[tuple[str, Item]] = [("rules", rule) for rule in overlay.rules]
    items += [("duties", duty) for duty in overlay.duties]
    items += [("statements", statement) for statement in overlay.statements]
    axis = axis_of((item for _, item in items), overlay.start, view.day)
    return {
        "id": overlay.id,
        "name": overlay.name[view.lang],
        "kind": overlay.kind,
        "over": sorted(overlay.over),
        "applies_to": overlay.applies_to(),
        "items": [_item(section, item, packs[0], view, axis) for section, item in items] if packs else [],
    }
