"""The picture of how two people talked, in a real Chromium, from audio that went through the worker."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from outreach.db.repository import update_call
from tests.e2e.conftest import Served
from tests.e2e.stage import tone_wav
from tests.e2e.test_pages import CONTRAST
from tests.talks import SECS, SID, hear_conversation

pytestmark = pytest.mark.browser


@pytest.fixture
def talked(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A house with one finished conversation. Heard in a thread of its own: the browser's loop occupies this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, hear_conversation(served.world, tmp_path / "spool", monkeypatch)).result(120)
    path = served.world.folder / f"{SID}.wav"
    path.write_bytes(tone_wav(SECS))
    with served.world.database.session() as session:
        update_call(session, SID, status="completed", recording_path=path.name)
    return served


TEXTS = {
    "zh": ("同时说话 3 处，打断 2 次，等待 1 段", "音量", "打断对方", "2 次（其中对方停下 1 次）"),
    "en": (
        "both speak: 3, interruptions: 2, waits: 1", "loudness", "Interrupted the other", "2 (the other stopped: 1)"
    ),
}  # fmt: skip


def test_the_timeline_shows_both_voices_says_what_it_shows_and_plays(talked: Served, page: Page) -> None:
    talked.log_in(page)
    for lang, (name, described, measure, value) in TEXTS.items():
        if lang == "en":
            page.get_by_role("link", name="EN").click()
        page.goto(f"{talked.url}/calls/{SID}")
        picture = page.get_by_role("img", name=re.compile(name))
        expect(picture).to_be_visible()
        expect(picture).to_have_accessible_description(re.compile(described))
        expect(picture.locator("rect.said-here")).to_have_count(6)
        expect(picture.locator("line.broke-in")).to_have_count(2)
        expect(page.locator(".figures tr", has_text=measure).locator("td").first).to_have_text(value)
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1280, "height": 900})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate(SHAPES) == []
    said = picture.locator("rect.said-here").nth(1)
    start = float(said.get_attribute("data-seek") or "0")
    assert start > 5
    said.click(force=True)
    expect(page.locator("#playhead")).to_have_attribute("x1", re.compile(rf"^({int(start)}|{int(start) + 1})(\.|$)"))
    assert page.evaluate("document.getElementById('audio').currentTime") >= start - 0.2


SHAPES = """
(() => {
  const linear = (v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
  const lum = (c) => c.match(/[0-9.]+/g).map(Number).slice(0, 3).map(linear)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const panel = lum(getComputedStyle(document.querySelector('.talk')).backgroundColor);
  const weak = [];
  for (const [what, colour] of [['.loud.agent', 'fill'], ['.loud.debtor', 'fill'], ['path.pitch.agent', 'stroke'],
      ['path.pitch.debtor', 'stroke'], ['rect.both', 'fill'], ['line.broke-in', 'stroke']]) {
    const one = lum(getComputedStyle(document.querySelector('.timeline ' + what))[colour]);
    const ratio = (Math.max(one, panel) + .05) / (Math.min(one, panel) + .05);
    if (ratio < 3) weak.push([what, ratio.toFixed(2)]);
  }
  return weak;
})()
"""
