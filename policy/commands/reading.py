"""Commands that show the rulebook to a person (I/O): `packs`, `explain`."""

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from policy.commands.reading_texts import COLUMNS, COUNTED, ONE, SAYS
from policy.commands.terminal import (
    AS_JSON,
    LANG,
    ON,
    OVERLAYS,
    RULEBOOK,
    day_of,
    fail,
    laid,
    language,
    load,
    print_json,
)
from policy.telling.coverage import MARKS, SECTIONS, all_ids, find_items, overlay_of, pack_summary, warnings
from policy.telling.explain import Asked, explain
from policy.telling.parameter_words import topic_word
from policy.telling.words import word, words

_WIDE = 110
"""Columns of a table that goes to a file or a pipe."""


def packs(
    as_json: Annotated[bool, AS_JSON] = False,
    on: Annotated[str | None, ON] = None,
    lang: Annotated[str, LANG] = "en",
    overlays: Annotated[list[Path] | None, OVERLAYS] = None,
    rulebook: Annotated[Path | None, RULEBOOK] = None,
) -> None:
    """Which law is loaded: topic by topic, for which days, how sure, and when it was last confirmed.

    Example: fairline policy packs
    Example: fairline policy packs --on 2026-01-29 --lang zh
    Example: fairline policy packs --overlays contracts/

    Two digests: of the law alone, and with the packaged house rules and the overlays given, which is what the gate
    decides under (`--overlays`: the folder of FAIRLINE_OVERLAYS). A folder of `--rulebook` is taken as it is.
    """
    book, chosen, day = load(rulebook), language(lang), day_of(on)
    rows = [pack_summary(pack, day, chosen) for _, pack in sorted(book.packs.items())]
    told = [text for row in rows for text in warnings(row, chosen, today=day_of(None))]
    packaged = rulebook is None
    whole = load(rulebook, laid(overlays, house=packaged)).digest
    if as_json:
        both = {"rulebook": book.digest, "rulebook_with_house_rules" if packaged else "rulebook_with_overlays": whole}
        print_json({**both, "on": day.isoformat(), "packs": rows, "warnings": told})
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    says, second = SAYS[chosen], "with_overlays" if not packaged else "with_all" if overlays else "with_house"
    first = says["law_with_overlays" if book.overlays else "law_alone"]
    console.print(first.format(digest=book.digest), highlight=False, soft_wrap=True)
    if packaged or overlays:
        console.print(says[second].format(digest=whole), highlight=False, soft_wrap=True)
    for row in rows:
        console.print()
        _print_pack(console, row, chosen, listing=on is not None)
    console.print()
    legend = "; ".join(f"{mark} {word('certainty', mark, chosen)}" for mark in MARKS)
    console.print(f"{says['marks']}: {legend}", highlight=False, soft_wrap=True)
    for text in told:
        typer.echo(text, err=True)


