"""W&B's files are read in place: the values that W&B's own classes give, live, and whatever the bytes are."""

from __future__ import annotations

import json
import math
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim.errors import LogError
from aim.index.sources.frames import frames
from aim.repo import Repo
from tests.index.sources.wandb_files import HEADER, SUMMARY, began, ended, framed, history, items, sized, write

GOLDEN = Path(__file__).parents[2] / "golden" / "wandb"
LOGS = GOLDEN / "logs"
EXPECTED = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
# How wandb writes what is no number, and what else a row holds.
TEXTS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def points_of(run: Any) -> dict[str, list[tuple[int, float, float]]]:
    return {
        name: list(zip(trace.steps.tolist(), map(repr, trace.values.tolist()), trace.times.tolist(), strict=True))
        for name, metric in run.metrics.items()
        for trace in metric.traces
    }


def expected_points(id: str) -> dict[str, list[tuple[int, str, float]]]:
    points: dict[str, list[tuple[int, str, float]]] = {}
    for step, values in EXPECTED[id]["history"]:
        for name, value in values.items():
            value = TEXTS.get(value, value) if isinstance(value, str) else value
            if isinstance(value, (int, float)) and name[0] != "_" and name.partition(".")[0] not in MEDIA:
                time = pytest.approx(values["_timestamp"], abs=1e-6)
                points.setdefault(name, []).append((step, repr(float(value)), time))
    for place, (time, values) in enumerate(EXPECTED[id]["stats"]):
        for name, value in values.items():
            points.setdefault(f"system/{name}", []).append((place, repr(float(value)), pytest.approx(time, abs=1e-6)))
    return points


MEDIA = ("img", "imgs", "hist", "html")


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    repo = Repo(tmp_path_factory.mktemp("home"), logs=LOGS)
    return {run.hash: run for run in repo.select_runs()}


@pytest.mark.parametrize("id", EXPECTED)
def test_every_point_is_the_one_that_wandb_recorded(golden: dict[str, Any], id: str) -> None:
    assert points_of(golden[id]) == expected_points(id)
    assert len(expected_points(id)) > (10 if id == "aaaa1111" else 0)


def test_what_else_a_run_says(golden: dict[str, Any]) -> None:
    run = golden["aaaa1111"]
    assert (run.name, run.experiment, run.tags, run.description) == ("run-a", "demo", ["t1", "t2"], "a note")
    assert run.params == {
        "hparams": {
            "lr": 0.01, "model": {"depth": 3, "name": "mlp"}, "betas": [0.9, 0.999], "flag": True, "none": None,
            "batch_size": 32,
        },
        "summary": {"best": 0.5, "val/loss": {"min": 1 / 31}},
        "wandb": {"group": "g1", "job_type": "train", "entity": "team"},
    }  # fmt: skip
    assert run.created_at == pytest.approx(EXPECTED["aaaa1111"]["started"], abs=1e-6)
    assert run.facts["wandb"]["skipped"] == {"alerts": ["warned"], "lists": ["list"]}
    assert [golden[id].status for id in EXPECTED] == ["finished", "failed", "finished"]
    assert [golden[id].name for id in EXPECTED][1] == "failed"


def test_media_are_the_files_that_wandb_kept(golden: dict[str, Any]) -> None:
    values = {(series.kind, series.name): list(series) for series in golden["aaaa1111"].objects()}
    folder = LOGS / "offline-run-20260101_000000-aaaa1111" / "files" / "media" / "images"
    files = {path.name.partition("_")[0]: path.read_bytes() for path in sorted(folder.iterdir())}
    assert set(values) == {
        ("text", "text"),
        ("image", "img"),
        ("image", "imgs"),
        ("distribution", "hist"),
        ("html", "html"),
    }
    (image,) = values["image", "img"]
    assert (image.data, image.caption, image.about["width"]) == (files["img"], "cap", 8)
    assert sorted(item.data for item in values["image", "imgs"]) == sorted(
        path.read_bytes() for path in folder.glob("imgs_*")
    )
    assert [item.data for item in values["text", "text"]] == [b"hello"]
    assert b"<b>x</b>" in next(iter(values["html", "html"])).data
    (hist,) = values["distribution", "hist"]
    assert (hist.value.counts, hist.value.edges) == ([3.0, 1.0, 2.0], [0.0, 1.0, 2.0, 4.0])


