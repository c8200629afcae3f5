"""Files of a released format stay readable: these were written once, and are never written again."""

from __future__ import annotations

import hashlib
import json
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aim.log import edits, objects, record, seal
from aim.log.reader import Log, open_longest
from aim.log.record import Record

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
(LOG,) = GOLDEN.glob("log-v1/*.log")
(SEAL,) = GOLDEN.glob("seal-v1/*.seal")
(VALUES,) = GOLDEN.glob("values-v1/*.log")
(STORED,) = GOLDEN.glob("seal-v3/*.seal")
(VALUES_SEAL,) = GOLDEN.glob("seal-v2/*.seal")
OBJECTS: list[dict[str, Any]] = json.loads((GOLDEN / "values-v1" / "expected.json").read_bytes())["objects"]
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "log-v1" / "expected.json").read_text(encoding="utf-8"))
EDITS = GOLDEN / "edits-v1" / f"{'0' * 32}-d0d1d2d3d4d5d6d7.log"

SHA256 = {
    EDITS: "a956903260474e2b3a9bb23a30a9c01057ade8ff6fee87c2c552f4852418a384",
    LOG: "7fc18e3a4d6f6311ef9582b3dce1a3c21e6535a8789c77a8440a20fa186fb62b",
    STORED: "b1f584821f71221b9bad21c9c67279becf1cbac8166031016963bdea301b1b03",
    SEAL: "cbda6e1d77aa4b638f9dcdee6ffe200fa8987c9670b166d06b7f5d6ea095b70e",
    VALUES: "ad89ce6a1b705727197e6a368133ec35c63d4977a127e3fc9480d2b06ca9f4ea",
    VALUES_SEAL: "dab37c5390dae6a206321d6d36ece19355464afe8bdea7dcb283c46d1c980066",
}


def described(entry: Record) -> dict[str, Any]:
    """A record as in expected.json: floats as exact text, so that -0.0 and NaN are distinguishable."""
    base: dict[str, Any] = {"offset": entry.offset, "type": entry.kind}
    if entry.kind == record.POINT:
        point = record.unpack_point(entry.payload)
        kind = {float: "float", int: "int", bool: "bool"}[type(point.value)]
        value = exact(point.value) if isinstance(point.value, float) else point.value
        return base | {"point": {**point._asdict(), "kind": kind, "value": value}}
    if entry.kind == record.SERIES:
        number, name, context = record.decode_series(entry.payload)
        return base | {"series": number, "name": name, "context": context}
    if entry.kind in record.KNOWN_TYPES:
        return base | {"json": record.decode_json(entry.payload)}
    return base | {"unknown": entry.payload.hex()}


def exact(value: float) -> str:
    return value.hex() if math.isfinite(value) else repr(value)


def comparable(value: Any) -> str:
    """Text in which NaN equals NaN and True differs from 1."""
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("path", SHA256, ids=lambda path: path.suffix)
def test_golden_files_are_the_ones_that_were_released(path: Path) -> None:
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SHA256[path]


def test_edits_say_who_made_them(tmp_path: Path) -> None:
    (tmp_path / "edits").mkdir()
    shutil.copy(EDITS, tmp_path / "edits")
    run = LOG.name.partition("-")[0]
    assert [(edit.run, edit.field, edit.value, edit.by) for edit in edits.every(tmp_path)] == [
        (run, "name", "baseline", None),
        (run, "tag:best", True, "ada"),
        (run, "note:1", "grün", "zoë@example.org"),
        (run, "started_by", "ada", None),
        (None, "active_experiment", "night", "ada"),
        (run, "archived", True, None),
    ]


def test_every_record_decodes_to_what_was_written() -> None:
    log = Log(LOG)
    descriptions = [described(entry) for entry in log.records()]
    assert [comparable(entry) for entry in descriptions] == [comparable(entry) for entry in EXPECTED["records"]]
    assert (log.run, log.writer, log.end, log.damage) == (EXPECTED["run"], EXPECTED["writer"], EXPECTED["size"], [])


