"""The state of a run after any records: invalid ones are left out, and no other run is affected."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aim.errors import LogError
from aim.index import state
from aim.index.schema import SEPARATOR
from aim.index.series import gather
from aim.index.sources import logs
from aim.index.state import RunState, WriterState
from aim.log import bounds, record, seal
from tests.index.checks import index
from tests.index.logs import LogFile, finished

HUGE = "1" + "0" * 30
DEEP = '{"a":' * 100_000
PAYLOADS = [
    (record.PARAMS, '{"stamp": 1e999, "value": {"a": 1}}'),
    (record.PARAMS, f'{{"stamp": {HUGE}, "value": {{"a": 1}}}}'),
    (record.PARAMS, '{"stamp": 1, "value": [1]}'),
    (record.PARAMS, '{"value": {}}'),
    (record.PARAMS, DEEP),
    (record.PARAMS, "no JSON"),
    (record.EDIT, '{"stamp": 1e999, "run": null, "field": "name", "value": "x"}'),
    (record.EDIT, f'{{"stamp": {HUGE}, "run": null, "field": "archived", "value": "x"}}'),
    (record.EDIT, '{"stamp": [], "run": null, "field": "name", "value": "x"}'),
    (record.EDIT, f'{{"stamp": 1, "run": null, "field": "ended", "value": {{"time": 1{"0" * 400}}}}}'),
    (record.EDIT, '{"stamp": 1, "run": null, "field": "ended", "value": "yesterday"}'),
    (record.EDIT, '{"stamp": 1, "run": null, "field": "experiment", "value": null}'),
    (record.DROPPED, '{"points": 1e999}'),
    (record.DROPPED, f'{{"points": {HUGE}}}'),
    (record.DROPPED, '{"points": -5}'),
    (record.DROPPED, "[]"),
    (record.FACTS, '{"environment": [1]}'),
    (record.FACTS, '{"environment": {"packages": 5, "env": [1]}}'),
    (record.FACTS, "[]"),
    (record.FACTS, '"text"'),
    (record.END, "[]"),
    (record.END, '"text"'),
    (record.DROPPED, '"text"'),
    (record.SERIES, '\0\0\0\0{"name": "a"}'),
    (record.SERIES, '\0\0\0\0{"name": "a", "context": []}'),
    (record.SERIES, "\0\0\0\0[]"),
    (record.SERIES, '\xff\xff\xff\x7f{"name": "a", "context": {}}'),
    (record.START, "5"),
]  # fmt: skip
STARTS: list[dict[str, Any]] = [
    {"time": 10**400}, {"time": float("nan")}, {"time": "soon"}, {"process": []}, {"process": {"pid": 10**30}},
    {"facts": 5}, {"earlier": 7, "resume_from": 3}, {"attempt": {}}, {"role": {}}, {"experiment": ["a"]}, {"hash": [1]},
    {"resume_from": "3", "earlier": {}}, {"resume_from": 10**30, "earlier": {"00": 1}},
    {"sessions": [5, [1], ["a", 2], [10**30, 10**30]]},
]  # fmt: skip
ENDS: list[dict[str, Any]] = [
    {"time": 10**400}, {"time": "late"}, {"dropped": 10**30}, {"dropped": float("inf")}, {"dropped": "many"},
    {"process": 5}, {"status": 7, "error": [1]},
]  # fmt: skip


def answered(repo: Path) -> None:
    """The intact run is answered, and the other one can be queried too."""
    for _ in range(2):
        catalog = index(repo).refresh()
        good = catalog.index[(1 + 1).to_bytes(16, "big").hex()]
        assert gather(catalog, None, [good]).columns["count"].tolist() == [3]
        assert gather(catalog).columns["count"].tolist().count(1) == 1
        assert all(0 <= dropped < 1 << 62 for dropped in catalog.column("dropped"))
        for i in range(len(catalog)):
            assert catalog.status(i).word
            catalog.fields(i), catalog.highest_stamp(np.array([i]))
        every = np.arange(len(catalog))
        assert len(catalog.damaged(every, catalog.statuses(every)["status"])) == len(catalog)
        assert catalog.params() and catalog.contexts is not None and gather(catalog).points(["value"])


def beside_a_good_run(repo: Path, bad: LogFile, ended: bool) -> None:
    finished(repo, 1)
    bad.series(0, "loss").point(0, 1, 1.0)
    (bad.end(1.8e9) if ended else bad).save()
    answered(repo)


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize(("kind", "text"), PAYLOADS, ids=range(len(PAYLOADS)))
def test_an_invalid_record(tmp_path: Path, kind: int, text: str, ended: bool) -> None:
    payload = text.encode("latin-1")
    file = LogFile(tmp_path, "bad").start(1.7e9).put(kind, payload + b" " * (-len(payload) % 4))
    beside_a_good_run(tmp_path, file, ended)


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("start", STARTS, ids=str)
def test_an_invalid_start(tmp_path: Path, start: dict[str, Any], ended: bool) -> None:
    beside_a_good_run(tmp_path, LogFile(tmp_path, "bad").json(record.START, **{"time": 1.7e9, **start}), ended)


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_an_invalid_end(tmp_path: Path, end: dict[str, Any]) -> None:
    finished(tmp_path, 1)
    file = LogFile(tmp_path, "bad").start(1.7e9).series(0, "loss").point(0, 1, 1.0)
    file.json(record.END, **{"time": 1.8e9, **end}).save()
    answered(tmp_path)


def writer(id: str = "w", **start: Any) -> WriterState:
    made = WriterState(id, f"{id}.log")
    if start:
        take(made, record.START, time=1.0, **start)
    return made


def take(to: WriterState, kind: int, offset: int = 0, **content: Any) -> WriterState:
    to.take(kind, record.encode_json(content), offset)
    return to


def run(*writers: WriterState) -> RunState:
    return RunState("r", "dir", 1, writers=list(writers))


REFUSED = [
    (record.EDIT, b"{}", "an edit without a stamp, field and value"),
    (record.POINT, b"four", f"a point of 4 bytes instead of {record.POINT_PAYLOAD}"),
    (record.FACTS, b'"text"', "TypeError: 'text' is not a mapping"),
]


@pytest.mark.parametrize(("kind", "payload", "why"), REFUSED)
def test_what_is_refused_is_noted(kind: int, payload: bytes, why: str) -> None:
    written = writer()
    written.take(kind, payload, 32)
    assert written.invalid == [(32, why)]


UNREADABLE: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    ({"damage": [(0, 9)]}, True),
    ({"invalid": [(0, "why")]}, True),
    ({"damage": [(0, 9)], "start": {"hash": "x"}}, False),
    ({"damage": [(0, 9)], "last_time": 1.0}, False),
    ({"damage": [(0, 9)], "names": {0: ["loss", "{}"]}}, False),
]


@pytest.mark.parametrize(("said", "unreadable"), UNREADABLE)
def test_whether_any_record_could_be_read(said: dict[str, Any], unreadable: bool) -> None:
    assert WriterState("w", "w.log", **said).unreadable == unreadable


@pytest.mark.parametrize(("file", "size", "unread"), [("w.seal", 0, True), ("w.seal", 9, False), ("w.log", 0, False)])
def test_a_seal_without_a_size_was_not_given_yet(file: str, size: int, unread: bool) -> None:
    assert WriterState("w", file, size=size).unread == unread


def test_a_file_that_cannot_be_read_has_one_reason_without_its_place() -> None:
    given_up = WriterState("w", "w.seal", damage=[(1, 2)], invalid=[(3, "earlier")])
    given_up.give_up(LogError("the seal is damaged: /home/me/w.seal"))
    assert (given_up.damage, given_up.reasons()) == ([], ["w.seal: the seal is damaged"])


def test_only_short_names_of_series_are_kept_in_memory() -> None:
    written, before = writer(), state._series_name.cache_info().misses
    for name in ("short and new", "x" * 5_000):
        written.take(record.SERIES, record.encode_series(0, name, {}))
    assert state._series_name.cache_info().misses == before + 1 and written.names == {0: ["x" * 5_000, "{}"]}


def test_empty_lists_of_packages_and_variables_say_nothing() -> None:
    written = take(writer(), record.FACTS, environment={"packages": {"a": "1"}, "env": {"B": "2"}})
    take(written, record.FACTS, environment={"packages": {}, "env": {}})
    assert (written.packages, written.env) == ('{"a":"1"}', '{"B":"2"}')
    written.forget(ValueError("odd"))
    assert (written.packages, written.env) == ("", "")


BY: list[tuple[dict[str, Any], set[str]]] = [
    ({"run": "r", "by": "ann"}, {f"r{SEPARATOR}name", f"r{SEPARATOR}edited_by"}),
    ({"run": "r"}, {f"r{SEPARATOR}name"}),
    ({"run": None, "by": "ann"}, {"name"}),
]


@pytest.mark.parametrize(("given", "keys"), BY)
def test_who_made_an_edit_of_a_run_is_kept(given: dict[str, Any], keys: set[str]) -> None:
    assert set(take(writer(), record.EDIT, stamp=1, field="name", value="x", **given).edits) == keys


def test_the_first_start_of_a_file_counts() -> None:
    written = take(take(writer(hash="a"), record.FACTS, git={"commit": "f"}), record.START, time=9.0, hash="b")
    assert (written.start["hash"], written.started, written.facts) == ("a", 1.0, {"git": {"commit": "f"}})


def test_reasons_of_damage_are_short_few_and_fit_any_engine() -> None:
    writer = WriterState("w", "w.log")
    for offset in range(200):
        writer.refuse(offset, ValueError("\ud800" + "x" * 300))
    assert writer.invalid == [(offset, "\\ud800" + "x" * 199) for offset in range(100)]


def test_facts_before_the_start_stay() -> None:
    written = take(WriterState("w", "w.log"), record.FACTS, git={"commit": "f"})
    assert take(written, record.START, time=1.0, facts={"python": "3"}).facts == {"python": "3", "git": {"commit": "f"}}


SOUND = {"process": {"pid": 1}, "earlier": {"a": 1}, "attempt": "a", "role": "main"}


@pytest.mark.parametrize("name", SOUND)
def test_a_part_of_a_start_with_another_type_is_left_out(name: str) -> None:
    assert name in writer(**{name: SOUND[name]}).start
    assert name not in writer(**{name: 5}).start
    assert name not in writer(**{name: 5}, facts={"python": "3"}).start, "the text of the record is not kept"


def test_facts_of_another_type_leave_the_start() -> None:
    assert writer(facts=5, hash="a").start["hash"] == "a"


def test_points_that_were_dropped() -> None:
    written = take(take(writer(), record.DROPPED, points=3), record.DROPPED, points=4)
    assert take(written, record.END, time=1, dropped=5).dropped == 7
    assert take(writer(), record.END, time=1, dropped=5).dropped == 5
    assert take(written, record.DROPPED, points=-5).dropped == 7
    for _ in range(2):
        take(written, record.DROPPED, points=bounds.MAX_COUNT)
    assert written.dropped == bounds.MAX_COUNT


def test_a_process_that_ended_is_among_the_facts() -> None:
    assert take(writer(), record.END, process={"exit_code": 3}).facts == {"process": {"exit_code": 3}}
    assert take(writer(), record.END, process=3).facts == {}


def test_only_the_latest_messages_have_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MESSAGES", 3)
    written = writer()
    for offset in range(5):
        written.take(record.MESSAGE, b"", offset)
    assert (written.messages, written.messages_before) == ([2, 3, 4], 2)


def test_a_series_with_an_absurd_number_takes_no_memory() -> None:
    written = writer()
    written.take(record.SERIES, record.encode_series((1 << 28) - 1, "loss", {}))
    written.take(record.SERIES, record.encode_series(1 << 28, "loss", {}))
    assert written.names == {(1 << 28) - 1: ["loss", "{}"]}
    assert [why for _, why in written.invalid] == ["a series of the number 268,435,456; there are 268,435,456"]


def test_stamps_are_the_highest_of_params_and_edits() -> None:
    assert writer().stamp == 0
    written = take(take(writer(), record.PARAMS, stamp=5, value={}), record.PARAMS, stamp=3, value={})
    assert written.stamp == 5
    for stamp in (8, 4):
        assert take(written, record.EDIT, stamp=stamp, run=None, field="name", value="x").stamp == 8


def test_for_equal_stamps_the_edit_of_the_higher_writer_wins() -> None:
    assert state.newer([1, "a", "x"], [1, "b", "y"])[2] == "y"
    assert state.newer([1, "b", "y"], [1, "a", "x"])[2] == "y"


def test_edits_of_other_runs_are_not_a_runs_own() -> None:
    written = writer()
    written.edits = {
        "name": [1, "w", "mine"],
        f"r{SEPARATOR}tag:a": [1, "w", True],
        f"other{SEPARATOR}tag:b": [1, "w", True],
    }
    assert set(run(written).own_edits()) == {"name", "tag:a"}


EDITED = [
    ({"experiment": None}, {}),
    ({"experiment": 5}, {"experiment": "5"}),
    ({"archived": "yes", "deleted": 1}, {"archived": False, "deleted": False}),
    ({"archived": True}, {"archived": True}),
    ({"tag:b": True, "tag:a": True, "tag:c": 1, "tag:d": False}, {"tags": '["a","b"]'}),
    ({"name": None}, {"name": None}),
]


@pytest.mark.parametrize(("values", "columns"), EDITED)
def test_edits_as_columns(values: dict[str, Any], columns: dict[str, Any]) -> None:
    assert state.edited(values) == columns


HIDDEN: list[tuple[dict[str, Any], list[tuple[int, int, int]]]] = [
    ({"resume_from": 3, "earlier": {"a": 40}}, [(0, 40, 3)]),
    ({"resume_from": 3, "earlier": {"unknown": 40}}, []),
    ({"resume_from": 3, "earlier": {"a": "40"}}, []),
    ({"resume_from": "3", "earlier": {"a": 40}}, []),
    ({"resume_from": 3}, []),
    ({"sessions": [[32, 5], [76, 7]]}, [(0, (1 << 63) - 1, 5), (0, (1 << 63) - 1, 7), (1, 76, 7)]),
    ({"sessions": [5, [1], ["a", 2], [1, 2, 3], "ab"]}, []),
    ({"sessions": 5}, []),
]


@pytest.mark.parametrize(("start", "hidden"), HIDDEN, ids=str)
def test_points_hidden_by_a_resume(start: dict[str, Any], hidden: list[tuple[int, int, int]]) -> None:
    earlier, later = writer("a", hash="x"), writer("b", hash="x")
    later.take(record.START, b"")
    later.start, later.started = bounds.start({**start, "time": 2.0}), 2.0
    resumed = run(earlier, later)
    assert resumed.hidden() == hidden
    assert resumed.resumed == ("resume_from" in start and isinstance(start["resume_from"], int) or bool(hidden))


def test_the_writers_of_a_run() -> None:
    output, nothing = writer("a", role="output", hash="x"), WriterState("b", "b.log")
    first, second = writer("c", role="main", hash="x"), writer("d", role="main", hash="x")
    output.started, first.started, second.started = 0.5, 1.0, 2.0
    restored = run(second, nothing, output, first)
    assert (restored.first().id, restored.main().id) == ("c", "d")
    assert run(output, nothing).first().id == "a"
    assert run(nothing, output).main().id == "a"


def test_a_run_rests_when_nothing_writes_to_it_any_more() -> None:
    silent, now = writer(hash="x"), 1e9
    assert [quiet.writer for quiet in run(silent).resting({"w": 1.0}, now)] == ["w"]
    assert run(silent).resting({}, now) == [], "its file was not looked at"
    assert run(silent).resting({"w": now - 1}, now) == [], "it wrote a second ago"
    gone = {(None, None, None, None)}
    assert run(silent).resting({"w": now - 1}, now, gone), "its process is known to be gone"
    silent.file = "w.seal"
    assert run(silent).resting({"w": 1.0}, now) == [], "a store did not give the seal yet"


def test_a_run_that_does_not_rest_has_its_status_in_its_row() -> None:
    going = take(WriterState("w", "w.log"), record.START, time=time.time(), hash="x")
    assert run(going).outcome(None).word == "running"


def test_sizes_of_earlier_files_that_are_no_numbers_hide_nothing() -> None:
    """A document may come from a database that others write."""
    earlier, later = writer("a", hash="x"), writer("b", hash="x")
    for odd in (5, {"a": "40"}):
        later.start = {"resume_from": 3, "earlier": odd}
        assert run(earlier, later).hidden() == []
    later.start = {"resume_from": "3"}
    assert not run(earlier, later).resumed


def test_params_are_merged_in_the_order_of_their_stamps() -> None:
    first, second = writer("a"), writer("b")
    take(first, record.PARAMS, stamp=9, value={"lr": 1, "seed": 1})
    take(second, record.PARAMS, stamp=3, value={"lr": 2, "depth": 2})
    assert run(first, second).params() == {"lr": 1, "seed": 1, "depth": 2}


def test_a_merge_changes_neither_side() -> None:
    first, second = {"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}
    assert state.merge(state.merge({}, first), second) == {"a": {"b": {"c": 1, "d": 2}}}
    assert (first, second) == ({"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}})


PATHS = [("param:lr", ("default", "lr")), ("param:a.b.c", ("a", "b", "c")), ("param:a\0.b", ("a\\0", "b"))]


@pytest.mark.parametrize(("field", "path"), PATHS)
def test_the_path_of_a_param_that_was_given_later(field: str, path: tuple[str, ...]) -> None:
    assert state.given_path(field) == path


def test_the_environment_is_that_of_the_latest_attempt() -> None:
    old, diff, new = (writer(id, attempt=id, role="main") for id in "abc")
    late = writer("d", attempt="b")
    for number, written in enumerate((old, diff, new, late)):
        written.started = float(number)
    old.packages = old.env = "{}"
    late.packages = "{}"
    assert run(old, diff).surroundings() is old
    assert run(diff, new).surroundings() is new
    diff.diff = 40
    assert run(old, diff).surroundings() is diff and run(diff, new).surroundings() is diff
    new.packages = "{}"
    late.started = 9.0
    new.started = 8.0
    assert run(old, new, late).surroundings() is new, "the writer that began the latest attempt"


@pytest.mark.parametrize(
    ("file", "name"), [("../../other.log", "other.log"), ("a\0b.log", "ab.log"), ("..", "none"), ("folder/", "none")]
)
def test_a_file_in_a_document_lies_in_the_folder_of_the_run(file: str, name: str) -> None:
    (restored,) = run().read_document(run(WriterState("w", file)).document()).writers
    assert restored.file == name


def test_a_run_is_closed_by_an_edit_that_is_an_object() -> None:
    closed = run(writer(hash="x"))
    assert closed.status({"time": 5.0, "status": "killed"}).word == "killed"
    assert closed.status("killed").word == closed.status(None).word == "lost"
    assert (closed.status(None).seen_at, closed.status(None, touched={"w": 5.0}).seen_at) == (1.0, 5.0)


ODD_STATES: list[tuple[str, Any, str]] = [
    ("params", [[1, {"lr": object()}]], "object is not JSON serializable"),
    ("params", [[1, {"lr": 10**5_000}]], "Exceeds the limit"),
    ("params", [[1, 5]], "5 is not a mapping"),
    ("start", 5, "has no attribute 'get'"),
]


@pytest.mark.parametrize(("name", "value", "why"), ODD_STATES, ids=range(len(ODD_STATES)))
def test_a_run_that_no_row_can_be_made_of_is_shown_as_damaged(name: str, value: Any, why: str) -> None:
    """Whatever was not foreseen in its records: the rows of other runs are made."""
    invalid_run = run(writer(hash="x"))
    setattr(invalid_run.writers[0], name, value)
    row = state.full_row(invalid_run, 1)
    assert (row["id"], row["damaged"], row["params"], row["hash"]) == (invalid_run.id, 1, "{}", invalid_run.id)
    assert why in invalid_run.writers[0].invalid[0][1]


def test_the_row_of_a_run_without_a_start() -> None:
    silent = WriterState("w", "w.log", last_time=7.0, size=10, length=5)
    resting = run(silent)
    row = state.full_row(resting, 1)
    assert (row["created_at"], row["experiment"], row["torn"]) == (7.0, "default", False)
    resting.rests = resting.resting({"w": 1.0}, 1e9)
    assert state.full_row(resting, 1)["torn"]


SIGNS: list[tuple[dict[str, Any], float]] = [
    ({"mtime": 7 * 10**9}, 7.0),
    ({"mtime": 7 * 10**9, "started": 5.0}, 5.0),
    ({"mtime": 7 * 10**9, "started": 2e11}, 7.0),
    ({"mtime": 7 * 10**9, "started": 5.0, "last_time": 6.0, "end": {"time": 8.0}}, 8.0),
]


@pytest.mark.parametrize(("said", "sign"), SIGNS)
def test_the_last_sign_of_a_writer(said: dict[str, Any], sign: float) -> None:
    assert state.last_sign(WriterState("w", "w.log", **said)) == sign


def test_a_document_keeps_what_more_records_need() -> None:
    live, ended = writer("a", hash="x"), take(writer("b", hash="x"), record.END, time=1.0)
    live.names, ended.names = {7: ["loss", "{}"]}, {7: ["loss", "{}"]}
    again = run().read_document(run(live, ended).document())
    assert [read_back.names for read_back in again.writers] == [{7: ["loss", "{}"]}, {}]


LEAVES = [({"a": {"b": 1, "c": {}}, "d": []}, [("a\x1fb", 1), ("a\x1fc", {}), ("d", [])]), ({}, [])]


@pytest.mark.parametrize(("params", "leaves"), LEAVES)
def test_an_empty_dict_is_a_value(params: dict[str, Any], leaves: list[tuple[str, Any]]) -> None:
    assert list(state.flatten(params)) == leaves


@pytest.mark.parametrize(("text", "kept"), [("a\0b", "a\\0b"), ("a\udc80", "a\\udc80"), ("ü", "ü")])
def test_text_that_engines_refuse_is_escaped(text: str, kept: str) -> None:
    written = writer()
    written.take(record.SERIES, b"\0\0\0\0" + json.dumps({"name": text, "context": {}}).encode())
    assert written.names == {0: [kept, "{}"]}


NAMED = [
    ({"name": "a", "context": {"b": 1, "a": 2}}, ["a", '{"a":2,"b":1}']),
    ({"name": "a", "context": {}, "kind": "a\0b"}, ["a", "{}", "a\\0b"]),
    ({"name": "a", "context": None}, None),
]


@pytest.mark.parametrize(("said", "name"), NAMED)
def test_the_name_of_a_series(said: dict[str, Any], name: list[str] | None) -> None:
    written = writer()
    written.take(record.SERIES, b"\0\0\0\0" + json.dumps(said).encode())
    assert written.names.get(0) == name


NUMERIC = [(True, 1.0), (3, 3.0), (10**400, math.inf), (-(10**400), -math.inf), ("3", math.nan), (None, math.nan)]


@pytest.mark.parametrize(("value", "number"), NUMERIC, ids=range(len(NUMERIC)))
def test_a_param_as_the_nearest_float(value: Any, number: float) -> None:
    assert repr(state.numeric(value)) == repr(number)


@pytest.mark.parametrize("value", [0.1, 1e300, float("inf"), float("-inf"), float("nan"), 5, "ü", None, {"a": [1.5]}])
def test_json_of_any_value_reads_back(value: Any) -> None:
    assert repr(json.loads(state.dumps(value))) == repr(value)


def test_a_seal_that_could_not_be_read_once_is_read_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both in one process: first a network file system returns an error, later it answers."""
    monkeypatch.setattr(logs, "RACY_NS", 0)
    file = finished(tmp_path, 1)
    seal.write({file.path: seal.encode(bytes(file.data))})
    watching = index(tmp_path)

    def stale(*given: object) -> object:
        raise OSError(116, "Stale file handle")

    with monkeypatch.context() as patch:
        patch.setattr(logs.reader, "windows", stale)
        assert len(gather(watching.refresh())) == 0
    assert gather(watching.refresh()).columns["count"].tolist() == [3]
