"""The output of runs over HTTP: pages from cursors in both directions, search, logged lines, environment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import aim
from aim.log import output, record, seal
from aim.log.writer import Writer
from aim.repo import Repo
from aim.server import output as server_output
from aim.server.wire import OutputQuery
from tests.server.conftest import Serving
from tests.waiting import PATIENCE

LINES = [f"line {i}: {'ü' * (i % 50)}\n" for i in range(9000)]


def note(run: aim.Run, kind: int, payload: bytes) -> None:
    assert run._recording.writer is not None and run._recording.writer.append(kind, payload)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run with 9,000 lines on both streams, logged lines and an environment; one without anything."""
    folder = tmp_path_factory.mktemp("printed")
    with aim.Run("x", repo=folder, environment=False) as run:
        for i, line in enumerate(LINES):
            note(run, record.OUTPUT, output.encode(1 + i % 2, float(i), line.encode()))
            if i % 1000 == 0:
                run.log_info(f"at {i}", i=i, rate=float("nan"))
        note(run, record.OUTPUT, output.encode_skipped(9000.0, 77))
        note(run, record.OUTPUT, output.encode(1, 9001.0, b"\xff\x1b[1mbold\x1b[0m end"))
        facts = {"environment": {"packages": {"torch": "2.8.0"}, "env": {"RANK": "0"}}}
        note(run, record.FACTS, record.encode_json(facts))
        diff = {"text": "diff --git a/x b/x\n", "cut": "9 more bytes", "untracked": ["n.txt"]}
        note(run, record.FACTS, record.encode_json({"diff": diff}))
    aim.Run("empty", repo=folder, environment=False).close()
    return folder


@pytest.fixture(scope="module")
def client(printed: Path, serving: Serving) -> Iterator[httpx.Client]:
    with serving(Repo(printed, read_only=True)) as client:
        yield client


def page(client: httpx.Client, **query: Any) -> dict[str, Any]:
    answer = client.get("api/run/output", params={"run": "x", **query})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def text(pages: list[dict[str, Any]]) -> str:
    return "".join(piece["text"] for entry in pages for piece in entry["pieces"])


WHOLE = "".join(LINES) + "�\x1b[1mbold\x1b[0m end"


def test_pages_forward_give_everything_once(client: httpx.Client) -> None:
    pages = [page(client)]
    while pages[-1]["more"]:
        pages.append(page(client, cursor=pages[-1]["after"]))
    assert len(pages) > 2 and text(pages) == WHOLE
    assert pages[0]["before"] is None and pages[0]["live"] is False
    (writer,) = pages[0]["writers"]
    assert writer["bytes"] == len("".join(LINES).encode()) + 17 and writer["live"] is False
    last = page(client, cursor=pages[-1]["after"])
    assert last["pieces"] == [] and last["after"] == pages[-1]["after"] and not last["more"]


def test_pages_backward_give_everything_once(client: httpx.Client) -> None:
    pages = [page(client, direction="backward")]
    while pages[0]["before"] is not None:
        assert pages[0]["more"]
        pages.insert(0, page(client, direction="backward", cursor=pages[0]["before"]))
    assert text(pages) == WHOLE
    assert page(client, cursor=pages[-1]["after"])["pieces"] == []
    at = pages[1]["before"]
    assert text([page(client, cursor=at)]).startswith(text([pages[1]])[:1000])


def test_a_note_says_how_much_was_not_kept(client: httpx.Client) -> None:
    notes = [piece for piece in page(client, direction="backward")["pieces"] if piece["skipped"] is not None]
    assert [(entry["text"], entry["skipped"]) for entry in notes] == [("", 77)]


def test_one_stream(client: httpx.Client) -> None:
    pages = [page(client, stream="stderr")]
    while pages[-1]["more"]:
        pages.append(page(client, stream="stderr", cursor=pages[-1]["after"]))
    assert text(pages) == "".join(LINES[1::2])


