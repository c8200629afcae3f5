"""Sounds: files as they are, arrays as WAV that the standard library reads."""

from __future__ import annotations

import io
import struct
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aim
from aim.media import flac, sounds

TONE = np.sin(np.arange(400) / 10)
FLAC = b"fLaC" + bytes(4) + bytes(10) + ((44100 << 44) | (1 << 41) | (15 << 36) | 88200).to_bytes(8, "big") + bytes(16)
MP3 = b"\xff\xfb\x90\x64" + bytes(400)
TAGGED = b"ID3\x04\0\0" + bytes([0, 0, 0, 20]) + bytes(20) + b"\xff\xf3\x90\xc4"


def played(audio: aim.Audio) -> tuple[int, int, int, Any]:
    with wave.open(io.BytesIO(audio.data)) as file:
        kind = {1: "u1", 2: "<i2", 4: "<i4"}[file.getsampwidth()]
        samples = np.frombuffer(file.readframes(file.getnframes()), kind)
        return file.getframerate(), file.getnchannels(), file.getsampwidth(), samples


ARRAYS = {
    "floats": (np.array([0, 1, -1, 0.5]), 1, [0, 32767, -32767, 16384], False),
    "floats out of range": (np.array([2, -2, np.nan, np.inf]), 1, [32767, -32767, 0, 32767], True),
    "int16": (np.array([1, -2], "i2"), 1, [1, -2], False),
    "big-endian": (np.array([1, -2], ">i2"), 1, [1, -2], False),
    "int32": (np.array([1, -70000], "i4"), 1, [1, -70000], False),
    "uint8": (np.array([1, 255], "u1"), 1, [1, 255], False),
    "two channels": (np.array([[1, 2], [3, 4], [5, 6]], "i2"), 2, [1, 2, 3, 4, 5, 6], False),
    "channels in front": (np.array([[1, 3, 5], [2, 4, 6]], "i2"), 2, [1, 2, 3, 4, 5, 6], False),
    "none": (np.array([], "i2"), 1, [], False),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name: str) -> None:
    given, channels, expected, clipped = ARRAYS[name]
    audio = aim.Audio(given, rate=8000, caption="about")
    rate, channels_read, _, samples = played(audio)
    assert (rate, channels_read, samples.tolist()) == (8000, channels, expected)
    assert (audio.format, audio.rate, audio.caption) == ("wav", 8000, "about")
    assert audio.meta.get("clipped", False) == clipped
    assert audio.seconds == len(expected) / channels / 8000


# 40 samples at 8,000 a second, as libsndfile writes them.
SMALL_FLAC = bytes.fromhex(
    "664c6143000000221000100000005400005401f400f000000028e5c39982981016b2ae046d980c84c17c84000028200000007265666572656e6365"
    "206c6962464c414320312e342e3320323032333036323300000000fff8640800271612000003799ae66b998e66b99ae6683999e66b99ae66399a"
    "e66b99a0e66799ae66b998e66b99ae6683999e66b99ae66399ae66b99a0e66799ae66b998e66b99ae6683999e66b99ae66399a4f99"
)
# Its beginning, without other blocks and without the size of the longest frame.
OPEN_FLAC = SMALL_FLAC[:4] + b"\x80" + SMALL_FLAC[5:15] + bytes(3) + SMALL_FLAC[18:42]
FRAME = b"\xff\xfb\x90\x64" + bytes(413)
FILES = {
    "wav": (aim.Audio(TONE, rate=8000).data, 1),
    "flac": (SMALL_FLAC, 1),
    "mp3": (FRAME * 3, len(FRAME)),
    "mp3 with tags": (b"ID3\x04\0\0\0\0\0\x14" + bytes(20) + FRAME, 1),
    "mp3 of MPEG 2": ((b"\xff\xf3\x90\xc4" + bytes(257)) * 2, 261),
}


@pytest.mark.parametrize("name", FILES)
def test_a_format_refuses_a_file_that_is_cut_short(name: str) -> None:
    """An MP3 that is cut between two frames cannot be distinguished from a shorter one."""
    (data, unit), format = FILES[name], name.split()[0]
    assert aim.Audio(data, format=format).data == data
    for size in {*range(12, 60), *range(60, len(data), 13), len(data) - 2, len(data) - 1}:
        if unit == 1 or size % unit:
            with pytest.raises(ValueError, match=r"the sound is cut short; .* or leave out format= to keep"):
                aim.Audio(data[:size], format=format)
        assert aim.Audio(data[:size]).data == data[:size], "without a format it is kept unchanged"


