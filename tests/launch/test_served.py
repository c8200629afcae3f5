"""What a server tells of its commands, which may be anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aim.errors import RemoteError
from aim.launch import served
from aim.remote.address import Address
from aim.remote.client import Client, Response
from tests.commands import output_of

HERE = Address("localhost", 43900)
ROW = {"id": "a" * 32, "state": "finished"}


def answered(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    monkeypatch.setattr(Client, "ask", lambda *_, **__: Response(200, body, 0.0))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"{}", b'{"processes": []}', b'{"processes": 1, "total": 1}', b"[" * 100_000,
        b"\xff",
        *(json.dumps({"processes": [row], "total": 1}).encode() for row in ([], 1, "x", {}, {"id": 1, "state": "lost"},
                                                                           {**ROW, "state": "odd"})),
    ],
    ids=lambda body: str(body[:40]),
)  # fmt: skip
def test_another_answer_is_refused(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    answered(monkeypatch, body)
    with pytest.raises(RemoteError, match="is it an aim server"):
        served.ask(HERE, seconds=1.0)


@pytest.mark.parametrize("value", [None, 1, -1.5, "x", [], ["x"], {"x": 1}, True])
def test_fields_of_any_type_are_read(monkeypatch: pytest.MonkeyPatch, value: Any) -> None:
    row = dict.fromkeys(served.TOLD, value) | ROW
    answered(monkeypatch, json.dumps({"processes": [row], "total": 7}).encode())
    ((process,), total) = served.ask(HERE, seconds=1.0)
    assert (process.id, process.state, process.here, total) == (ROW["id"], "finished", False, 7)
    assert isinstance(process.started, float) and isinstance(process.argv, tuple)


def test_what_is_told_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        output_of(tmp_path, "run", "--repo", str(tmp_path), "--", "echo", "x" * 1000, str(number))
    assert [row["argv"][-1] for row in served.told({"repo": str(tmp_path)})["processes"]] == ["2", "1", "0"]
    for name, limit in (("MOST", 2), ("MOST_BYTES", 4000)):
        with monkeypatch.context() as patch:
            patch.setattr(served, name, limit)
            told = served.told({"repo": str(tmp_path)})
            assert [row["argv"][-1] for row in told["processes"]] == ["2", "1"] and told["total"] == 3
