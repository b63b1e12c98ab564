"""The pages as a supervisor meets them, in a real Chromium, over the real application."""

import re

import pytest
from playwright.sync_api import Page, expect

from outreach.web.roles import Role
from tests.e2e.conftest import Served
from tests.e2e.stage import full_house, start_call

pytestmark = pytest.mark.browser


def test_a_call_appears_speaks_is_stopped_and_ends_without_a_reload(served: Served, page: Page) -> None:
    served.log_in(page)
    expect(page.locator("#no-calls")).to_be_visible()
    expect(page.locator("#feed")).to_have_attribute("data-state", "connected")
    call = start_call(served.world, "CA1", "王强", answered=True)
    card = page.locator("#call-CA1")
    expect(card).to_contain_text("王＊")
    expect(page.locator("#no-calls")).to_be_hidden()
    call.say("agent")
    expect(card.locator(".lines li")).to_have_count(1)
    expect(card.locator(".checklist .heard")).to_have_count(2)
    call.half_say("agent", "再不还款我们就上门找你单位闹去", 7)
    expect(card.locator(".lines li.partial")).to_have_count(1)
    expect(card.locator(".alert.sev-critical.state-provisional")).to_contain_text("上门")
    expect(page.locator("#announce")).to_contain_text("上门")
    expect(card.locator(".say")).to_contain_text("对不起")
    card.get_by_role("button", name="知道了").first.click()
    expect(card.locator(".alert.seen")).to_have_count(1)
    call.end()
    expect(card).to_have_count(0)
    expect(page.locator("#ended")).to_contain_text("王＊")


def test_a_lost_feed_comes_back_with_what_was_missed(served: Served, page: Page) -> None:
    served.log_in(page)
    call = start_call(served.world, "CA1", "王强")
    card = page.locator("#call-CA1")
    expect(card).to_be_visible()
    served.cut_feeds()
    expect(page.locator("#feed")).to_have_attribute("data-state", "lost")
    call.say("agent")
    expect(page.locator("#feed")).to_have_attribute("data-state", "connected", timeout=15_000)
    expect(card.locator(".lines li")).to_have_count(1)


def test_a_finding_is_heard_at_its_second(served: Served, page: Page) -> None:
    full_house(served.world)
    served.log_in(page)
    page.goto(f"{served.url}/calls/CAdone")
    finding = page.locator(".findings li", has_text="上门威胁")
    start = float(finding.locator(".seek").get_attribute("data-seek") or "0")
    assert start > 10
    page.wait_for_function("document.getElementById('audio').readyState >= 1")
    finding.locator(".seek").click()
    page.wait_for_function(f"document.getElementById('audio').currentTime >= {start - 0.2}")
    assert page.evaluate("document.getElementById('audio').currentTime") < start + 5
    expect(page.locator(".proof-proved")).to_be_visible()


def test_refusals_say_which_rule_why_and_until_when(served: Served, page: Page) -> None:
    full_house(served.world)
    served.log_in(page)
    refused = page.locator("#refused")
    expect(refused.locator("li")).to_have_count(3)
    expect(refused).to_contain_text("cn-no-minors")
    expect(refused).to_contain_text(re.compile("最早可联系：2026-11-24 08:00 Asia/Shanghai"))
    expect(refused).to_contain_text("等待不能使其获准")
    expect(page.locator("#ledger")).to_contain_text("覆盖前")


def test_the_worst_call_stands_first(served: Served, page: Page) -> None:
    full_house(served.world)
    served.log_in(page)
    tops = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.card')].map(c => [c.id, c.getBoundingClientRect().top * 1e4"
        " + c.getBoundingClientRect().left]))"
    )
    assert min(tops, key=tops.get) == "call-CAthreat"


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_runs_over_the_edge(served: Served, page: Page, width: int) -> None:
    full_house(served.world)
    page.set_viewport_size({"width": width, "height": 900})
    served.log_in(page)
    for path in ("/live", "/calls", "/calls/CAdone", "/account", "/nowhere"):
        page.goto(served.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    served.errors = [error for error in served.errors if "404" not in error]  # the browser reports /nowhere itself


def test_everything_can_be_reached_and_seen_with_the_keyboard(served: Served, page: Page) -> None:
    full_house(served.world)
    served.log_in(page)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    wanted = page.locator("main a, main button, main [tabindex='0'], header a, header button").count()
    seen: set[str] = set()
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate(
                "(() => { const e = document.activeElement, s = getComputedStyle(e);"
                " return e.tagName + '|' + [...document.querySelectorAll('*')].indexOf(e) + '|' + s.outlineStyle })()"
            )
        )
    focused = {entry for entry in seen if not entry.startswith("BODY")}
    assert len(focused) >= wanted
    assert all(entry.endswith("solid") for entry in focused)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(served: Served, page: Page, scheme: str) -> None:
    full_house(served.world)
    served.log_in(page)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in ("/live", "/calls/CAdone"):
        page.goto(served.url + path)
        weak = page.evaluate(CONTRAST)
        assert weak == [], (path, weak)


def test_the_pages_speak_both_languages(served: Served, page: Page) -> None:
    full_house(served.world)
    served.log_in(page)
    page.get_by_role("link", name="EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#calls-title")).to_have_text("Calls running now")
    expect(page.locator("#call-CAthreat .alert")).to_contain_text("Agent appears to threaten a visit")
    chinese = page.evaluate("[...document.querySelectorAll('h1,h2,h4,th,dt,button')].map(e => e.textContent)")
    assert not [text for text in chinese if re.search("[\u4e00-\u9fff]", text)]


def test_an_agent_sees_a_page_of_their_own_and_is_told_what_is_not_theirs(served: Served, page: Page) -> None:
    served.log_in(page, Role.AGENT)
    expect(page).to_have_url(f"{served.url}/account")
    page.goto(f"{served.url}/live")
    expect(page.locator("h1")).to_have_text("您没有权限打开此页面")
    served.errors = [error for error in served.errors if "403" not in error]  # the browser reports the answer itself


CONTRAST = """
(() => {
  const parse = (c) => c.match(/[0-9.]+/g).map(Number);
  const linear = (v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
  const lum = ([r, g, b]) => [r, g, b].map(linear).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > .99) return c; } return [255, 255, 255]; };
  const weak = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (!own || box.width < 2 || style.visibility === 'hidden') continue;
    if (e.closest('[aria-hidden=true], .skip, button:disabled')) continue;
    let opacity = 1; for (let p = e; p; p = p.parentElement) opacity *= Number(getComputedStyle(p).opacity);
    const bg = behind(e), fg = parse(style.color).slice(0, 3).map((v, i) => v * opacity + bg[i] * (1 - opacity));
    const a = lum(fg), b = lum(bg), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const name = e.className || e.tagName;
    if (ratio < (large ? 3 : 4.5)) weak.push([name, e.textContent.trim().slice(0, 20), ratio.toFixed(2)]);
  }
  return weak;
})()
"""
