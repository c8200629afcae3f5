"""Starting and stopping from the UI: it works if allowed, and nobody else can trigger it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import aim
from aim import engine, layout
from aim.errors import ServerError
from aim.launch import processes
from aim.launch import queue as queues
from aim.launch.command import Value
from aim.log import edits
from aim.repo import Repo
from aim.server.app import create_app
from aim.server.route import LARGE, Route
from aim.server.serve import serve
from tests.server.conftest import Serving
from tests.waiting import until

TOKEN = "a token of sufficient length"
BEARER = {"authorization": f"Bearer {TOKEN}"}
PRINTING = "import json, os, sys; print(json.dumps([sys.argv[1:], os.getcwd(), os.environ.get('MARK')]))"
QUEUE, TEMPLATE, RUN = "q0123456789abcde", "t0123456789abcde", "0" * 32


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "project"
    layout.create(folder / ".aim")
    yield folder
    repo = Repo(folder)
    for process in processes.processes(repo):
        processes.stop(repo, process.id, by={"via": "test"}, why="the test is over", now=True)
    until(lambda: not any(process.lives for process in processes.processes(repo)))


@pytest.fixture
def client(root: Path, serving: Serving) -> Iterator[httpx.Client]:
    """A client with the token of a server that may start commands."""
    with serving(Repo(root), allow_run=True, token=TOKEN) as client:
        client.headers.update(BEARER)
        yield client


def python(*arguments: str, **rest: Any) -> dict[str, Any]:
    return {"argv": [sys.executable, "-c", PRINTING, *arguments], **rest}


def values(**named: Any) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in named.items()]


def post(client: httpx.Client, path: str, body: Any, status: int = 200) -> dict[str, Any]:
    answer = client.post(f"/api/{path}", json=body)
    assert answer.status_code == status, answer.text
    answered: dict[str, Any] = answer.json()
    return answered


def refused(client: httpx.Client, path: str, body: Any, status: int = 400) -> str:
    return str(post(client, path, body, status)["error"]["message"])


def get(client: httpx.Client, path: str, **params: str) -> dict[str, Any]:
    answer = client.get(f"/api/{path}", params=params)
    assert answer.status_code == 200, answer.text
    answered: dict[str, Any] = answer.json()
    return answered


def finished(client: httpx.Client, run: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        process = get(client, "process", run=run)
        return None if process["state"] == "running" else process

    answered: dict[str, Any] = until(ended)
    return answered


def printed(root: Path, run: str) -> Any:
    with Repo(root).logs.output(run) as output:
        return json.loads(b"".join(piece.output.data for piece in output.forward()))


# A body for every address that writes. If starting were allowed, each of them would do something or answer 400.
BODIES: dict[str, dict[str, Any]] = {
    "launch/preview": {"command": python("x")},
    "launch/start": {"command": python("x")},
    "processes/stop": {"run": RUN},
    "templates/save": {"name": "t", "command": python("x")},
    "templates/delete": {"id": TEMPLATE},
    "queues/preview": {"command": python("{a}"), "space": [{"name": "a", "text": "1..3"}]},
    "queues/add": {"command": python("{a}"), "params": ["a"], "trials": [[1], [2]]},
    "queues/edit": {"queue": QUEUE, "state": "running"},
    "queues/trials": {"queue": QUEUE, "trials": [1], "action": "retry"},
    "queues/delete": {"queue": QUEUE},
}


def routes(root: Path) -> list[Route]:
    words = ("launch", "process", "template", "queue")
    every = create_app(Repo(root), token=TOKEN, allow_run=True).routes
    return [route for route in every if route.path.removeprefix("api/").startswith(words)]


def nothing_happened(root: Path) -> bool:
    return not list((root / ".aim" / "runs").iterdir()) and edits.latest(root / ".aim") == {}


def test_every_address_that_writes_is_attacked_here(root: Path) -> None:
    assert {route.path.removeprefix("api/") for route in routes(root) if route.method == "POST"} == set(BODIES)


ATTACKS: list[tuple[int, dict[str, str]]] = [
    (401, {}),
    (401, {"authorization": "Bearer"}),
    (401, {"authorization": "Bearer a token of sufficient lengtH"}),
    (401, {"authorization": f"Basic {TOKEN}"}),
    (401, {"cookie": f"aim_00000000={TOKEN}; token={TOKEN}"}),
    (403, {**BEARER, "origin": "http://evil.example"}),
    (403, {**BEARER, "origin": "null"}),
    (403, {**BEARER, "origin": "http://localhost.evil.example"}),
    (403, {**BEARER, "sec-fetch-site": "cross-site"}),
    (403, {**BEARER, "sec-fetch-site": "same-site"}),
    (403, {**BEARER, "host": "evil.example"}),
    (403, {**BEARER, "host": "127.0.0.1.evil.example"}),
    (403, {**BEARER, "host": "192.168.0.10"}),
    (415, {**BEARER, "content-type": "text/plain"}),
    (415, {**BEARER, "content-type": "application/x-www-form-urlencoded"}),
]


@pytest.mark.parametrize(("status", "headers"), ATTACKS)
def test_strangers_start_nothing(root: Path, serving: Serving, status: int, headers: dict[str, str]) -> None:
    with serving(Repo(root), allow_run=True, token=TOKEN) as client:
        for path, body in BODIES.items():
            sent = {"content-type": "application/json", **headers}
            answer = client.post(f"/api/{path}", content=json.dumps(body), headers=sent)
            assert answer.status_code == status, (path, answer.text)
    assert nothing_happened(root)


def test_nothing_is_shown_without_the_token_on_loopback_too(root: Path, serving: Serving) -> None:
    with serving(Repo(root), allow_run=True, token=TOKEN) as client:
        for route in routes(root):
            if route.method == "GET":
                assert client.get(f"/{route.path}?run=x").status_code == 401
        assert client.get("/api/project").status_code == 401
        assert client.get(f"/api/launch?token={TOKEN}").status_code == 303
        assert client.get("/api/launch").json()["allowed"] is True, "the cookie of the link counts"


def test_no_get_starts_anything(root: Path, client: httpx.Client) -> None:
    for path, body in BODIES.items():
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
            given = {} if method in ("GET", "HEAD") else {"json": body}
            hidden = {"params": {"body": json.dumps(body)}, "headers": {"x-http-method-override": "POST"}}
            answer = client.request(method, f"/api/{path}", **hidden, **given)  # type: ignore[arg-type]
            assert answer.status_code == 405, (method, path)
    for route in routes(root):
        if route.method == "GET":
            client.get(f"/{route.path}", params={"run": "x", "queue": QUEUE, "start": "1"})
    assert nothing_happened(root)


def test_if_starting_is_off_it_says_why_and_how(root: Path, serving: Serving) -> None:
    command = "aim up --repo /data/x --host 127.0.0.1 --port 0 --allow-host proxy.example --read-only"
    with serving(Repo(root), command=command) as client:
        status = get(client, "launch")
        assert (status["allowed"], status["how"]) == (False, "aim up --repo /data/x --port 0 --allow-run")
        assert "run anything as this user" in status["reason"]
        for path, body in BODIES.items():
            answered = post(client, path, body, 403)["error"]
            assert (answered["message"], answered["hint"]) == (
                status["reason"],
                f"To allow it, start Aim with: {status['how']}",
            )
        assert get(client, "processes") == {"processes": [], "total": 0}
        assert (get(client, "templates"), get(client, "queues")) == ({"templates": []}, {"queues": []})
    assert nothing_happened(root)


def test_who_may_only_read_starts_nothing(root: Path, serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Repo(root, read_only=True)) as client:
        assert "read-only" in get(client, "launch")["reason"]
        assert "read-only" in refused(client, "launch/start", BODIES["launch/start"], 403)
    monkeypatch.setattr(layout, "why_not_write", lambda aim_dir: layout.NOT_YOURS)
    with serving(Repo(root), allow_run=True, token=TOKEN) as client:
        client.headers.update(BEARER)
        assert "may not write" in get(client, "launch")["reason"]
        assert "may not write" in refused(client, "launch/start", BODIES["launch/start"], 403)
    assert nothing_happened(root)


def test_a_name_that_leads_through_a_proxy_starts_nothing(root: Path, serving: Serving) -> None:
    with serving(Repo(root), allow_run=True, token=TOKEN, allow_hosts=["proxy.example"]) as client:
        client.headers.update({**BEARER, "host": "proxy.example", "origin": "http://proxy.example"})
        status = get(client, "launch")
        assert status["allowed"] is False and "not through proxy.example" in status["reason"]
        for path, body in BODIES.items():
            assert refused(client, path, body, 403) == status["reason"]
    assert nothing_happened(root)


def test_a_server_that_starts_commands_needs_a_token_and_loopback(root: Path) -> None:
    repo = Repo(root)
    with pytest.raises(ServerError, match="needs a token, even on loopback"):
        create_app(repo, allow_run=True)
    with pytest.raises(ServerError, match="cannot be read-only"):
        create_app(Repo(root, read_only=True), allow_run=True, token=TOKEN)
    with pytest.raises(ServerError, match="cannot start commands: omit --host"):
        serve(repo, host="0.0.0.0", port=0, allow_run=True, token=TOKEN)


NASTY = [
    "; touch pwned", "$(touch pwned)", "`touch pwned`", "| tee pwned", "&& touch pwned", "> pwned", "a\nb", "*", "~",
    "$HOME", "'", '"', "\\", "--", "-rf", "{other}", "%s", "\x1b[31m", "\N{SNOWMAN}", "<script>alert(1)</script>", "",
]  # fmt: skip


def test_metacharacters_are_text_in_one_argument(root: Path, client: httpx.Client) -> None:
    names = [f"p{number}" for number in range(len(NASTY))]
    body = {
        "command": python(*(f"-{{{name}}}-" for name in names), *NASTY[:6], env=[{"name": "MARK", "value": NASTY[1]}]),
        "values": values(**dict(zip(names, NASTY, strict=True))),
        "name": NASTY[0],
    }
    run = post(client, "launch/start", body)["run"]
    process = finished(client, run)
    assert (process["state"], process["exit_code"]) == ("finished", 0)
    assert printed(root, run) == [[*(f"-{value}-" for value in NASTY), *NASTY[:6]], str(root), NASTY[1]]
    assert process["run"]["name"] == NASTY[0]
    assert not list(root.rglob("pwned")) and sorted(path.name for path in root.iterdir()) == [".aim"]


def test_a_start_is_recorded_with_who_asked(root: Path, client: httpx.Client) -> None:
    command = python("--lr", "{lr}", "--token", "{token}", params=values(lr=0.1), experiment="mine")
    run = post(client, "launch/start", {"command": command, "values": values(token="hush")})["run"]
    process = finished(client, run)
    assert process["asked_by"] == {"user": get(client, "launch")["user"], "via": "ui", "address": "127.0.0.1"}
    assert (process["cwd"], process["run"]["experiment"], process["here"]) == (str(root), "mine", True)
    assert process["argv"][3:] == ["--lr", "0.1", "--token", "***"]
    assert printed(root, run)[0] == ["--lr", "0.1", "--token", "hush"], "the command itself got it"
    assert Repo(root).run(run).params == {"default": {"lr": 0.1}}
    assert "hush" not in json.dumps(Repo(root).run(run).facts)
    assert get(client, "processes")["processes"] == [process]
    assert get(client, "processes", live="true")["total"] == 0


def test_one_is_stopped_with_all_that_it_started(root: Path, client: httpx.Client) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    run = post(client, "launch/start", {"command": {"argv": [sys.executable, "-c", code]}})["run"]
    shown = until(lambda: (entry := get(client, "process", run=run))["processes"] == 2 and entry)
    assert shown["state"] == "running" and shown["memory"] > 1e6 and shown["cpu"] >= 0 and not shown["orphan"]
    assert get(client, "processes", live="true")["total"] == 1
    assert post(client, "processes/stop", {"run": run, "why": "enough"}) == {"changed": 1}
    process = finished(client, run)
    assert (process["state"], process["why"], process["processes"]) == ("stopped", "enough", None)
    stop = edits.latest(root / ".aim")[run, "stop"].value
    assert stop["by"] == process["asked_by"]
    assert post(client, "processes/stop", {"run": run}) == {"changed": 0}
    assert refused(client, "processes/stop", {"run": RUN}, 404).startswith("no run has the id")


def test_every_process_of_a_stopped_run_is_stopped(client: httpx.Client) -> None:
    code = "import aim, time\nwith aim.Run(system_interval=0) as run:\n    run.track(1.0, 'loss')\n    time.sleep(600)"
    run = post(client, "launch/start", {"command": {"argv": [sys.executable, "-c", code]}})["run"]
    until(lambda: get(client, "run", run=run)["metrics"])
    assert post(client, "processes/stop", {"run": run}) == {"changed": 1}
    finished(client, run)
    assert [writer["status"] for writer in get(client, "run", run=run)["writers"]] == ["stopped", "stopped"]
    assert get(client, "run", run=run)["run"]["status"] == "stopped"


REFUSED: list[tuple[str, Any, str]] = [
    ("launch/start", {"command": {"argv": []}}, "the command is empty"),
    ("launch/start", {"command": {"argv": ["{a}"]}}, "a has no default"),
    ("launch/start", {"command": {"argv": ["p", "{__proto__}"]}}, "is not a parameter name"),
    ("launch/start", {"command": python("{a}"), "values": values(constructor=1)}, "no parameter 'constructor'"),
    ("launch/start", {"command": python("{a}", params=values(toString=1))}, "no argument contains {toString}"),
    ("launch/start", {"command": python("{a}"), "values": values(a="x\0y")}, "NUL"),
    ("launch/start", {"command": python("x\0y")}, "NUL"),
    ("launch/start", {"command": python("x", cwd="\0")}, "NUL"),
    ("launch/start", {"command": python("x", cwd="no/such/folder")}, "does not exist"),
    ("launch/start", {"command": python("x", cwd="/etc/passwd")}, "does not exist"),
    ("launch/start", {"command": python("x", cwd="../../../../../../nowhere")}, "does not exist"),
    ("launch/start", {"command": {"argv": ["/etc/passwd"]}}, "not an executable file"),
    ("launch/start", {"command": {"argv": ["../../../../etc"]}}, "not an executable file"),
    ("launch/start", {"command": {"argv": ["ls; touch pwned"]}}, "was not found in PATH"),
    ("launch/start", {"command": {"argv": ["ls -l"]}}, "was not found in PATH"),
    ("launch/start", {"command": python("x", interpreter="nothing-called-so")}, "was not found in PATH"),
    ("launch/start", {"command": python("x", env=[{"name": "A=B", "value": ""}])}, "is not a valid name"),
    ("launch/start", {"command": python("x"), "template": "../../x"}, "$.template"),
    ("launch/start", {"command": python("x"), "shell": True}, "unknown field `shell`"),
    ("launch/start", {"command": {"argv": "ls"}}, "Expected `array`"),
    ("launch/start", {"command": {"argv": [{"$ne": 1}]}}, "Expected `str`"),
    ("launch/start", [], "Expected `object`"),
    ("processes/stop", {"run": "-1"}, "$.run"),
    ("processes/stop", {"run": "../../x"}, "$.run"),
    ("templates/save", {"name": "../../etc/passwd\nx", "command": python("x")}, "control characters"),
    ("templates/save", {"name": "x", "command": python("x"), "id": "../x"}, "$.id"),
    ("templates/save", {"name": "x", "command": python("x"), "id": TEMPLATE}, "there is no template"),
    ("templates/save", {"name": "x", "command": python("x", env=[{"name": "HF_TOKEN", "value": "x"}])}, "secret"),
    ("templates/delete", {"id": "__proto__"}, "$.id"),
    ("templates/delete", {"id": TEMPLATE}, "may have been deleted"),
    ("queues/preview", {"command": python("{a}"), "space": [{"name": "a", "text": "1..9999"}]}, "can have 1,000"),
    ("queues/preview", {"command": python("{a}"), "space": []}, "a has no default"),
    ("queues/preview", {"command": python("{a}"), "space": [{"name": "a", "text": "1"}] * 2}, "given twice"),
    ("queues/preview", {"command": python("{a}"), "space": [{"name": "b", "text": "1"}]}, "no parameter 'b'"),
    ("queues/add", {"command": python("{a}"), "params": ["a"], "trials": [[1], [1, 2]]}, "a value for each of a"),
    ("queues/add", {"command": python("{a}"), "params": ["a"], "trials": []}, "length >= 1"),
    ("queues/add", {"command": python("{a}"), "params": ["a"], "trials": [[{}]]}, "$.trials"),
    ("queues/add", {"command": python("{token}"), "params": ["token"], "trials": [["x"]]}, "looks like a secret"),
    ("queues/add", {"command": python("x", cwd="nowhere"), "params": [], "trials": [[]]}, "does not exist"),
    ("queues/add", {"command": python(), "params": [], "trials": [[]], "rules": {"stop": [{"query": ">"}]}}, "Expect"),
    ("queues/add", {"command": python(), "params": [], "trials": [[]], "slots": 1_000}, "$.slots"),
    ("queues/edit", {"queue": "../../x", "state": "paused"}, "$.queue"),
    ("queues/edit", {"queue": QUEUE, "state": "paused"}, "there is no queue"),
    ("queues/edit", {"queue": QUEUE, "state": "gone"}, "$.state"),
    ("queues/trials", {"queue": QUEUE, "trials": [1], "action": "cancel"}, "there is no queue"),
    ("queues/delete", {"queue": QUEUE}, "there is no queue"),
]  # fmt: skip


def test_invalid_values_are_refused_by_name(root: Path, client: httpx.Client) -> None:
    for path, body, words in REFUSED:
        assert words in refused(client, path, body), (path, body)
    assert nothing_happened(root)


def test_missing_things_are_reported(client: httpx.Client) -> None:
    for path in (f"queue?queue={QUEUE}", f"process?run={RUN}", f"launch/draft?run={RUN}"):
        answer = client.get(f"/api/{path}")
        assert answer.status_code == 404 and answer.json()["error"]["message"], path


def test_sizes_are_bounded(root: Path, client: httpx.Client) -> None:
    for path in BODIES:
        answer = client.post(f"/api/{path}", content=b" " * (LARGE + 1), headers={"content-type": "application/json"})
        assert answer.status_code == 413
    assert "100000 are allowed" in refused(client, "launch/start", {"command": python("x" * 100_001)})
    assert "2_000" in (long := refused(client, "launch/start", {"command": {"argv": ["x"] * 2_001}})) or "2000" in long
    assert nothing_happened(root)


def test_a_preview_shows_what_would_start_and_starts_nothing(root: Path, client: httpx.Client) -> None:
    (root / "sub").mkdir()
    env = [{"name": "LD_PRELOAD", "value": "/tmp/x.so"}, {"name": "PATH", "value": os.path.dirname(sys.executable)}]
    command = {"argv": [os.path.basename(sys.executable), "{a}"], "cwd": "sub", "env": env}
    answer = post(client, "launch/preview", {"command": command, "values": values(a="x y")})
    assert answer == {
        "argv": [os.path.basename(sys.executable), "x y"],
        "program": sys.executable,
        "cwd": str(root / "sub"),
        "env": env,
        "differences": [],
    }
    assert nothing_happened(root)


def test_a_script_of_many_runs_is_not_offered_as_one_run(root: Path, client: httpx.Client) -> None:
    script = root / "three.py"
    script.write_text("import aim\nfor name in ('one', 'two', 'three'):\n    aim.Run(name).close()\n")
    subprocess.run([sys.executable, script], cwd=root, check=True)
    repo = Repo(root)
    assert repo.logs.recorded_with(repo.run("two").id) == 3
    assert get(client, "launch/draft", run="two")["runs"] == 3


def test_runs_of_one_process_are_counted_with_two_reads(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for the run and one for those around it, where texts are not kept: in a database or with many runs."""
    monkeypatch.setattr("aim.index.rows._KEPT_ROWS", 0)
    for name in "abcd":
        with aim.Run(name, repo=root) as run:
            run.track(1.0, "loss")
    repo = Repo(root)
    repo.count()
    read, calls = engine.read, []

    def watched(parts: list[Any], names: list[str], **given: Any) -> engine.Columns:
        calls.append(names)
        return read(parts, names, **given)

    monkeypatch.setattr(engine, "read", watched)
    assert repo.logs.recorded_with(run.id) == 4
    assert calls.count(["segment", "run", "doc"]) == 2, calls


