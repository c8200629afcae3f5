from __future__ import annotations

import random
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aim.errors import RemoteError
from aim.remote import frames
from aim.remote.frames import FileFrame, FrameReader

NAME = f"runs/{'a' * 32}/{'b' * 32}-{'c' * 16}.log"


def unpack(body: bytes, *parts: int) -> list[FileFrame]:
    """The frames of a body that arrives cut at these places."""
    reader = FrameReader()
    places = [0, *parts, len(body)]
    unpacked = [frame for begin, end in zip(places, places[1:], strict=False) for frame in reader.feed(body[begin:end])]
    reader.close()
    return unpacked


def test_the_bytes_are_those_on_the_page() -> None:
    before = bytes(range(80))
    packed = frames.pack("edits/x", 100, b"abc", before=before, age=7.9)
    assert packed == (
        b"\x07\x00edits/x" + (100).to_bytes(8, "little") + crc32(before[16:]).to_bytes(4, "little")
        + (7).to_bytes(4, "little") + b"\x03\x00\x00\x00abc"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at", "before", "checked"),
    [
        (0, b"", b""),
        (0, b"left out", b""),
        (1, b"xyz", b"z"),
        (64, b"a" * 64, b"a" * 64),
        (65, b"b" + b"a" * 64, b"a" * 64),
    ],
)
def test_the_checksum_is_of_64_bytes_at_most(at: int, before: bytes, checked: bytes) -> None:
    (frame,) = unpack(frames.pack(NAME, at, b"", before=before))
    assert frame.check == crc32(checked)


@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=40),
            st.integers(0, frames.MAX_FILE - 100),
            st.binary(max_size=100),
            st.floats(0, 1e12),
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_frames_come_back_however_the_body_is_cut(
    rows: list[tuple[str, int, bytes, float]], chance: random.Random
) -> None:
    rows = [row for row in rows if len(row[0].encode("utf-8", "replace")) <= 200 and row[0].isprintable()]
    body = b"".join(frames.pack(name, at, data, before=bytes(64), age=age) for name, at, data, age in rows)
    cuts = sorted(chance.randint(0, len(body)) for _ in range(chance.randint(0, 12)))
    given_back = unpack(body, *cuts)
    assert [(frame.name, frame.at, frame.data) for frame in given_back] == [row[:3] for row in rows]
    assert [frame.age for frame in given_back] == [min(int(age), frames.MAX_AGE) for *_, age in rows]


def test_a_body_that_is_cut_at_any_byte_gives_the_frames_before_it() -> None:
    bodies = [frames.pack(NAME, at, b"x" * at, before=bytes(64)) for at in (0, 5, 70)]
    body = b"".join(bodies)
    ends = [sum(map(len, bodies[:count])) for count in range(4)]
    for cut in range(len(body) + 1):
        reader = FrameReader()
        whole = list(reader.feed(body[:cut]))
        assert len(whole) == max(count for count, end in enumerate(ends) if end <= cut)
        if cut in ends:
            reader.close()
        else:
            with pytest.raises(RemoteError, match="the request ends"):
                reader.close()


def head(name: bytes, at: int, length: int) -> bytes:
    fields = at.to_bytes(8, "little") + bytes(8) + length.to_bytes(4, "little")
    return len(name).to_bytes(2, "little") + name + fields


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\x00\x00", "its name has 0 bytes; 1 to 200"),
        (b"\xff\xff", "its name has 65535 bytes; 1 to 200"),
        (b"\xc9\x00", "its name has 201 bytes; 1 to 200"),
        (head(b"n", 0, (1 << 20) + 1), "it has 1,048,577 bytes; 1,048,576 are allowed"),
        (head(b"n", 0, 0xFFFFFFFF), "it has 4,294,967,295 bytes"),
        (head(b"n", (1 << 64) - 1, 0), "its offset is 18,446,744,073,709,551,615"),
        (head(b"n", (1 << 40) - 1, 2) + b"xx", "its offset is 1,099,511,627,775"),
        (head(b"\xff\xfe", 0, 0), "its name is not UTF-8"),
        (head(b"n", 0, 0) + b"\x00\x00", "byte 23 of the request"),
    ],
)
def test_an_invalid_frame_is_refused_with_place_value_and_limit(body: bytes, why: str) -> None:
    with pytest.raises(RemoteError, match=why):
        unpack(body)


def test_a_length_is_refused_before_its_bytes_arrive() -> None:
    reader = FrameReader()
    with pytest.raises(RemoteError, match="4,294,967,295"):
        list(reader.feed(head(b"n", 0, 0xFFFFFFFF)))


def test_the_number_of_frames_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_FRAMES", 3)
    assert len(unpack(head(b"n", 0, 0) * 3)) == 3
    with pytest.raises(RemoteError, match="byte 69 .* at most 3 frames"):
        unpack(head(b"n", 0, 0) * 4)


def test_random_bytes_are_frames_or_an_error() -> None:
    chance = random.Random(4)
    for _ in range(300):
        body = chance.randbytes(chance.randint(0, 300))
        try:
            unpack(body, *sorted(chance.randint(0, len(body)) for _ in range(3)))
        except RemoteError as error:
            assert "of the request" in str(error) or "the request ends" in str(error)


@pytest.mark.parametrize(
    ("name", "at", "data", "before", "why"),
    [
        ("", 0, b"", b"", "a name of 0 bytes"),
        ("ü" * 101, 0, b"", b"", "a name of 202 bytes"),
        (NAME, -1, b"", b"", "offset -1"),
        (NAME, frames.MAX_FILE, b"x", bytes(64), "at most 1,099,511,627,776"),
        (NAME, 0, bytes(frames.MAX_DATA + 1), b"", "1,048,577 bytes do not fit"),
        (NAME, 64, b"", bytes(63), "the 64 bytes before it are needed, not 63"),
    ],
)
def test_a_sender_gets_the_reason_for_a_refusal(name: str, at: int, data: bytes, before: bytes, why: str) -> None:
    with pytest.raises(RemoteError, match=why):
        frames.pack(name, at, data, before=before)
