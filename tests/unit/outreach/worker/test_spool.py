"""Audio on disk: order, holes, a process that died."""

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.errors import MediaError
from outreach.telephony.events import Track
from outreach.worker.spool import SILENCE, Spool, spooled_wav
from speech.codec import encode


def tone(hz: float, ms: int) -> bytes:
    times = np.arange(ms * 8) / 8000
    return encode((8000 * np.sin(2 * np.pi * hz * times)).astype(np.int16), "mulaw")


def test_a_hole_is_filled_with_silence_at_its_place(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool:
        spool.write(Track.INBOUND, 0, b"\x10" * 160)
        spool.write(Track.INBOUND, 60, b"\x20" * 160)
    stored = (tmp_path / "CA1.inbound.ulaw").read_bytes()
    assert stored == b"\x10" * 160 + bytes([SILENCE]) * 320 + b"\x20" * 160


def test_what_is_there_already_is_not_written_twice(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool:
        spool.write(Track.INBOUND, 0, b"\x10" * 320)
        spool.write(Track.INBOUND, 20, b"\x30" * 320)
    stored = (tmp_path / "CA1.inbound.ulaw").read_bytes()
    assert stored == b"\x10" * 320 + b"\x30" * 160


def test_a_new_process_goes_on_where_the_dead_one_stopped(tmp_path: Path) -> None:
    first = Spool(tmp_path, "CA1")
    first.write(Track.OUTBOUND, 0, b"\x10" * 1600)
    # no close: the process was killed
    with Spool(tmp_path, "CA1") as second:
        assert second.resume_ms() == 200
        second.write(Track.OUTBOUND, 500, b"\x20" * 160)
    first.close()
    stored = (tmp_path / "CA1.outbound.ulaw").read_bytes()
    assert stored[:1600] == b"\x10" * 1600
    assert len(stored) == 500 * 8 + 160


def test_the_wav_has_the_debtor_left_and_the_agent_right(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool:
        spool.write(Track.INBOUND, 0, tone(440, 500))
        spool.write(Track.OUTBOUND, 0, tone(880, 250))
    with wave.open(str(spooled_wav(tmp_path, "CA1"))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 4000)
        samples = np.frombuffer(file.readframes(4000), "<i2").reshape(-1, 2)
    spectra = np.abs(np.fft.rfft(samples[:2000].astype(float), axis=0))
    assert [int(peak) * 4 for peak in spectra.argmax(axis=0)] == [440, 880]
    assert not samples[2400:, 1].any()


def test_nothing_heard_is_an_error_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(MediaError) as caught:
        spooled_wav(tmp_path, "CA1")
    assert caught.value.code == "media.no_audio"


@given(cuts=st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_packet_sizes_do_not_matter(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    audio = bytes(range(256)) * 4
    folder = tmp_path_factory.mktemp("spool")
    with Spool(folder, "CA1") as spool:
        at_ms = 0
        for ms in cuts:
            spool.write(Track.INBOUND, at_ms, audio[at_ms * 8 : (at_ms + ms) * 8])
            at_ms += ms
    expected = audio[: at_ms * 8]
    assert (folder / "CA1.inbound.ulaw").read_bytes()[: len(expected)] == expected
