"""Recordings in many formats; damaged ones are named, never played short."""

from __future__ import annotations

import av
import numpy as np
import pytest

from speech.audio_files import probe_secs, read_recording, sides_chunk
from speech.errors import MediaFileError

SECS = 2.0
TIME = np.arange(round(SECS * 16_000)) / 16_000
LEFT = (np.sin(2 * np.pi * 400 * TIME) * 8_000).astype(np.int16)
RIGHT = (np.sin(2 * np.pi * 900 * TIME) * 4_000).astype(np.int16)
STEREO = np.stack([LEFT, RIGHT], axis=1)


def tone_of(samples) -> float:
    """The loudest frequency in hertz."""
    spectrum = np.abs(np.fft.rfft(samples[4_000:20_000]))
    return float(spectrum.argmax())


def encoded(path, codec, samples=STEREO):
    """A compressed file of 16 kHz samples, one column per channel."""
    layout = "stereo" if samples.shape[1] == 2 else "mono"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=16_000, layout=layout)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)
        frame.rate = 16_000
        size = stream.frame_size or 1_024
        resampler = av.AudioResampler(format=stream.format.name, layout=layout, rate=16_000, frame_size=size)
        for block in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux(stream.encode(block))
    return path


def failure(path) -> MediaFileError:
    with pytest.raises(MediaFileError) as caught:
        read_recording(path)
    assert str(path) in caught.value.message
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_wav_of_any_rate_becomes_sixteen_kilohertz(write_wav, rate):
    time = np.arange(round(SECS * rate)) / rate
    recording = read_recording(write_wav("a.wav", (np.sin(2 * np.pi * 400 * time) * 8_000).astype(np.int16), rate))
    assert recording.source_rate == rate
    assert recording.duration_secs == pytest.approx(SECS, abs=0.001)
    assert len(recording.channels) == 1
    assert abs(recording.channels[0] - LEFT / 32_768)[200:-200].max() < 2e-3


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.flac", "flac"), ("a.mp3", "libmp3lame"), ("a.opus", "libopus"), ("a.ogg", "libopus"), ("a.m4a", "aac")],
)
def test_compressed_formats_keep_their_channels_apart(tmp_path, name, codec):
    recording = read_recording(encoded(tmp_path / name, codec))
    left, right = recording.channels
    assert left.dtype == np.float32
    assert (tone_of(left), tone_of(right)) == (400, 900)
    assert recording.duration_secs == pytest.approx(SECS, abs=0.15)  # AAC adds frames of its own


def test_mulaw_wav_as_carriers_record_it(tmp_path):
    path = encoded(tmp_path / "a.wav", "pcm_mulaw")
    assert tone_of(read_recording(path).channels[1]) == 900


def test_a_streamed_wav_of_unstated_length_is_read(write_wav):
    path = write_wav("a.wav", STEREO, 16_000)
    content = bytearray(path.read_bytes())
    content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert read_recording(path).duration_secs == pytest.approx(SECS, abs=0.001)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_a_cut_wav_is_refused(write_wav, keep):
    path = write_wav("a.wav", STEREO, 16_000)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    error = failure(path)
    assert error.code == "media_file.truncated"
    assert f"{len(whole) - 44} bytes" in error.message


def test_a_wav_cut_inside_its_header_is_refused(write_wav):
    path = write_wav("a.wav", STEREO, 16_000)
    path.write_bytes(path.read_bytes()[:30])
    assert failure(path).code == "media_file.truncated"


@pytest.mark.parametrize("keep", [0.4, 0.8])
def test_a_cut_flac_is_refused(tmp_path, keep):
    noise = np.random.default_rng(0).integers(-9_000, 9_000, STEREO.shape).astype(np.int16)
    path = encoded(tmp_path / "a.flac", "flac", noise)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    error = failure(path)
    assert error.code == "media_file.truncated"
    assert "2.00 s by its header" in error.message


def test_an_empty_file_and_a_wav_without_audio_are_refused(tmp_path, write_wav):
    (tmp_path / "none.wav").write_bytes(b"")
    assert failure(tmp_path / "none.wav").code == "media_file.empty"
    assert failure(write_wav("still.wav", STEREO[:0])).code == "media_file.empty"


def test_what_is_no_audio_is_refused(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"good morning" * 200)
    error = failure(tmp_path / "a.mp3")
    assert error.code == "media_file.not_audio"
    assert "expected a WAV" in error.message


def test_more_than_two_channels_are_refused(write_wav):
    error = failure(write_wav("a.wav", np.zeros((800, 3), np.int16)))
    assert error.code == "media_file.channels"
    assert "found 3 channels" in error.message


def test_a_missing_file_is_refused(tmp_path):
    assert failure(tmp_path / "absent.wav").code == "media_file.not_found"


def test_a_wav_says_who_is_on_which_channel(write_wav):
    path = write_wav("a.wav", STEREO, 16_000)
    assert read_recording(path).sides is None
    whole = path.read_bytes()
    chunk = sides_chunk("debtor", "agent")
    total = (len(whole) - 8 + len(chunk)).to_bytes(4, "little")
    path.write_bytes(whole[:4] + total + whole[8:36] + chunk + whole[36:])
    recording = read_recording(path)
    assert recording.sides == ("debtor", "agent")
    assert (tone_of(recording.channels[0]), tone_of(recording.channels[1])) == (400, 900)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.flac", "flac"), ("a.mp3", "libmp3lame"), ("a.ogg", "libopus"), ("a.m4a", "aac"), ("a.wav", "pcm_alaw")],
)
def test_the_comment_of_any_format_says_it_too(tmp_path, name, codec):
    plain = encoded(tmp_path / f"plain-{name}", codec)
    tagged = tmp_path / name
    with av.open(str(plain)) as source, av.open(str(tagged), "w") as target:
        target.metadata["comment"] = "from the archive; fairline-tracks: debtor agent"
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    assert read_recording(plain).sides is None
    assert read_recording(tagged).sides == ("debtor", "agent")


def test_one_channel_has_no_sides(write_wav):
    path = write_wav("a.wav", LEFT, 16_000)
    whole = path.read_bytes()
    path.write_bytes(whole[:36] + sides_chunk("debtor", "agent") + whole[36:])
    assert read_recording(path).sides is None


def test_the_stated_length_is_known_without_decoding(tmp_path, write_wav):
    assert probe_secs(write_wav("a.wav", STEREO, 16_000)) == pytest.approx(SECS)
    assert probe_secs(encoded(tmp_path / "a.mp3", "libmp3lame")) == pytest.approx(SECS, abs=0.2)
    (tmp_path / "b.wav").write_bytes(b"good morning" * 200)
    assert probe_secs(tmp_path / "b.wav") is None
    assert probe_secs(tmp_path / "absent.wav") is None