def test_a_run_is_repeated_with_a_change(root: Path, client: httpx.Client) -> None:
    first = {"command": python("--lr", "0.1", "--token", "{token}"), "values": values(token="hush")}
    run = post(client, "launch/start", first)["run"]
    finished(client, run)
    draft = get(client, "launch/draft", run=run)
    assert draft["command"]["argv"][3:] == ["--lr", "{lr}", "--token", "{token}"]
    assert (draft["command"]["params"], draft["missing"]) == (values(lr=0.1, token=None), ["token"])
    assert draft["runs"] == 1
    assert draft["command"]["cwd"] == str(root) and "masked" in draft["notes"][0]
    body = {"command": draft["command"], "values": values(lr=0.2, token="hush"), "run": run}
    differences = post(client, "launch/preview", body)["differences"]
    assert {
        (difference["kind"], difference["name"], difference["was"], difference["now"]) for difference in differences
    } == {
        ("param", "lr", "0.1", "0.2"),
        ("param", "token", None, "***"),
        ("argument", "argument 4", "0.1", "0.2"),
    }
    again = post(client, "launch/start", {"command": draft["command"], "values": values(lr=0.2, token="hush")})["run"]
    finished(client, again)
    assert printed(root, again)[0] == ["--lr", "0.2", "--token", "hush"]
    assert client.get("/api/launch/draft?run=nothing").status_code == 404


