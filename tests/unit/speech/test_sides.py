"""Who is on which channel, by the name of a recording and what lies beside it."""

from outreach.ledger.verify import PROOFS
from speech.sides import AGENT, BUNDLE_MARK, DEBTOR, OWN_SIDES, other, own_sides


def test_our_own_recordings_are_known_by_name_or_bundle(tmp_path):
    assert own_sides(tmp_path / ("CA" + "0a" * 16 + ".wav")) == OWN_SIDES == (DEBTOR, AGENT)
    assert own_sides(tmp_path / ("CA" + "0a" * 16 + ".mp3")) is None
    assert own_sides(tmp_path / "recording.wav") is None
    (tmp_path / BUNDLE_MARK).write_text("[]")
    assert own_sides(tmp_path / "recording.wav") == OWN_SIDES
    assert own_sides(tmp_path / "call.wav") is None


def test_the_mark_of_a_bundle_is_what_an_export_writes():
    assert BUNDLE_MARK == PROOFS


def test_a_call_has_two_parties():
    assert (other(AGENT), other(DEBTOR)) == (DEBTOR, AGENT)
