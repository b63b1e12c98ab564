"""Two simulated people on one line: they wait, answer, interrupt, and hang up. Time is frames, so tests are instant."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from outreach.telephony.localcarrier.parties import Party, PartyScript, PartyState, PendingClip
from outreach.telephony.localcarrier.scenario import Turn
from outreach.telephony.localcarrier.session import CallSession
from outreach.telephony.localcarrier.sound import SILENCE, Ear, LineNoise, Samples, tone


def said(turn: Turn) -> PendingClip:
    """Turns in these tests last as many tenths of a second as their text has characters."""
    return PendingClip(tone(400, len(turn.text) / 10))


@dataclass
class Log:
    """When each side began to speak, in seconds."""

    began: list[tuple[str, float]] = field(default_factory=list)
    secs: float = 0.0


def talk(debtor: list[Turn], agent: list[Turn], *, hangs_up: str = "agent", limit_secs: float = 120) -> Log:
    scripts = {
        name: PartyScript(turns=tuple(turns), hangs_up=hangs_up == name)
        for name, turns in (("debtor", debtor), ("agent", agent))
    }
    session = CallSession(person=Party(scripts["debtor"], said), noise=(LineNoise(1), LineNoise(2)))
    session.bridge(Party(scripts["agent"], said))
    log, before = Log(), {"debtor": PartyState.IDLE, "agent": PartyState.IDLE}
    for tick in range(round(limit_secs * 50)):
        session.tick(tick)
        assert session.agent is not None
        for name, party in (("debtor", session.person), ("agent", session.agent)):
            if party.state is PartyState.SPEAKING and before[name] is not PartyState.SPEAKING:
                log.began.append((name, tick / 50))
            before[name] = party.state
        if session.person_gone.is_set() or session.agent_gone.is_set():
            break
    log.secs = session.secs
    return log


HELLO = Turn(text="x" * 10, wait=False, pause_secs=0.5)


def test_they_take_turns() -> None:
    log = talk([HELLO, Turn(text="y" * 20)], [Turn(text="a" * 15), Turn(text="b" * 5)])
    assert [name for name, _ in log.began] == ["debtor", "agent", "debtor", "agent"]
    at = [secs for _, secs in log.began]
    assert at[0] == pytest.approx(0.5, abs=0.05)
    assert at[1] - at[0] == pytest.approx(1.0 + 0.8 + 0.4, abs=0.12)
    assert at[2] - at[1] == pytest.approx(1.5 + 0.8 + 0.4, abs=0.12)


def test_someone_who_is_never_spoken_to_speaks_after_the_timeout() -> None:
    log = talk([], [Turn(text="a" * 5, timeout_secs=3)])
    assert log.began == [("agent", pytest.approx(3.4, abs=0.1))]


def test_a_barge_in_does_not_wait_for_the_end() -> None:
    log = talk([Turn(text="x" * 40, wait=False, pause_secs=0)], [Turn(text="a" * 5, barge_in_secs=1.0)])
    (_, first), (name, second) = log.began
    assert name == "agent"
    assert second - first == pytest.approx(1.0, abs=0.1)


def test_one_who_yields_stops_when_talked_over() -> None:
    long = Turn(text="x" * 100, wait=False, pause_secs=0, yields=True)
    log = talk([long, Turn(text="y" * 5)], [Turn(text="a" * 10, barge_in_secs=1.0)])
    assert log.began[2][0] == "debtor"
    assert log.began[2][1] < 6, "a turn of ten seconds was cut short"


def test_the_pause_is_broken_off_when_the_other_goes_on() -> None:
    halting = [Turn(text="x" * 5, wait=False, pause_secs=0), Turn(text="x" * 5, wait=False, pause_secs=1.0)]
    log = talk(halting, [Turn(text="a" * 5, pause_secs=1.0)])
    assert [name for name, _ in log.began] == ["debtor", "debtor", "agent"]


@pytest.mark.parametrize("side", ["agent", "debtor"])
def test_the_side_that_is_told_to_hangs_up(side: str) -> None:
    log = talk([HELLO], [Turn(text="a" * 5)], hangs_up=side)
    assert log.secs < 10


def test_nobody_waits_for_ever() -> None:
    log = talk([HELLO], [Turn(text="a" * 5)], hangs_up="nobody")
    assert log.secs < 30


def test_a_clip_that_comes_late_is_silence_until_then() -> None:
    late = PendingClip()
    party = Party(PartyScript(turns=(Turn(text="x", wait=False, pause_secs=0),)), lambda _turn: late)
    party.begin()
    assert [party.step(SILENCE) for _ in range(100)] == [None] * 100
    late.samples = tone(400, 0.05)
    frames = [party.step(SILENCE) for _ in range(5)]
    assert [frame is not None for frame in frames] == [True, True, True, False, False]
    assert all(frame is None or len(frame) == 160 for frame in frames)


def test_a_machine_hangs_up_by_its_own_clock() -> None:
    script = PartyScript(turns=(), hangs_up=True, hang_up_after_secs=2, is_machine=True)
    party = Party(script, said)
    party.begin()
    loud = tone(500, 0.02)
    steps = 0
    while not party.gone and steps < 500:
        party.step(loud)
        steps += 1
    assert steps == 100


def test_digits_are_pressed_when_the_turn_comes() -> None:
    script = PartyScript(turns=(Turn(digits="42", wait=False, pause_secs=0.1),))
    party = Party(script, lambda _turn: PendingClip(SILENCE[:0]))
    party.begin()
    for _ in range(20):
        party.step(SILENCE)
    assert party.digits == ["4", "2"]
    assert party.state is PartyState.FINISHED


def hear(ear: Ear, sound: Samples) -> None:
    for at in range(0, len(sound), 160):
        ear.hear(sound[at : at + 160])


def test_an_ear_needs_enough_speech_and_enough_silence() -> None:
    ear, quiet = Ear(), np.zeros(160 * 40, np.int16)
    hear(ear, tone(400, 0.28))
    hear(ear, quiet)
    assert not ear.turn_over, "a click is not a turn"
    hear(ear, tone(400, 0.02))
    assert ear.is_speaking
    hear(ear, quiet[: 160 * 39])
    assert not ear.turn_over
    hear(ear, quiet[:160])
    assert ear.turn_over
    ear.forget()
    assert not ear.turn_over


def test_line_noise_is_faint_repeatable_and_not_heard_as_speech() -> None:
    first, again, other = LineNoise(7), LineNoise(7), LineNoise(8)
    ear = Ear()
    frames = [first.frame() for _ in range(300)]
    for frame in frames:
        ear.hear(frame)
    assert ear.speech_ms == 0
    assert all(frame.any() for frame in frames)
    assert (again.frame() == frames[0]).all()
    assert (other.frame() != frames[0]).any()
