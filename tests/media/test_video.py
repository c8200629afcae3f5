"""Videos: files as they are, frames through an encoder."""

from __future__ import annotations

import io
import itertools
import random
import struct
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aim
from aim.media import encoder, movies

GOLDEN = Path(__file__).parent.parent / "golden" / "video"
# H.264 needs an even width and height, so the encoder pads them. GIF does not say how long it is.
FILES = {"mp4": (10, 8, 2.0), "webm": (10, 8, 2.0), "gif": (9, 7, None)}
FRAMES = np.random.default_rng(0).integers(0, 255, (4, 6, 8, 3), dtype=np.uint8)


def golden(format: str) -> bytes:
    return (GOLDEN / f"noise.{format}").read_bytes()


@pytest.mark.parametrize("format", FILES)
def test_a_file_is_kept_and_described(format: str) -> None:
    data = golden(format)
    path = GOLDEN / f"noise.{format}"
    for source in (data, path, str(path), io.BytesIO(data)):
        video = aim.Video(source, caption="about")
        assert video.data == data
        assert (video.format, video.width, video.height, video.seconds) == (format, *FILES[format])
        assert video.caption == "about"


@pytest.mark.parametrize("format", ["mp4", "webm"])
def test_a_format_refuses_a_file_that_is_cut_short(format: str) -> None:
    data = golden(format)
    assert aim.Video(data, format=format).data == data
    for size in range(64, len(data)):
        with pytest.raises(ValueError, match="is cut short; pass a file that is written whole"):
            aim.Video(data[:size], format=format)
        assert aim.Video(data[:size]).data == data[:size]


@given(st.sampled_from(sorted(FILES)), st.integers(0, 1 << 32))
def test_any_damage_is_described_or_left_out(format: str, seed: int) -> None:
    data = bytearray(golden(format))
    draw = random.Random(seed)
    for _ in range(draw.randrange(1, 9)):
        data[draw.randrange(len(data))] = draw.randrange(256)
    movies.is_whole(bytes(data))
    for value in movies.described(bytes(data)).values():
        assert isinstance(value, (int, float))


def test_a_box_without_end_is_no_endless_loop() -> None:
    ring = b"\0\0\0\x10ftypisom\0\0\0\0" + struct.pack(">I4sQ", 1, b"moov", 0) * 1000
    assert movies.described(ring) == {} and not movies.is_whole(ring)
    scale = b"\x15\x49\xa9\x66\x01" + struct.pack(">Q", 300)[1:] + b"\x2a\xd7\xb1\x40\xf0" + b"\xff" * 240
    odd = (
        b"\x1a\x45\xdf\xa3\x84webm"
        + b"\x18\x53\x80\x67\x01"
        + b"\xff" * 7
        + scale
        + b"\x44\x89\x88"
        + struct.pack(">d", 1e300)
    )
    assert "seconds" not in movies.described(odd)
    nested = b"\x1a\x45\xdf\xa3\x84webm" + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + b"\x80" * 10_000
    assert movies.described(nested) == {} and not movies.is_whole(nested)


