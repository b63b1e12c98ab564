"""The pages of calls, the console's question, the recording in ranges, the proof."""

import re
import wave
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import text

from outreach.db.repository import (
    NewAlert,
    NewFinding,
    NewSuggestion,
    append_alert,
    append_disclosure,
    append_finding,
    append_suggestion,
    call_detail,
    set_call_summary,
    update_call,
)
from outreach.errors import NotAvailableError
from outreach.ledger.store import make_checkpoint
from outreach.web.pages.calls import recording_file
from outreach.web.roles import Role
from policy.duties import required_disclosures
from tests.unit.outreach.web.conftest import Site
from tests.world import MORNING, ORIGIN, rulebook

JSON = {"accept": "application/json"}


@pytest.fixture
def called(site: Site) -> Site:
    """A site with one finished call under a checkpoint."""
    site.world.call(site.world.person(), "CA1")
    with site.world.database.session() as session:
        make_checkpoint(session, ORIGIN, site.world.database.keys.ledger, MORNING)
    return site


async def test_a_call_shows_words_findings_ruling_and_proof_and_hides_the_person(called: Site) -> None:
    async with called.client(Role.COMPLIANCE) as client:
        page = (await client.get("/calls/CA1")).text
        listed = (await client.get("/calls")).text
    assert "您好，请问是张先生吗？" in page
    assert "threat-visit" in page
    assert "已证明" in page
    assert "准许" in page
    for shown in (page, listed):
        assert "张＊" in shown
        assert "张三" not in shown
        assert "+8613800000001" not in shown
        assert "•••• 0001" in shown


async def test_a_name_put_by_sound_is_shown_with_what_the_recogniser_wrote(called: Site) -> None:
    with called.world.database.session() as session:
        written = text("""UPDATE utterance SET analysis = analysis || '{"written": "您好，请问是章先生吗？"}'""")
        session.execute(written)
    async with called.client(Role.COMPLIANCE) as client:
        page = (await client.get("/calls/CA1")).text
    assert "名称按读音写入，识别原文：您好，请问是章先生吗？" in page


async def test_what_was_given_up_on_a_call_is_told_in_words(called: Site) -> None:
    steps = [{"step": name, "reason": "backlog"} for name in ("longer_hops", "finals_only", "deferred", "partials")]
    with called.world.database.session() as session:
        update_call(session, "CA1", status="in_progress", degraded=[*steps, steps[0]])
    async with called.client(Role.SUPERVISOR) as client:
        page = (await client.get("/live")).text
        await client.get("/lang/en")
        english = (await client.get("/live")).text
    assert "监听受限：文字更新较慢、说完一句才有文字、转到挂断后复听<" in page
    assert (
        "Heard with limits: text came more slowly, text of whole sentences only, put off to a second hearing<"
        in english
    )


async def test_a_call_after_the_checkpoint_is_pending_not_proved(site: Site) -> None:
    with site.world.database.session() as session:
        make_checkpoint(session, ORIGIN, site.world.database.keys.ledger, MORNING)
    site.world.call(site.world.person(), "CA1")
    async with site.client(Role.COMPLIANCE) as client:
        page = (await client.get("/calls/CA1")).text
    assert "等待下一个检查点" in page
    assert "已证明" not in page


async def test_a_rewritten_log_is_called_broken(called: Site) -> None:
    with called.world.database.session() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # past the triggers, this once
        session.execute(text("UPDATE ledger_entry SET body = body || 'x'"))
    async with called.client(Role.COMPLIANCE) as client:
        page = (await client.get("/calls/CA1")).text
    assert "证明不成立" in page