def test_bytes_full_of_beginnings_of_frames_are_checked_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these heads has a right checksum, and none begins the last frame."""
    head = b"\xff\xf8\x19\x18\x00"
    data = OPEN_FLAC + (head + bytes([flac._crc(head, 8)]) + b"\x11\x22") * 4000
    hashed: list[int] = []
    crc = flac._crc
    monkeypatch.setattr(flac, "_crc", lambda part, bits: (hashed.append(len(part)), crc(part, bits))[1])
    assert aim.Audio(data, format="flac").data == data
    assert 1000 < sum(hashed) < 10 * len(data)


@pytest.mark.parametrize("tail", [b"\xff", b"\xff\xf8"])
def test_a_long_frame_of_ones_is_found_in_linear_time(tail: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes of samples look like frames that have no right checksum."""
    seen: list[int] = []
    samples_to = flac._samples_to
    monkeypatch.setattr(
        flac, "_samples_to", lambda frame, block: (seen.append(len(frame)), samples_to(frame, block))[1]
    )
    head = b"\xff\xf8\x79\x18\x00\xff\xff"
    frame = head + bytes([flac._crc(head, 8)]) + tail * 65_000
    data = OPEN_FLAC + frame + flac._crc(frame, 16).to_bytes(2, "big")
    assert aim.Audio(data, format="flac").data == data
    assert sum(seen) <= 16 * len(data)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_of_a_writer_that_could_not_seek_is_whole(size: int) -> None:
    wav = FILES["wav"][0]
    streamed = wav[:40] + size.to_bytes(4, "little") + wav[44:]
    assert aim.Audio(streamed, format="wav").data == streamed
    with pytest.raises(ValueError, match="is cut short"):
        aim.Audio(streamed[:44], format="wav")


def test_tags_behind_a_sound_are_part_of_it() -> None:
    for format in ("flac", "mp3"):
        tagged = FILES[format][0] + b"TAG" + bytes(125)
        assert aim.Audio(tagged, format=format).data == tagged


def test_a_rate_of_numpy_and_masked_samples() -> None:
    assert aim.Audio(TONE, rate=np.int64(8000)).data == aim.Audio(TONE, rate=8000).data
    masked = aim.Audio(np.ma.array(TONE, mask=np.arange(len(TONE)) % 2), rate=8000)
    silent = np.where(np.arange(len(TONE)) % 2, 0, TONE).astype(TONE.dtype)
    assert masked.data == aim.Audio(silent, rate=8000).data and masked.meta["clipped"] is True


def test_files_are_kept_as_they_are(tmp_path: Path) -> None:
    data = aim.Audio(TONE, rate=100).data
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    for source in (path, str(path), data, io.BytesIO(data)):
        audio = aim.Audio(source, format="wav")
        assert (audio.data, audio.format, audio.seconds, audio.rate) == (data, "wav", 4.0, 100)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (FLAC, {"format": "flac", "rate": 44100, "channels": 2, "seconds": 2.0}),
        (MP3, {"format": "mp3", "rate": 44100, "channels": 2}),
        (TAGGED, {"format": "mp3", "rate": 22050, "channels": 1}),
        (b"RIFF" + bytes(4) + b"WAVE", {"format": "wav"}),
        (b"fLaC", {"format": "flac"}),
        (b"ID3", {"format": "mp3"}),
    ],
)
def test_format_and_size_come_from_the_bytes(data: bytes, expected: dict[str, Any]) -> None:
    assert aim.Audio(data).meta == expected


WRONG: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
    (TONE, {}, ValueError, "needs its rate: write aim.Audio"),
    (TONE, {"rate": 0}, ValueError, "rate=0 must be an integer number"),
    (TONE, {"rate": 44100.0}, ValueError, "rate=44100.0 must be"),
    (TONE, {"rate": 8000, "format": "ogg"}, ValueError, "format='ogg' is not supported; choose one of wav, mp3, flac"),
    (TONE, {"rate": 8000, "format": "mp3"}, ValueError, "format='mp3', but the sound is wav"),
    (np.zeros((2, 2, 2)), {"rate": 8000}, ValueError, r"array of shape \(2, 2, 2\) is not audio"),
    (np.zeros((40, 50)), {"rate": 8000}, ValueError, r"array of shape \(50, 40\) is not audio"),
    (np.zeros(5, "i8"), {"rate": 8000}, ValueError, "samples of int64 are not audio"),
    (b"OggS", {}, ValueError, "begins with b'OggS' is none of wav, mp3, flac"),
    ("/nowhere/a.wav", {}, ValueError, "cannot be read"),
    ([0.5], {"rate": 8000}, TypeError, "cannot be made from list"),
    (TONE, {"rate": True}, ValueError, "rate=True must be"),
    (TONE.astype("c8"), {"rate": 8000}, ValueError, "array of complex numbers has no order"),
    ("/dev/zero", {}, ValueError, "'/dev/zero' is not a regular file"),
]


@pytest.mark.parametrize(("given", "options", "error", "message"), WRONG)
def test_invalid_content_is_refused_by_its_value(
    given: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        aim.Audio(given, **options)


@given(st.binary(max_size=80), st.sampled_from([b"RIFF0000WAVE", b"RIFF0000WAVEfmt ", b"fLaC", b"ID3", b"\xff\xfb"]))
def test_any_bytes_after_a_known_beginning(data: bytes, start: bytes) -> None:
    sounds.described(start + data)


def test_a_wav_whose_writer_could_not_seek() -> None:
    data = bytearray(aim.Audio(TONE, rate=100).data)
    data[40:44] = struct.pack("<I", 0xFFFFFFFF)
    assert aim.Audio(bytes(data)).seconds == 4.0
