"""What a run that goes on knows of its past: the next step of each series, the highest stamp."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from aim import layout
from aim.log import record, seal
from aim.sdk import history
from aim.sdk.history import History
from tests.log.logs import RUN, Draft

EARLIER = bytes(range(0xB0, 0xB8))


def put(folder: Path, *drafts: Draft) -> History:
    for draft in drafts:
        (folder / layout.log_name(draft.run.hex(), draft.writer.hex())).write_bytes(draft.data)
    return History(folder, RUN.hex())


def two_series() -> Draft:
    draft = Draft().start().series(0, "loss").series(1, "loss", subset="val")
    for step in (0, 1, 2, 9, 3):
        draft.point(0, step, 0.5).point(1, -step, 0.5, epoch=1.0)
    return draft


def test_each_series_continues_after_its_highest_step(tmp_path: Path) -> None:
    assert put(tmp_path, two_series()).upcoming == {"\0\0loss": 10, '\0{"subset":"val"}\0loss': 1}


def test_a_series_with_two_numbers_is_one(tmp_path: Path) -> None:
    draft = Draft().start().series(0, "loss").point(0, 7, 0.5).series(1, "loss").point(1, 3, 0.5)
    assert put(tmp_path, draft).upcoming == {"\0\0loss": 8}


def test_the_highest_stamp_of_params_and_edits(tmp_path: Path) -> None:
    draft = Draft().start().json(record.PARAMS, {"stamp": 5, "value": {}})
    draft.json(record.EDIT, {"stamp": 7, "run": None, "field": "name", "value": "n"})
    assert put(tmp_path, draft.json(record.PARAMS, {"stamp": 6, "value": {}})).stamp == 7


@pytest.mark.parametrize("odd", [b"", b"four", bytes(32), bytes(40)])
def test_point_records_of_another_length_and_unknown_types_are_skipped(tmp_path: Path, odd: bytes) -> None:
    draft = Draft().start().series(0, "loss").point(0, 1, 0.5).add(record.POINT, odd).point(0, 2, 0.5)
    draft.add(77, b"new!").point(0, 3, 0.5)
    assert put(tmp_path, draft).upcoming == {"\0\0loss": 4}


def test_hidden_points_do_not_count(tmp_path: Path) -> None:
    first = Draft(RUN, EARLIER).start().series(0, "loss")
    for step in range(10):
        first.point(0, step, 0.5)
    length = len(first.data)
    first.point(0, 6, 0.5)
    second = Draft().start(resume_from=4, earlier={EARLIER.hex(): length}).series(0, "loss")
    assert put(tmp_path, first, second).upcoming == {"\0\0loss": 7}, "only what lay before the resume is hidden"


def test_damage_at_any_byte_never_makes_a_step_up(tmp_path: Path) -> None:
    """A flipped bit in the highest step would move a counter by billions, or back to 0."""
    draft = Draft().start().series(0, "loss")
    for step in range(6):
        draft.point(0, step, 0.5)
    spans = draft.spans()
    for place in range(spans[2][0], len(draft.data)):
        wrong = Draft()
        wrong.data = bytearray(draft.data)
        wrong.data[place] ^= 0x40
        upcoming = put(tmp_path, wrong).upcoming
        assert upcoming == ({"\0\0loss": 5} if place >= spans[-1][0] else {"\0\0loss": 6}), place


def test_a_torn_tail_has_no_step(tmp_path: Path) -> None:
    draft = two_series()
    for torn in range(1, 44):
        cut = Draft()
        cut.data = draft.data[:-torn]
        assert put(tmp_path, cut).upcoming == {"\0\0loss": 10, '\0{"subset":"val"}\0loss': 1}


def test_other_runs_of_the_same_name_do_not_count_and_seals_do(tmp_path: Path) -> None:
    other = Draft(bytes(16)).start().series(0, "loss").point(0, 99, 0.5)
    sealed = two_series()
    name = layout.log_name(sealed.run.hex(), EARLIER.hex()).replace(".log", ".seal")
    content = Draft(RUN, EARLIER).start().series(0, "sealed").point(0, 1, 1.0).data
    (tmp_path / name).write_bytes(seal.encode(bytes(content)))
    assert put(tmp_path, other, sealed).upcoming == {"\0\0sealed": 2, "\0\0loss": 10, '\0{"subset":"val"}\0loss': 1}


def test_values_have_steps_of_their_own(tmp_path: Path) -> None:
    draft = Draft().start().series(0, "a").series(1, "a", kind="text").series(2, "a", kind="image", subset="val")
    draft.point(0, 1, 0.5).value(1, 6, b"x" * 90, pieces=3).value(1, 4, b"y").value(2, 9, b"z", epoch=1.0)
    upcoming = put(tmp_path, draft).upcoming
    assert upcoming == {"\0\0a": 2, "text\0\0a": 7, 'image\0{"subset":"val"}\0a': 10}


def test_hidden_values_do_not_count(tmp_path: Path) -> None:
    first = (
        Draft(RUN, EARLIER).start().series(0, "a", kind="text").value(0, 3, b"x").value(0, 4, b"y").value(0, 8, b"z")
    )
    second = Draft().start(resume_from=4, earlier={EARLIER.hex(): len(first.data)})
    assert put(tmp_path, first, second).upcoming == {"text\0\0a": 4}


@pytest.mark.parametrize("damaged", [False, True])
def test_only_points_and_media_move_a_step(tmp_path: Path, damaged: bool) -> None:
    """Other records may begin with the same bytes as a point of a known series with a high step."""
    like_a_point = struct.pack("<Iq", 0, 1 << 40)
    draft = Draft().start().series(0, "loss").point(0, 1, 0.5)
    for kind in (record.BLOB, record.MESSAGE, record.OUTPUT, record.POINT, 77):
        draft.add(kind, like_a_point)
    draft.add(record.OBJECT, b"four").point(0, 2, 0.5)
    if damaged:
        draft.point(0, 50, 0.5)
        draft.data[-10] ^= 0xFF
    assert put(tmp_path, draft).upcoming == {"\0\0loss": 3}


def test_an_object_of_another_writer_is_hidden_by_its_own_length(tmp_path: Path) -> None:
    first = Draft(RUN, EARLIER).start().series(0, "a", kind="text").value(0, 3, b"x")
    length = len(first.data)
    first.value(0, 8, b"behind the resume")
    second = Draft().start(resume_from=4, earlier={EARLIER.hex(): length})
    assert put(tmp_path, first, second).upcoming == {"text\0\0a": 9}


@pytest.mark.parametrize(("damage", "width"), [(0.0, 0), (0.3, 1), (0.6, 1), (0.9, 1), (0.4, 5_000)])
def test_a_long_log_is_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: float, width: int
) -> None:
    draft = Draft().start().series(0, "loss").series(1, "text", kind="text").series(2, "late")
    for step in range(100):
        draft.point(0, step, 0.5).value(1, 2 * step, b"x" * (step * 37 % 400), pieces=step % 3).point(2, -step, 0.5)
    begin = int(len(draft.data) * damage)
    draft.data[begin : begin + width] = bytes(byte ^ 0xFF for byte in draft.data[begin : begin + width])
    whole = put(tmp_path, draft).upcoming
    monkeypatch.setattr(history, "_LONGEST", 600)
    for part in (1500, 10_000):
        monkeypatch.setattr(history, "_PART", part)
        assert put(tmp_path, draft).upcoming == whole