def test_golden_holds_every_type_and_the_odd_values() -> None:
    kinds = {entry["type"] for entry in EXPECTED["records"]}
    later = {record.OUTPUT, record.OBJECT, record.MESSAGE, record.BLOB}
    assert record.KNOWN_TYPES - later < kinds, "and at least one unknown"
    values = [entry["point"]["value"] for entry in EXPECTED["records"] if "point" in entry]
    assert {"nan", "inf", "-inf", "-0x0.0p+0"} <= {value for value in values if isinstance(value, str)}
    assert {-(1 << 63), (1 << 63) - 1, True, False} <= {value for value in values if not isinstance(value, str)}


def test_this_version_still_writes_those_bytes() -> None:
    """Packing the read records gives the same file: a change of the writer's bytes would need a new version."""
    log = Log(LOG)
    data = record.pack_header(bytes.fromhex(log.run), bytes.fromhex(log.writer))
    for entry in log.records():
        payload = entry.payload
        if entry.kind in record.KNOWN_TYPES - {record.POINT, record.SERIES}:
            payload = record.encode_json(record.decode_json(payload))
        elif entry.kind == record.SERIES:
            payload = record.encode_series(*record.decode_series(payload))
        data += record.pack(entry.kind, payload, log.seed, len(data))
    assert data == LOG.read_bytes()


def test_the_seal_of_version_1_opens_to_the_log() -> None:
    assert seal.decode(SEAL.read_bytes()) == LOG.read_bytes()
    assert seal.covers(SEAL) == LOG.stat().st_size


@pytest.mark.parametrize("path", [VALUES, VALUES_SEAL], ids=lambda path: path.suffix)
def test_values_are_read_as_they_were_written(path: Path) -> None:
    with closing(open_longest(path)) as file:
        for expected in OBJECTS:
            item = objects.at(file, expected["offset"])
            about = {"series": item.series, "step": item.step, "time": item.time, "epoch": item.epoch}
            about |= {"place": item.place, "about": item.meta, "blobs": list(item.pieces)}
            content = objects.content(file, item).hex()
            assert about | {"offset": expected["offset"], "value": content} == expected


def test_the_seal_of_version_2_opens_to_the_log() -> None:
    assert seal.decode(VALUES_SEAL.read_bytes()) == VALUES.read_bytes()
    assert seal.covers(VALUES_SEAL) == VALUES.stat().st_size


def stranger(log: Path = LOG) -> Iterator[dict[str, Any]]:
    """What docs/format/read_log.py prints, run where the package cannot be imported."""
    reader = ROOT / "docs" / "format" / "read_log.py"
    printed = subprocess.run([sys.executable, "-I", "-S", str(reader), str(log)], capture_output=True, check=True)
    yield from map(json.loads, printed.stdout.splitlines())


def test_a_reader_written_from_the_page_alone_agrees() -> None:
    for line, ours in zip(stranger(), EXPECTED["records"], strict=True):
        assert (line["offset"], line["type"]) == (ours["offset"], ours["type"])
        theirs = line["content"]
        if "point" in ours:
            theirs = {**theirs, "kind": ours["point"]["kind"]}
            value = theirs["value"]
            theirs["value"] = exact(value) if ours["point"]["kind"] == "float" else value
            assert comparable(theirs) == comparable(ours["point"])
        elif "series" in ours:
            assert comparable(theirs) == comparable({key: ours[key] for key in ("series", "name", "context")})
        else:
            assert comparable(theirs) == comparable(ours.get("json", ours.get("unknown")))


def test_a_reader_written_from_the_page_alone_finds_the_values() -> None:
    lines = list(stranger(VALUES))
    blobs = {line["offset"]: bytes.fromhex(line["content"]) for line in lines if line["type"] == record.BLOB}
    theirs = [{"offset": line["offset"], **line["content"]} for line in lines if line["type"] == record.OBJECT]
    for value in theirs:
        size, pieces = value.pop("size"), b"".join(blobs[offset] for offset in value.get("blobs", []))
        value |= {"value": pieces[:size].hex()} if "blobs" in value else {"blobs": []}
    assert theirs == OBJECTS


def test_the_stranger_knows_nothing_of_the_package() -> None:
    text = (ROOT / "docs" / "format" / "read_log.py").read_text(encoding="utf-8")
    assert not re.search(r"^\s*(from|import) aim", text, re.MULTILINE)