VALUES: list[tuple[str, Value, Value]] = [
    ("1.0", 1.0, "1.0"),
    ("0.1", 0.1, 0.1),
    ("1e-05", 1e-05, 1e-05),
    ("7", 7, 7),
    ("12345678901234567890", "12345678901234567890", "12345678901234567890"),
    ("9007199254740993", 9007199254740993, "9007199254740993"),
    ("010", "010", "010"),
    ("True", True, True),
    ("adam", "adam", "adam"),
]


@pytest.mark.parametrize(("argument", "value", "travels"), VALUES)
def test_numbers_that_javascript_would_change_are_sent_as_text(
    root: Path, client: httpx.Client, argument: str, value: Value, travels: Value
) -> None:
    """JavaScript writes 1.0 as 1."""
    command = python("-c", "", "--x", "{x}", params=[{"name": "x", "value": argument}])
    saved = client.post("/api/templates/save", json={"name": "one", "command": command}).json()["id"]
    assert queues.templates(root / ".aim")[0].params == {"x": value}
    (template,) = client.get("/api/templates").json()["templates"]
    assert template["id"] == saved and template["command"]["params"] == [{"name": "x", "value": travels}]
    shown = client.post("/api/launch/preview", json={"command": template["command"]}).json()
    assert shown["argv"][-1] == argument