TABLE = {"_type": "table-file", "path": "media/table/t_0_ab.table.json", "ncols": 2, "nrows": 4, "size": 99}
PICTURE = {"_type": "image-file", "path": "media/images/t.png", "width": 3, "height": 2}


def with_table(folder: Path, content: bytes) -> Any:
    path = run_in(folder / "wandb", "abc", began("a"), history(0, {"t": TABLE, "loss": 1.0}))
    files = path.parent / "files" / "media"
    (files / "table").mkdir(parents=True)
    (files / "images").mkdir()
    (files / "images" / "t.png").write_bytes(aim.Image(np.zeros((2, 3), np.uint8)).data)
    (files / "table" / "t_0_ab.table.json").write_bytes(content)
    (series,) = Repo(folder / "home", logs=folder).objects("tables if tables.rows > 3")
    return next(iter(series))


def test_a_table_is_the_one_that_wandb_kept(tmp_path: Path) -> None:
    gone, other = {**PICTURE, "path": "media/images/none.png"}, {"_type": "audio-file", "path": "x.wav"}
    rows = [[1, "a", PICTURE, 1], [2.5, None, gone, "x"], [None, "b", None, other], [float("nan"), "c"]]
    content = {"columns": ["n", "said", "n", 7], "data": rows, "ncols": 4, "nrows": 4}
    table = with_table(tmp_path, json.dumps(content).encode()).value
    assert table.columns == ["n", "said", "n (2)", "7"]
    assert [repr(cell) for cell in table.column("n")] == ["1.0", "2.5", "None", "nan"]
    assert table.column("said") == ["a", None, "b", "c"]
    assert [cell and (cell.width, cell.height) for cell in table.column("n (2)")] == [(3, 2), None, None, None]
    assert table.column("7") == ["1", "x", json.dumps(other), None]


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (["a", "a", "a (2)", "a"], ["a", "a (1)", "a (2)", "a (3)"]),
        (["a (1)", "a", "a"], ["a (1)", "a", "a (2)"]),
        (["a (2)", "a", "a"], ["a (2)", "a", "a (3)"]),
        ([f"{'a' * 180} (2)", "a" * 180, "a" * 180], [f"{'a' * 180} (2)", "a" * 180, f"{'a' * 180} (3)"]),
        (["", None, "b" * 300], ["column", "None", "b" * 200]),
    ],
)
def test_columns_with_equal_names_are_told_apart(tmp_path: Path, names: list[str], columns: list[str]) -> None:
    content = {"columns": names, "data": [[1] * len(names)]}
    assert with_table(tmp_path, json.dumps(content).encode()).value.columns == columns


RAGGED = json.dumps({"columns": list(range(1_000)), "data": [[0]] * 20_000}).encode()
MANY = json.dumps({"columns": ["a"] * 1_001, "data": []}).encode()
LISTS = b'{"columns": ["a"], "data": [' + b"[]," * 2_000_000 + b"[]]}"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b'{"columns": 1}', b'{"columns": ["a"], "data": [1]}', b"[" * 100_000, b" " * (33 << 20), RAGGED,
        b'{"columns": [], "data": []}', MANY, LISTS,
    ],
    ids=range(10),
)  # fmt: skip
def test_a_file_that_is_no_table_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(LogError, match="cannot be read"):
        with_table(tmp_path, content).data  # noqa: B018


