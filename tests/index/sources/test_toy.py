"""Another source is one file and one row: it is found, queried, followed and cached, and its damage affects no
other."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from aim.errors import EditError, QueryError, RepoError
from aim.index.sources.table import NUMBERS, SOURCES
from aim.query.complete import complete
from aim.repo import Repo
from tests.index.sources.tensorboard.answers import series_of
from tests.index.sources.tensorboard.events import event_file, scalar
from tests.index.sources.toy import ROW

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    SOURCES.append(ROW)
    yield
    SOURCES.remove(ROW)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with aim.Run("mine", repo=tmp_path / "home") as run:
        run.track(0.5, "loss", step=7)
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv" / "a.csv").write_text("0,loss,1.0\n1,loss,0.5\n")
    (tmp_path / "csv" / "b.csv").write_text("0,val/loss,3.0\n0,acc,0.25\n")
    return tmp_path / "csv"


QUERIES = {
    "toy:loss": {"a": {"loss": [(0, 1.0), (1, 0.5)]}, "b": {"val/loss": [(0, 3.0)]}},
    "toy:acc, toy:\"val/loss\"": {"b": {"acc": [(0, 0.25)], "val/loss": [(0, 3.0)]}},
    "loss": {"mine": {"loss": [(7, 0.5)]}},
    "loss, toy:loss if run.acc.last > 0": {"b": {"val/loss": [(0, 3.0)]}},
    "tf:loss": {"events": {"loss": [(0, 9.0)]}},
    "toy:loss, tf:loss if experiment == CSV": {"a": {"loss": [(0, 1.0), (1, 0.5)]}, "b": {"val/loss": [(0, 3.0)]}},
}  # fmt: skip


@pytest.mark.parametrize("statement", QUERIES)
def test_its_runs_are_found_beside_those_of_other_sources(home: Path, folder: Path, statement: str) -> None:
    event_file(folder.parent / "logs" / "events", scalar("loss", 0, 9.0))
    repo = Repo(home, tf_logs=folder.parent / "logs", sources={"toy": folder})
    assert series_of(repo, statement) == QUERIES[statement]


def test_its_prefix_is_known_to_queries_and_their_completion(home: Path, folder: Path) -> None:
    repo = Repo(home, sources={"toy": folder})
    assert repo.select("toy:los").notes == ["No Toy run has a metric los; did you mean toy:loss?"]
    assert repo.select("toy:loss").notes == []
    assert Repo(home).select("toy:loss").notes == ["No Toy logs are open; --toy_logs DIR adds a folder of them."]
    offered = complete("toy:ac", 6, repo.vocabulary()).items
    assert [(item.text, item.detail) for item in offered] == [("acc", "Toy")]
    with pytest.raises(QueryError, match="no source `tyo:`") as error:
        repo.select("tyo:loss")
    assert "`toy:name` selects metrics of Toy" in str(error.value)
    with pytest.raises(RepoError, match="there is no source 'tyo'; there are: tensorboard, wandb, .*, toy"):
        Repo(home, sources={"tyo": folder})


def test_a_live_file_is_followed(home: Path, folder: Path) -> None:
    repo = Repo(home, sources={"toy": folder})
    assert series_of(repo, "toy:loss")["a"] == {"loss": [(0, 1.0), (1, 0.5)]}
    revision = repo.revision()
    with open(folder / "a.csv", "a") as file:
        file.write("2,loss,0.25\n3,lo")
    assert series_of(repo, "toy:loss")["a"] == {"loss": [(0, 1.0), (1, 0.5), (2, 0.25)]}
    assert repo.revision() > revision
    (folder / "c.csv").write_text("0,loss,8.0\n")
    assert series_of(repo, "toy:loss")["c"] == {"loss": [(0, 8.0)]}
    (folder / "c.csv").unlink()
    assert "c" not in series_of(repo, "toy:loss")


def test_a_file_that_was_replaced_is_read_again(home: Path, folder: Path) -> None:
    repo = Repo(home, sources={"toy": folder})
    repo.revision()
    (folder / "a.csv").write_text("5,loss,2.0\n6,loss,4.0\n7,loss,6.0\n")
    assert series_of(repo, "toy:loss")["a"] == {"loss": [(5, 2.0), (6, 4.0), (7, 6.0)]}


COMMAND = """
import sys
def hear(event, given):
    if event == "open" and str(given[0]).endswith(".csv"):
        sys.exit(f"{given[0]} was read again")