def test_templates_are_saved_listed_and_deleted(root: Path, client: httpx.Client) -> None:
    command = {"argv": ["python", "{lr}", "{amp?--amp}"], "params": values(lr=0.1)}
    id = post(client, "templates/save", {"name": "train", "command": command})["id"]
    (answered,) = get(client, "templates")["templates"]
    assert (answered["id"], answered["name"], answered["command"]["argv"]) == (id, "train", command["argv"])
    assert answered["command"]["params"] == values(lr=0.1, amp=False)
    assert abs(answered["edited_at"] - time.time()) < 3600
    assert "already" in refused(client, "templates/save", {"name": "train", "command": command})
    assert post(client, "templates/save", {"id": id, "name": "other", "command": command}) == {"id": id}
    assert [entry["name"] for entry in get(client, "templates")["templates"]] == ["other"]
    assert post(client, "templates/delete", {"id": id}) == {"changed": 1}
    assert get(client, "templates") == {"templates": []}


def detail(client: httpx.Client, queue: str) -> dict[str, Any]:
    return get(client, "queue", queue=queue)


def test_a_queue_is_listed_before_it_starts_and_runs_every_trial_once(root: Path, client: httpx.Client) -> None:
    body = {"command": python("{seed}", "{lr}", params=values(lr=0.5)), "space": [{"name": "seed", "text": "1..3"}]}
    listed = post(client, "queues/preview", body)
    assert (listed["params"], listed["trials"], listed["combinations"]) == (["seed"], [[1], [2], [3]], 3)
    assert listed["first"]["argv"][3:] == ["1", "0.5"] and listed["first"]["program"] == sys.executable
    assert nothing_happened(root)
    made = {
        "command": body["command"],
        "params": listed["params"],
        "trials": listed["trials"],
        "name": "grid",
        "slots": 2,
    }
    id = post(client, "queues/add", made)["id"]
    answered = until(lambda: (entry := detail(client, id))["queue"]["done"] and entry)
    assert answered["queue"]["states"] == {"finished": 3}
    assert answered["queue"]["by"] == {"user": get(client, "launch")["user"], "via": "ui", "address": "127.0.0.1"}
    assert (answered["params"], [trial["values"] for trial in answered["trials"]]) == (
        ["seed", "lr"],
        [[1, 0.5], [2, 0.5], [3, 0.5]],
    )
    assert [printed(root, trial["run"])[0] for trial in answered["trials"]] == [
        ["1", "0.5"],
        ["2", "0.5"],
        ["3", "0.5"],
    ]
    shown = get(client, "processes", queue=id)
    assert shown["total"] == 3 and {entry["trial"] for entry in shown["processes"]} == {1, 2, 3}
    assert [entry["asked_by"]["via"] for entry in shown["processes"]] == ["queue"] * 3
    (row,) = get(client, "queues")["queues"]
    assert row == answered["queue"]
    assert post(client, "queues/trials", {"queue": id, "trials": [2], "action": "retry"}) == {"changed": 1}
    again = until(lambda: (entry := detail(client, id))["queue"]["done"] and entry)["trials"][1]
    assert (again["tries"], again["hash"], again["state"]) == (2, f"{id}-2-2", "finished")
    assert Repo(root).count() == 4
    assert post(client, "queues/delete", {"queue": id}) == {"changed": 1}
    assert (get(client, "queues"), Repo(root).count()) == ({"queues": []}, 4), "the runs stay"


