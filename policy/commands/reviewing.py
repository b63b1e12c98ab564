"""Commands for the reviewer of the rulebook (I/O): `page` writes it as one HTML file, `diff` compares two versions."""

from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from policy.commands.terminal import (
    AS_JSON,
    HOUSE,
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
from policy.comparing.cautions import Caution, cautions
from policy.comparing.change import Change, Difference
from policy.comparing.compare import compare
from policy.telling.page import View, render_page
from policy.telling.parameter_words import parameter_word

_SAYS = {
    "en": {
        "same": "Both say the same law ({digest}…).",
        "unseen": "The content differs, but in nothing that this comparison looks at: compare the files.",
        "total": "{n} {differences}: {added} added, {removed} removed, {changed} changed; for contact: {moves}",
        "added": "added",
        "removed": "removed",
        "changed": "changed",
        "tightens": "TIGHTENS",
        "loosens": "LOOSENS",
        "mixed": "TIGHTENS AND LOOSENS",
        "neutral": "neutral",
        "not_applicable": "decides no contact",
        "asked": "asked {asked} questions: {closed} newly refused, {opened} newly open",
        "by_state": "in force in one version only, or unknown",
        "nothing": "(nothing)",
        "unknown": "(unknown: contact is refused)",
        "always": "the beginning",
        "note": "note",
        "confirmed": "last confirmed",
        "past_days": "! changes days already past: end the old value with `until` and add the next one",
        "title_and_sources_kept": "! values changed, but neither title nor sources: do they still say what holds?",
    },
    "zh": {
        "same": "两者内容相同（{digest}…）。",
        "unseen": "内容不同，但不在本比较所涉范围内：请直接比较文件。",
        "total": "共 {n} 处不同：新增 {added}，删除 {removed}，修改 {changed}；对联系的影响：{moves}",
        "added": "新增",
        "removed": "删除",
        "changed": "修改",
        "tightens": "收紧",
        "loosens": "放宽",
        "mixed": "既收紧又放宽",
        "neutral": "无影响",
        "not_applicable": "不决定联系",
        "asked": "询问 {asked} 个情形：新增拒绝 {closed}，新增放行 {opened}",
        "by_state": "仅一个版本生效，或未知",
        "nothing": "（无）",
        "unknown": "（未知：一律不联系）",
        "always": "最早",
        "note": "说明",
        "confirmed": "最近核对",
        "past_days": "！改动了已经过去的日期：请以 `until` 结束旧值，再添加新值",
        "title_and_sources_kept": "！取值已改，标题和依据未改：请核对两者是否仍然相符",
    },
}


def page(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.html", help="Where to write the page.")],
    on: Annotated[str | None, ON] = None,
    lang: Annotated[str, LANG] = "en",
    overlays: Annotated[list[Path] | None, OVERLAYS] = None,
    rulebook: Annotated[Path | None, RULEBOOK] = None,
    house: Annotated[bool, HOUSE] = False,
) -> None:
    """The rulebook as one HTML file that needs no network: for compliance officers, to read, search and print.

    Example: fairline policy page --lang zh -o rulebook.html
    Example: fairline policy page --house -o rulebook.html
    """
    view = View(rulebook=load(rulebook, laid(overlays, house=house)), lang=language(lang), day=day_of(on))
    text = render_page(view)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise fail(
            f"-o: {output}: cannot be written ({error.strerror}); give a file in a folder that exists"
        ) from error
    typer.echo(f"{output}: {len(text.encode()) // 1024} KiB, {len(view.rulebook.packs)} packs", err=True)


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Folder of rulebook files; - is the packaged rulebook.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Folder of rulebook files; - is the packaged rulebook.")],
    as_json: Annotated[bool, AS_JSON] = False,
    lang: Annotated[str, LANG] = "en",
) -> None:
    """What changed between two rulebooks, and whether each change closes or opens contact. Exit 0 same, 1 different.

    A line that begins with `!` asks the reviewer to look twice: a value was changed for days before today (UTC), or
    values changed while title and sources did not.

    Example: fairline policy diff - drafts/rulebook
    """
    chosen = language(lang)
    before, after = (load(None if one == "-" else Path(one)) for one in (old, new))
    found = compare(before, after, chosen)
    same = before.digest == after.digest
    today = day_of(None)
    noted = [(difference, cautions(difference, today)) for difference in found]
    if as_json:
        items = [difference.to_json() | {"cautions": list(twice)} for difference, twice in noted]
        print_json({"old": before.digest, "new": after.digest, "same": same, "differences": items})
    else:
        _print(noted, before.digest, chosen, same=same)
    if not same:
        raise typer.Exit(1)


