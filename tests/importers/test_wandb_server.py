"""The runs of a project are copied as the GraphQL of W&B serves them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aim.errors import RemoteError
from aim.importers import service
from aim.media.image import Image
from aim.repo import Repo
from tests.importers.answering import Asked, Said, answering
from tests.recorded import points_of

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
MEDIA = {"_type": "image-file", "path": "media/images/im_2.png", "caption": "cap", "width": 8, "height": 8}
ROWS: list[dict[str, Any]] = [
    {"_step": 0, "_timestamp": 1_700_000_000.5, "loss": 1.0, "epoch": 0, "val": {"acc": 0.5}},
    {"_step": 1, "_timestamp": 1_700_000_001.5, "loss": "NaN", "words": "hello"},
    {"_step": 2, "_timestamp": 1_700_000_002.5, "loss": 0.25, "im": MEDIA},
    {"_step": 900_000, "_timestamp": 1_700_000_003.5, "loss": 0.125},
]
EVENTS = [{"_timestamp": 1_700_000_000.0, "system.cpu": 12.5, "_runtime": 1}, {"system.cpu": 13}]
KEY = "secret-key-of-a-user"


class Project:
    """What the server has of a project; it lists two runs on a page, and samples history as W&B does."""

    def __init__(self) -> None:
        self.runs = {name: self.node(name) for name in ("aaa", "bbb", "ccc")}
        self.rows = list(ROWS)
        self.asked: list[Asked] = []
        self.address = ""

    @staticmethod
    def node(name: str, **more: Any) -> dict[str, Any]:
        config = {"lr": {"value": 0.01, "desc": None}, "model": {"value": {"depth": 3}}, "_wandb": {"value": {}}}
        return {
            "name": name, "displayName": f"run {name}", "state": "finished", "group": "g", "jobType": "train",
            "createdAt": "2023-11-14T22:13:20Z", "heartbeatAt": "2023-11-14T22:14:20", "notes": "a note",
            "tags": ["t1", "t2"], "historyLineCount": len(ROWS), "config": json.dumps(config), "host": "box",
            "summaryMetrics": json.dumps({"loss": 0.125, "best": {"acc": 0.9}, "_step": 9}),
            "historyKeys": {"lastStep": 900_000}, "commit": None, **more,
        }  # fmt: skip

    def __call__(self, asked: Asked) -> Said:
        self.asked.append(asked)
        if asked.path == "/signed":
            return Said(200, PNG)
        assert (asked.path, asked.authorization) == ("/graphql", service.basic("api", KEY))
        query, given = asked.given["query"], asked.given["variables"]
        assert (given["entity"], given["project"]) == ("team", "vision")
        if query.startswith("query Runs"):
            start, names = int(given["cursor"] or 0), list(self.runs)
            edges = [{"node": self.runs[name]} for name in names[start : start + 2]]
            page = {"endCursor": str(start + 2), "hasNextPage": start + 2 < len(names)}
            return self._said({"runs": {"edges": edges, "pageInfo": page}})
        if query.startswith("query Run("):
            return self._said({"run": self.runs[given["run"]]})
        if query.startswith("query HistoryPage"):
            rows = [row for row in self.rows if given["minStep"] <= row["_step"] < given["maxStep"]]
            return self._said({"run": {"history": [json.dumps(row) for row in rows[:: max(1, len(rows) // 1000)]]}})
        if query.startswith("query Events"):
            return self._said({"run": {"events": [json.dumps(row) for row in EVENTS]}})
        assert given["names"] == [MEDIA["path"]]
        return self._said({"run": {"files": {"edges": [{"node": {"directUrl": f"{self.address}/signed?key=1"}}]}}})

    @staticmethod
    def _said(project: dict[str, Any]) -> Said:
        return Said(200, {"data": {"project": project}})


POINTS = {
    "loss": [(0, "1.0"), (1, "nan"), (2, "0.25"), (900_000, "0.125")], "val.acc": [(0, "0.5")], "epoch": [(0, "0.0")],
    "system/cpu": [(0, "12.5"), (1, "13.0")],
}  # fmt: skip


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.setattr(service, "FIRST_WAIT", 0.001)
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    return Repo.init(tmp_path / "home")


def convert(repo: Repo, project: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    with answering(project) as url:
        project.address = url
        monkeypatch.setenv("WANDB_BASE_URL", url)
        return repo.convert("wandb", entity="team", project="vision")


def test_runs_are_copied_in_pages_and_once(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project()
    with answering(project) as url:
        project.address = url
        monkeypatch.setenv("WANDB_BASE_URL", url)
        kept = repo.convert("wandb", entity="team", project="vision")
        assert (kept.runs, kept.left) == (3, [])
        (copy,) = (run for run in repo.select_runs() if run.hash == "aaa")
        assert points_of(copy) == POINTS
        assert (copy.name, copy.description, copy.experiment, copy.status, sorted(copy.tags)) == (
            "run aaa", "a note", "vision", "finished", ["t1", "t2"],
        )  # fmt: skip
        assert (copy.created_at, copy.finished_at) == (1_700_000_000.0, 1_700_000_060.0)
        assert copy.params == {
            "hparams": {"lr": 0.01, "model": {"depth": 3}}, "summary": {"best": {"acc": 0.9}},
            "wandb": {"group": "g", "job_type": "train", "entity": "team"},
        }  # fmt: skip
        assert {(s.name, item.step): item.data for s in copy.objects() for item in s} == {
            ("words", 1): b"hello", ("im", 2): PNG,
        }  # fmt: skip
        assert [asked.authorization for asked in project.asked if asked.path == "/signed"] == [""] * 3
        pages = [asked for asked in project.asked if "HistoryPage" in asked.given.get("query", "")]
        assert len(pages) < 3 * 15, "steps without rows are asked for in ever larger pages"
        project.asked = []
        assert repo.convert("wandb", entity="team", project="vision").runs == 0
        assert all(asked.given["query"].startswith("query Runs") for asked in project.asked)
    kept_bytes = b"".join(path.read_bytes() for path in repo.aim_dir.rglob("*") if path.is_file())
    assert KEY.encode() not in kept_bytes


def test_no_row_is_sampled_away(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project()
    project.runs = {"aaa": project.node("aaa", historyKeys={"lastStep": 70_000})}
    project.rows = [{"_step": step, "loss": step} for step in (*range(0, 40_000, 400), *range(60_000, 64_000), 70_000)]
    convert(repo, project, monkeypatch)
    (copy,) = repo.select_runs()
    assert copy.metrics["loss"].traces[0].steps.tolist() == [row["_step"] for row in project.rows]


def test_the_last_step_that_a_server_names_costs_few_requests(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project()
    project.runs = {"aaa": project.node("aaa", historyKeys={"lastStep": (1 << 63) - 2})}
    convert(repo, project, monkeypatch)
    assert len(project.asked) < 200


def test_a_run_that_goes_on_gets_what_is_new(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project()
    project.runs = {"aaa": project.node("aaa", state="running")}
    convert(repo, project, monkeypatch)
    project.rows.append({"_step": 900_001, "loss": 7})
    project.runs = {"aaa": project.node("aaa", historyKeys={"lastStep": 900_001}, historyLineCount=5)}
    with answering(project) as url:
        project.address = url
        monkeypatch.setenv("WANDB_BASE_URL", url)
        # Another address is another place.
        repo.convert("wandb", entity="team", project="vision")
        project.rows.append({"_step": 900_002, "loss": 8})
        project.runs = {"aaa": project.node("aaa", historyKeys={"lastStep": 900_002}, historyLineCount=6)}
        assert repo.convert("wandb", entity="team", project="vision").points == 1


@pytest.mark.parametrize("stop", [3, 5, 8, 12])
def test_a_copy_that_breaks_off_loses_nothing_and_copies_nothing_twice(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    project = Project()
    with answering(lambda asked: Said(502) if len(project.asked) >= stop else project(asked)) as url:
        project.address = url
        monkeypatch.setenv("WANDB_BASE_URL", url)
        with pytest.raises(RemoteError, match="answers with status 502"):
            repo.convert("wandb", entity="team", project="vision")
        stop = 1 << 30
        again = Repo(repo.root)
        again.convert("wandb", entity="team", project="vision")
    runs = again.select_runs()
    assert sorted(run.hash for run in runs) == ["aaa", "bbb", "ccc"]
    assert all(points_of(run) == POINTS and len(run.objects()) == 2 for run in runs)


REFUSALS = [
    (Said(200, {"errors": [{"message": "permission denied"}], "data": None}), "does not show it: permission denied"),
    (Said(200, {"data": {"project": {"run": None}}}), "does not show it. Is it still there"),
    (Said(200, {"data": None}), "does not show it. Is it still there"),
    (Said(403), "refuses the credentials (status 403)"),
]


@pytest.mark.parametrize(("said", "error"), REFUSALS, ids=range(len(REFUSALS)))
@pytest.mark.parametrize("query", ["query Run(", "query HistoryPage", "query Events"])
def test_a_run_that_the_server_refuses_costs_itself(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, query: str, said: Said, error: str
) -> None:
    project = Project()
    away = True

    def answers(asked: Asked) -> Said:
        given = asked.given.get("variables", {})
        is_refused = away and given.get("run") == "bbb" and asked.given["query"].startswith(query)
        return said if is_refused else project(asked)

    with answering(answers) as url:
        project.address = url
        monkeypatch.setenv("WANDB_BASE_URL", url)
        kept = repo.convert("wandb", entity="team", project="vision")
        (left,) = kept.left
        assert left.startswith("run bbb: ") and error in left
        assert {run.hash: points_of(run) for run in repo.select_runs() if run.hash != "bbb"} == {
            "aaa": POINTS, "ccc": POINTS,
        }  # fmt: skip
        away = False
        assert repo.convert("wandb", entity="team", project="vision").left == []
    assert all(points_of(run) == POINTS and len(run.objects()) == 2 for run in repo.select_runs())


def test_a_file_that_the_server_refuses_costs_itself(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project()

    def answers(asked: Asked) -> Said:
        return Said(200, {"data": None}) if asked.given.get("query", "").startswith("query File") else project(asked)

    with answering(answers) as url:
        monkeypatch.setenv("WANDB_BASE_URL", url)
        kept = repo.convert("wandb", entity="team", project="vision")
    assert len(kept.left) == 3 and all("media/images/im_2.png" in text for text in kept.left)
    assert all(points_of(run) == POINTS for run in repo.select_runs())


def test_an_image_of_a_table_that_the_server_refuses_costs_its_cell(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tables(Project):
        """A table with two images in cells, of which the server refuses the second."""

        def __call__(self, asked: Asked) -> Said:
            if asked.path == "/table":
                images = [{"_type": "image-file", "path": f"media/images/{name}.png"} for name in ("kept", "refused")]
                return Said(200, {"columns": ["im", "label"], "data": [[images[0], "a"], [images[1], "b"]]})
            if asked.path == "/signed":
                return Said(200, Image(np.zeros((2, 2, 3), "uint8")).data)
            names = asked.given.get("variables", {}).get("names", [""])
            if names == ["media/table/t.table.json"]:
                return self.at("table")
            if names == ["media/images/kept.png"]:
                return self.at("signed")
            return Said(403) if names == ["media/images/refused.png"] else super().__call__(asked)

        def at(self, path: str) -> Said:
            url = f"{self.address}/{path}"
            return self._said({"run": {"files": {"edges": [{"node": {"directUrl": url}}]}}})

    project = Tables()
    project.runs = {"aaa": project.node("aaa")}
    table = {"_type": "table-file", "path": "media/table/t.table.json", "nrows": 2, "ncols": 2}
    project.rows = [{"_step": 0, "loss": 1.0, "rows": table}]
    assert convert(repo, project, monkeypatch).left == []
    (run,) = repo.select_runs()
    ((item,),) = run.objects()
    images = item.value.column("im")
    assert [image and (image.width, image.height) for image in images] == [(2, 2), None]
    assert item.value.column("label") == ["a", "b"]
    assert run.facts["wandb"]["skipped"] == {"images in cells of rows": ["media/images/refused.png"]}


ERRORS = [
    (Said(401), "refuses the credentials"),
    (Said(200, {"errors": [{"message": "rate limit"}], "data": None}), "shows no project team/vision: rate limit"),
    (Said(200, {"data": {"project": None}}), r"shows no project team/vision\. Is its name right"),
    (Said(200, b"<html>"), "does not answer as a server of W&B"),
]


@pytest.mark.parametrize(("said", "error"), ERRORS, ids=range(len(ERRORS)))
def test_every_error_says_what_to_do(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, said: Said, error: str
) -> None:  # fmt: skip
    with answering(lambda asked: said) as url:
        monkeypatch.setenv("WANDB_BASE_URL", url)
        with pytest.raises(RemoteError, match=error) as raised:
            repo.convert("wandb", entity="team", project="vision")
    assert KEY not in str(raised.value)


def test_the_key_is_taken_from_netrc(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_API_KEY")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    project = Project()
    with pytest.raises(RemoteError, match="there is no key for W&B. Set WANDB_API_KEY, or run `wandb login`"):
        convert(repo, project, monkeypatch)
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login user password {KEY}\n")
    assert convert(repo, project, monkeypatch).runs == 3


@pytest.mark.parametrize("row", ["", "[]", "{", '{"_step": "x"}', '{"_step": 1e300}', "[" * 10_000, 7, None])
def test_odd_rows_cost_themselves(repo: Repo, monkeypatch: pytest.MonkeyPatch, row: Any) -> None:
    project = Project()

    class Odd(Project):
        def __call__(self, asked: Asked) -> Said:
            said = project(asked)
            run = said.body.get("data", {}).get("project", {}).get("run", {}) if isinstance(said.body, dict) else {}
            if "history" in run:
                run["history"].append(row)
            return said

    odd = Odd()
    with answering(odd) as url:
        project.address = url
        monkeypatch.setenv("WANDB_BASE_URL", url)
        repo.convert("wandb", entity="team", project="vision")
    assert all(points_of(run)["loss"] == POINTS["loss"] for run in repo.select_runs())