def test_a_paused_queue_waits_and_a_canceled_one_stops(root: Path, client: httpx.Client) -> None:
    waiting = {
        "argv": [sys.executable, "-c", "import sys, time; time.sleep(600 if sys.argv[1] == '3' else 0)", "{seed}"]
    }
    body = {"command": waiting, "params": ["seed"], "trials": [[1], [2], [3]], "slots": 1, "paused": True}
    rules = {"stop": [{"query": "run.loss > 5", "after": 10}], "halving": {"metric": "loss"}}
    id = post(client, "queues/add", {**body, "rules": rules})["id"]
    answered = detail(client, id)
    assert (answered["queue"]["state"], answered["queue"]["states"]) == ("paused", {"waiting": 3})
    assert answered["rules"]["stop"] == [{"query": "run.loss > 5", "after": 10, "metric": None}]
    assert answered["rules"]["halving"] == {"metric": "loss", "direction": "min", "min_steps": 1, "eta": 3}
    assert post(client, "queues/trials", {"queue": id, "trials": [1], "action": "cancel"}) == {"changed": 1}
    post(client, "queues/edit", {"queue": id, "order": [3], "slots": 2, "state": "running"})
    assert [trial["number"] for trial in detail(client, id)["trials"]] == [3, 1, 2]
    until(lambda: detail(client, id)["queue"]["states"] == {"canceled": 1, "finished": 1, "running": 1})
    assert "still run" in refused(client, "queues/delete", {"queue": id})
    post(client, "queues/edit", {"queue": id, "state": "cancelled"})  # as programs may still spell it
    until(lambda: detail(client, id)["queue"]["states"] == {"canceled": 1, "finished": 1, "stopped": 1})
    (stopped,) = [trial for trial in detail(client, id)["trials"] if trial["state"] == "stopped"]
    assert "canceled" in stopped["why"]


