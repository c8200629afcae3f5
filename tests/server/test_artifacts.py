"""Artifacts over HTTP: versions, files, differences, lineage, and that no browser runs what a file contains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import aim
from aim import layout
from aim.artifacts import listing, versions
from aim.repo import Repo
from aim.server import artifacts
from tests.artifacts.folders import written
from tests.server.conftest import Serving

FILES = {
    "notes.txt": "häßlich <script>".encode(),
    "rows.csv": b"name,value\n" + b"".join(b"row %d,%d\n" % (row, row) for row in range(300)),
    "deep/config.json": b'{"lr":0.1,"deep":{"a":[1]}}',
    "page.html": b"<script>alert(1)</script>",
    "picture.png": aim.Image(np.zeros((2, 2, 3), np.uint8)).data,
    "weights.bin": bytes(range(256)),
    "zeros.bin": b"text\0and more",
    "long.txt": "ä".encode() * 150_000,
    "broken.json": b'{"a":',
    "deepest.json": b"[" * 50_000,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifacts")
    data = written(folder / "data", FILES)
    with aim.Run("maker", repo=folder) as run:
        run.log_artifact(data, type="dataset", aliases=["raw"], metadata={"rows": 300, "nan": float("nan")})
        (data / "notes.txt").unlink()
        written(data, {"weights.bin": b"other", "new.txt": b"new"})
        run.log_artifact(data, type="dataset")
    with aim.Run("user", repo=folder) as run:
        run.use_artifact("data:raw")
        run.log_artifact(data / "new.txt", "model")
        run.log_artifact(data, "outside", reference=True)
    return folder


@pytest.fixture(scope="module")
def served(folder: Path, serving: Serving) -> Iterator[httpx.Client]:
    with serving(Repo(folder)) as client:
        yield client


def get(client: httpx.Client, where: str, code: int = 200, /, **params: Any) -> Any:
    answer = client.get(f"/api/{where}", params=params)
    assert answer.status_code == code, answer.text
    return answer.json() if code == 200 else answer.json()["error"]


def file(client: httpx.Client, path: str, *, version: str = "raw", name: str = "data") -> dict[str, str]:
    id = get(client, "artifact", name=name, version=version)["version"]["id"]
    return {"name": name, "id": id, "path": path}


def test_the_list_has_the_latest_of_each(served: httpx.Client) -> None:
    rows = get(served, "artifacts")["artifacts"]
    assert [(row["latest"]["name"], row["latest"]["version"], row["versions"]) for row in rows] == [
        ("data", "v1", 2),
        ("model", "v0", 1),
        ("outside", "v0", 1),
    ]


def test_a_version_with_its_files_and_lineage(served: httpx.Client) -> None:
    detail = get(served, "artifact", name="data", version="raw")
    assert (detail["version"]["version"], detail["version"]["type"]) == ("v0", "dataset")
    assert detail["metadata"] == {"rows": 300, "nan": "NaN"}
    assert [one["path"] for one in detail["files"]] == sorted(FILES)
    assert [one["version"] for one in detail["versions"]] == ["v1", "v0"]
    assert [run["hash"] for run in detail["made"]] == ["maker"]
    assert [run["hash"] for run in detail["used"]] == ["user"]
    assert {one["name"] for one in detail["outputs"]} == {"model", "outside"}
    model = get(served, "artifact", name="model")
    assert [one["name"] for one in model["inputs"]] == ["data"]


def test_a_run_knows_its_artifacts(served: httpx.Client) -> None:
    known = get(served, "run/artifacts", run="user")
    assert [one["name"] for one in known["made"]] == ["model", "outside"]
    assert [(one["name"], one["version"]) for one in known["used"]] == [("data", "v0")]


def test_what_differs_between_two_versions(served: httpx.Client) -> None:
    diff = get(served, "artifact/diff", name="data", version="v1", base="v0")
    assert [(row["path"], row["bytes"], row["base"]) for row in diff["files"]] == [
        ("new.txt", 3, None),
        ("notes.txt", None, len(FILES["notes.txt"])),
        ("weights.bin", 5, 256),
    ]
    assert (diff["added"], diff["removed"], diff["changed"], diff["same"]) == (1, 1, 1, 8)


@pytest.mark.parametrize(
    ("path", "kind", "cut", "begins"),
    [
        ("notes.txt", "text", False, "häßlich <script>"),
        ("page.html", "text", False, "<script>"),
        ("deep/config.json", "json", False, '{\n  "lr": 0.1,'),
        ("broken.json", "json", False, '{"a":'),
        ("deepest.json", "json", False, "[[["),
        ("rows.csv", "table", True, ""),
        ("picture.png", "image", False, ""),
        ("weights.bin", "none", False, ""),
        ("zeros.bin", "none", False, ""),
        ("long.txt", "text", True, "ää"),
    ],
)
def test_previews(served: httpx.Client, path: str, kind: str, cut: bool, begins: str) -> None:
    preview = get(served, "artifact/preview", **file(served, path))
    assert (preview["kind"], preview["cut"]) == (kind, cut)
    assert preview["text"].startswith(begins)
    if kind == "table":
        assert preview["rows"][:2] == [["name", "value"], ["row 0", "0"]]
        assert len(preview["rows"]) == artifacts.MAX_ROWS
    assert bool(preview["why"]) == (kind == "none")


@pytest.mark.parametrize(
    ("path", "type", "where"),
    [
        ("picture.png", "image/png", "inline"),
        ("page.html", "application/octet-stream", "attachment"),
        ("weights.bin", "application/octet-stream", "attachment"),
    ],
)
def test_only_an_image_is_shown_by_the_browser(served: httpx.Client, path: str, type: str, where: str) -> None:
    answer = served.get("/api/artifact/file", params=file(served, path))
    assert answer.content == FILES[path]
    assert answer.headers["content-type"] == type
    assert answer.headers["content-disposition"].startswith(where)
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_file_outside_the_repository_is_never_served(served: httpx.Client) -> None:
    outside = file(served, "rows.csv", name="outside", version="latest")
    assert get(served, "artifact/preview", **outside)["kind"] == "none"
    assert "not in the repository" in get(served, "artifact/file", 404, **outside)["message"]


@pytest.mark.parametrize(
    ("path", "params", "code", "text"),
    [
        ("artifact", {"name": "other"}, 404, "there is no artifact 'other'"),
        ("artifact", {"name": "data", "version": "v9"}, 404, "no version 'v9'"),
        ("artifact", {"name": "../x"}, 404, "there is no artifact"),
        ("artifact/file", {"name": "data", "id": "0" * 32, "path": "a"}, 404, "no such version"),
        ("artifact/file", {"name": "data", "id": "../x", "path": "a"}, 400, "id"),
        ("artifact/diff", {"name": "data", "version": "v1", "base": "v9"}, 404, "no version 'v9'"),
        ("run/artifacts", {"run": "nobody"}, 404, "nobody"),
    ],
)
def test_what_is_not_there_is_named(
    served: httpx.Client, path: str, params: dict[str, str], code: int, text: str
) -> None:
    assert text in get(served, path, code, **params)["message"]


def test_an_unknown_path_leads_nowhere(served: httpx.Client) -> None:
    for path in ("../../repo.json", "/etc/passwd", "notes"):
        assert (
            "has no file"
            in get(served, "artifact/preview", 404, **{**file(served, "notes.txt"), "path": path})["message"]
        )


def test_a_large_file_is_not_read_into_memory(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "MAX_DOWNLOAD", 100)
    assert "aim artifact get data:v0" in get(served, "artifact/file", 413, **file(served, "weights.bin"))["hint"]


def test_an_alias_moves(served: httpx.Client) -> None:
    for version, expected in {"v1": "v1", "v0": "v0"}.items():
        body = {"name": "data", "alias": "moving", "version": version}
        assert served.post("/api/artifacts/alias", json=body).status_code == 200
        assert get(served, "artifact", name="data", version="moving")["version"]["version"] == expected
    assert (
        served.post("/api/artifacts/alias", json={"name": "data", "alias": "moving", "version": None}).status_code
        == 200
    )
    get(served, "artifact", 404, name="data", version="moving")
    answer = served.post("/api/artifacts/alias", json={"name": "data", "alias": "v1", "version": "v0"})
    assert (answer.status_code, "cannot be an alias" in answer.text) == (400, True)


def test_damaged_files_are_named(folder: Path, served: httpx.Client, tmp_path: Path) -> None:
    written(tmp_path / "lost", {"a.txt": b"lost"})
    with aim.Run("loser", repo=folder) as run:
        made = run.log_artifact(tmp_path / "lost")
        assert made is not None
    asked = file(served, "a.txt", name="lost", version="latest")
    layout.artifact_file(folder / ".aim", made.file("a.txt").sha256).unlink()
    assert "cannot be read" in get(served, "artifact/preview", 410, **asked)["message"]
    layout.artifact_file(folder / ".aim", made.digest).unlink()
    assert "cannot be read" in get(served, "artifact", 410, name="lost")["message"]
    assert listing.MAX_FILES >= artifacts.MAX_FILES


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A repository whose only artifact is in a store alone."""
    pytest.importorskip("fsspec")
    with aim.Run("maker", repo=tmp_path / "repo") as run:
        run.log_artifact(written(tmp_path / "data", {"notes.txt": b"notes"}), store="")
    repo = Repo(tmp_path / "repo")
    repo.artifacts.push("data", f"file://{tmp_path}/store")
    layout.artifact_file(repo.aim_dir, repo.artifacts.get("data").file("notes.txt").sha256).unlink()
    return tmp_path


