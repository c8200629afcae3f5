"""Pictures: files as they are, arrays as PNG that a real decoder reads."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import aim
from aim.media import pictures, png

Pil = pytest.importorskip("PIL.Image", reason="pictures are compared with those of 'pip install pillow'")

NOISE = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def pixels(image: aim.Image) -> Any:
    return np.asarray(Pil.open(io.BytesIO(image.data)))


def encoded(format: str, **options: Any) -> bytes:
    into = io.BytesIO()
    Pil.fromarray(NOISE).save(into, format, **options)
    return into.getvalue()


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 2, 3, 4])).flatmap(
        lambda shape: arrays.arrays(np.uint8, shape)
    )
)
def test_a_png_of_ours_holds_the_pixels(picture: Any) -> None:
    decoded = pixels(aim.Image(picture))
    assert np.array_equal(decoded.reshape(picture.shape), picture)


def test_smooth_pictures_become_small() -> None:
    smooth = np.add.outer(np.arange(200), np.arange(300)).astype(np.uint8)[:, :, None].repeat(3, 2)
    assert len(aim.Image(smooth).data) < len(zlib.compress(smooth.tobytes())) / 2
    assert len(png.encode(smooth, optimize=True)) <= len(png.encode(smooth))


MASKED = np.ma.array(NOISE[:, :, 0], mask=NOISE[:, :, 0] > 100)
ARRAYS = {
    "masked": (MASKED, np.where(MASKED.mask, 0, NOISE[:, :, 0]), True),
    "masked floats": (MASKED / 255, np.where(MASKED.mask, 0, NOISE[:, :, 0]), True),
    "a mask of nothing": (np.ma.array(NOISE[:, :, 0]), NOISE[:, :, 0], False),
    "gray": (NOISE[:, :, 0], NOISE[:, :, 0], False),
    "one channel": (NOISE[:, :, :1], NOISE[:, :, 0], False),
    "channels in front": (NOISE.transpose(2, 0, 1), NOISE, False),
    "a batch of one": (NOISE[None], NOISE, False),
    "floats": (NOISE / 255, NOISE, False),
    "half floats": (np.full((2, 2), 0.5, "f2"), np.full((2, 2), 128, np.uint8), False),
    "floats out of range": (np.array([[-1.0, 2.0, np.nan, np.inf]]), np.array([[0, 255, 0, 255]]), True),
    "whole numbers": (NOISE.astype("i8"), NOISE, False),
    "whole numbers out of range": (np.array([[-1, 256, 7]]), np.array([[0, 255, 7]]), True),
    "bools": (NOISE > 100, (NOISE > 100) * np.uint8(255), False),
    "not in order": (NOISE[::-1, ::-1], NOISE[::-1, ::-1], False),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name: str) -> None:
    given, expected, clipped = ARRAYS[name]
    image = aim.Image(given, caption="about")
    assert np.array_equal(pixels(image), expected)
    assert (image.format, image.height, image.width) == ("png", *expected.shape[:2])
    assert (image.caption, image.meta.get("clipped", False)) == ("about", clipped)


class Tensor:
    """What a tensor of torch can do, as far as a picture needs it."""

    __module__ = "torch"
    dtype = "torch.bfloat16"

    def __init__(self, held: Any) -> None:
        self.held = held
        self.calls: list[str] = []

    def detach(self) -> Tensor:
        self.calls.append("detach")
        return self

    def cpu(self) -> Tensor:
        self.calls.append("cpu")
        return self

    def float(self) -> Tensor:
        self.calls.append("float")
        return self

    def numpy(self) -> Any:
        return self.held


def test_tensors_have_their_channels_in_front() -> None:
    tensor = Tensor(NOISE[:3, :4].transpose(2, 0, 1))
    assert np.array_equal(pixels(aim.Image(tensor)), NOISE[:3, :4])
    assert tensor.calls == ["detach", "cpu", "float"]
    assert aim.Image(np.zeros((3, 4, 3))).height == 3, "an array of numpy has them behind where both could be"


@pytest.mark.parametrize("format", pictures.FORMATS)
def test_files_are_kept_as_they_are(tmp_path: Path, format: str) -> None:
    data = encoded(format)
    path = tmp_path / "a"
    path.write_bytes(data)
    for source in (path, str(path), data, bytearray(data), io.BytesIO(data)):
        image = aim.Image(source)
        assert (image.data, image.format, image.width, image.height) == (data, format, 7, 5)
    assert aim.Image(path).save(tmp_path / "b").read_bytes() == data


@pytest.mark.parametrize("format", ["jpeg", "webp", "gif", "png", "JPG"])
def test_a_format_can_be_asked_for(format: str) -> None:
    kept = format.lower().replace("jpg", "jpeg")
    for source in (NOISE, encoded("png"), Pil.fromarray(NOISE)):
        assert aim.Image(source, format=format).format == kept
    assert len(aim.Image(NOISE, format="jpeg", quality=5).data) < len(aim.Image(NOISE, format="jpeg", quality=95).data)
    assert aim.Image(Pil.fromarray(NOISE).convert("RGBA"), format="jpeg").format == "jpeg"


RGB, GRAY = (200, 100, 50), 100
MODES: list[tuple[str, Any]] = [  # a mode of PIL, and what a pixel of it is
    ("1", 1), ("L", 100), ("LA", (100, 50)), ("P", 3), ("PA", (3, 50)), ("RGB", RGB), ("RGBA", (*RGB, 90)),
    ("RGBa", (20, 10, 5, 90)), ("RGBX", (*RGB, 0)), ("La", (20, 90)), ("CMYK", (10, 20, 30, 40)),
    ("YCbCr", (10, 20, 30)), ("LAB", (10, 20, 30)), ("HSV", (10, 20, 30)), ("I", 25700), ("F", 100.0),
    ("I;16", 25700), ("I;16B", 25700), ("I;16L", 25700), ("I;16N", 25700),
]  # fmt: skip


@pytest.mark.parametrize("format", pictures.FORMATS)
@pytest.mark.parametrize(("mode", "value"), MODES, ids=[mode for mode, _ in MODES])
def test_every_mode_of_pil(mode: str, value: Any, format: str) -> None:
    image = aim.Image(Pil.new(mode, (4, 3), value), format=format)
    assert (image.format, image.width, image.height, image.meta.get("clipped")) == (format, 4, 3, None)
    if mode.startswith("I"):
        shown = (
            image.pil().convert("I").getpixel((0, 0)) if format == "png" else image.pil().convert("L").getpixel((0, 0))
        )
        assert shown == (25700 if format == "png" else GRAY)
    if mode == "F":
        assert image.pil().convert("L").getpixel((0, 0)) == GRAY


@pytest.mark.parametrize("format", pictures.FORMATS)
@pytest.mark.parametrize(
    ("mode", "value", "gray"), [("I", 70000, 255), ("I", -5, 0), ("F", 300.5, 255), ("F", -0.5, 0)]
)
def test_pil_values_out_of_range_are_clipped_and_marked(mode: str, value: float, gray: int, format: str) -> None:
    image = aim.Image(Pil.new(mode, (4, 3), value), format=format)
    pixel = image.pil().convert("I" if image.pil().mode.startswith("I") else "L").getpixel((0, 0))
    assert (image.meta.get("clipped"), pixel) == (True, 65535 if gray and pixel > 255 else gray)


def test_a_file_of_16_bits_is_scaled_down() -> None:
    into = io.BytesIO()
    Pil.fromarray(np.full((4, 3), 25700, np.uint16)).save(into, "PNG")
    assert aim.Image(into.getvalue()).data == into.getvalue()
    image = aim.Image(into.getvalue(), format="webp")
    assert (image.pil().convert("L").getpixel((0, 0)), image.meta.get("clipped")) == (GRAY, None)


def test_a_quality_of_numpy() -> None:
    assert aim.Image(NOISE, format="jpeg", quality=np.int64(5)).data == aim.Image(NOISE, format="jpeg", quality=5).data


def test_a_figure_of_matplotlib() -> None:
    matplotlib = pytest.importorskip("matplotlib.figure")
    image = aim.Image(matplotlib.Figure(figsize=(2, 1), dpi=50))
    assert (image.format, image.width, image.height) == ("png", 100, 50)


def test_pil_and_back() -> None:
    assert np.array_equal(np.asarray(aim.Image(NOISE).pil()), NOISE)


class Unreadable:
    """One of its attributes raises, as those of a library may."""

    def __init__(self, broken: str) -> None:
        self.broken = broken

    def __getattr__(self, name: str) -> Any:
        if name == self.broken:
            raise ZeroDivisionError(name)
        raise AttributeError(name)

    def __repr__(self) -> str:
        return str(self.broken) if self.broken != "__repr__" else str(1 / 0)


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
WRONG: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
    (SVG, {}, ValueError, "is SVG, which can contain scripts and is not supported; save it as PNG"),
    (b"\xef\xbb\xbf <?xml version='1.0'?>" [3:], {}, ValueError, "is SVG"),
    (b"BM bitmap", {}, ValueError, r"begins with b'BM bitmap': it is not one of png, jpeg, gif, webp"),
    (b"", {}, ValueError, "it is not one of png"),
    ("/nowhere/a.png", {}, ValueError, "'/nowhere/a.png' cannot be read: No such file"),
    (5, {}, TypeError, "cannot be made from int 5"),
    (None, {}, TypeError, "cannot be made from NoneType"),
    (np.zeros((7, 9, 5)), {}, ValueError, r"array of shape \(7, 9, 5\) is not an image"),
    (np.zeros((4, 2, 3, 3)), {}, ValueError, r"array of shape \(4, 2, 3, 3\) is not an image; .* one image per call"),
    (np.zeros(5), {}, ValueError, r"array of shape \(5,\)"),
    (np.zeros((0, 3, 3)), {}, ValueError, r"array of shape \(0, 3, 3\)"),
    (np.array([["a"]]), {}, TypeError, "cannot be made from ndarray"),
    (NOISE, {"format": "svg"}, ValueError, "format='svg' is not supported"),
    (NOISE, {"format": "tiff"}, ValueError, "choose one of png, jpeg, gif, webp"),
    (NOISE, {"quality": 0}, ValueError, "quality=0 must be an integer from 1 to 100"),
    (NOISE, {"quality": "high"}, ValueError, "quality='high'"),
    (NOISE, {"caption": 5}, TypeError, "caption must be text, not int 5"),
    (NOISE.astype("c8"), {}, ValueError, "array of complex numbers has no order; pass their abs, real or imag"),
    ("/dev/zero", {}, ValueError, "'/dev/zero' is not a regular file; pass its bytes"),
    (".", {}, ValueError, "is not a regular file"),
    (encoded("png")[:60], {"format": "jpeg"}, ValueError, "the image is cut short; pass a file that is written"),
    (b"\x89PNG\r\n\x1a\n", {"format": "png"}, ValueError, "the image is cut short"),
    (encoded("png").replace(b"IDAT", b"IDAX"), {"format": "png"}, ValueError, "the image is cut short"),
    (encoded("png")[:60] + b"x" * 9 + encoded("png")[69:], {"format": "gif"}, ValueError,
     r"cannot be made from this bytes \(.*Error"),
    (Unreadable("savefig"), {}, ValueError, r"cannot be made from this Unreadable \(ZeroDivisionError: savefig\)"),
    (Unreadable("detach"), {}, ValueError, r"array of type Unreadable cannot be read: detach"),
    (Unreadable("__array__"), {}, ValueError, r"array of type Unreadable cannot be read: __array__"),
    (Unreadable("read"), {}, ValueError, r"cannot be made from this Unreadable \(ZeroDivisionError: read\)"),
    (Unreadable("__repr__"), {}, TypeError, "cannot be made from Unreadable <Unreadable instance"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "options", "error", "message"), WRONG, ids=range(len(WRONG)))
def test_invalid_content_is_refused_by_its_value(
    given: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        aim.Image(given, **options)


def file_of(format: str, **options: Any) -> bytes:
    into = io.BytesIO()
    frames = [Pil.fromarray(NOISE), Pil.fromarray(NOISE[::-1].copy())]
    more = {"save_all": True, "append_images": frames[1:]} if options.pop("animated", False) else {}
    frames[0].save(into, format, **more, **options)
    return into.getvalue()


FILES = {
    "png": file_of("png"),
    "optimized png": file_of("png", optimize=True),
    "jpeg": file_of("jpeg"),
    "progressive jpeg": file_of("jpeg", progressive=True, quality=95),
    "gif": file_of("gif"),
    "animated gif": file_of("gif", animated=True),
    "webp": file_of("webp"),
    "lossless webp": file_of("webp", lossless=True),
    "animated webp": file_of("webp", animated=True),
}


@pytest.mark.parametrize("name", FILES)
def test_a_format_refuses_a_file_that_is_cut_short(name: str, tmp_path: Path) -> None:
    data, format = FILES[name], name.split()[-1]
    assert aim.Image(data, format=format).data == data
    assert aim.Image(data + b"more", format=format).data == data + b"more"
    # The last byte of a GIF is its trailer, and that of a WebP may be padding: nothing is missing without it.
    for size in {*range(12, 60), *range(60, len(data) - 1, 97), len(data) - 2}:
        for wanted in (format, "webp" if format == "png" else "png"):
            with pytest.raises(ValueError, match="the image is cut short"):
                aim.Image(data[:size], format=wanted)
        assert aim.Image(data[:size]).data == data[:size], "without a format it is kept unchanged"
    (tmp_path / "half").write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match="half' is cut short"):
        aim.Image(tmp_path / "half", format=format)


def test_a_gif_that_ends_before_its_first_image_is_cut_short() -> None:
    comment = b"\x21\xfe\x01x\x00"
    with pytest.raises(ValueError, match="the image is cut short"):
        aim.Image(b"GIF89a" + struct.pack("<HHBBB", 7, 5, 0, 0, 0) + comment + b";", format="gif")


def test_a_format_without_pil(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(ValueError, match="format='jpeg' needs PIL, which is not installed"):
        aim.Image(NOISE, format="jpeg")
    assert aim.Image(NOISE).width == 7


def test_an_image_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with open(path, "wb") as file:
        file.truncate((64 << 20) + 1)
    with pytest.raises(ValueError, match="exceeds the limit of 67,108,864 bytes"):
        aim.Image(path)
    with pytest.raises(ValueError, match="image of 67,108,865 bytes exceeds the limit of 67,108,864"):
        aim.Image(b"\x89PNG\r\n\x1a\n" + bytes((64 << 20) - 7))


def test_a_long_caption_is_cut() -> None:
    assert aim.Image(NOISE, "x" * 30_000).caption == "x" * 19_999 + "…"


@settings(max_examples=100)
@given(
    st.binary(max_size=60), st.sampled_from([b"", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WEBPVP8 ", b"RIFF0000WEBPVP8X"])
)
def test_sizes_of_any_bytes(data: bytes, start: bytes) -> None:
    pictures.size_of(start + data)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}, {"quality": 50, "exif": b"Exif\0\0"}])
def test_sizes_of_webp(options: dict[str, Any]) -> None:
    assert pictures.size_of(encoded("webp", **options)) == (7, 5)


def test_the_size_of_a_jpeg_after_other_segments() -> None:
    data = encoded("jpeg", progressive=True, exif=b"Exif\0\0" + bytes(500))
    assert pictures.size_of(data) == (7, 5)
    padded = data[:2] + b"\xff\xff\xff\xe1" + struct.pack(">H", 4) + b"xx" + data[2:]
    assert pictures.size_of(padded) == (7, 5)