def test_foreign_queues_start_after_a_person_agreed_to_what_was_shown(root: Path, client: httpx.Client) -> None:
    command = {"argv": ["sh", "-c", "echo {n} >> hit"], "name": "theirs"}
    value = {"template": command, "trials": [{"n": 1}, {"n": 2}], "created": 1.0}
    editor = edits.Editor(root / ".aim")
    editor.edit_many([
        (None, f"template:{TEMPLATE}", command), (None, f"queue_state:{QUEUE}", {"state": "running"}),
        (None, f"queue_slots:{QUEUE}", 1), (None, f"queue:{QUEUE}", value),
    ])  # fmt: skip
    (template,), (row,) = get(client, "templates")["templates"], get(client, "queues")["queues"]
    assert (template["own"], row["own"], row["here"], row["state"]) == (False, False, False, "paused")
    single = {"command": python(), "template": TEMPLATE}
    several = {"command": python("{a}"), "params": ["a"], "trials": [[1], [2]], "template": TEMPLATE}
    for path, body in [("launch/start", single), ("queues/add", several)]:
        assert "came from elsewhere" in refused(client, path, body, 409)
        assert post(client, path, {**body, "agreed": True})
    shown = detail(client, QUEUE)
    assert "came from elsewhere" in refused(client, "queues/edit", {"queue": QUEUE, "state": "running"})
    editor.edit_many([(None, f"queue:{QUEUE}", {**value, "trials": [{"n": "1; rm x"}]})])
    agreed = {"queue": QUEUE, "agreed": shown["digest"]}
    assert "has changed since it was shown" in refused(client, "queues/edit", agreed)
    assert not (root / "hit").exists()
    editor.edit_many([(None, f"queue:{QUEUE}", value)])
    assert post(client, "queues/edit", agreed) == {"changed": 1}
    assert detail(client, QUEUE)["queue"]["own"]
    until(lambda: (root / "hit").exists() and (root / "hit").read_text() == "1\n2\n")