def _print_pack(console: Console, row: dict[str, Any], lang: str, *, listing: bool) -> None:
    says = SAYS[lang]
    table = Table(title=f"{row['pack']} · {row['name']}", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for place, heading in enumerate(COLUMNS[lang]):
        table.add_column(heading, no_wrap=place not in {0, 1, 4}, overflow="fold")
    table.columns[-1].justify = "right"
    for topic in row["topics"]:
        total = sum(topic[section] for section in SECTIONS)
        held = [_counted(section, topic[section], lang) for section in SECTIONS if topic[section]]
        dates = f"{topic['from']} –{' ' + topic['until'] if topic['until'] else ''}{' ?' if topic['gaps'] else ''}"
        days = topic["days_since_confirmed"]
        table.add_row(
            topic["topic"] if lang == "en" else topic_word(topic["topic"], lang),
            ", ".join(held),
            f"{topic['states'].get('in_force', 0)}/{total}",
            dates,
            " ".join(topic["certainty"]),
            topic["last_confirmed"],
            str(days) if days >= 0 else "–",
        )
    console.print(table)
    span = {"from_": row["covers_from"], "until": row["covers_until"] or "…", "zone": row["legal_timezone"]}
    console.print(says["covers"].format(**span), highlight=False)
    if not row["covered"]:
        console.print(says["not_covered"].format(day=row["on"]), highlight=False)
    if listing:
        console.print(says["in_force"].format(day=row["on"]) + ":", highlight=False)
        for section in SECTIONS:
            found = row["in_force"][section]
            console.print(f"  {section}: {', '.join(found) or '–'}", highlight=False, markup=False, soft_wrap=True)


def _counted(section: str, count: int, lang: str) -> str:
    if lang != "en":
        return f"{count}{COUNTED[lang][section]}"
    return f"{count} {ONE[section] if count == 1 else COUNTED[lang][section]}"


def explain_item(
    item: Annotated[str, typer.Argument(metavar="ID", help="Id of a rule, duty, disclosure or statement category.")],
    as_json: Annotated[bool, AS_JSON] = False,
    on: Annotated[str | None, ON] = None,
    lang: Annotated[str, LANG] = "en",
    overlays: Annotated[list[Path] | None, OVERLAYS] = None,
    rulebook: Annotated[Path | None, RULEBOOK] = None,
) -> None:
    """What a rule, duty, disclosure or forbidden statement says, on what it rests, its values over time and its edges.

    Example: fairline policy explain RULE (ids: fairline policy packs --json, or any ruling)
    """
    over = laid(overlays, house=rulebook is None)  # the packaged house rules are what every attempt is held to
    book, chosen, day = load(rulebook, over), language(lang), day_of(on)
    hits = find_items(book, item)
    if not hits:
        known = all_ids(book)
        near = get_close_matches(item, known, n=3) or list(known)
        raise fail(
            f"ID: found `{item}`, which no loaded pack has; expected one of: {', '.join(near)}; "
            "rules of a contract or of the house: give --overlays FOLDER"
        )
    asked = Asked(
        section=hits[0][0],
        item=hits[0][1],
        pack=hits[0][2],
        day=day,
        lang=chosen,
        overlay=overlay_of(book, item),
        packs=frozenset(book.packs),
    )
    bodies = [explain(replace(asked, section=section, item=hit, pack=pack)) for section, hit, pack in hits]
    if as_json:
        print_json(bodies[0] | {"also": bodies[1:]} if bodies[1:] else bodies[0])
        return
    console = Console()
    for body in bodies:
        _print_item(console, body, chosen)


def _print_item(console: Console, body: dict[str, Any], lang: str) -> None:
    says = SAYS[lang]

    def line(text: str, style: str | None = None) -> None:
        console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    line(f"{body['id']}  {body['title']}", "bold")
    line(" · ".join(_standing(body, lang)))
    if "message" in body:
        line(f"{says['message' if body['denies'] else 'advice']}: {body['message_shown']}")
    for key, group in (
        ("flags", "flag"),
        ("evidence", None),
        ("labels", None),
        ("only_once_known", None),
        ("signals", None),
    ):
        found = body.get(key)
        if found:
            line(f"{says[key]}: {words(group, found, lang, 'and') if group else '; '.join(found)}")
    for value in body["values"]:
        _print_value(line, value, lang, denies=body.get("denies", True))
    for doubt in body["doubts"]:
        line(f"{says['doubts']}: {doubt}")
    line("")


def _standing(body: dict[str, Any], lang: str) -> list[str]:
    says = SAYS[lang]
    topic = [body["topic"] if lang == "en" else topic_word(body["topic"], lang)] if body["topic"] else []
    origin = [body["pack"]] if body["overlay"] is None else _origin(body["overlay"], lang)
    found = [*origin, *topic, word("state", body["state"], lang)]
    if "effect" in body:
        found.append(word("effect", body["effect"], lang))
    if "kind" in body:
        found.append(body["kind"])
        found.append(f"{body['scope']['clock']} / {body['scope']['per']}")
    if "severity" in body:
        found.append(word("severity", body["severity"], lang))
    if "position" in body:
        found.append(f"{says['position']} {body['position']}")
        found.extend([says["artificial"]] if body["only_if_artificial"] else [])
    return found


def _origin(overlay: dict[str, Any], lang: str) -> list[str]:
    """Of an overlay's entry: that it is no law, whose it is, where and for whom it holds, and which law it tightens."""
    says, comma = SAYS[lang], ", " if lang == "en" else "，"
    over = says["all_packs"] if overlay["all_packs"] else ", ".join(overlay["over"])
    found = [f"{says[overlay['kind']]}{comma}{over}", f"{overlay['id']} ({overlay['name']})"]
    found.extend(says[name].format(term=term) for name, term in overlay["applies_to"].items())
    return [*found, *([says["tightens"].format(law=overlay["tightens"])] if overlay["tightens"] else [])]


def _print_value(line: Any, value: dict[str, Any], lang: str, *, denies: bool) -> None:
    says = SAYS[lang]
    now = f"  ← {says['now']}" if value["in_force"] else ""
    line(f"\n{value['from']} – {value['until'] or '…'}  ({says['confirmed']} {value['last_confirmed']}){now}", "bold")
    for text in value["plain"]:
        line(f"  {text}")
    for source in value["sources"]:
        kind = "" if source["certainty"] in {"P", "paper"} else f"{word('instrument', source['instrument'], lang)}; "
        line(f"  [{source['certainty']}] {source['text']} ({kind}{source['certainty_text']}) {source['link']}")
    if value["note"]:
        line(f"  {says['note']}: {value['note']}")
    if value["examples"]:
        line(f"  {says['edges']}:")
    for example in value["examples"]:
        verdict = says["free"] if not example["refused"] else says["refused" if denies else "advised"]
        line(f"    {'✗' if example['refused'] else '✓'} {example['text']}: {verdict}")
