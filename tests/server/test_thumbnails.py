"""GET api/run/thumbnail: small copies, made apart from the server."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import aim
from aim.media.image import Image
from aim.repo import Repo
from aim.server import previews, thumbnails
from aim.server.previews import Previews
from tests.server.conftest import Serving

PIL = pytest.importorskip("PIL.Image")
NOISE = np.random.default_rng(0).integers(0, 256, (300, 600, 3), dtype=np.uint8)


def raw(data: bytes) -> aim.Image:
    """An image as a damaged or hostile log holds it."""
    return Image.restored(data, {"format": "png"})


def png(width: int, height: int, packed: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


# Packing it takes half a second, which every process that collects tests would spend.
LARGEST = "many pixels"
HOSTILE = {
    "bomb": png(30_000, 30_000, zlib.compress(bytes(10_000))),
    "cut": aim.Image(NOISE).data[:5_000],
    "no pixels": png(900, 900, b""),
    "not zlib": png(900, 900, b"nothing" * 100),
    "large and empty": png(10, 10, zlib.compress(bytes(310)) + bytes(600_000)),
    "only a head": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "jpeg": b"\xff\xd8\xff" + bytes(50),
    "gif": b"GIF89a" + struct.pack("<HH", 900, 900) + bytes(50),
    "webp": b"RIFF\x20\x00\x00\x00WEBPVP8X" + b"\xff" * 20,
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("thumbnails")
    photo = io.BytesIO()
    PIL.fromarray(NOISE).save(photo, "JPEG", exif=_turned())
    with aim.Run("r", repo=folder, system_interval=0) as run:
        run.track(aim.Image(NOISE), "large")
        run.track(aim.Image(NOISE[:50, :50]), "small")
        run.track(aim.Image(photo.getvalue()), "photo")
        run.track(aim.Image(PIL.fromarray(NOISE[:, :, 0].astype(np.uint16) << 8)), "depth")
        run.track(aim.Text("no image"), "text")
        for name, data in HOSTILE.items():
            run.track(raw(data), name)
        run.track(raw(png(7_900, 8_000, zlib.compress(bytes(8_000 * (1 + 3 * 7_900)), 9))), LARGEST)
    with serving(Repo(folder, read_only=True)) as client:
        yield client


def _turned() -> Any:
    exif = PIL.Exif()
    exif[0x0112] = 6
    return exif


def get(client: httpx.Client, name: str, *, kind: str = "image", size: int = 128) -> httpx.Response:
    [value] = client.get("/api/run/media/values", params={"run": "r", "kind": kind, "name": name}).json()["values"]
    return client.get("/api/run/thumbnail", params={"run": "r", "blob": value["blob"], "size": size})


def decoded(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return PIL.open(io.BytesIO(answer.content))


def test_a_copy_fits_the_square(served: httpx.Client) -> None:
    answer = get(served, "large")
    assert answer.headers["content-type"] == "image/webp" and "immutable" in answer.headers["cache-control"]
    assert decoded(answer).size == (128, 64) and len(answer.content) < len(aim.Image(NOISE).data) / 10
    assert decoded(get(served, "large", size=512)).size == (512, 256)


def test_a_small_image_is_sent_as_it_is(served: httpx.Client) -> None:
    answer = get(served, "small")
    assert answer.content == aim.Image(NOISE[:50, :50]).data and answer.headers["content-type"] == "image/png"


def test_a_photo_is_turned_as_browsers_turn_it(served: httpx.Client) -> None:
    assert decoded(get(served, "photo")).size == (64, 128)


def test_16_bits(served: httpx.Client) -> None:
    copy = np.asarray(decoded(get(served, "depth")).convert("L"), float)
    assert abs(copy.mean() - NOISE[:, :, 0].mean()) < 5


def test_no_image(served: httpx.Client) -> None:
    answer = get(served, "text", kind="text")
    assert answer.status_code == 415 and "This text has no thumbnail" in answer.text


@pytest.mark.parametrize("name", [*HOSTILE, LARGEST])
def test_hostile_images_harm_nothing(served: httpx.Client, name: str) -> None:
    answer = get(served, name)
    if answer.status_code == 200:
        assert max(decoded(answer).size) <= 128
    else:
        assert answer.status_code == 415 and "thumbnail" in answer.json()["error"]["message"]
    assert decoded(get(served, "large", size=256)).size == (256, 128), "the next one is made"


@pytest.mark.parametrize(("kind", "processes"), [("text", 0), ("image", 1)])
def test_a_page_of_images_starts_a_process_ahead(served: httpx.Client, kind: str, processes: int) -> None:
    thumbnails._copies._maker.close()
    assert served.get("/api/media", params={"q": f"{kind}s", "kind": kind}).status_code == 200
    assert len(thumbnails._copies._maker._free) == processes


def test_a_copy_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Previews("aim.media.thumbnail:make")
    first = made.made(aim.Image(NOISE).data, size=128)
    failed = made.made(HOSTILE["not zlib"], size=128)
    assert isinstance(first, bytes) and isinstance(failed, str)
    asked: list[object] = []

    def noted(task: object) -> dict[str, str]:
        asked.append(task)
        return {"problem": "another"}

    monkeypatch.setattr(made._maker, "ask", noted)
    assert made.made(aim.Image(NOISE).data, size=128) == first
    assert (made.made(HOSTILE["not zlib"], size=128), asked) == (failed, [])
    monkeypatch.setattr(previews, "KEPT_BYTES", 2 * previews.ENTRY)
    assert made.made(aim.Image(NOISE[:-1]).data, size=128) == "another", "of other content, also of the same blob"
    assert made.made(aim.Image(NOISE).data, size=128) == "another", "the oldest was forgotten"


def test_a_maker_that_hangs_or_dies_costs_one_copy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = Previews("aim.media.thumbnail:make")
    monkeypatch.setattr(made._maker, "function", "tests.tasks:dies_of_bytes")
    assert "failed" in str(made.made(b"die", size=128))
    made._maker.close()
    monkeypatch.setattr(made._maker, "function", "aim.media.thumbnail:make")
    assert isinstance(made.made(aim.Image(NOISE).data, size=128), bytes)


def test_a_process_that_could_not_be_started_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Previews("aim.media.thumbnail:make")

    def refuses(task: object) -> None:
        raise BlockingIOError("too many processes")

    with monkeypatch.context() as patched:
        patched.setattr(made._maker, "ask", refuses)
        assert made.made(aim.Image(NOISE).data, size=128) == "too many processes"
    assert isinstance(made.made(aim.Image(NOISE).data, size=128), bytes)


def test_without_pillow_an_image_is_sent_as_it_is(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "available", lambda: False)
    assert get(served, "large").content == aim.Image(NOISE).data
    assert get(served, "bomb").status_code == 415
