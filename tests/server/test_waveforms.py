"""GET api/run/waveform: outlines of sounds, made apart from the server."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

import aim
from aim.media.audio import Audio
from aim.repo import Repo
from tests.server.conftest import Serving

RAMP = np.linspace(-1, 1, 1_024)


def wav(code: int, channels: int, bits: int, packed: bytes, extra: bytes = b"") -> bytes:
    each = channels * bits // 8
    about = struct.pack("<HHIIHH", code, channels, 8000, 8000 * each, each & 0xFFFF, bits) + extra
    parts = b"fmt " + struct.pack("<I", len(about)) + about + b"data" + struct.pack("<I", len(packed)) + packed
    return b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WAVE" + parts


def packed_24(values: list[int]) -> bytes:
    return b"".join(value.to_bytes(3, "little", signed=True) for value in values)


GUID = struct.pack("<HHI", 22, 16, 0) + struct.pack("<H", 1) + bytes(14)
SOUNDS: dict[str, tuple[bytes, list[int]]] = {
    "int16": (wav(1, 1, 16, np.array([0, 32767, -32768, 16384], "<i2").tobytes()), [0, 127, -127, 64]),
    "uint8": (wav(1, 1, 8, bytes([128, 255, 0])), [0, 126, -127]),
    "24 bits": (wav(1, 1, 24, packed_24([0, 1 << 22, -(1 << 23)])), [0, 64, -127]),
    "int32": (wav(1, 1, 32, np.array([0, -(1 << 31)], "<i4").tobytes()), [0, -127]),
    "float": (wav(3, 1, 32, np.array([0.5, 9, np.nan, -np.inf], "<f4").tobytes()), [64, 127, 0, -127]),
    "double": (wav(3, 1, 64, np.array([0.5, -1], "<f8").tobytes()), [64, -127]),
    "extensible": (wav(0xFFFE, 1, 16, np.array([16384], "<i2").tobytes(), GUID), [64]),
}
HOSTILE = {
    "no samples": (wav(1, 1, 16, b""), "0 bytes of samples"),
    "no channels": (wav(1, 0, 16, bytes(8)), "0 channels"),
    "65,535 channels": (wav(1, 65_535, 16, bytes(8)), "65535 channels"),
    "no width": (wav(1, 1, 0, bytes(8)), "0 bits"),
    "compressed": (wav(85, 1, 16, bytes(8)), "encoding 85"),
    "only a head": (b"RIFF\xff\xff\xff\xffWAVE", "no data"),
    "cut in the format": (b"RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01", "buffer"),
    "flac of nothing": (b"fLaC" + bytes(50), "waveform"),
    "mp3 of nothing": (b"\xff\xfb\x90\x64" + bytes(400), "waveform"),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("waveforms")
    with aim.Run("r", repo=folder, system_interval=0) as run:
        run.track(aim.Audio(np.stack([RAMP, RAMP / 2], 1), rate=8000), "ramp")
        run.track(aim.Text("no sound"), "text")
        for name, (data, _) in {**SOUNDS, **HOSTILE}.items():
            run.track(Audio.restored(data, {"format": "wav"}), name)
    with serving(Repo(folder, read_only=True)) as client:
        yield client


def get(client: httpx.Client, name: str, *, kind: str = "audio", bins: int = 128) -> httpx.Response:
    [value] = client.get("/api/run/media/values", params={"run": "r", "kind": kind, "name": name}).json()["values"]
    return client.get("/api/run/waveform", params={"run": "r", "blob": value["blob"], "bins": bins})


def test_the_lowest_and_the_highest_of_each_stretch(served: httpx.Client) -> None:
    answer = get(served, "ramp")
    low, high = np.frombuffer(answer.content, np.int8).reshape(-1, 2).T
    assert len(low) == 128 and "immutable" in answer.headers["cache-control"]
    assert (low[0], high[0]) == (-127, -63), "of both channels"
    assert np.all(np.diff(low.astype(int)) >= 0) and np.all(high >= low) and high[-1] == 127


@pytest.mark.parametrize("name", SOUNDS)
def test_each_encoding(served: httpx.Client, name: str) -> None:
    pairs = np.frombuffer(get(served, name).content, np.int8).reshape(-1, 2)
    assert pairs[:, 0].tolist() == pairs[:, 1].tolist() == SOUNDS[name][1]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_sounds_harm_nothing(served: httpx.Client, name: str) -> None:
    answer = get(served, name)
    assert answer.status_code == 415 and HOSTILE[name][1] in answer.text
    assert get(served, "ramp", bins=512).status_code == 200, "the next one is made"


def test_flac_and_mp3_are_read_by_soundfile(tmp_path: Path, serving: Serving) -> None:
    soundfile = pytest.importorskip("soundfile")
    with aim.Run("r", repo=tmp_path, system_interval=0) as run:
        for format in ("flac", "mp3"):
            path = tmp_path / f"ramp.{format}"
            soundfile.write(path, RAMP, 8000)
            run.track(aim.Audio(path), format)
    with serving(Repo(tmp_path, read_only=True)) as client:
        for format in ("flac", "mp3"):
            low = np.frombuffer(get(client, format).content, np.int8)[::2].astype(int)
            assert low[:8].mean() < -60 and low[-8:].mean() > 60


def test_no_sound(served: httpx.Client) -> None:
    answer = get(served, "text", kind="text")
    assert answer.status_code == 415 and "This text is not a sound" in answer.text
