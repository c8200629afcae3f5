"""The answer to a statement: runs first, then points in parts, distinguished exactly as they were tracked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
import pytest

import aim
from aim.repo import Repo, Selection
from aim.server.series import columns_for, distinct, parts
from tests.waiting import PATIENCE

Frames = Callable[[bytes], list[tuple[dict[str, Any], dict[str, Any]]]]


def search(client: httpx.Client, frames: Frames, q: str, **params: Any) -> tuple[dict[str, Any], dict[Any, Any], Any]:
    """Header of the runs, (hash, name, context) -> one line, and header of the end."""
    answer = client.get("/api/series", params={"q": q, **params})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-aim-frames"), answer.text
    (runs, _), *some, (end, _) = frames(answer.content)
    assert (runs["kind"], end["kind"]) == ("runs", "end")
    lines = {}
    for header, arrays in some:
        for index, (start, stop) in enumerate(zip(arrays["offsets"], arrays["offsets"][1:], strict=False)):
            context = header["contexts"][arrays["context"][index]]
            key = runs["runs"][arrays["run"][index]]["hash"], header["names"][arrays["name"][index]], *context.values()
            line = {name: arrays[name][start:stop] for name in ("x", "y", "steps") if name in arrays}
            columns = ("count", "sampled", "first", "last", "min", "max", "last_step")
            lines[key] = line | {name: arrays[name][index] for name in columns}
    return runs, lines, end


def test_points_come_as_they_were_tracked(client: httpx.Client, frames: Frames) -> None:
    runs, lines, end = search(client, frames, "loss, accuracy if context.subset != val")
    assert [run["hash"] for run in runs["runs"]] == ["third", "second", "first"], "newest first"
    assert (runs["series"], runs["points"], runs["statement"]) == (6, 48, "loss, accuracy if context.subset != val")
    assert runs["revision"] == client.get("/api/project").json()["revision"]
    assert end["checked"] == 3
    assert set(lines) == {
        (run, *series) for run in ("first", "second", "third") for series in (("loss", "train"), ("accuracy",))
    }
    line = lines["first", "loss", "train"]
    np.testing.assert_array_equal(line["x"], np.arange(10))
    np.testing.assert_array_equal(line["y"], 1 / np.arange(1, 11))
    assert (line["count"], line["sampled"], line["last_step"]) == (10, 0, 9)
    assert (line["first"], line["last"], line["min"], line["max"]) == (1.0, 0.1, 0.1, 1.0)
    assert "steps" not in line


@pytest.mark.parametrize(
    ("x", "expected"),
    [("epoch", [0, 0.5, 1, 1.5]), ("step", [0, 1, 2, 3])],
)
def test_the_axis(client: httpx.Client, frames: Frames, x: str, expected: list[float]) -> None:
    _, lines, _ = search(client, frames, 'accuracy if run.hash == "third"', x=x)
    np.testing.assert_array_equal(lines["third", "accuracy"]["x"], expected)


def test_the_axes_of_time(client: httpx.Client, frames: Frames) -> None:
    runs, lines, _ = search(client, frames, 'accuracy if run.hash == "third"', x="time")
    times = lines["third", "accuracy"]["x"]
    assert runs["runs"][0]["created_at"] <= times[0] <= times[-1] <= runs["runs"][0]["finished_at"]
    np.testing.assert_array_equal(lines["third", "accuracy"]["steps"], [0, 1, 2, 3])
    _, lines, _ = search(client, frames, 'accuracy if run.hash == "third"', x="relative")
    relative = lines["third", "accuracy"]["x"]
    assert 0 <= relative[0] <= relative[-1]
    np.testing.assert_allclose(np.diff(relative), np.diff(times), atol=1e-5)
    _, lines, _ = search(client, frames, 'accuracy if run.hash == "third"', x="process")
    np.testing.assert_allclose(lines["third", "accuracy"]["x"], relative)


def test_only_some_runs_are_requested(client: httpx.Client, frames: Frames) -> None:
    runs, _, _ = search(client, frames, "loss")
    chosen = [run["id"] for run in runs["runs"] if run["hash"] != "second"]
    _, lines, _ = search(client, frames, "loss", only=",".join(chosen))
    assert {key[0] for key in lines} == {"first", "third"}


def test_nothing_matches(client: httpx.Client, frames: Frames) -> None:
    runs, lines, _ = search(client, frames, "loss if hparams.lr == 77")
    assert (runs["runs"], runs["series"], runs["points"], lines) == ([], 0, 0, {})


def test_sampling_keeps_what_matters(tmp_path: Path, serving: Any, frames: Frames) -> None:
    values = np.sin(np.arange(5000) / 7.0) + np.arange(5000) * 1e-3
    values[1234], values[4321] = 99.0, -99.0
    with aim.Run(repo=tmp_path, run="long") as run:
        for value in values:
            run.track(value, name="loss")
    with serving(Repo(tmp_path)) as client:
        _, lines, _ = search(client, frames, "loss", columns=20)
        line = lines["long", "loss"]
        assert len(line["x"]) <= 80 and line["sampled"] == 1
        assert {99.0, -99.0, values[0], values[-1]} <= set(line["y"])
        np.testing.assert_array_equal(line["y"], values[line["x"].astype(int)])
        _, lines, _ = search(client, frames, "loss", columns=20, lo=1230, hi=1240)
        np.testing.assert_array_equal(lines["long", "loss"]["x"], np.arange(1229, 1242))
        assert lines["long", "loss"]["max"] == 99.0


def test_each_metric_has_the_columns_of_its_own_chart(tmp_path: Path, serving: Any, frames: Frames) -> None:
    with aim.Run(repo=tmp_path, run="long") as run:
        for step in range(1000):
            run.track(step % 7, name="loss", step=step)
        run["lr"] = 0.1
        run.track(1.0, name="throughput", step=1_000_000)
    with serving(Repo(tmp_path)) as client:
        runs, lines, _ = search(client, frames, "loss, throughput", columns=20)
        _, alone, _ = search(client, frames, "loss", columns=20, params="false")
        assert [param["path"] for param in runs["params"]] == ["lr"]
        bare, _, _ = search(client, frames, "loss", columns=20, params="false")
        assert bare["params"] == []
    np.testing.assert_array_equal(lines["long", "loss"]["x"], alone["long", "loss"]["x"])
    assert len(lines["long", "loss"]["x"]) > 40


def test_nan_and_infinities(tmp_path: Path, serving: Any, frames: Frames) -> None:
    values = [1.0, float("nan"), float("inf"), float("-inf"), 2.0]
    with aim.Run(repo=tmp_path, run="odd") as run:
        for value in values:
            run.track(value, name="loss")
    with serving(Repo(tmp_path)) as client:
        _, lines, _ = search(client, frames, "loss")
    np.testing.assert_array_equal(lines["odd", "loss"]["y"], values)


def test_contexts_of_different_types_stay_apart(tmp_path: Path, serving: Any, frames: Frames) -> None:
    with aim.Run(repo=tmp_path, run="odd") as run:
        for value in (1, 1.0, True, "1"):
            run.track(0.5, name="loss", context={"k": value})
    with serving(Repo(tmp_path)) as client:
        answer = client.get("/api/series", params={"q": "loss"})
    (_, _), (header, arrays), (_, _) = frames(answer.content)
    assert sorted(arrays["context"]) == [0, 1, 2, 3]
    kinds = sorted(str(type(context["k"])) for context in header["contexts"])
    assert kinds == sorted(map(str, (int, float, bool, str)))


def test_many_series_come_in_parts(
    tmp_path: Path, serving: Any, frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aim.server.series.FIRST_PART", 48)
    with aim.Run(repo=tmp_path, run="wide") as run:
        for number in range(130):
            run.track(float(number), name="loss", context={"batch": number})
    with serving(Repo(tmp_path)) as client:
        answer = client.get("/api/series", params={"q": "loss"})
        kinds = [header["kind"] for header, _ in frames(answer.content)]
        assert kinds == ["runs", "series", "series", "end"]
        progress = [header["progress"] for header, _ in frames(answer.content) if header["kind"] == "series"]
        assert progress == [48 / 130, 1.0]
        _, lines, _ = search(client, frames, "loss")
        assert {key[2]: line["y"].tolist() for key, line in lines.items()} == {n: [float(n)] for n in range(130)}


def test_many_runs_come_in_parts(client: httpx.Client, frames: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part after the runs that it is the first to need; series count the runs of all parts."""
    _, whole, _ = search(client, frames, "loss")
    monkeypatch.setattr("aim.server.series.FIRST_SERIES", 3)
    monkeypatch.setattr("aim.server.series.FIRST_PART", sum(len(line["y"]) for line in whole.values()) - 1)
    parts = [header for header, _ in frames(client.get("/api/series", params={"q": "loss"}).content)]
    assert [header["kind"] for header in parts] == ["runs", "series", "runs", "series", "end"]
    assert [[run["hash"] for run in parts[place]["runs"]] for place in (0, 2)] == [["third", "second"], ["first"]]
    numbers = [
        arrays["run"].tolist()
        for header, arrays in frames(client.get("/api/series", params={"q": "loss"}).content)
        if header["kind"] == "series"
    ]
    assert (numbers, len(whole)) == ([[0, 0, 1], [1, 2, 2]], 6)


