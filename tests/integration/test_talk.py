"""How it was said, from media frames to the rows and the summary: real database, worker and monitor."""

from pathlib import Path

import pytest
from sqlalchemy import select

from outreach.db.repository import call_detail
from outreach.db.tables import Call, Utterance
from tests.talks import AGENT_HZ, AGENT_SPEAKS, DEBTOR_HZ, DEBTOR_SPEAKS, hear_conversation
from tests.world import World


async def test_what_was_played_is_what_is_stored(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sid = await hear_conversation(world, tmp_path, monkeypatch)
    with world.database.session() as session:
        rows = call_detail(session, sid).utterances
        summary = session.get_one(Call, sid).summary
    with world.database.session() as session:
        assert "prosody" not in vars(session.scalars(select(Utterance)).first())  # read only where it is asked for
    for side, hz, places in (("agent", AGENT_HZ, AGENT_SPEAKS), ("debtor", DEBTOR_HZ, DEBTOR_SPEAKS)):
        said = [row for row in rows if row.speaker == side]
        assert len(said) == len(places)
        for row, (start, end) in zip(said, places, strict=True):
            (run,) = row.prosody["runs"]
            assert [row.start_secs + edge for edge in run] == pytest.approx([start, end], abs=0.05)
            assert row.prosody["pitch_hz"] == pytest.approx(hz, rel=0.01)
            assert row.prosody["voiced_share"] > 0.9
        assert said[0].prosody["relative_db"] is None
        assert abs(said[1].prosody["relative_db"]) < 1
    assert summary is not None
    talk = summary["talk"]
    assert (talk["agent"]["interruptions"], talk["agent"]["other_stopped"]) == (2, 1)
    assert (talk["debtor"]["interruptions"], talk["debtor"]["back_channels"]) == (0, 1)
    assert talk["overlap_secs"] == pytest.approx(0.4 + 1.0 + 0.9, abs=0.2)
    assert talk["hold_secs"] == pytest.approx(12.5, abs=0.15)
    assert talk["debtor"]["response_secs"] == pytest.approx(0.6, abs=0.1)
    assert talk["agent"]["longest_monologue_secs"] == pytest.approx(3.5, abs=0.1)
    speech = talk["agent"]["speech_secs"] + talk["debtor"]["speech_secs"]
    assert speech - talk["overlap_secs"] + talk["silence_secs"] == pytest.approx(talk["total_secs"], abs=0.05)
    assert talk["agent"]["share"] + talk["debtor"]["share"] == pytest.approx(1, abs=0.011)
