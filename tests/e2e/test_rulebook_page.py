"""The rulebook as a compliance officer meets it: as a file of its own, and inside the application."""

import os
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from outreach.web.roles import Role
from policy.schema import load_rulebook
from policy.telling.page import View, render_page
from tests.e2e.conftest import Served
from tests.e2e.test_pages import CONTRAST

pytestmark = pytest.mark.browser
DAY = date(2025, 1, 15)  # some law has ended, some is not yet in force
OPEN_ALL = "for (const part of document.querySelectorAll('details')) part.open = true"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Both languages of the page as files."""
    for lang in ("en", "zh"):
        text = render_page(View(rulebook=load_rulebook(), lang=lang, day=DAY))
        (tmp_path / f"{lang}.html").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def alone(browser: Browser) -> Page:
    """A window without a network: anything the page asks for, or logs as an error, fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    return context.new_page()


def open_file(page: Page, folder: Path, lang: str) -> list[str]:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith("file:") else None)
    page.goto((folder / f"{lang}.html").as_uri())
    return wrong


def test_the_file_needs_nothing_else_and_searches(alone: Page, written: Path) -> None:
    wrong = open_file(alone, written, "zh")
    items = alone.locator(".rb-item:visible")
    every = items.count()
    assert every > 100
    alone.keyboard.press("/")
    expect(alone.locator("#rb-q")).to_be_focused()
    alone.keyboard.type("夜间 21:00")
    expect(alone.locator("#cn--cn-quiet-hours")).to_be_visible()
    expect(alone.locator("#cn--cn-no-minors")).to_be_hidden()
    assert 0 < items.count() < every / 4
    expect(alone.locator("#rb-count")).to_contain_text("显示")
    alone.keyboard.press("Control+A")
    alone.keyboard.type("no such thing at all")
    expect(alone.locator("#rb-count")).to_have_text("没有符合的内容")
    alone.keyboard.press("Escape")
    expect(items).to_have_count(every)
    alone.locator("#rb-now").check()
    assert items.count() < every
    assert alone.locator(".rb-item[data-state='not_yet']:visible").count() == 0
    assert wrong == []


def test_links_of_the_contents_lead_somewhere(alone: Page, written: Path) -> None:
    for lang in ("en", "zh"):
        wrong = open_file(alone, written, lang)
        lost = alone.evaluate(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
            ".filter(id => !document.getElementById(id))"
        )
        twice = alone.evaluate(
            "(() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
            " return ids.filter((id, at) => ids.indexOf(id) !== at) })()"
        )
        assert (lost, twice, wrong) == ([], [], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_of_the_file_stands_out(alone: Page, written: Path, lang: str, scheme: str) -> None:
    alone.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    open_file(alone, written, lang)
    alone.evaluate(OPEN_ALL)
    assert alone.evaluate(CONTRAST) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_of_the_file_runs_over_the_edge(alone: Page, written: Path, width: int) -> None:
    alone.set_viewport_size({"width": width, "height": 900})
    for lang in ("en", "zh"):
        open_file(alone, written, lang)
        alone.evaluate(OPEN_ALL)
        assert alone.evaluate("document.documentElement.scrollWidth") <= width


def test_print_shows_every_value_and_no_search(alone: Page, written: Path) -> None:
    open_file(alone, written, "en")
    alone.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert alone.locator("details:not([open])").count() == 0
    alone.emulate_media(media="print")
    expect(alone.locator(".rb-find")).to_be_hidden()
    expect(alone.locator(".rb-toc")).to_be_hidden()
    alone.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert alone.locator("details:not([open])").count() > 0


def test_inside_the_application_in_both_languages(served: Served, page: Page) -> None:
    served.log_in(page, Role.COMPLIANCE)
    page.get_by_role("link", name="规则库").first.click()
    expect(page.locator("h1")).to_have_text("规则库")
    page.get_by_role("link", name="EN", exact=True).click()
    expect(page.locator("h1")).to_have_text("The rulebook")
    page.locator("#rb-q").fill("hospital")
    expect(page.locator("#cn--cn-no-patients")).to_be_visible()
    expect(page.locator("#cn--cn-quiet-hours")).to_be_hidden()
    page.locator("#rb-on").fill("2025-01-15")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#cn--cn-training .rb-state-not_yet")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_inside_the_application_it_fits_and_stands_out(served: Served, page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    served.log_in(page, Role.CREDITOR)
    page.goto(f"{served.url}/rulebook")
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []


def test_the_keyboard_reaches_what_it_needs(served: Served, page: Page) -> None:
    served.log_in(page, Role.AGENT)
    page.goto(f"{served.url}/rulebook")
    page.locator("#main").focus()
    seen = []
    for _ in range(16):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none" or seen[-1] == "rb-on", seen  # the browser draws the parts of a date field itself
    assert {"rb-on", "BUTTON", "rb-q", "rb-now", "SUMMARY", "A"} <= set(seen)


def test_a_picture_of_the_page(served: Served, page: Page, tmp_path: Path) -> None:
    """FAIRLINE_PICTURES names a folder that keeps the picture for the documents."""
    folder = Path(os.environ.get("FAIRLINE_PICTURES", str(tmp_path)))
    served.log_in(page, Role.COMPLIANCE)
    page.get_by_role("link", name="EN", exact=True).click()
    page.goto(f"{served.url}/rulebook#cn-topic-contact_hours")
    page.locator("#cn--cn-quiet-hours details").first.evaluate("part => { part.open = true }")
    page.locator("#cn--cn-quiet-hours").scroll_into_view_if_needed()
    picture = folder / "rulebook.png"
    page.screenshot(path=picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 30_000
