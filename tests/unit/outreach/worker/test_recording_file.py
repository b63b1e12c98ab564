"""Recordings written once, read never: the WAV made of a spool, its digest, and files that must not meet."""

import hashlib
import wave
from pathlib import Path

import numpy as np
import pytest

from outreach.errors import MediaError
from outreach.telephony.events import Track
from outreach.worker.lane import CHUNK_BYTES, SILENCE
from outreach.worker.recording_file import HashedFile, write_spooled
from outreach.worker.spool import Spool, discard, track_path
from speech.codec import decode, encode


def tone(hz: float, ms: int) -> bytes:
    times = np.arange(ms * 8) / 8000
    return encode((8000 * np.sin(2 * np.pi * hz * times)).astype(np.int16), "mulaw")


def kept(folder: Path) -> tuple[Path, str, tuple[Track, ...]]:
    with HashedFile(folder / "CA1.wav") as file:
        changed = write_spooled(folder, "CA1", file)
        file.keep()
    return file.target, file.sha256, changed


def test_the_wav_has_the_debtor_left_and_the_agent_right(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool:
        spool.lanes[Track.INBOUND].write(0, tone(440, 500))
        spool.lanes[Track.OUTBOUND].write(0, tone(880, 250))
    path, sha256, changed = kept(tmp_path)
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert changed == ()
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (2, 2, 8000, 4000)
        samples = np.frombuffer(file.readframes(4000), "<i2").reshape(-1, 2)
    spectra = np.abs(np.fft.rfft(samples[:2000].astype(float), axis=0))
    assert [int(peak) * 4 for peak in spectra.argmax(axis=0)] == [440, 880]
    assert not samples[2400:, 1].any()


@pytest.mark.parametrize(
    "sizes", [(0, 0), (1, 0), (CHUNK_BYTES, CHUNK_BYTES), (CHUNK_BYTES - 1, 2 * CHUNK_BYTES + 1), (CHUNK_BYTES + 2, 7)]
)
def test_chunks_do_not_show_in_the_wav(tmp_path: Path, sizes: tuple[int, int]) -> None:
    folder = tmp_path
    tracks = [bytes(n % 251 for n in range(size)) for size in sizes]
    for track, audio in zip(Track, tracks, strict=True):
        track_path(folder, "CA1", track).write_bytes(audio)
    length = max(map(len, tracks))
    if length == 0:
        with pytest.raises(MediaError):
            kept(folder)
        return
    path, sha256, _ = kept(folder)
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(length + 1), "<i2").reshape(-1, 2)
    for channel, audio in enumerate(tracks):
        assert (samples[:, channel] == decode(audio.ljust(length, SILENCE), "mulaw")).all()


def test_nothing_heard_is_an_error_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(MediaError) as caught:
        kept(tmp_path)
    assert caught.value.code == "media.no_audio"
    assert list(tmp_path.iterdir()) == []


def test_a_track_changed_after_the_call_is_noticed(tmp_path: Path) -> None:
    with Spool(tmp_path, "CA1") as spool:
        for track in Track:
            spool.lanes[track].write(0, tone(440, 500))
    track_path(tmp_path, "CA1", Track.OUTBOUND).write_bytes(tone(450, 500))
    assert kept(tmp_path)[2] == (Track.OUTBOUND,)


def test_two_that_write_the_same_recording_do_not_meet(tmp_path: Path) -> None:
    target = tmp_path / "CA1.wav"
    with HashedFile(target) as first, HashedFile(target) as second:
        first.write(b"RIFF, one")
        second.write(b"RIFF, two")
        first.write(b" and all")
        first.keep()
        assert target.read_bytes() == b"RIFF, one and all"
        assert first.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert list(tmp_path.iterdir()) == [target], "what was not kept is gone"


def test_parts_of_recordings_left_by_a_killed_process_are_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "CA1.wav.x1y2.partial").write_bytes(b"RIFF")
    (tmp_path / "CA2.wav.x1y2.partial").write_bytes(b"RIFF")
    discard(tmp_path, "CA1")
    assert [path.name for path in tmp_path.iterdir()] == ["CA2.wav.x1y2.partial"]