def test_a_run_without_output(client: httpx.Client) -> None:
    answered = page(client, run="empty")
    assert (answered["pieces"], answered["before"], answered["more"], answered["writers"]) == ([], None, False, [])
    assert page(client, run="empty", cursor=answered["after"])["pieces"] == []


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": "../x.1"}, {"direction": "up"}, {"stream": "3"}])
def test_an_invalid_request_gets_an_explanation(client: httpx.Client, query: dict[str, str]) -> None:
    answer = client.get("api/run/output", params={"run": "x", **query})
    assert answer.status_code == 400 and next(iter(query)) in answer.json()["error"]["message"]
    assert client.get("api/run/output", params={"run": "gone"}).status_code == 404


def find(client: httpx.Client, wanted: str, **query: Any) -> dict[str, Any]:
    answer = client.get("api/run/output/find", params={"run": "x", "text": wanted, **query})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def places(client: httpx.Client, wanted: str, **query: Any) -> list[dict[str, Any]]:
    """All places: one answer has those of a second at most."""
    answered = find(client, wanted, **query)
    places = list(answered["places"])
    while answered["next"]:
        answered = find(client, wanted, **query, cursor=answered["next"])
        places += answered["places"]
    return places


def test_text_is_found_in_the_whole_output(client: httpx.Client) -> None:
    (place,) = places(client, "LINE 8765:")
    assert place["line"] == LINES[8765].rstrip("\n") and place["stream"] == "stderr"
    assert text([page(client, cursor=place["cursor"])]).startswith(LINES[8765])
    assert places(client, "LINE 8765:", case=True) == []
    assert [entry["line"] for entry in places(client, "bold end")] == ["�bold end"]
    assert places(client, "line 8765:", stream="stdout") == []


def test_a_search_with_many_places_continues(client: httpx.Client) -> None:
    assert find(client, "line")["next"] is not None
    assert [entry["line"] for entry in places(client, "line")] == [line.rstrip("\n") for line in LINES]


def test_logged_lines(client: httpx.Client) -> None:
    answered = client.get("api/run/messages", params={"run": "x"}).json()
    assert answered["left_out"] == 0
    assert [entry["text"] for entry in answered["messages"]] == [f"at {i}" for i in range(0, 9000, 1000)]
    assert (
        answered["messages"][1]["params"] == {"i": 1000, "rate": "NaN"} and answered["messages"][1]["level"] == "info"
    )


def test_the_environment_comes_with_the_run(client: httpx.Client) -> None:
    answered = client.get("api/run", params={"run": "x"}).json()
    assert answered["environment"] == {
        "packages": {"torch": "2.8.0"}, "variables": {"RANK": "0"}, "diff": "diff --git a/x b/x\n",
        "cut": "9 more bytes", "untracked": ["n.txt"],
    }  # fmt: skip
    assert "environment" not in answered["facts"] and "diff" not in answered["facts"]
    assert answered["output"] == len("".join(LINES).encode()) + 17
    assert client.get("api/run", params={"run": "empty"}).json()["environment"] is None