def test_too_many_series(tmp_path: Path, serving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.series.MAX_SERIES", 3)
    with aim.Run(repo=tmp_path, run="wide") as run:
        for number in range(4):
            run.track(float(number), name="loss", context={"batch": number})
    with serving(Repo(tmp_path)) as client:
        answer = client.get("/api/series", params={"q": "loss"})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "4 series match; at most 3 can be drawn."


def test_an_answer_that_breaks_off_says_so(
    folder: Path, serving: Any, frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Selection, "points", lambda *given, **named: 1 / 0)
    with serving(Repo(folder)) as client:
        kinds = [header["kind"] for header, _ in frames(client.get("/api/series", params={"q": "loss"}).content)]
    assert kinds == ["runs", "error"]


@pytest.fixture
def slow(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    """A repository whose queries start and then wait for a word."""
    repo = Repo(folder)
    slow = Slow(repo, threading.Semaphore(0), threading.Event())
    select = repo.select

    def selected(*given: Any, **named: Any) -> Any:
        slow.started.release()
        slow.go_on.wait(PATIENCE)
        return select(*given, **named)

    monkeypatch.setattr(repo, "select", selected)
    yield slow
    slow.go_on.set()


class Slow(NamedTuple):
    repo: Repo
    started: threading.Semaphore
    go_on: threading.Event


def test_queries_that_wait_are_bounded(slow: Slow, serving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.work.THREADS", 1)
    monkeypatch.setattr("aim.server.work.LONG_SECONDS", PATIENCE)
    monkeypatch.setattr("aim.server.work.WAITING", 0)
    with serving(slow.repo) as client:
        first = threading.Thread(target=client.get, args=("/api/series",), kwargs={"params": {"q": "loss"}})
        first.start()
        assert slow.started.acquire(timeout=PATIENCE)
        answer = client.get("/api/series", params={"q": "loss"})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        slow.go_on.set()
        first.join(PATIENCE)


def test_an_abandoned_query_is_dropped(
    slow: Slow, serving: Any, frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aim.server.work.THREADS", 1)
    monkeypatch.setattr("aim.server.work.LONG_SECONDS", PATIENCE)
    with serving(slow.repo) as client:
        first = threading.Thread(target=client.get, args=("/api/series",), kwargs={"params": {"q": "loss"}})
        first.start()
        assert slow.started.acquire(timeout=PATIENCE)
        for _ in range(3):
            with pytest.raises(httpx.ReadTimeout):
                client.get("/api/series", params={"q": "loss"}, timeout=httpx.Timeout(PATIENCE, read=0.2))
        slow.go_on.set()
        first.join(PATIENCE)
        assert len(search(client, frames, "accuracy")[1]) == 2
    assert slow.started.acquire(timeout=0), "the last one"
    assert not slow.started.acquire(timeout=0), "and none between"


def test_a_query_that_takes_too_long(folder: Path, serving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo(folder)
    go_on = threading.Event()
    monkeypatch.setattr(repo, "select", lambda *given, **named: go_on.wait(PATIENCE))
    monkeypatch.setattr("aim.server.work.SECONDS", 0.05)
    with serving(repo) as client:
        answer = client.get("/api/series", params={"q": "loss"})
        go_on.set()
    assert answer.status_code == 503
    assert answer.json()["error"]["message"] == "The answer took longer than 0.05 seconds."


@pytest.mark.parametrize(
    "counts",
    [[], [1], [500_000], [500_000, 1], [10] * 60_000, [5_000_000] * 60, [1, 9_000_000, 1, 1, 4_000_000]],
)
def test_parts_cover_everything_once(counts: list[int]) -> None:
    ranges = list(parts(np.array(counts, np.int64)))
    assert [start for start, _ in ranges] == [0, *(end for _, end in ranges)][: len(ranges)]
    assert all(start < end for start, end in ranges)
    assert (ranges[-1][1] if ranges else 0) == len(counts)


@pytest.mark.parametrize(
    ("counts", "ends"),
    [
        ([10] * 3_000, [3_000]),
        ([500_000], [1]),
        ([200] * 3_000, [2_000, 3_000]),
        ([1_000] * 3_000, [500, 3_000]),
    ],
)
def test_what_the_first_part_can_hold_is_not_divided(counts: list[int], ends: list[int]) -> None:
    assert [end for _, end in parts(np.array(counts, np.int64))] == ends


@pytest.mark.parametrize(
    ("wanted", "counts", "expected"),
    [
        (800, [100] * 10_000, 800),
        (800, [10**9], 800),
        (800, [10**9] * 10_000, 300),
        (800, [], 800),
    ],
)
def test_columns(wanted: int, counts: list[int], expected: int) -> None:
    used, notes = columns_for(wanted, np.array(counts, np.int64))
    assert used == expected
    assert bool(notes) == (used < wanted)


def test_distinct() -> None:
    assert distinct(["b", "a", "b"]) == (["b", "a"], [0, 1, 0])
    contexts, indices = distinct([{"k": 1}, {"k": 1.0}, {"k": True}, {"k": 1}])
    assert [type(each["k"]) for each in contexts] == [int, float, bool]
    assert indices == [0, 1, 2, 0]