def test_a_page_brings_what_a_store_has_alone(stored: Path, serving: Serving) -> None:
    with serving(Repo(stored / "repo")) as client:
        version = get(client, "artifact", name="data", version="latest")["version"]
        assert (version["store"], version["stored"]) == ("", f"file://{stored}/store")
        preview = get(client, "artifact/preview", **file(client, "notes.txt", version="latest"))
        assert (preview["kind"], preview["text"]) == ("text", "notes")


@pytest.mark.parametrize("lost", ["file", "list"])
def test_a_page_connects_to_no_host_that_a_repository_names(lost: str, stored: Path, serving: Serving) -> None:
    repo = Repo(stored / "repo")
    artifact = repo.artifacts.get("data")
    repo.edits.write([(None, versions.stored_field(artifact.id), "sftp://internal.example/x")])
    if lost == "list":
        layout.artifact_file(repo.aim_dir, artifact.digest).unlink()
    with serving(repo) as client:
        if lost == "list":
            assert "only commands connect to" in str(get(client, "artifact", 410, name="data", version="latest"))
            return
        asked = file(client, "notes.txt", version="latest")
        assert "only commands connect to" in get(client, "artifact/preview", **asked)["why"]
        assert "only commands connect to" in str(get(client, "artifact/file", 404, **asked))


def test_a_page_brings_nothing_large(stored: Path, serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "MAX_DOWNLOAD", 4)
    with serving(Repo(stored / "repo")) as client:
        asked = file(client, "notes.txt", version="latest")
        assert "larger than" in get(client, "artifact/preview", **asked)["why"]
