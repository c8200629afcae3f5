"""Objects that keep the text of their record say the same as the record, whoever wrote it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aim.index.recorded import Recorded, parted, recorded
from aim.index.state import RunState, WriterState, dumps, full_row
from aim.log import record

# A payload, and whether its texts are kept.
PAYLOADS: dict[str, tuple[str, bool]] = {
    "as this package writes it": ('{"stamp":1,"value":{"lr":0.1,"model":{"name":"a"}}} ', True),
    "an empty object": ('{"stamp":1,"value":{}}', True),
    "not a number": ('{"stamp":1,"value":{"a":NaN,"b":-Infinity}}', True),
    "another order": ('{"value":{"lr":0.1},"stamp":1}', False),
    "a member behind it": ('{"stamp":1,"value":{"lr":0.1},"by":"a"}', False),
    "twice": ('{"stamp":1,"value":{"a":1},"value":{"b":2}}', False),
    "twice, then a number": ('{"stamp":1,"value":{"a":1},"value":2}', False),
    "inside another": ('{"stamp":{"x":1,"value":{"a":1}},"value":{"b":2}}', False),
    "first of all": ('{"value":{"a":1}}', False),
    "an escape": ('{"stamp":1,"value":{"a":"\\u0041"}}', False),
    "its own name in a text": ('{"stamp":1,"value":{"a":",\\"value\\":{"}}', False),
    "not ASCII": ('{"stamp":1,"value":{"a":"\u00fc"}}', False),
    "spaces": ('{"stamp": 1,"value":{"a": 1}}', False),
    "no object": ('{"stamp":1,"value":[1]}', False),
}


@pytest.mark.parametrize(("payload", "kept"), PAYLOADS.values(), ids=PAYLOADS)
def test_parts_of_a_record_are_what_it_says(payload: str, kept: bool) -> None:
    whole = json.loads(payload)
    outer, value = parted(payload.encode(), "value")
    assert repr(value) == repr(whole.pop("value")) and outer == whole
    assert (isinstance(outer, Recorded), isinstance(value, Recorded)) == (kept, kept)
    assert repr(json.loads(dumps(value))) == repr(value)


DEEP = '{"stamp":1,"value":{"a":' + "[" * 99 + "]" * 99 + "}}"
INVALID = ['{"stamp":1,"value":{}x}', '{,"value":{}}', '{"stamp":1,"value":{"a"}}', '{"stamp":1,"value":{}', DEEP]


@pytest.mark.parametrize("payload", INVALID)
def test_invalid_records_are_refused(payload: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parted(payload.encode(), "value")


# A whole record, and whether its text is kept.
WHOLE = [
    ('{"time":6.0,"status":"finished"}  ', True), ("{}", True), ('{"a":NaN}', True), ('{"time": 6.0}', False),
    ('{"error":"a\\nb"}', False), ('{"error":"\u00fc"}', False), ("[1]", False), ("5 ", False), ("null", False),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "kept"), WHOLE)
def test_a_record_is_what_it_says(payload: str, kept: bool) -> None:
    value = recorded(payload.encode())
    assert repr(value) == repr(json.loads(payload)) and isinstance(value, Recorded) == kept
    assert repr(json.loads(dumps(value))) == repr(value)


@pytest.mark.parametrize("payload", ["{}x", "", " ", '{"a"}', '{"a":' + "[" * 100 + "]" * 100 + "}"])
def test_an_invalid_record_is_refused(payload: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        recorded(payload.encode())


def run_of(*records: tuple[int, Any]) -> RunState:
    writer = WriterState("w", "w.log")
    for kind, content in records:
        writer.take(kind, record.encode_json(content))
    return RunState("r", "r", 1, writers=[writer])


START = (record.START, {"time": 5.0, "role": "main", "process": {"pid": 1}, "facts": {"git": {"commit": "a"}}})
PARAMS = (record.PARAMS, {"stamp": 1, "value": {"lr": 0.1, "model": {"name": "a"}}})
RECORDS: dict[str, list[tuple[int, Any]]] = {
    "alone": [START, PARAMS],
    "facts before": [(record.FACTS, {"git": {"dirty": True}}), START, PARAMS],
    "facts after": [START, (record.FACTS, {"git": {"dirty": True}, "python": "3"}), PARAMS],
    "facts at the end": [START, PARAMS, (record.END, {"time": 6.0, "process": {"code": 1}})],
    "an end": [START, PARAMS, (record.END, {"time": 6.0, "status": "finished", "error": None, "dropped": 0})],
    "an end without a valid time": [START, PARAMS, (record.END, {"time": "late"})],
    "an end at a whole second": [START, PARAMS, (record.END, {"time": 6})],
    "its own edits": [START, (record.EDIT, {"stamp": 1, "run": None, "field": "name", "value": "a"})],
    "edits of another run": [START, (record.EDIT, {"stamp": 1, "run": "x", "field": "name", "value": "a"})],
    "more params": [START, PARAMS, (record.PARAMS, {"stamp": 2, "value": {"model": {"layers": 2}}})],
    "a time out of bounds": [(record.START, {"time": -1.0, "process": {}, "facts": {}}), PARAMS],
}


@pytest.mark.parametrize("records", RECORDS.values(), ids=RECORDS)
def test_a_document_restores_what_the_records_say(records: list[tuple[int, Any]]) -> None:
    run = run_of(*records)
    facts, params = dumps(run.facts()), dumps(run.params())
    assert (json.loads(facts), json.loads(params)) == (run.facts(), run.params())
    row = full_row(run, 1)
    assert json.loads(row["edits"] or "{}") == run.own_edits()
    restored = RunState("r", "r", 1).read_document(row["doc"])
    assert restored.writers == run.writers
    assert restored.writers == RunState("r", "r", 1).read_document(run.document()).writers
