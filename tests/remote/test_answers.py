from __future__ import annotations

import json

import pytest

from aim.errors import RemoteError
from aim.remote import answers
from aim.remote.answers import Outcome


def test_outcomes_come_back() -> None:
    outcomes = [Outcome(200, 40), Outcome(409, 0), Outcome(412, 7, "another file")]
    packed = answers.pack_outcomes(outcomes)
    assert json.loads(packed)["frames"][0] == {"status": 200, "size": 40}
    assert answers.read_outcomes(packed, 3) == outcomes


def test_sizes_come_back() -> None:
    assert answers.read_sizes(answers.pack_sizes([0, 5, None, answers.GONE]), 4) == [0, 5, None, -1]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b"null",
        b'{"frames": 1}',
        b'{"frames": []}',
        b'{"frames": [1]}',
        b'{"frames": [{}, {}]}',
        b'{"frames": [{"status": 200, "size": -1}]}',
        b'{"frames": [{"status": 200, "size": 1.5}]}',
        b'{"frames": [{"status": 200, "size": true}]}',
        b'{"frames": [{"status": 302, "size": 1}]}',
        b'{"frames": [{"status": [], "size": 1}]}',
        b'{"frames": [{"status": "200", "size": 1}]}',
    ],
)
def test_an_invalid_answer_for_a_frame_is_an_error(answer: bytes) -> None:
    with pytest.raises(RemoteError, match="is it an aim server"):
        answers.read_outcomes(answer, 1)


@pytest.mark.parametrize(
    "answer", [b"{}", b'{"sizes": [true]}', b'{"sizes": [-2]}', b'{"sizes": ["1"]}', b'{"sizes": [1, 2]}']
)
def test_an_invalid_answer_for_a_size_is_an_error(answer: bytes) -> None:
    with pytest.raises(RemoteError, match="is it an aim server"):
        answers.read_sizes(answer, 1)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b'{"error": {"message": "Wrong token.", "hint": "Ask."}}', "Wrong token. Ask"),
        (b'{"error": {"message": "Wrong token.", "hint": null}}', "Wrong token"),
        (b'{"error": "no"}', "no"),
        (b'{"error": {"hint": "x"}}', ""),
        (b'{"error": 5}', ""),
        (b"<html>", ""),
        (json.dumps({"error": "x" * 5000}).encode(), "x" * 1000),
    ],
)
def test_an_error_is_a_bounded_text(answer: bytes, text: str) -> None:
    assert answers.read_error(answer) == text
