"""Runs whose records say what no run says, beside a run that is sound: every list, table and page still has the sound
one, and the other is shown as damaged with the reason."""

from __future__ import annotations

import json
import math
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from aim.cli.main import main
from aim.log import output, record, status
from aim.repo import Repo
from tests.index.logs import LogFile
from tests.server.conftest import record as train
from tests.server.conftest import running

RUN = bytes([1] * 16)
Write = Callable[[LogFile], object]


def text(kind: int, content: str, before: bytes = b"") -> Write:
    data = before + content.encode()
    return lambda file: file.put(kind, data + b" " * (-len(data) % 4))


def with_start(content: str) -> Write:
    rest = ', "attempt": "a", "role": "main", "process": {}, "facts": {}' if content.endswith("0") else ""
    return text(record.START, f'{{"hash": "hostile", "experiment": "e", {content}{rest}}}')


def series(content: str) -> Write:
    declare = text(record.SERIES, content, struct.pack("<I", 1))
    return lambda file: (declare(file), file.point(1, 0, 1.0, 1.7e9))


def media(about: str, time: float, *, kind: str = "text", content: bytes = b"abcd") -> Write:
    def write(file: LogFile) -> None:
        file.put(record.SERIES, record.encode_series(1, "samples", {}, kind))
        data = about.encode() + b" " * (-len(about) % 4)
        head = struct.pack("<IqddIIII", 1 | 4 << 28, -(1 << 63), time, time, 0xFFFFFFFF, len(content), len(data), 0)
        file.put(record.OBJECT, head + data + content)

    return write


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


def rows(depth: int) -> str:
    return "[" * depth + "1" + "]" * depth


ODD = ["Infinity", "1e999", "NaN", "-1", "1" + "0" * 30, "1" + "0" * 400, '"x"', "null", "[1]", "{}", "true"]
KINDS = ["START", "SERIES", "PARAMS", "EDIT", "END", "FACTS", "DROPPED", "MESSAGE", "POINT", "OBJECT"]

MEDIA = ("image", "video", "audio", "distribution", "figure", "table")


def identities() -> Iterator[tuple[str, Any]]:
    """Odd facts of processes. Every reader looks whether the process of a run without an end still lives."""
    boot, namespace = status.boot_id(), status.pid_namespace()
    sound = {"pid": 5, "started": "1", "boot": boot, "pid_ns": namespace}
    for odd in ([boot], {"a": boot}, [1], 1.5, True, 10**30, -1):
        for name in sound:
            yield f"{name} {odd}".replace(str(boot), "boot"), {**sound, name: odd}
    yield "list", [sound]


