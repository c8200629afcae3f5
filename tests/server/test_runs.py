"""The repository, completion, the run table, and edits, each seen again through the repository itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

import aim
from aim.repo import Repo
from aim.version import __version__


def table(client: httpx.Client, frames: Any, q: str = "") -> dict[str, dict[str, Any]]:
    answer = client.get("/api/runs", params={"q": q})
    assert answer.headers["content-type"] == "application/x-aim-frames"
    [(header, arrays)] = frames(answer.content)
    runs: list[dict[str, Any]] = header["runs"]
    codes = arrays["params"].reshape(len(header["params"]), len(runs))
    for param, row in zip(header["params"], codes, strict=True):
        for run, code in zip(runs, row, strict=True):
            if code >= 0:
                run.setdefault("params", {})[param["path"]] = param["values"][code]
    return {run["hash"]: run for run in runs}


def test_project(client: httpx.Client, shared_folder: Path) -> None:
    project = client.get("/api/project").json()
    assert project.pop("revision") == client.get("/api/project").json()["revision"]
    assert project == {
        "root": str(shared_folder),
        "version": __version__,
        "runs": 3,
        "running": 0,
        "experiments": ["default", "other"],
        "active_experiment": "default",
        "writable": False,
        "reason": "The server is read-only.",
        "indexing": None,
        "undeletable": "The server is read-only.",
        "user": None,
        "role": "admin",
        "via": "owner",
        "shares": False,
        "sources": [""],
        "home_dashboard": None,
    }


def test_runs_without_their_params(client: httpx.Client, frames: Any) -> None:
    [(header, arrays)] = frames(client.get("/api/runs", params={"params": "false"}).content)
    assert sorted(run["hash"] for run in header["runs"]) == ["first", "second", "third"]
    assert header["params"] == [] and arrays["params"].size == 0


def test_the_run_table(client: httpx.Client, frames: Any) -> None:
    runs = table(client, frames)
    assert set(runs) == {"first", "second", "third"}
    assert runs["second"]["experiment"] == "other"
    assert runs["second"]["status"] == "finished"
    assert runs["second"]["params"] == {"hparams.lr": 0.01, "hparams.layers": [64, 32]}
    assert runs["third"]["params"]["hparams.lr"] == "NaN"
    assert runs["first"]["duration"] == pytest.approx(runs["first"]["finished_at"] - runs["first"]["created_at"])


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("hparams.lr < 0.05", {"second"}),
        ("experiment == default", {"first", "third"}),
        ('run.hash in ("first", "third")', {"first", "third"}),
        ("hparams.lr == 77", set()),
        ("run.loss.train.last < 0.2", {"first", "second"}),
    ],
)
def test_the_run_table_of_a_query(client: httpx.Client, frames: Any, q: str, expected: set[str]) -> None:
    assert set(table(client, frames, q)) == expected


@pytest.mark.parametrize("path", ["/api/runs", "/api/series", "/api/check"])
def test_invalid_aimql_is_located(client: httpx.Client, path: str) -> None:
    text = "loss if hparams.lr <" if path != "/api/runs" else "hparams.lr <"
    answer = client.get(path, params={"q": text})
    error = answer.json()["error"]
    assert answer.status_code == (200 if path == "/api/check" else 400)
    assert error["message"]
    assert len(text) - 2 <= error["start"] <= error["end"] <= len(text) + 1


def test_valid_aimql_is_confirmed(client: httpx.Client) -> None:
    assert client.get("/api/check", params={"q": "loss if hparams.lr < 1"}).json() == {"error": None}


@pytest.mark.parametrize(
    ("params", "text", "kind"),
    [
        ({"q": "lo"}, "loss", "metric"),
        ({"q": "lo if hparams.lr > 0", "at": 2}, "loss", "metric"),
        ({"q": "loss if hparams.l"}, "hparams.lr", "param"),
        ({"q": "loss if context.sub"}, "context.subset", "context"),
        ({"q": "lo", "at": 999}, "loss", "metric"),
    ],
)
def test_completion(client: httpx.Client, params: dict[str, Any], text: str, kind: str) -> None:
    completion = client.get("/api/complete", params=params).json()
    q = params["q"]
    at = min(params.get("at", len(q)), len(q))
    completed = {
        q[: completion["start"]] + item["text"] + q[completion["end"] :]: item["kind"] for item in completion["items"]
    }
    before = q[:at].rpartition(" ")[0]
    expected = (f"{before} " if before else "") + text + q[at:]
    assert completed.get(expected) == kind, completed


def test_names_of_metrics_are_searched_where_all_are(tmp_path: Path, serving: Any) -> None:
    with aim.Run(repo=tmp_path, run="wide") as run:
        run.track({f"layer{number}/grad": 1.0 for number in range(150)} | {"train/loss": 1.0, "system/cpu": 1.0})
        for number in range(120):
            run.track(1.0, "train/loss", context={"fold": number})
    with serving(Repo(tmp_path)) as client:
        every = client.get("/api/metrics").json()
        assert (every["matched"], every["names"][0], every["names"][-2:]) == (
            152,
            "layer0/grad",
            ["train/loss", "system/cpu"],
        )
        assert client.get("/api/metrics?find=LOSS+train").json() == {
            "names": ["train/loss"],
            "matched": 1,
            "sources": [[""]],
        }
        assert client.get("/api/metrics?find=nothing").json() == {"names": [], "matched": 0, "sources": []}
        few = client.get("/api/metrics?find=layer&limit=2").json()
        assert (few["matched"], few["names"]) == (150, ["layer0/grad", "layer1/grad"])
        with aim.Run(repo=tmp_path, run="narrow") as run:
            run.track({"train/loss": 1.0, "system/cpu": 1.0})
        both = {"names": ["train/loss", "system/cpu"], "matched": 2, "sources": [[""], [""]]}
        assert client.get("/api/metrics", params={"only": run.id}).json() == both, "the metrics of these runs alone"
        client.post("/api/runs/archive", json={"runs": [run.id], "archived": True})
        assert client.get("/api/metrics", params={"only": run.id}).json() == both, "of an archived run too"
        assert client.get("/api/metrics?only=narrow").status_code == 400
        logs = Path(__file__).parent.parent / "golden" / "tensorboard" / "logs"
        with serving(Repo(tmp_path, tf_logs=logs)) as shown:
            other = next(run for run in Repo(tmp_path, tf_logs=logs).select_runs() if "tag0" in run.metrics)
            for only in ({}, {"only": f"{run.id},{other.id}"}):
                answer = shown.get("/api/metrics", params=only).json()
                sources = dict(zip(answer["names"], answer["sources"], strict=True))
                assert (sources["system/cpu"], sources["tag0"]) == ([""], ["tf"]), "how a statement selects them"
            assert shown.get("/api/overview").json()["metrics"] == len(shown.get("/api/metrics").json()["names"])
            words = {"q": 'tf:"tag0"', "only": other.id}
            assert b"tag0" in shown.get("/api/series", params=words).content
        completion = client.get("/api/complete?q=layer").json()
        assert (len(completion["items"]), completion["total"]) == (100, 150)
        contexts = client.get("/api/contexts").json()
        assert [(key["key"], len(key["values"]), key["total"]) for key in contexts["keys"]] == [("fold", 100, 120)]


@pytest.mark.parametrize(
    ("field", "value", "seen"),
    [
        ("name", "Best one", {"name": "Best one"}),
        ("description", "# why\n<script>", {"description": "# why\n<script>"}),
        ("experiment", "sweep 2", {"experiment": "sweep 2"}),
        ("tag", "good", {"tags": ["good"]}),
    ],
)
def test_edits(folder: Path, serving: Any, frames: Any, field: str, value: str, seen: dict[str, Any]) -> None:
    with serving(Repo(folder)) as client:
        before = table(client, frames)
        run = before["first"]["id"]
        answer = client.post("/api/runs/edit", json={"runs": [run], "field": field, "value": value})
        assert (answer.status_code, answer.json()) == (200, {"changed": 1})
        after = table(client, frames)
        assert seen.items() <= after["first"].items()
        assert after["second"] == before["second"]
    assert table_of(folder, seen) == seen


def test_params_are_given_afterwards(folder: Path, serving: Any, frames: Any) -> None:
    with serving(Repo(folder)) as client:
        ids = [run["id"] for run in table(client, frames).values()][:2]
        given = {"given.lr": 0.5, "given.steps": 7, "given.warm": True, "given.note": "a b", "given.none": None}
        answer = client.post("/api/runs/params", json={"runs": ids, "params": given})
        assert (answer.status_code, answer.json()) == (200, {"changed": 2})
    runs = [aim.Repo(folder).run(id) for id in ids]
    expected = {"lr": 0.5, "steps": 7, "warm": True, "note": "a b", "none": None}
    assert [run.params["given"] for run in runs] == [expected, expected]


@pytest.mark.parametrize("params", [{}, {"": 1}, {"lr": [1]}, {"lr": {"a": 1}}, {"x" * 201: 1}])
def test_an_invalid_param_is_refused(folder: Path, serving: Any, frames: Any, params: dict[str, Any]) -> None:
    with serving(Repo(folder)) as client:
        run = table(client, frames)["first"]["id"]
        assert client.post("/api/runs/params", json={"runs": [run], "params": params}).status_code == 400


def table_of(folder: Path, names: dict[str, Any]) -> dict[str, Any]:
    run = aim.Repo(folder).run("first")
    values = {name: getattr(run, name) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def test_a_tag_comes_off(folder: Path, serving: Any, frames: Any) -> None:
    with serving(Repo(folder)) as client:
        run = table(client, frames)["first"]["id"]
        for field, tags in (("tag", ["good"]), ("untag", [])):
            client.post("/api/runs/edit", json={"runs": [run], "field": field, "value": "good"})
            assert table(client, frames)["first"]["tags"] == tags


def test_archive(folder: Path, serving: Any, frames: Any) -> None:
    with serving(Repo(folder)) as client:
        run = table(client, frames)["first"]["id"]
        answer = client.post("/api/runs/archive", json={"runs": [run], "archived": True})
        assert answer.json() == {"changed": 1}
        assert set(table(client, frames)) == {"second"}
        assert set(table(client, frames, "run.archived")) == {"first"}
        client.post("/api/runs/archive", json={"runs": [run], "archived": False})
        assert set(table(client, frames)) == {"first", "second"}


def test_delete(folder: Path, serving: Any, frames: Any) -> None:
    with serving(Repo(folder)) as client:
        run = table(client, frames)["first"]["id"]
        logs = {path: path.stat().st_size for path in (folder / ".aim" / "runs").rglob(f"{run}-*")}
        freed = client.post("/api/runs/delete", json={"runs": [run]}).json()
        assert freed == {"runs": 1, "files": len(logs), "bytes": sum(logs.values()), "left": ""}
        assert set(table(client, frames)) == {"second"}
        assert not any(path.exists() for path in logs)


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "null", "{",
        '{"runs": ["1"], "archived": true}', '{"runs": [], "archived": true}', '{"archived": true}',
        '{"runs": ["%s"]}' % ("0" * 32), '{"runs": ["%s"], "archived": "yes"}' % ("0" * 32),
        '{"runs": ["%s"], "archived": true, "more": 1}' % ("0" * 32), '{"runs": "../..", "archived": true}', "\udcff",
        '{"runs": ' + "[" * 2000 + "]" * 2000 + "}",
    ],
)  # fmt: skip
def test_invalid_bodies(folder: Path, serving: Any, body: str) -> None:
    with serving(Repo(folder)) as client:
        headers = {"content-type": "application/json"}
        answer = client.post("/api/runs/archive", content=body.encode(errors="surrogateescape"), headers=headers)
        assert answer.status_code == 400
        assert "fields runs, archived" in answer.json()["error"]["hint"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("archive", {"archived": True}),
        ("delete", {}),
        ("edit", {"field": "name", "value": "x"}),
    ],
)
def test_a_read_only_server_changes_nothing(client: httpx.Client, frames: Any, path: str, body: dict[str, Any]) -> None:
    before = table(client, frames)
    runs = [run["id"] for run in before.values()]
    answer = client.post(f"/api/runs/{path}", json={"runs": runs, **body})
    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == "The server is read-only."
    assert table(client, frames) == before


@pytest.mark.parametrize("path", ["archive", "delete", "edit"])
def test_an_unknown_run_is_named(folder: Path, serving: Any, path: str) -> None:
    more = {"archive": {"archived": True}, "delete": {}, "edit": {"field": "name", "value": "x"}}[path]
    with serving(Repo(folder)) as client:
        answer = client.post(f"/api/runs/{path}", json={"runs": ["f" * 32], **more})
        assert answer.status_code == 404
        assert "f" * 32 in answer.json()["error"]["message"]


def test_text_that_utf8_cannot_hold(tmp_path: Path, serving: Any, frames: Any) -> None:
    with aim.Run(repo=tmp_path, run="odd") as run:
        run["hparams"] = {"text": "half a pair \ud800", "big": 2**70, "deep": {"er": [float("inf")]}}
        run.track(1.0, name="\ud800", context={"k": "\ud800"})
    with serving(Repo(tmp_path)) as client:
        [odd] = table(client, frames).values()
        assert odd["params"]["hparams.big"] == str(2**70)
        assert odd["params"]["hparams.deep.er"] == ["Infinity"]
        assert odd["params"]["hparams.text"].startswith("half a pair ")


def test_an_internal_error_reveals_no_details(
    folder: Path, serving: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    repo = Repo(folder)

    def broken(*given: object) -> None:
        raise OSError("/private/path of mine")

    monkeypatch.setattr(repo, "vocabulary", broken)
    with serving(repo) as client:
        answer = client.get("/api/complete", params={"q": "l"})
    assert answer.status_code == 500
    error = answer.json()["error"]
    assert error["message"] == "The server failed on this request."
    assert "private" not in answer.text
    number = error["hint"].partition("error ")[2].partition(" ")[0]
    assert f"error {number}: /private/path of mine" in caplog.text