def _print(noted: list[tuple[Difference, tuple[Caution, ...]]], digest: str, lang: str, *, same: bool) -> None:
    says, console = _SAYS[lang], Console()

    def line(text: str = "", style: str | None = None) -> None:
        console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    if not noted:
        line(says["same"].format(digest=digest[:19]) if same else says["unseen"])
        return
    for pack, group in groupby(noted, key=lambda one: one[0].pack):
        line(f"── {pack} ──", "bold")
        for difference, twice in group:
            name = f"{difference.section} {difference.id} · {difference.title}"
            line(f"{says[difference.status]}: {name} [{says[difference.direction]}]", "bold")
            for change in difference.changes:
                _print_change(line, change, lang)
            for caution in twice:
                line(f"  {says[caution]}", "yellow")
            line()
    found = [difference for difference, _ in noted]
    counts = {status: sum(1 for one in found if one.status == status) for status in ("added", "removed", "changed")}
    moves = [one.direction for one in found]
    many = "difference" if len(found) == 1 else "differences"
    told = ", ".join(f"{says[move]} {moves.count(move)}" for move in dict.fromkeys(moves))
    line(says["total"].format(n=len(found), differences=many, moves=told, **counts))


def _print_change(line: Any, change: Change, lang: str) -> None:
    says = _SAYS[lang]
    if change.what != "value":
        moved = "" if change.direction == "not_applicable" else f" [{says[change.direction]}]"
        line(f"  {change.what}: {_held(change.before, says)} → {_held(change.after, says)}{moved}")
        return
    span = f"{change.start or says['always']} – {change.end or '…'}"
    how = says["asked"].format(asked=change.asked, closed=change.closed, opened=change.opened)
    why = {"asked": f" ({how})", "by_state": f" ({says['by_state']})", "by_content": ""}[change.how]
    line(f"  {span}: {says[change.direction]}{why}")
    for sign, side, other in (("-", change.before, change.after), ("+", change.after, change.before)):
        for text in _lines(side, other, lang):
            line(f"    {sign} {text}", "red" if sign == "-" else "green")


def _lines(side: Any, other: Any, lang: str) -> list[str]:
    """What one side says that the other does not."""
    says = _SAYS[lang]
    if side is None:
        return [says["nothing"]]
    if "state" in side:
        return [says["unknown"]]
    kept = other if other is not None and "state" not in other else {}
    found = [text for key in ("plain", "citations") for text in side[key] if text not in kept.get(key, ())]
    if side["note"] and side["note"] != kept.get("note"):
        found.append(f"{says['note']}: {side['note']}")
    if side["last_confirmed"] != kept.get("last_confirmed"):
        found.append(f"{says['confirmed']}: {side['last_confirmed']}")
    if not kept:
        return found
    missed = {
        name
        for name in {*side["parameters"], *kept["parameters"]}
        if side["parameters"].get(name) != kept["parameters"].get(name)
    }
    untold = missed and side["plain"] == kept["plain"]
    return [
        *found,
        *(f"{parameter_word(name, lang)}: {side['parameters'].get(name)}" for name in sorted(missed) if untold),
    ]


def _held(value: Any, says: dict[str, str]) -> str:
    if value is None:
        return says["nothing"]
    held = value["value"]
    if isinstance(held, dict) and set(held) == {"en", "zh"}:
        return f"{held['en']} / {held['zh']}"
    return ", ".join(str(item) for item in held) if isinstance(held, list) else str(held)
