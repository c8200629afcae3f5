"""Runs with the numbers of their metrics, against the points themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import aim
from aim.layout import run_dir
from aim.query.select import Selection
from aim.query.table import TableRows
from aim.repo import Repo
from aim.repo.table import RunsTable
from aim.server import table as route
from aim.server import wire
from aim.server.runs import list_runs, revision_name
from tests.server.conftest import Serving, record


def table(client: httpx.Client, frames: Any, **query: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    answer = client.get("/api/table", params=query)
    assert answer.headers["content-type"] == "application/x-aim-frames"
    (runs, _), (header, arrays), (end, _) = frames(answer.content)
    assert [runs["kind"], header["kind"], end["kind"]] == ["runs", "table", "end"]
    assert header["progress"] == 1
    return runs, header, arrays


def test_every_series_in_numbers(client: httpx.Client, frames: Any, shared_folder: Any) -> None:
    runs, header, arrays = table(client, frames)
    assert runs["series"] == arrays["run"].size == 9
    expected = {run.id: run.metrics for run in Repo(shared_folder).select_runs()}
    assert {run["id"] for run in runs["runs"]} == set(expected)
    assert np.all(np.diff(arrays["run"]) >= 0)
    for row, place in enumerate(arrays["run"]):
        metric = expected[runs["runs"][place]["id"]][header["names"][arrays["name"][row]]]
        trace = metric.trace(**header["contexts"][arrays["context"][row]])
        assert trace is not None
        values = trace.values
        assert arrays["count"][row] == len(values)
        assert arrays["last_step"][row] == trace.steps[-1]
        statistics = [arrays[name][row] for name in ("first", "last", "min", "max", "mean")]
        assert statistics == pytest.approx([values[0], values[-1], values.min(), values.max(), values.mean()])


def test_the_revision_is_that_of_the_runs(tmp_path: Path) -> None:
    class Growing(RunsTable):
        def series(self, *given: Any, **options: Any) -> Selection:
            record(tmp_path, f"run {repo.count()}")
            return super().series(*given, **options)

        def rows(self, *given: Any, **options: Any) -> TableRows:
            record(tmp_path, f"run {repo.count()}")
            return super().rows(*given, **options)

    record(tmp_path, "first")
    repo = Repo(tmp_path)
    repo.table = Growing(repo._index)
    for number, answer in enumerate(
        [lambda: next(route.rows(repo, wire.TableQuery())), lambda: list_runs(repo, wire.RunsQuery())], 2
    ):
        runs = answer().header
        assert len(runs.ids) == number and runs.revision == revision_name(repo.revision())


def test_an_expression_and_some_runs_only(client: httpx.Client, frames: Any) -> None:
    runs, _, arrays = table(client, frames, q="hparams.lr < 0.05")
    assert [run["hash"] for run in runs["runs"]] == ["second"]
    assert arrays["run"].tolist() == [0, 0, 0]
    ids = {run["hash"]: run["id"] for run in table(client, frames)[0]["runs"]}
    runs, _, _ = table(client, frames, q="hparams.lr > 0", only=f"{ids['first']},{ids['third']}")
    assert [run["hash"] for run in runs["runs"]] == ["first"]


def test_nothing_matches_and_why(client: httpx.Client, frames: Any) -> None:
    runs, header, arrays = table(client, frames, q="hparams.lrr == 1")
    assert runs["runs"] == header["names"] == []
    assert arrays["run"].size == 0
    assert "lrr" in " ".join(runs["notes"])


@pytest.mark.parametrize(("query", "word"), [({"q": "hparams.lr <"}, "value"), ({"only": "nothing"}, "run id")])
def test_errors_name_what_is_wrong(client: httpx.Client, query: dict[str, str], word: str) -> None:
    answer = client.get("/api/table", params=query)
    assert answer.status_code == 400
    assert word in answer.json()["error"]["message"]


def test_many_runs_come_in_parts(client: httpx.Client, frames: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _, numbers = table(client, frames)
    monkeypatch.setattr(route, "FIRST_PART", 1)
    monkeypatch.setattr(route, "LATER_PART", 1)
    parts = frames(client.get("/api/table").content)
    assert [header["kind"] for header, _ in parts] == ["runs", "table"] * 3 + ["end"]
    assert [run for header, _ in parts[:-1:2] for run in header["runs"]] == whole["runs"]
    assert [header["progress"] for header, _ in parts[1:-1:2]] == pytest.approx([1 / 3, 2 / 3, 1])
    for name in ("run", "last"):
        assert np.concatenate([arrays[name] for _, arrays in parts[1:-1:2]]).tolist() == numbers[name].tolist()


def beside(client: httpx.Client, frames: Any, **query: str) -> dict[str, tuple[float, float]]:
    ((header, arrays),) = frames(client.get("/api/beside", params=query).content)
    assert header["kind"] == "beside"
    values = zip(arrays["value"].tolist(), arrays["step"].tolist(), strict=True)
    return dict(zip(header["runs"], values, strict=True))


def test_a_metric_where_another_one_is_best(serving: Serving, frames: Any, tmp_path: Path) -> None:
    losses = {"train": [5.0, 4.0, 3.0, 2.0, 1.0], "val": [5.0, float("nan"), 2.0, 2.0, 4.0]}
    with aim.Run("both", repo=tmp_path) as both:
        for step in range(5):
            for subset, values in losses.items():
                both.track(values[step], "loss", step=step, context={"subset": subset})
            if step != 2:
                both.track(step / 10, "accuracy", step=step)
    with aim.Run("no accuracy", repo=tmp_path) as run:
        run.track(1.0, "loss", context={"subset": "val"})
    with aim.Run("late", repo=tmp_path) as run:
        run.track(1.0, "loss", step=0, context={"subset": "val"})
        run.track(0.5, "accuracy", step=1)
    with aim.Run("only nan", repo=tmp_path) as run:
        run.track(float("nan"), "loss", context={"subset": "val"})
        run.track(0.5, "accuracy", step=0)
    val = json.dumps({"subset": "val"})
    with serving(Repo(tmp_path, read_only=True)) as client:
        asked = {"metric": "accuracy", "by": "loss", "by_context": val}
        assert beside(client, frames, side="min", **asked) == {both.id: (0.1, 2.0)}
        assert beside(client, frames, side="max", **asked) == {both.id: (0.0, 0.0)}
        reverse = {"metric": "loss", "context": val, "by": "accuracy", "side": "max"}
        assert beside(client, frames, **reverse)[both.id] == (4.0, 4.0)
        assert beside(client, frames, side="min", q='run.name == "late"', **asked) == {}
        assert beside(client, frames, side="min", only="f" * 32, **asked) == {}


@pytest.mark.parametrize("context", ["", "[1]", "{", '"val"'])
def test_an_invalid_context_is_refused(client: httpx.Client, context: str) -> None:
    query = {"metric": "loss", "context": context, "by": "loss", "side": "min"}
    answer = client.get("/api/beside", params=query)
    assert answer.status_code == 400
    assert "JSON object" in answer.json()["error"]["hint"]


def test_a_page_of_runs_in_an_order(client: httpx.Client, frames: Any) -> None:
    order = json.dumps([{"column": "hparams.lr", "descending": True}, {"metric": "loss", "context": {}}])
    given = {"order": order, "limit": "2", "metrics": '["accuracy"]', "columns": "true"}
    answer = client.get("/api/page", params=given)
    (page, _), (runs, _), (header, arrays), (end, _) = frames(answer.content)
    assert [page["kind"], runs["kind"], header["kind"], end["kind"]] == ["page", "runs", "table", "end"]
    whole, *_ = table(client, frames)
    assert page["matched"] == len(whole["runs"]) == 3
    assert {".".join(param["path"]): param["runs"] for param in page["params"]}["hparams.lr"] == 3
    assert {metric["name"] for metric in page["metrics"]} >= {"loss", "accuracy"}
    assert [run["hash"] for run in runs["runs"]] == ["first", "second"]  # the third has NaN
    assert set(header["names"]) <= {"accuracy"} and set(arrays["run"].tolist()) <= {0, 1}
    second = frames(client.get("/api/page", params={"order": order, "offset": "2"}).content)
    assert [len(second[1][0]["runs"]), second[0][0]["metrics"]] == [1, []]


WRONG_PAGES = [
    ({"order": "lr"}, "order="),
    ({"order": '[{"column": "lr", "up": 1}]'}, "order="),
    ({"order": "[{}]"}, "0 columns"),
    ({"order": '[{"column": "lr", "metric": "loss"}]'}, "2 columns"),
    ({"order": '[{"metric": "loss", "by": "accuracy"}]'}, "'last'"),
    ({"numbers": '{"values": ["worst"]}'}, "numbers="),
    ({"near": "abc"}, "near="),
    ({"order": '[{"column": "hparams.lr <"}]'}, "value"),
    ({"metrics": "[1]"}, "metrics="),
    ({"limit": "20001"}, "limit="),
]


@pytest.mark.parametrize(("query", "word"), WRONG_PAGES)
def test_what_is_wrong_with_a_page(client: httpx.Client, query: dict[str, str], word: str) -> None:
    answer = client.get("/api/page", params=query)
    assert answer.status_code == 400
    assert word in answer.json()["error"]["message"]


def test_a_page_of_what_is_found_and_near_a_run(client: httpx.Client, frames: Any) -> None:
    def asked(**query: str) -> tuple[dict[str, Any], list[str]]:
        (page, _), (runs, _), *_ = frames(client.get("/api/page", params=query).content)
        return page, [run["hash"] for run in runs["runs"]]

    page, hashes = asked(find="FIRST")
    assert (page["matched"], page["listed"], hashes) == (3, 1, ["first"])
    whole, *_ = table(client, frames)
    last = whole["runs"][-1]
    page, hashes = asked(near=last["id"], before="1", limit="5")
    assert (page["start"], page["near"], hashes[-1]) == (1, 2, last["hash"])
    assert asked(near="0" * 32)[0]["near"] == -1
    own = [{"metric": "accuracy", "values": ["max"]}]
    beside = [{"metric": "accuracy", "reducer": "at_max", "by": "loss"}]
    numbers = json.dumps({"values": ["min"], "own": own, "besides": beside})
    assert asked(find="0.9", numbers=numbers, zone="Europe/Berlin")[0]["listed"] > 0
    many = {"find": "0.9", "numbers": json.dumps({"besides": beside * 21})}
    assert client.get("/api/page", params=many).status_code == 400
    _, (runs, arrays), *_ = frames(client.get("/api/page", params={"params": "false"}).content)
    assert runs["params"] == [] and arrays["params"].size == 0


def test_what_a_table_can_show(client: httpx.Client) -> None:
    bounds = json.dumps(
        [{"metric": "accuracy", "reducer": "max"}, {"param": ["hparams", "lr"]}, {"column": "run.hash"}]
    )
    facts = client.get("/api/page/facts", params={"bounds": bounds, "values": "true"}).json()
    assert facts["runs"] == 3 and facts["fields"]["experiment"] == 2
    lr = next(entry for entry in facts["params"] if entry["path"] == ["hparams", "lr"])
    assert (lr["runs"], lr["differing"], lr["values"]) == (3, True, 3)
    accuracy = next(entry for entry in facts["metrics"] if entry["name"] == "accuracy" and entry["context"] == {})
    assert accuracy["runs"] <= 3 and set(accuracy["differing"]) <= {"last", "best", "min", "max", "mean", "first"}
    assert facts["bounds"][2] is None and facts["bounds"][1]["low"] < facts["bounds"][1]["high"]
    assert client.get("/api/page/facts", params={"bounds": "[{}]"}).status_code == 400


def test_groups_of_a_table(client: httpx.Client, frames: Any) -> None:
    group = json.dumps({"by": [{"column": "run.experiment"}, {"param": ["hparams", "none"]}], "fold": "max"})
    given = {"group": group, "groups": "true"}
    (page, _), (groups, arrays), (listed, _), *_ = frames(client.get("/api/page", params=given).content)
    assert len(listed["notes"]) == 1 and listed["notes"][0].startswith("No run has a param hparams.none")
    assert (page["listed"], groups["kind"], groups["groups"]) == (3, "groups", 2)
    first, second = (groups["values"][0][code] for code in arrays["value"][:2])
    assert (first, second, arrays["value"][2:].tolist()) == ("default", "other", [-1, -1])
    assert (arrays["size"].sum(), arrays["place"].tolist()) == (3, [0, 1])
    columns = json.dumps([{"metric": "loss"}, {"column": "run.hash"}, {"column": "run.duration"}])
    answer = client.get("/api/page/groups", params={"group": group, "columns": columns, "limit": "1"})
    (runs, _), (cells, numbers), (end, _) = frames(answer.content)
    assert [runs["kind"], cells["kind"], end["kind"], len(runs["runs"])] == ["runs", "cells", "end", 1]
    assert len(runs["notes"]) == 1 and runs["notes"][0].startswith("No run has a param hparams.none")
    assert [column["number"] for column in cells["columns"]] == [True, False, True]
    assert cells["columns"][1]["distinct"] == [arrays["size"][0]] and numbers["value"].size == 3
    but = json.dumps({"but": True})
    (_, _), (groups, _), *_ = frames(client.get("/api/page", params={"group": but, "groups": "true"}).content)
    assert ["hparams", "lr"] in groups["paths"]


@pytest.mark.parametrize("group", ["", "[]", '{"by": [{}]}', '{"fold": "sum"}'])
def test_what_is_wrong_with_groups(client: httpx.Client, group: str) -> None:
    assert client.get("/api/page/groups", params={"group": group}).status_code == 400


def test_runs_with_damaged_files_are_counted_and_marked(tmp_path: Path) -> None:
    for name in ("whole", "damaged"):
        with aim.Run(name, repo=tmp_path) as run:
            for step in range(200):
                run.track(step, "loss", step=step)
    for file in run_dir(tmp_path / ".aim", "damaged").iterdir():
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 255
        file.write_bytes(content)
    (page, _), (runs, arrays), *_ = route.page(Repo(tmp_path), wire.PageQuery(columns=True))
    assert isinstance(page, wire.PageFrame) and isinstance(runs, wire.RunsFrame)
    assert page.damaged == 1
    hashes = [runs.texts.hash[code] for code in np.asarray(arrays["hash"][1]).tolist()]
    damaged = np.asarray(arrays["damaged"][1]) > 0
    assert dict(zip(hashes, damaged.tolist(), strict=True)) == {"whole": False, "damaged": True}