async def test_a_finding_and_its_alert_cite_the_law_of_the_call(called: Site) -> None:
    citation = {"zh": "催收指引第九条", "en": "Guideline art. 9"}
    with called.world.database.session() as session:
        said = call_detail(session, "CA1").utterances[0]
        law = {"categories": ["threat-visit"], "citation": citation}
        finding = NewFinding(
            call_sid="CA1", utterance_id=said.id, label="visit-threat", category="violation", span=(0, 2), score=0.9,
            detector="rules@1", severity="critical", heard_at=MORNING, why={"rule": "r", "law": law},
        )  # fmt: skip
        append_finding(session, finding)
        alert = NewAlert(
            call_sid="CA1", kind="visit-threat", severity="critical", raised_at=MORNING,
            details={"text": {"zh": "疑似", "en": "appears"}, "citation": citation},
        )  # fmt: skip
        append_alert(session, alert)
        update_call(session, "CA1", status="in_progress")
    async with called.client(Role.SUPERVISOR) as client:
        page = (await client.get("/calls/CA1")).text
        live = (await client.get("/live")).text
    assert "<cite>催收指引第九条</cite> <code>threat-visit</code>" in page
    assert '<cite class="small">催收指引第九条</cite>' in live


async def test_a_flagged_call_is_never_without_a_reason(called: Site) -> None:
    """An alert flags its call at once; the summary may know nothing of it, as after a restart."""
    with called.world.database.session() as session:
        alert = NewAlert(call_sid="CA1", kind="visit-threat", severity="critical", raised_at=MORNING, details={})
        append_alert(session, alert)
        summary = {"disposition": "conversation", "right_party": None}
        set_call_summary(session, "CA1", {**summary, "flagged_why": []}, flagged=False)
    async with called.client(Role.COMPLIANCE) as client:
        assert "<dd>上门威胁</dd>" in (await client.get("/calls/CA1")).text
        with called.world.database.session() as session:
            set_call_summary(session, "CA1", {**summary, "flagged_why": ["hospitalised"]}, flagged=True)
        assert "<dd>正在住院</dd>" in (await client.get("/calls/CA1")).text


async def test_the_checklist_is_that_of_the_law_in_its_order_with_its_words(called: Site) -> None:
    with called.world.database.session() as session:
        append_disclosure(session, "CA1", "identity-check", heard_at=MORNING)
        append_disclosure(session, "CA1", "collector-notice", heard_at=MORNING)
    required = required_disclosures(rulebook(), "cn", MORNING.date(), artificial_voice=False)
    async with called.client(Role.COMPLIANCE) as client:
        page = (await client.get("/calls/CA1")).text
    items = re.findall(r'<li class="(heard|open)">(.*?)</li>', page, re.DOTALL)
    assert len(items) == len(required) + 1
    for (state, shown), item in zip(items, required, strict=False):
        assert item.disclosure.title["zh"] in shown
        assert item.citations[0].text("zh") in shown
        assert state == ("heard" if item.disclosure.id == "identity-check" else "open")
        assert ("有承诺时" in shown) is (item.due == "with_promise")
    assert items[-1][0] == "heard"
    assert "催收身份告知" in items[-1][1]  # said, though the law of this call does not ask for it
    assert "<cite" not in items[-1][1]


async def test_a_machine_voice_has_one_more_statement_to_make(called: Site) -> None:
    with called.world.database.session() as session:
        call_detail(session, "CA1").call.attempt.voice = "artificial"
    async with called.client(Role.COMPLIANCE) as client:
        assert "语音由机器合成" in (await client.get("/calls/CA1")).text


async def test_the_page_says_until_when_the_records_are_kept(called: Site) -> None:
    async with called.client(Role.COMPLIANCE) as client:
        assert "录音和文字至少保存至 2029-11-23 <code>cn-retention</code></p>" in re.sub(
            r"\s+", " ", (await client.get("/calls/CA1")).text
        )
        with called.world.database.session() as session:
            call_detail(session, "CA1").call.attempt.debtor.flags = ["grievance_open"]
        assert "投诉未结期间继续保存" in (await client.get("/calls/CA1")).text