def test_the_prefix_selects_and_nothing_of_the_folder_is_touched(tmp_path: Path) -> None:
    before = {path: path.stat() for path in LOGS.rglob("*")}
    repo = Repo(tmp_path, logs=LOGS)
    (run,) = repo.select_metrics("wandb:loss if hparams.lr == 0.1")
    assert (run.hash, run.metrics["loss"].traces[0].values.tolist()) == ("bbbb2222", [2.0])
    assert repo.select_metrics("loss") == []
    assert {path: path.stat()[:8] for path in before} == {path: about[:8] for path, about in before.items()}
    assert not (tmp_path / ".aim" / "runs").exists()


def run_in(folder: Path, id: str, *records: bytes, session: str = "20260101_000000") -> Path:
    return write(folder / f"run-{session}-{id}" / f"run-{id}.wandb", *records)


def losses(repo: Repo) -> dict[str, list[tuple[int, float]]]:
    return {
        run.hash: list(zip(trace.steps.tolist(), trace.values.tolist(), strict=True))
        for run in repo.select_metrics("wandb:loss")
        for trace in run.metrics["loss"].traces
    }


def test_a_live_file_is_followed_and_a_resumed_run_has_both_files(tmp_path: Path) -> None:
    path = run_in(tmp_path / "wandb", "abc", began("a"), history(0, {"loss": 1.0}))
    repo = Repo(tmp_path, logs=tmp_path)
    assert losses(repo) == {"abc": [(0, 1.0)]}
    whole = framed([history(1, {"loss": 0.5}), ended(1)], path.read_bytes())
    path.write_bytes(whole[:-9])
    assert losses(repo) == {"abc": [(0, 1.0), (1, 0.5)]}
    path.write_bytes(whole)
    assert [(run.status, run.name) for run in repo.select_runs()] == [("failed", "a")]
    again = (began("b", time=1_000_000_100), history(2, {"loss": 0.25}, 1e9 + 100), ended(0))
    run_in(tmp_path / "wandb", "abc", *again, session="20260102_000000")
    for opened in (repo, Repo(tmp_path, logs=tmp_path)):
        assert losses(opened) == {"abc": [(0, 1.0), (1, 0.5), (2, 0.25)]}
        assert [(run.status, run.name) for run in opened.select_runs()] == [("finished", "b")]


def test_a_run_without_an_end_is_running_then_lost(tmp_path: Path) -> None:
    path = run_in(tmp_path, "abc", began("a"), history(0, {"loss": 1.0}))
    assert [run.status for run in Repo(tmp_path, logs=tmp_path).select_runs()] == ["lost"]
    os.utime(path)
    import time

    path.write_bytes(framed([history(1, {"loss": 1.0}, time.time())], path.read_bytes()))
    assert [run.status for run in Repo(tmp_path, logs=tmp_path).select_runs()] == ["running"]


def test_a_file_cut_at_any_byte_shows_the_records_before(tmp_path: Path) -> None:
    steps = [history(step, {"loss": 1.0, "text": "hello"}) for step in range(4)]
    ends = [len(framed([began("a"), *steps[:count]])) for count in range(5)]
    whole = framed([began("a"), *steps])
    path = tmp_path / "file"
    for length in range(len(HEADER), len(whole) + 1):
        path.write_bytes(whole[:length])
        with open(path, "rb") as file:
            read = list(frames(file, len(HEADER), length))
        assert all(frame.data is not None for frame in read)
        assert len(read) == sum(end <= length for end in ends), length


def test_a_flipped_bit_costs_its_block_and_is_told(tmp_path: Path) -> None:
    steps = [history(step, {"loss": float(step), "pad": "x" * 900}) for step in range(100)]
    whole = bytearray(framed([began("a"), *steps]))
    whole[40_000] ^= 4
    run_in(tmp_path, "abc", began("a")).write_bytes(whole)
    repo = Repo(tmp_path, logs=tmp_path)
    shown = [step for step, _ in losses(repo)["abc"]]
    assert shown == sorted(shown) and len(shown) > 60 and shown[-1] == 99
    assert any("bytes" in note and "are damaged" in note for note in repo.source_notes())


