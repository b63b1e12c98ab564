"""The audit report as an auditor meets it, one file in both languages; and a second hearing on the page of a call."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from outreach.db.tables import SecondHearing
from outreach.rehearing.law import Told
from outreach.rehearing.report import ReportView, render_report
from tests.e2e.conftest import Served
from tests.e2e.stage import full_house
from tests.e2e.test_pages import CONTRAST
from tests.unit.outreach.monitor.calls import START
from tests.unit.outreach.rehearing.rooms import audited, auditor, one_track, quiet, rulebook, spoken, two_tracks, write
from tests.unit.speech.fakes import EnergyProbability, FakeRecognizer

pytestmark = pytest.mark.browser
SAID = [
    {"seq": 0, "speaker": "agent", "start": 1.0, "end": 3.0, "text": "再不还款就去你单位闹", "clear": True},
    {"seq": 1, "speaker": "debtor", "start": 4.0, "end": 5.0, "text": "别这样", "clear": False},
]
FRESH = [
    {
        "label": "exposure-threat",
        "speaker": "agent",
        "severity": "critical",
        "start": 1.5,
        "utterance": 0,
        "span": [5, 9],
    }
]
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A report over a threat, one track for two, unclear words, silence and a file that was skipped."""
    monkeypatch.setattr("speech.hearing.SileroProbability", EnergyProbability)
    unclear = auditor(FakeRecognizer(spoken, clear=lambda samples: False), jurisdiction="cn", left="agent")
    results: list[dict[str, Any]] = [
        audited(
            write(tmp_path / "a" / "threat <b>.wav", two_tracks()),
            Told(at=AT, creditor="恒信银行", jurisdiction="cn", left="agent"),
        ),
        audited(write(tmp_path / "b" / "mono.wav", one_track()), jurisdiction="cn"),
        audited(write(tmp_path / "c" / "unclear.wav", two_tracks()), judge=unclear),
        audited(write(tmp_path / "d" / "still.wav", quiet(2.0))),
    ]
    error = {"code": "media_file.truncated", "message": "cut.wav: cut off", "hint": "copy it again"}
    view = ReportView(
        folder="calls of <November>",
        made_at=AT,
        lang="en",
        results=results,
        errors=[{"file": "cut.wav", "status": "error", "error": error}],
        loose=[],
        rulebook=rulebook(),
        measured={"zh": "14.7%", "en": "37.3%"},
    )
    path = tmp_path / "report.html"
    path.write_text(render_report(view), encoding="utf-8")
    return path


def test_the_report_is_read_in_both_languages_without_a_network(report: Path, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    trouble: list[str] = []
    page.on("request", lambda request: trouble.append(request.url) if not request.url.startswith("file:") else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.goto(report.as_uri())
    rows = page.locator("table.list tbody tr[data-call]")
    assert [row.split("\t")[1].strip() for row in rows.all_inner_texts()] == [
        "threat <b>.wav", "mono.wav", "unclear.wav", "still.wav",
    ]  # fmt: skip
    first = page.locator("details.call").first
    expect(first).to_contain_text("Threat to visit")
    expect(first.locator("mark").first).to_be_visible()
    expect(first.locator("cite").first).to_be_visible()
    expect(page.get_by_text("media_file.truncated")).to_be_visible()
    expect(page.get_by_text("demonstration model")).to_be_visible()
    page.get_by_role("link", name="mono.wav").click()
    expect(page.locator("#c2")).to_contain_text("speaker unknown: asserts nothing")
    page.get_by_role("button", name="用中文阅读").click()
    expect(page.locator("#c2")).to_contain_text("说话人不明")
    expect(page.get_by_role("heading", name="录音审计报告")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert "Audit of recordings" not in page.locator("h1").inner_text()
    page.locator("#c3").evaluate("box => { box.open = true }")
    expect(page.locator("#c3 .lines .guess")).to_have_count(2)
    expect(page.locator("#c3 .lines .guess").first).to_contain_text("仅为猜测")
    expect(page.locator("#c1 .lines .guess")).to_have_count(0)
    page.locator("#q").fill("unclear.wav")
    assert rows.locator("visible=true").count() == 1
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert trouble == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_of_the_report_stands_out(report: Path, browser: Browser, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme, offline=True)
    page = context.new_page()
    page.goto(report.as_uri())
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert page.evaluate(CONTRAST) == []
    context.close()


def test_a_call_heard_again_says_so_on_its_page(served: Served, page: Page) -> None:
    full_house(served.world)
    with served.world.database.session() as session:
        session.add(
            SecondHearing(
                call_sid="CAdone",
                why="deferred",
                state="done",
                tries=1,
                model="large-v3@sha256:" + "a" * 64,
                asked_at=START,
                done_at=START,
                record={"utterances": SAID},
                fresh=FRESH,
            )
        )
    served.log_in(page)
    page.goto(f"{served.url}/calls/CAdone")
    panel = page.locator("section", has=page.locator("#second-title"))
    expect(panel).to_contain_text("用 large-v3 听过")
    expect(panel).to_contain_text("发现 1 处")
    expect(panel.locator("q")).to_have_text("去你单位")
    panel.get_by_text("复听的文字").click()
    expect(panel.locator(".lines li")).to_have_count(2)
    expect(panel.locator(".lines li.unclear")).to_contain_text("别这样")
    assert page.evaluate(CONTRAST) == []