async def test_an_erased_person_s_call_can_still_be_read(called: Site) -> None:
    with called.world.database.session() as session:
        session.execute(text("UPDATE debtor SET data_key = NULL"))
    async with called.client(Role.COMPLIANCE) as client:
        answer = await client.get("/calls/CA1")
    assert answer.status_code == 200
    assert "张" not in answer.text.replace("请问是张先生吗", "")


async def test_only_flagged_calls_when_asked(called: Site) -> None:
    async with called.client(Role.SUPERVISOR) as client:
        assert "没有符合条件的通话" in (await client.get("/calls?flagged=true")).text
        with called.world.database.session() as session:
            update_call(session, "CA1", flagged=True)
        assert "/calls/CA1" in (await client.get("/calls?flagged=true")).text


async def test_the_recording_comes_in_ranges_and_is_a_two_track_wav(called: Site) -> None:
    async with called.client(Role.SUPERVISOR) as client:
        whole = await client.get("/calls/CA1/recording")
        part = await client.get("/calls/CA1/recording", headers={"range": "bytes=44-143"})
    assert whole.headers["accept-ranges"] == "bytes"
    with wave.open(BytesIO(whole.content)) as file:
        assert file.getnchannels() == 2
    assert (part.status_code, part.content) == (206, whole.content[44:144])


async def test_a_call_without_recording_says_so(called: Site) -> None:
    with called.world.database.session() as session:
        update_call(session, "CA1", recording_path=None)
    async with called.client(Role.SUPERVISOR) as client:
        answer = await client.get("/calls/CA1/recording", headers=JSON)
        page = await client.get("/calls/CA1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "missing.recording")
    assert "此通话没有录音" in page.text


@pytest.mark.parametrize("stored", [None, "../secret.wav", "/etc/hostname", "none.wav", "."])
def test_no_file_outside_the_recordings_is_served(tmp_path: Path, stored: str | None) -> None:
    (tmp_path / "secret.wav").write_bytes(b"x")
    folder = tmp_path / "recordings"
    folder.mkdir()
    with pytest.raises(NotAvailableError) as caught:
        recording_file(folder, stored)
    assert caught.value.code == "missing.recording"


async def test_the_console_gets_the_newest_line(called: Site) -> None:
    token = called.signer.new_bearer(called.account(Role.AGENT).id, MORNING)
    bearer = {"authorization": f"Bearer {token}"}
    async with called.client() as client:
        unknown = await client.get("/api/console/next?call_sid=CA9", headers=bearer)
        early = await client.get("/api/console/next?call_sid=CA1", headers=bearer)
        for step in ("opening/calm", "recording/calm"):
            with called.world.database.session() as session:
                append_suggestion(session, suggestion(step))
        answer = await client.get("/api/console/next?call_sid=CA1", headers=bearer)
        nobody = await client.get("/api/console/next?call_sid=CA1", headers={"authorization": "Bearer forged"})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "input.unknown_call")
    assert (early.status_code, early.json()["error"]["code"]) == (404, "missing.suggestion")
    fields = answer.json()
    assert {key: fields[key] for key in ("text", "lang", "digest", "step", "why")} == {
        "text": "您好。", "lang": "zh", "digest": "sha256:00", "step": "recording/calm", "why": "因为",
    }  # fmt: skip
    assert nobody.status_code == 401


async def test_a_bearer_token_opens_the_api_and_no_page(called: Site) -> None:
    token = called.signer.new_bearer(called.account(Role.SUPERVISOR).id, MORNING)
    async with called.client() as client:
        answer = await client.get("/live", headers={"authorization": f"Bearer {token}", **JSON})
    assert answer.status_code == 401


def suggestion(step: str) -> NewSuggestion:
    return NewSuggestion(
        call_sid="CA1", stage="opening", script="shared", version="1.0.0", step=step, digest="sha256:00",
        text="您好。", shown_at=MORNING, why="因为",
    )  # fmt: skip