sys.addaudithook(hear)
from aim.index.sources.table import SOURCES
from tests.index.sources.toy import ROW
SOURCES.append(ROW)
from aim.cli.main import main
main()
"""


def test_another_process_answers_from_the_cache(home: Path, folder: Path) -> None:
    for number in range(20):
        (folder / f"run{number}.csv").write_text(f"{number},loss,{number}.5\n")
    asked = series_of(Repo(home, sources={"toy": folder}), "toy:loss")
    (cache,) = (home / ".aim" / "cache").glob("toy-*")
    assert (cache / "manifest").is_file()
    words = ["query", "toy:loss", "--toy_logs", str(folder), "--repo", str(home), "--json"]
    done = subprocess.run([sys.executable, "-c", COMMAND, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    assert {row["hash"]: row["last"] for row in json.loads(done.stdout)} == {
        run: points[-1][1] for run, series in asked.items() for points in series.values()
    }


@pytest.mark.parametrize("content", ["no csv at all", "0,loss\n", "0,loss,1.0\n1,loss,much\n", "\udcff,loss,1\n"])
def test_damage_of_one_file_is_its_own(home: Path, folder: Path, content: str) -> None:
    (folder / "a.csv").write_bytes(content.encode("utf-8", "surrogateescape"))
    repo = Repo(home, sources={"toy": folder})
    broken = "\n" in content
    for opened in (repo, repo, Repo(home, sources={"toy": folder})):
        assert series_of(opened, "toy:loss, loss") == {"mine": QUERIES["loss"]["mine"], "b": {"val/loss": [(0, 3.0)]}}
        assert opened.source_notes() == ["a.csv cannot be read"] * broken
        assert {run.hash: run.damaged for run in opened.select_runs()} == {"mine": 0, "a": int(broken), "b": 0}
    (folder / "a.csv").write_text("0,loss,4.0\n")
    assert series_of(repo, "toy:loss")["a"] == {"loss": [(0, 4.0)]}
    assert repo.source_notes() == []


def test_its_files_are_not_deleted(home: Path, folder: Path) -> None:
    repo = Repo(home, sources={"toy": folder})
    (run,) = [run for run in repo.select_runs() if run.hash == "a"]
    with pytest.raises(EditError, match="'a' is in Toy logs, which are only shown here"):
        repo.runs.delete(run.id)
    assert (folder / "a.csv").is_file()


def test_each_source_has_segment_numbers_of_its_own() -> None:
    last = len(SOURCES) * NUMBERS - 1
    assert last < 1 << 31, "a segment's number is an int32"
    assert len({row.name for row in SOURCES}) == len({row.prefix for row in SOURCES}) == len(SOURCES)


@pytest.mark.parametrize("way", ["into the repository's", "out of it"])
def test_the_cache_of_another_source_is_not_believed(home: Path, folder: Path, way: str) -> None:
    for number in range(20):
        (folder / f"run{number}.csv").write_text(f"{number},loss,{number}.5\n")
    asked = series_of(Repo(home, sources={"toy": folder}), "*")
    caches = [home / ".aim" / "cache", *(home / ".aim" / "cache").glob("toy-*")]
    source, target = caches if way == "out of it" else reversed(caches)
    for file in [file for file in source.iterdir() if file.is_file()]:
        (target / file.name).write_bytes(file.read_bytes())
    repo = Repo(home, sources={"toy": folder})
    assert series_of(repo, "*") == asked
    with aim.Run("later", repo=home) as run:
        run.track(1.0, "loss")
    assert series_of(repo, "loss").keys() == {"mine", "later"}