def cases() -> Iterator[tuple[str, list[Write]]]:
    """A name, and the records that follow the run's START and one point; those named with START replace it."""
    for odd in ODD:
        name = odd if len(odd) < 20 else f"10^{len(odd) - 1}"
        yield f"stamp {name}", [text(record.PARAMS, f'{{"stamp": {odd}, "value": {{"lr": 0.5}}}}')]
        edits = (
            "name",
            "description",
            "experiment",
            "archived",
            "tag:x",
            "note:1",
            "param:lr",
            "param:a.b",
            "queue",
            "",
        )
        yield (
            f"edits {name}",
            [text(record.EDIT, f'{{"stamp": 7, "run": null, "field": "{field}", "value": {odd}}}') for field in edits],
        )
        yield (
            f"edit of {name}",
            [
                text(record.EDIT, f'{{"stamp": {odd}, "run": {odd}, "field": {odd}, "value": 1}}'),
                text(
                    record.EDIT,
                    f'{{"stamp": 7, "run": null, "field": "ended", "value": {{"time": {odd}, "status": {odd}}}}}',
                ),
                text(
                    record.EDIT,
                    f'{{"stamp": 8, "run": null, "field": "stop", "value": {{"time": {odd}, "why": {odd}}}}}',
                ),
            ],
        )
        yield (
            f"end {name}",
            [
                text(
                    record.END,
                    f'{{"time": {odd}, "status": "failed", "error": {odd}, "dropped": {odd}, "process": {odd}}}',
                )
            ],
        )
        yield f"dropped {name}", [text(record.DROPPED, f'{{"time": {odd}, "points": {odd}, "reason": {odd}}}')]
        yield f"param {name}", [text(record.PARAMS, f'{{"stamp": 5, "value": {{"lr": {odd}}}}}')]
        yield (
            f"message {name}",
            [text(record.MESSAGE, f'{{"time": {odd}, "level": "info", "text": "x", "params": {{"a": {odd}}}}}')],
        )
        yield f"series {name}", [series(f'{{"name": {odd}, "context": {{"a": {odd}}}}}'), series(odd)]
        yield (
            f"facts {name}",
            [text(record.FACTS, f'{{"git": {odd}, "environment": {odd}, "diff": {odd}, "process": {odd}}}')],
        )
        inner = ", ".join(f'"{part}": {odd}' for part in ("pid", "started", "host", "boot", "group"))
        numbers = ", ".join(f'"{part}": {odd}' for part in ("trial", "exit_code", "duration", "cwd", "template"))
        process = f'{{"argv": ["x", {odd}], "env": {{"A": {odd}}}, "waits": [{odd}, {odd}], {numbers}, '
        process += (
            f'"keeper": {{{inner}}}, "child": {{{inner}}}, "stop": {{"time": {odd}, "by": {odd}, "why": {odd}}}}}'
        )
        yield f"process {name}", [text(record.FACTS, f'{{"process": {process}}}')]
        yield (
            f"START process {name}",
            [with_start(f'"time": 1.7e9, "process": {{{inner}}}, "facts": {{"argv": {odd}}}')],
        )
        yield (
            f"media {name}",
            [media(f'{{"format": {odd}, "width": {odd}, "caption": {odd}}}', 1.7e9), media(odd, 1.7e9)],
        )
        yield (
            f"START time {name}",
            [with_start(f'"time": {odd}, "resume_from": {odd}, "earlier": {{"a": {odd}}}, "x": 0')],
        )
        parts = ("launch", "attempt", "role", "process", "facts", "sessions", "earlier")
        yield (
            f"START parts {name}",
            [with_start(", ".join([*(f'"{part}": {odd}' for part in parts), f'"time": 1.7e9, "hash": {odd}']))],
        )
    for depth in (90, 600, 980, 100_000):
        yield (
            f"depth {depth}",
            [
                text(record.PARAMS, f'{{"stamp": 5, "value": {nested(depth)}}}'),
                text(record.PARAMS, f'{{"stamp": 5, "value": {{"a": {rows(depth)}}}}}'),
                text(record.FACTS, nested(depth)),
                text(record.EDIT, f'{{"stamp": 7, "run": null, "field": "param:x", "value": {nested(depth)}}}'),
                text(record.MESSAGE, f'{{"time": 1, "level": "info", "text": "x", "params": {nested(depth)}}}'),
                series(f'{{"name": "x", "context": {{"a": {rows(depth)}}}}}'),
            ],
        )
        yield f"START depth {depth}", [text(record.START, nested(depth))]
    for odd in ("1", '"x"', "null", "[]", "{"):
        yield f"START and all others {odd}", [text(getattr(record, kind), odd) for kind in KINDS]
    yield "START missing", []
    yield "empty", [lambda file, kind=kind: file.put(getattr(record, kind), b"") for kind in KINDS]
    for time in (math.inf, math.nan, 1e300, -1e300):
        yield (
            f"times {time}",
            [
                media("{}", time),
                lambda file, time=time: file.put(record.OUTPUT, output.encode(output.STDOUT, time, b"x\n")),
                lambda file, time=time: file.point(0, (1 << 63) - 1, time, time, time),
            ],
        )
    for kind in MEDIA:
        contents = {"four bytes": b"abcd", "zeros": bytes(48), "ones": b"\xff" * 48, "nested": b"[" * 5000}
        for name, content in contents.items():
            yield f"{kind} of {name}", [media("{}", 1.7e9, kind=kind, content=content)]
    yield "a sum beyond floats", [lambda file: [file.point(0, step, 1.7e308, 1.7e9) for step in (1, 2)]]
    yield "long names", [series(json.dumps({"name": "x" * 900_000, "context": {}}))]
    yield "START long names", [with_start('"hash": "{0}", "time": 1.7e9, "x": 0'.replace("{0}", "h" * 900_000))]
    for name, process in identities():
        start = {"hash": name, "experiment": "e", "time": 1.7e9, "role": "main", "attempt": "a", "process": process}
        yield f"START without an end, {name}", [text(record.START, json.dumps(start))]
    keys = {"": {"": {}}, "\ud800": 1, "\0": 2, "a.b": 3, "\x1f": {"\x1f": {"y": 1}}}
    yield "odd keys", [text(record.PARAMS, json.dumps({"stamp": 5, "value": keys}))]
    yield "a param of two kinds", [text(record.PARAMS, '{"stamp":5,"value":{"a":1,"a":{"b":2}}}')]