def test_a_sealed_log_gives_the_same_output(printed: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(printed / ".aim", tmp_path / ".aim")
    before = Repo(tmp_path)
    messages, environment = before.logs.messages("x"), before.logs.environment("x")
    for log in (tmp_path / ".aim" / "runs").rglob("*.log"):
        seal.write({log: seal.encode(log.read_bytes())})
    repo = Repo(tmp_path)
    assert (repo.logs.messages("x"), repo.logs.environment("x")) == (messages, environment)
    assert messages.messages and environment is not None
    with repo.logs.output("x") as transcript, Repo(printed).logs.output("x") as plain:
        assert list(transcript.backward()) == list(plain.backward())


QUERIES = [
    ("run.packages.torch == '2.8.0'", ["x"]),
    ("run.packages['torch'] == '2.8.0'", ["x"]),
    ("run.packages.Torch == '2.9.0'", []),
    ("run.env.RANK == '0'", ["x"]),
    ("run.env.RANK is None", ["empty"]),
]


@pytest.mark.parametrize("query, runs", QUERIES)
def test_packages_and_variables_in_queries(printed: Path, query: str, runs: list[str]) -> None:
    assert [run.hash for run in Repo(printed).select_runs(query)] == runs


def test_new_output_is_news(tmp_path: Path) -> None:
    run = aim.Run("x", repo=tmp_path)
    repo = Repo(tmp_path)
    revision = repo.news(0).revision
    note(run, record.OUTPUT, output.encode(1, 1.0, b"more\n"))
    news = repo.news(revision)
    assert news.revision > revision and news.changed == {run.id}
    run.close()


def test_ranks_of_one_run_are_merged_by_time_or_shown_one_by_one(tmp_path: Path) -> None:
    with aim.Run("x", repo=tmp_path, environment=False) as run:
        folder, aim_dir = run._recording.attempt.folder, Path(run.repo_path)
        ranks = [Writer(folder, bytes.fromhex(run.id), aim_dir=aim_dir) for _ in range(3)]
        for i, rank in enumerate(ranks):
            rank.append(record.START, record.encode_json({"time": float(i), "role": "output", "run": run.id}))
        for i in range(30):
            ranks[i % 3].append(record.OUTPUT, output.encode(1, float(i), b"%d " % i))
    repo = Repo(tmp_path)
    writers = repo.logs.output_writers("x")
    with repo.logs.output("x") as all_of_them, repo.logs.output("x", writer=writers[1].id) as entry:
        assert b"".join(piece.output.data for piece in all_of_them.forward()) == b"".join(b"%d " % i for i in range(30))
        assert [int(piece.output.data) % 3 for piece in entry.forward()] == [1] * 10
    assert repo.run("x").status == "finished", "what records output says nothing about the run"
    for rank in ranks:
        rank.close()


def test_output_travels_with_a_merge_and_goes_with_the_run(printed: Path, tmp_path: Path) -> None:
    repo = Repo.init(tmp_path)
    repo.merge(printed)
    with repo.logs.output("x") as there, Repo(printed).logs.output("x") as here:
        assert list(there.forward()) == list(here.forward())
    assert repo.runs.delete([repo.run("x").id]).bytes > 400_000
    assert not any(b"line 8765" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_messages_beyond_those_that_are_kept(tmp_path: Path) -> None:
    with aim.Run("x", repo=tmp_path) as run:
        for i in range(1010):
            run.log_debug(i)
    messages = Repo(tmp_path).logs.messages("x")
    assert messages.left_out == 10 and [message.text for message in messages.messages] == [
        str(i) for i in range(10, 1010)
    ]


def test_runs_with_many_writers_are_read_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each writer takes a descriptor while a page is read."""
    monkeypatch.setattr("aim.server.output.FEW_WRITERS", 1)
    for name, ranks in (("few", "1"), ("many", "12")):
        for rank in ranks:
            with aim.Run(name, repo=tmp_path, environment=False, resume=rank != "1") as run:
                note(run, record.OUTPUT, output.encode(1, float(rank), rank.encode()))
    repo = Repo(tmp_path)
    queries = {name: OutputQuery(run=name) for name in ("few", "many")}
    reading = {name: threading.Thread(target=server_output.page, args=(repo, query)) for name, query in queries.items()}
    with server_output.opened(repo, "many", None) as transcript:
        assert len(list(transcript.forward())) == 2
        for thread in reading.values():
            thread.start()
        reading["few"].join(PATIENCE)
        reading["many"].join(0.2)
        assert [reading[name].is_alive() for name in ("few", "many")] == [False, True]
    reading["many"].join(PATIENCE)
    assert not reading["many"].is_alive()
