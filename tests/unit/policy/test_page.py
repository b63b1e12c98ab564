"""The rulebook as a page: everything of the book is on it, in both languages, safely, with nothing from outside."""

import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from policy.book import Rulebook
from policy.schema import house_rules, load_rulebook
from policy.telling.coverage import items_of
from policy.telling.page import View, asset, render_body, render_page
from policy.telling.page_texts import PageTexts, label_keys
from policy.telling.timeline import WIDTH, axis_of, told

Load = Callable[..., Rulebook]
DAY = date(2026, 11, 23)
VOID = {"meta", "input", "link", "br", "img", "hr"}


class Checker(HTMLParser):
    """Collects ids, links and text, and sees that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in {"src", "href", "action"} and tag not in {"a", "form"}:
                self.loaded.append(value or "")
            if name.startswith("on") or name == "style":
                self.wrong.append(f"{tag} {name}")

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(f"</{tag}>")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_of_the_book_is_on_the_page(rulebook: Rulebook, lang: str) -> None:
    page = render_page(View(rulebook=rulebook, lang=lang, day=DAY))
    checker = Checker()
    checker.feed(page)
    checker.close()

    assert (checker.open, checker.wrong, checker.loaded) == ([], [], [])
    assert len(set(checker.ids)) == len(checker.ids)
    assert {link[1:] for link in checker.links if link.startswith("#")} <= set(checker.ids)
    assert all(link.startswith(("#", "https://", "http://")) for link in checker.links)
    for pack in rulebook.packs.values():
        wanted = {f"{pack.id}--{item.id}" for _, item in items_of(pack)}
        assert wanted <= set(checker.ids)
        assert pack.name[lang] in page
        assert all(source.link in page for source in pack.sources.values() if source.link.startswith("http"))
    assert rulebook.digest in page
    assert page.startswith("<!doctype html>\n<html lang=")
    assert "http" not in asset("rulebook.css") + asset("alone.css") + asset("rulebook.js")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_body_is_the_same_inside_the_application(rulebook: Rulebook, lang: str) -> None:
    body = render_body(View(rulebook=rulebook, lang=lang, day=DAY, embedded=True))
    assert "<script" not in body
    assert "<style" not in body
    assert 'action="/rulebook"' in body
    assert "cn--cn-quiet-hours" in body


def test_texts_of_the_law_cannot_become_markup(book_text: str, load_text: Load) -> None:
    bad = '<script>alert(1)</script>\\" onload=x'
    text = book_text.replace("{en: Hold, zh: 暂停}", f'{{en: "{bad}", zh: "{bad}"}}').replace(
        "https://example.org/act", "https://example.org/act?a=1&b='><b>"
    )
    page = render_page(View(rulebook=load_text(text), lang="en", day=DAY))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "'><b>" not in page
    assert page.count("<script>") == 1


def test_the_day_decides_what_is_shown_first(rulebook: Rulebook) -> None:
    def now(day: date) -> str:
        page = render_page(View(rulebook=rulebook, lang="en", day=day))
        item = page[page.index('id="cn--cn-number-daily-cap"') :]
        found = re.search(r'class="rb-value rb-now">\s*<p class="rb-span">([0-9-]+)', item)
        assert found is not None
        return found[1]

    assert now(date(2026, 1, 29)) == "2021-11-01"
    assert now(date(2026, 1, 30)) == "2026-01-30"


def test_a_day_outside_the_law_is_told(rulebook: Rulebook) -> None:
    page = render_page(View(rulebook=rulebook, lang="en", day=date(1999, 1, 1)))
    assert page.count("is not covered; every contact is refused") == len(rulebook.packs)


def test_overlays_stand_below_the_law() -> None:
    book = load_rulebook(overlays=[house_rules()])
    page = render_page(View(rulebook=book, lang="en", day=DAY))
    assert page.index('id="overlays"') > page.index('id="us-reg-f"')
    assert "house-contact-budget" in page
    checker = Checker()
    checker.feed(page)
    assert len(set(checker.ids)) == len(checker.ids)


def test_statements_by_severity_and_disclosures_in_order(rulebook: Rulebook) -> None:
    page = render_page(View(rulebook=rulebook, lang="en", day=DAY))
    pack = page[page.index('id="cn-statements"') : page.index('id="cn-sources"')]
    severities = re.findall(r"rb-sev-(\w+)", pack)
    assert severities == sorted(severities, key=["critical", "high", "medium"].index)
    order = page[page.index('id="cn-disclosures"') : page.index('id="cn-statements"')]
    positions = [int(found) for found in re.findall(r'<li value="(\d+)"', order)]
    assert positions == sorted(positions)
    assert len(positions) == len(rulebook.packs["cn"].disclosures)


def test_every_label_is_in_both_languages_and_used() -> None:
    used = set(re.findall(r"""say\(["'](\w+)["']""", asset("rulebook_body.html") + asset("rulebook.html")))
    by_code = {"rules", "duties", "disclosures", "statements", "refused", "advised", "unknown_gap"}
    assert used <= label_keys()
    assert label_keys() - used <= by_code
    for key in label_keys():
        english, chinese = (PageTexts(lang)(key, n=1, day=DAY, text="x") for lang in ("en", "zh"))
        assert english != chinese
        assert re.search("[\u4e00-\u9fff]", chinese)


def test_timeline(book_text: str, load_text: Load) -> None:
    head, value = book_text.split("      - from: 2020-01-01\n")
    periods = [
        "from: 2020-01-01\n        until: 2021-01-01",
        "from: 2022-01-01\n        until: 2024-01-01",
        "from: 2024-01-01",
    ]
    text = head + "".join(f"      - {period}\n{value}" for period in periods)
    rule = load_text(text).packs["zz"].rules[0]

    axis = axis_of([rule], date(2020, 1, 1), date(2022, 6, 1))
    bars = axis.bars(rule)

    assert [bar.state for bar in bars] == ["past", "gap", "now", "later"]
    assert bars[0].x == 0
    assert all(one.x + one.width == pytest.approx(other.x, abs=0.2) for one, other in pairwise(bars))
    assert bars[-1].x + bars[-1].width == pytest.approx(WIDTH, abs=0.2)
    assert told(bars, "unknown") == (
        "2020-01-01 – 2021-01-01; 2021-01-01 – 2022-01-01 (unknown); 2022-01-01 – 2024-01-01; 2024-01-01 – …"
    )
    assert [year for year, _ in axis.years()] == [2021, 2022, 2023, 2024, 2025]


@pytest.mark.parametrize(("day", "years"), [(date(2035, 1, 1), 8), (date(2080, 1, 1), 12)])
def test_long_axes_name_fewer_years(book_text: str, load_text: Load, day: date, years: int) -> None:
    rule = load_text(book_text).packs["zz"].rules[0]
    axis = axis_of([rule], date(2020, 1, 1), day)
    assert len(axis.years()) == years
    assert axis.x(date(1990, 1, 1)) == 0
    assert axis.x(date(2190, 1, 1)) == WIDTH