SHAPES = {
    "time, height, width, channels": FRAMES,
    "gray": FRAMES[..., 0],
    "channels first": FRAMES.transpose(0, 3, 1, 2),
    "one video of a batch": FRAMES[None],
    "a list": list(FRAMES),
    "floats": FRAMES / 255,
    "with alpha": np.concatenate([FRAMES, FRAMES[..., :1]], axis=3),
    "a clip of moviepy": SimpleNamespace(fps=5, iter_frames=lambda fps: iter(FRAMES)),
}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What an encoder is given."""
    given: list[Any] = []

    def encoded(frames: Any, fps: float, format: str | None) -> bytes:
        given[:] = [np.stack(list(frames)), fps, format]
        return golden(format or "mp4")

    monkeypatch.setattr("aim.media.video.encoded", encoded)
    yield given


@pytest.mark.parametrize("name", SHAPES)
def test_frames(drawn: list[Any], name: str) -> None:
    video = aim.Video(SHAPES[name], format="webm")
    frames, fps, format = drawn
    assert (video.format, format, fps) == ("webm", "webm", 5 if "clip" in name else 10)
    assert frames.dtype == np.uint8 and frames.shape == FRAMES.shape
    wanted = FRAMES[..., :1].repeat(3, axis=3) if name == "gray" else FRAMES
    assert (frames == wanted).all()
    assert aim.Video(SHAPES[name], fps=30).format == "mp4" and drawn[1] == 30


@pytest.mark.parametrize(
    ("video", "options", "error", "message"),
    [
        (b"", {}, ValueError, "is not MP4, WebM or GIF"),
        (b"<html>", {}, ValueError, "is not MP4, WebM or GIF"),
        (b"\x1a\x45\xdf\xa3matroska", {}, ValueError, "is not MP4, WebM or GIF"),
        ("missing.mp4", {}, ValueError, "cannot be read"),
        (7, {}, TypeError, "cannot be made from int 7"),
        (["a.png"], {}, TypeError, "a frame cannot be made from str"),
        ([], {}, ValueError, "a video of 0 frames"),
        ([FRAMES[0], FRAMES[0][1:]], {}, ValueError, "frames differ in shape"),
        (np.zeros((4, 4)), {}, ValueError, "is not a video; pass"),
        (np.zeros((10_001, 1, 1), np.uint8), {}, ValueError, "10,001 frames cannot be recorded"),
        (golden("mp4"), {"format": "avi"}, ValueError, "format='avi' is not supported; choose one of mp4, webm, gif"),
        (golden("mp4"), {"format": "webm"}, ValueError, "but the video is mp4"),
        (FRAMES, {"fps": 0}, ValueError, "fps=0 must be"),
        (FRAMES, {"fps": "many"}, ValueError, "fps='many' must be"),
        (FRAMES, {"fps": float("nan")}, ValueError, "fps=nan must be"),
    ],
)
def test_refused(video: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        aim.Video(video, **options)


def test_a_clip_without_end_is_left_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames are taken one at a time."""
    pytest.importorskip("PIL.Image")
    monkeypatch.setattr("aim.media.video.MAX_FRAMES", 50)
    endless = SimpleNamespace(fps=5, iter_frames=lambda fps: itertools.repeat(FRAMES[0]))
    with pytest.raises(ValueError, match="a clip of more than 50 frames cannot be recorded; pass a lower fps"):
        aim.Video(endless, format="gif")


def test_frames_without_an_encoder_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="run: pip install imageio-ffmpeg"):
        aim.Video(FRAMES)
    with pytest.raises(ValueError, match="format='gif' needs an encoder; run: pip install pillow"):
        aim.Video(FRAMES, format="gif")


def test_a_gif_by_pillow() -> None:
    images = pytest.importorskip("PIL.Image")
    video = aim.Video(FRAMES, fps=5, format="gif")
    assert (video.width, video.height) == (8, 6)
    assert movies.is_whole(video.data)
    opened = images.open(io.BytesIO(video.data))
    assert (opened.n_frames, opened.info["duration"]) == (4, 200)


@pytest.mark.parametrize("format", ["mp4", "webm"])
def test_a_video_by_ffmpeg(format: str) -> None:
    pytest.importorskip("imageio_ffmpeg")
    video = aim.Video(FRAMES, fps=4, format=format)
    assert (video.format, video.width, video.height, video.seconds) == (format, 8, 6, 1.0)
    assert movies.is_whole(video.data)


def test_from_track_to_a_query(tmp_path: Path) -> None:
    with aim.Run("r", repo=tmp_path, system_interval=0) as run:
        for step in range(3):
            run.track(aim.Video(golden("webm")), "rollouts", step=step)
    (series,) = aim.Repo(tmp_path).objects("videos if videos.seconds == 2 and videos.step > 0")
    assert [(point.step, point.data == golden("webm")) for point in series] == [(1, True), (2, True)]
    assert isinstance(series[0].value, aim.Video)