def test_any_bytes_are_runs_or_damage(tmp_path: Path) -> None:
    rng = random.Random(0)
    records = [began("a", {"lr": 1}), *(history(step, {"loss": 1.0, "o": {"_type": "x"}}) for step in range(5))]
    for number in range(150):
        odd = [bytearray(record) for record in records]
        for _ in range(rng.randrange(1, 6)):
            record = rng.choice(odd)
            record[rng.randrange(len(record))] = rng.randrange(256)
        run_in(tmp_path / "wandb", f"r{number}", *map(bytes, odd))
    repo = Repo(tmp_path, logs=tmp_path)
    runs = repo.select_runs()
    assert len(runs) == 150
    for run in runs:
        for series in run.objects():
            for item in series:
                assert isinstance(item.data, bytes)


HOSTILE = {
    "a path above": {"_type": "image-file", "path": "../../../secret.png"},
    "an absolute path": {"_type": "image-file", "path": "/etc/passwd"},
    "a link": {"_type": "image-file", "path": "media/link.png"},
    "a missing file": {"_type": "image-file", "path": "media/none.png"},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_media_elsewhere_are_not_read(tmp_path: Path, case: str) -> None:
    path = run_in(tmp_path / "wandb", "abc", began("a"), history(0, {"img": HOSTILE[case]}))
    (tmp_path / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\nsecret")
    (path.parent / "files" / "media").mkdir(parents=True)
    (path.parent / "files" / "media" / "link.png").symlink_to(tmp_path / "secret.png")
    (run,) = Repo(tmp_path / "home", logs=tmp_path).select_runs()
    (value,) = run.objects()[0]
    with pytest.raises(LogError, match="cannot be read"):
        value.data  # noqa: B018


def test_a_link_in_place_of_the_files_is_not_followed(tmp_path: Path) -> None:
    path = run_in(tmp_path / "logs", "abc", began("a"), history(0, {"img": {"_type": "image-file", "path": "a.png"}}))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nsecret")
    (path.parent / "files").symlink_to(tmp_path / "elsewhere")
    (run,) = Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs()
    with pytest.raises(LogError, match="cannot be read"):
        next(iter(run.objects()[0])).data  # noqa: B018


BOMBS = {
    "many kinds of media": lambda: [history(0, {f"n{i}": {"_type": f"k{i}-file", "path": "p"} for i in range(2_000)})],
    "long names of media": lambda: [history(0, {"n" * 2_000_000: {"_type": "video-file", "path": "p"}})],
    "deep JSON": lambda: [sized(2, items(1, {"a": 1}) + sized(1, sized(1, "b") + sized(16, "[" * 100_000)))],
    "many names": lambda: [history(0, {f"n{i}": 1 for i in range(120_000)})],
    "a long name": lambda: [history(0, {"n" * 2_000_000: 1})],
    "a huge number": lambda: [sized(2, sized(1, sized(1, "b") + sized(16, "9" * 100_000)))],
    "nested keys": lambda: [sized(2, sized(1, sized(2, "k") * 100_000 + sized(16, "1")))],
    "a large summary": lambda: [sized(SUMMARY, items(1, {f"n{i}": 1 for i in range(50_000)}))],
}


@pytest.mark.parametrize("case", BOMBS)
def test_bombs_stay_small_and_the_rest_is_shown(tmp_path: Path, case: str) -> None:
    run_in(tmp_path, "abc", began("a"), *BOMBS[case](), history(3, {"loss": 1.0}))
    repo = Repo(tmp_path, logs=tmp_path)
    (run,) = repo.select_runs()
    assert run.name == "a"
    assert case == "many names" or run.metrics["loss"].traces[0].steps.tolist() == [3]
    assert len(run.metrics) <= 100_000 and len(str(run.facts["wandb"])) < 100_000