CASES = dict(cases())
LISTS = ["api/runs", "api/table", "api/page?offset=0&limit=50", "api/series?q=loss"]
OTHERS = ["api/overview", "api/experiments", "api/tags", "api/processes", "api/complete?q=l&at=1", "api/page/facts"]
OTHERS += ["api/metrics", "api/contexts"]
PAGES = ["api/run", "api/run/messages", "api/run/output", "api/run/media", "api/launch/draft", "api/process"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound run, and one for each case."""
    folder = tmp_path_factory.mktemp("hostile")
    train(folder, "sound")
    for number, (name, writes) in enumerate(CASES.items()):
        file = LogFile(folder, name, run=run_of(name), writer=number.to_bytes(8, "big"))
        if not name.startswith("START"):
            file.start(1.7e9)
        file.series(0, "loss", {"subset": "train"}).point(0, 0, 0.5, 1.7e9)
        for write in writes:
            write(file)
        if name.startswith("START without an end"):
            os.utime(file.save(), (1.7e9 + 5, 1.7e9 + 5))
        else:
            file.end(1.7e9 + 5).save()
    return folder


def run_of(name: str) -> bytes:
    return (list(CASES).index(name) + 1).to_bytes(16, "big")


@pytest.fixture(scope="module")
def client(repository: Path) -> Iterator[httpx.Client]:
    with running(Repo(repository, read_only=True)) as client:
        yield client


@pytest.mark.parametrize("route", [*LISTS, *OTHERS])
def test_lists_have_the_sound_run(client: httpx.Client, route: str) -> None:
    answer = client.get(f"/{route}")
    assert answer.status_code == 200, answer.text[:500]
    assert route in OTHERS or b"sound" in answer.content


@pytest.mark.parametrize("name", CASES)
def test_the_pages_of_a_run(client: httpx.Client, name: str) -> None:
    for page in PAGES:
        answer = client.get(f"/{page}", params={"run": run_of(name).hex()})
        assert answer.status_code in (200, 400), (page, answer.text[:500])
    detail = client.get("/api/run", params={"run": run_of(name).hex()}).json()
    assert 0 <= detail["run"]["created_at"] < 253_402_300_800 and detail["run"]["dropped"] <= 1 << 41


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith(("media", "times", *MEDIA))])
def test_the_media_of_a_run(client: httpx.Client, name: str) -> None:
    run = run_of(name).hex()
    for series in client.get("/api/run/media", params={"run": run}).json()["series"]:
        context = json.dumps(series["context"])
        asked = {"run": run, "kind": series["kind"], "name": series["name"], "context": context}
        answer = client.get("/api/run/media/values", params=asked)
        assert answer.status_code == 200, answer.text[:500]
        for value in answer.json()["values"]:
            blob = client.get("/api/run/blob", params={"run": run, "blob": value["blob"]})
            assert blob.status_code in (200, 404, 415), blob.text[:500]


def test_python_reads_them_all(repository: Path) -> None:
    repo = Repo(repository)
    runs = repo.select_runs()
    assert len(runs) == len(CASES), "all of them and the sound one, without the one that an edit archives"
    for run in runs:
        assert run.status and run.duration >= 0 and run.dropped >= 0
        assert json.dumps([run.params, run.facts, run.tags])
        assert run.dataframe() is not None
    assert len(repo.select_metrics("loss if run.created_at >= 0 and run.duration >= 0")) > 100
    assert [run.hash for run in repo.select_runs('run.hash == "sound"')] == ["sound"]


def test_commands_are_listed(repository: Path) -> None:
    ended = CliRunner().invoke(main, ["ps", "--all", "--repo", str(repository)])
    assert ended.exit_code == 0 and "process NaN" in ended.output, ended.output[-500:]


@pytest.mark.parametrize("arguments", [["ls"], ["ls", "--json"], ["ls", "--csv"], ["show", "sound"]], ids=" ".join)
def test_the_command_line(repository: Path, arguments: list[str]) -> None:
    ended = CliRunner().invoke(main, ["runs", *arguments, "--repo", str(repository)])
    assert ended.exit_code == 0 and "sound" in ended.output, ended.output[-500:]
    if "--json" in arguments:
        assert len(json.loads(ended.stdout)) > 100


def test_later_processes_read_them_from_the_index(repository: Path) -> None:
    for _ in range(2):
        listed = [sys.executable, "-m", "aim", "runs", "ls", "--json", "--repo", str(repository)]
        ended = subprocess.run(listed, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr[-500:]
        words = {row["hash"]: row["status"] for row in json.loads(ended.stdout)}
        assert words["sound"] == "finished" and words["pid_ns [1]"] == "lost"


def test_a_check_names_each_record_that_is_invalid(repository: Path) -> None:
    ended = CliRunner().invoke(main, ["storage", "check", "--repo", str(repository)])
    assert ended.exit_code == 1, ended.exception
    for reason in (
        "is invalid and left out, run stamp 1e999: its stamp is not a time in microseconds: inf",
        "is invalid and left out, run depth 600: its JSON is nested deeper than 100 levels",
        "is invalid and left out: it is not a JSON object: 1",
        "a point of 4 bytes instead of 36",
        "run edit of [1]: an edit without a stamp, field and value",
    ):
        assert reason in ended.output, reason


def test_the_run_page_counts_them_as_damaged(client: httpx.Client) -> None:
    def damaged(name: str) -> int:
        return int(client.get("/api/run", params={"run": run_of(name).hex()}).json()["damaged"])

    assert (damaged("depth 600"), damaged("stamp 1e999"), damaged("param -1"), damaged("depth 90")) == (5, 1, 0, 0)
