"""Handlers are functions of a repository and a message: what the server answers, without a server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import httpx
import numpy as np
import pytest

import aim
from aim.errors import QueryError, RunError
from aim.launch.asked import asked
from aim.repo import Repo
from aim.server import detail, experiments, launch, links, media, output, queues, runs, series, table, tags, wire
from aim.server.caller import OWNER
from aim.server.launch import Launcher
from aim.server.problems import Refused
from aim.server.route import EVENTS, JSON, SMALL, Route
from aim.server.routes import ROUTES
from tests.server.conftest import Serving

HANDLERS = (
    "bookmarks dashboards detail experiments frames launch media output queues runs series table tags views".split()
)


LOADED = """
import sys
from importlib import import_module
for name in sys.argv[1:]:
    import_module(f"aim.server.{name}")
    print(name, *{"starlette", "uvicorn"} & set(sys.modules))
"""


def test_handlers_load_no_web_framework() -> None:
    ended = subprocess.run([sys.executable, "-c", LOADED, *HANDLERS], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines() == HANDLERS


def test_a_statement(shared_folder: Path) -> None:
    parts = list(series.search(Repo(shared_folder), wire.SeriesQuery(q="accuracy if run.hash == first")))
    (first, params), (points, arrays), (end, _) = parts
    assert isinstance(first, wire.RunsFrame) and isinstance(points, wire.SeriesFrame) and isinstance(end, wire.EndFrame)
    assert (first.texts.hash, points.names, points.progress) == (["first"], ["accuracy"], 1.0)
    np.testing.assert_array_equal(arrays["y"][1], np.arange(10) / 10)
    np.testing.assert_array_equal(arrays["x"][1], np.arange(10))
    assert {param.path for param in first.params} == {"hparams.lr", "hparams.layers"} and params["params"][0] == "i4"


def test_the_first_part_needs_no_points(shared_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.query.select.Selection.points", lambda *given, **named: 1 / 0)
    parts = series.search(Repo(shared_folder), wire.SeriesQuery(q="loss"))
    assert isinstance(next(parts).header, wire.RunsFrame)
    with pytest.raises(ZeroDivisionError):
        next(parts)


def test_questions(shared_folder: Path) -> None:
    repo = Repo(shared_folder)
    about = links.project(links.Visit(repo, OWNER))
    assert (about.runs, about.writable) == (3, True)
    assert links.project(links.Visit(Repo(shared_folder, read_only=True), OWNER)).reason == "The server is read-only."
    assert runs.list_runs(repo, wire.RunsQuery(q="hparams.lr < 0.05")).header.texts.hash == ["second"]
    assert runs.check(repo, wire.StatementQuery(q="loss if")).error is not None
    assert [item.text for item in runs.completion(repo, wire.CompleteQuery(q="acc")).items] == ["accuracy"]
    kinds = [type(part.header).__name__ for part in table.rows(repo, wire.TableQuery())]
    assert kinds == ["RunsFrame", "TableFrame", "EndFrame"]
    answer = detail.detail(repo, wire.RunQuery(run="third"))
    assert (answer.params["hparams"]["lr"], [metric.count for metric in answer.metrics]) == ("NaN", [4, 4, 4])
    assert [experiment.name for experiment in experiments.list_experiments(repo).experiments] == ["default", "other"]
    assert output.page(repo, wire.OutputQuery(run="third")).pieces == []


def test_edits(folder: Path) -> None:
    repo = Repo(folder)
    id = repo.run("first").id
    runs.edit(repo, wire.EditRequest(runs=[id], field="tag", value="good"))
    note = detail.note(repo, wire.NoteRequest(run=id, text="why"))
    assert [note_there.id for note_there in detail.detail(repo, wire.RunQuery(run=id)).notes] == [note.id]
    assert [(tag.name, tag.runs) for tag in tags.list_tags(repo).tags] == [("good", 1)]
    assert runs.delete(repo, wire.DeleteRequest(runs=[id])).runs == 1
    assert repo.count() == 1


def test_media(tmp_path: Path) -> None:
    with aim.Run("a", repo=tmp_path) as run:
        run.track(aim.Text("hello"), name="samples")
    repo = Repo(tmp_path)
    values = media.values(repo, wire.MediaValuesQuery(run="a", kind="text", name="samples", context="{}"))
    content = media.content(repo, wire.BlobQuery(run="a", blob=values.values[0].blob))
    assert content == (b"hello", "text/plain; charset=utf-8", "text-0.txt", "")


def test_commands(tmp_path: Path) -> None:
    launcher = Launcher(Repo.init(tmp_path), asked("script"))
    command = wire.Command(argv=[sys.executable, "-c", "pass", "{lr}"], params=[wire.NamedValue(name="lr", value=None)])
    shown = launch.preview(launcher, wire.PreviewRequest(command=command, values=[wire.NamedValue(name="lr", value=2)]))
    assert shown.argv[3:] == ["2"]
    saved = launch.save_template(launcher, wire.TemplateRequest(name="train", command=command))
    assert [(template.id, template.name) for template in launch.list_templates(launcher).templates] == [
        (saved.id, "train")
    ]
    assert (launch.status(launcher).allowed, queues.list_queues(launcher).queues) == (True, [])


WRONG = [
    (lambda repo: runs.list_runs(repo, wire.RunsQuery(q="hparams.lr <")), QueryError, "value"),
    (lambda repo: detail.detail(repo, wire.RunQuery(run="nobody")), RunError, "no run"),
    (lambda repo: next(series.search(repo, wire.SeriesQuery(q="loss", lo=2, hi=1))), Refused, "range"),
    (lambda repo: detail.note(repo, wire.NoteRequest(run="0" * 32, text=None)), Refused, "text"),
]


@pytest.mark.parametrize(("call", "error", "words"), WRONG)
def test_errors_are_aim_errors(shared_folder: Path, call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as raised:
        call(Repo(shared_folder))
    assert isinstance(raised.value, aim.errors.AimError)


# The table


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


CHANGES = ("edit", "delete", "share", "start")
# What also a user who may only read does, to what is their own.
OWN = ("api/tokens/revoke",)
SUBJECTS = {
    **dict.fromkeys(("read", "edit", "delete"), Repo),
    **dict.fromkeys(("visit", "share"), links.Visit),
    **dict.fromkeys(("watch", "start"), Launcher),
}


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_a_route_declares_the_types_of_its_handler(route: Route) -> None:
    changes = route.access in CHANGES or route.path in OWN
    assert (route.method == "POST") == changes, "a GET changes nothing"
    if route.answer == EVENTS:
        return
    hints = get_type_hints(route.handler, None, {"Repo": Repo, "Launcher": Launcher})
    given = [kind for name, kind in hints.items() if name != "return"]
    assert given[0] is SUBJECTS[route.access]
    assert given[1:] == ([] if route.request is None else [route.request])
    assert not isinstance(route.answer, type) or hints["return"] is route.answer


def test_bodies_are_limited_by_their_row(folder: Path, serving: Serving) -> None:
    limits = {route.path: route.limit for route in ROUTES if route.access in ("edit", "delete")}
    assert (limits["api/tags/delete"], limits["api/runs/delete"]) == (SMALL, 1 << 20)
    body = b'{"name": "x"}'
    with serving(Repo(folder)) as client:

        def send(padding: int, **more: str) -> httpx.Response:
            content = body + b" " * (padding - len(body))
            return client.post("/api/tags/delete", content=content, headers={"content-type": JSON, **more})

        assert send(SMALL).json()["error"]["message"] == "there is no tag 'x'"
        assert send(SMALL + 1).status_code == 413
        hidden = client.post(
            "/api/tags/delete", content=iter([body, b" " * SMALL, b" " * SMALL]), headers={"content-type": JSON}
        )
        assert (hidden.status_code, hidden.headers["connection"]) == (413, "close")
