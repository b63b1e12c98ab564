"""The pages of calls, the console's question, the recording in ranges, the proof."""

import wave
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import text

from outreach.db.repository import NewSuggestion, append_suggestion, update_call
from outreach.errors import NotAvailableError
from outreach.ledger.store import make_checkpoint
from outreach.web.pages.calls import recording_file
from outreach.web.roles import Role
from tests.unit.outreach.web.conftest import Site
from tests.world import MORNING, ORIGIN

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
        session.execute(text("ALTER TABLE ledger_entry DISABLE TRIGGER USER"))
        session.execute(text("UPDATE ledger_entry SET body = body || 'x'"))
    async with called.client(Role.COMPLIANCE) as client:
        page = (await client.get("/calls/CA1")).text
    assert "证明不成立" in page


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
