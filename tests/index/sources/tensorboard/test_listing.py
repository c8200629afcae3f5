"""Which event files belong to which run: links, and the folders that one writer makes below its own."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import NoReturn

import pytest

from aim import regular
from aim.index.sources import tree
from aim.index.sources.tensorboard import listing
from aim.index.sources.tensorboard.listing import event_files
from aim.query.plan import Sample
from aim.repo import Repo
from tests.index.sources.tensorboard.events import (
    VERSION,
    event,
    event_file,
    frame,
    message,
    scalar,
    scalars,
    session,
    session_start,
    tensor,
)

FOLDERS = Path(__file__).parents[3] / "golden" / "tensorboard-folders" / "logs"
TIME, LATER = "1796011159.0253553", "1796011160.5"
Series = dict[tuple[str, str], list[float]]


def values_of(repo: Repo, statement: str = "*") -> dict[str, Series]:
    """The values of every series, by run, name and the context's `tag`."""
    return {
        run.hash: {
            (name, trace.context.get("tag", "")): trace.values.tolist()
            for name, metric in run.metrics.items()
            for trace in metric.traces
        }
        for run in repo.select_metrics(statement)
    }


def test_folders_of_torch_belong_to_their_training() -> None:
    repo = Repo(FOLDERS / "none", tf_logs=FOLDERS)
    found = values_of(repo, "tf:accuracy if hparams.lr < 0.05 and layers == 3")
    assert set(found) == {"trained"} and set(found["trained"]) == {("accuracy", ""), ("accuracy", "hparams")}
    curves = values_of(repo, 'tf:"val/loss"')["trained"]
    assert {key: len(values) for key, values in curves.items()} == {
        ("val/loss", "easy"): 5,
        ("val/loss", "hard/set"): 5,
    }
    runs = {run.hash: run for run in repo.select_runs()}
    assert runs["trained"].params == {"hparams": {"lr": 0.01, "layers": 3, "optimizer": "adam", "seed": 7}}
    assert sum(name.startswith("trained") for name in runs) == 1
    trials = {name: run.params["hparams"]["batch"] for name, run in runs.items() if name.startswith("tried/")}
    assert sorted(trials.values()) == [0, 1, 2], "trials of one writer stay runs"
    assert not (FOLDERS / "none").exists()


def test_the_installed_torch_writes_such_folders(tmp_path: Path) -> None:
    tensorboard = pytest.importorskip("torch.utils.tensorboard")
    writer = tensorboard.SummaryWriter(str(tmp_path / "logs" / "a"))
    writer.add_scalar("loss", 1.0, 0)
    writer.add_scalars("val/loss", {"x": 2.0, "y/z": 3.0}, 0)
    writer.add_hparams({"lr": 0.01}, {"accuracy": 0.5})
    writer.close()
    repo = Repo(tmp_path, tf_logs=tmp_path / "logs")
    expected = {
        ("loss", ""): [1.0],
        ("val/loss", "x"): [2.0],
        ("val/loss", "y/z"): [3.0],
        ("accuracy", "hparams"): [0.5],
    }
    assert values_of(repo, "* if hparams.lr < 0.05") == {"a": expected}


CHILDREN = {
    "add_scalars of torch": ("a/loss_x", [scalar("loss", 0, 2.0)], ("a", "loss", "x")),
    "a key with a slash": ("a/loss_x/y", [scalar("loss", 0, 2.0)], ("a", "loss", "x/y")),
    "a tag with a slash": ("a/val_loss_x", [scalar("val/loss", 0, 2.0)], ("a", "val/loss", "x")),
    "add_scalars of tensorboardX": ("a/val/loss/x", [scalar("val/loss", 0, 2.0)], ("a", "val/loss", "x")),
    "below the folder of all": ("loss_x", [scalar("loss", 0, 2.0)], (".", "loss", "x")),
    "another tag": ("a/loss_x", [scalar("acc", 0, 2.0)], ("a/loss_x", "acc", "")),
    "no key": ("a/loss_", [scalar("loss", 0, 2.0)], ("a/loss_", "loss", "")),
    "no file above": ("b/loss_x", [scalar("loss", 0, 2.0)], ("b/loss_x", "loss", "")),
    "add_hparams": (f"a/{TIME}", [session({"lr": 0.5}), scalar("acc", 0, 2.0)], ("a", "acc", "hparams")),
    "a time without hparams": (f"a/{TIME}", [scalar("acc", 0, 2.0)], (f"a/{TIME}", "acc", "")),
    "hparams under a name": ("a/best", [session({"lr": 0.5}), scalar("acc", 0, 2.0)], ("a/best", "acc", "")),
    "a trial below no run": (f"b/{TIME}", [session({"lr": 0.5}), scalar("acc", 0, 2.0)], (f"b/{TIME}", "acc", "")),
}


@pytest.mark.parametrize("name", CHILDREN)
def test_which_folders_belong_to_the_run_above(tmp_path: Path, name: str) -> None:
    folder, records, (run, tag, key) = CHILDREN[name]
    event_file(tmp_path / "a", *scalars(1.0, tag="main"))
    if run == ".":
        event_file(tmp_path, *scalars(1.0, tag="main"))
    event_file(tmp_path / folder, *records)
    found = values_of(Repo(tmp_path / "home", tf_logs=tmp_path))
    assert found[run].pop((tag, key)) == [2.0]
    others = {name: series for name, series in found.items() if series}
    assert others == {name: {("main", ""): [1.0]} for name in ({"a", "."} if run == "." else {"a"})}


def test_equal_sessions_belong_to_the_run_and_others_are_trials(tmp_path: Path) -> None:
    event_file(tmp_path / "a", *scalars(1.0))
    event_file(tmp_path / "a" / TIME, session({"lr": 0.5}))
    event_file(tmp_path / "a" / LATER, session({"lr": 0.5}))
    assert set(event_files(tmp_path).runs) == {"a"}
    event_file(tmp_path / "a" / "1796011161.5", session({"lr": 0.25}))
    assert set(event_files(tmp_path).runs) == {"a", f"a/{TIME}", f"a/{LATER}", "a/1796011161.5"}


def test_a_folder_joins_its_run_while_it_is_written(tmp_path: Path) -> None:
    event_file(tmp_path / "logs" / "a", *scalars(1.0))
    repo = Repo(tmp_path, tf_logs=tmp_path / "logs")
    assert set(values_of(repo)) == {"a"}
    path = event_file(tmp_path / "logs" / "a" / "loss_x")
    assert values_of(repo)["a"] == {("loss", ""): [1.0]}
    path.write_bytes(path.read_bytes() + scalar("loss", 0, 2.0))
    assert values_of(repo) == {"a": {("loss", ""): [1.0], ("loss", "x"): [2.0]}}
    path.write_bytes(path.read_bytes() + scalar("loss", 1, 3.0))
    expected = {"a": {("loss", ""): [1.0], ("loss", "x"): [2.0, 3.0]}}
    assert values_of(repo) == values_of(Repo(tmp_path, tf_logs=tmp_path / "logs")) == expected
    assert [run.status for run in repo.select_runs()] == ["finished"]


def test_a_file_that_cannot_be_read_for_a_moment_is_read_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.EMFILE, "Too many open files")

    event_file(tmp_path / "a", *scalars(1.0))
    event_file(tmp_path / "a" / "loss_x", scalar("loss", 0, 2.0))
    for time in (TIME, LATER):
        event_file(tmp_path / "a" / time, session({"lr": 0.5}), scalar("acc", 0, 2.0))
    with monkeypatch.context() as patch:
        patch.setattr(regular, "opened", refuse)
        assert set(event_files(tmp_path).runs) == {"a", "a/loss_x", f"a/{TIME}", f"a/{LATER}"}
    with monkeypatch.context() as patch:
        patch.setattr(listing, "blocks", refuse)
        assert set(event_files(tmp_path).runs) == {"a", f"a/{TIME}", f"a/{LATER}"}
    assert set(event_files(tmp_path).runs) == {"a"}


@pytest.mark.parametrize("live", [False, True])
def test_a_restart_hides_nothing_of_other_folders(tmp_path: Path, live: bool) -> None:
    logs = tmp_path / "logs"
    event_file(logs / "a", session_start(0), *scalars(1.0, 2.0, 3.0))
    event_file(logs / "a" / "loss_x", session_start(0), *scalars(4.0, 5.0, 6.0), number=2)
    repo = Repo(tmp_path, tf_logs=logs)
    if live:
        repo.revision()
    event_file(logs / "a", session_start(1), *scalars(9.0, first=1), number=3)
    event_file(logs / "a" / "loss_x", session_start(1), *scalars(8.0, first=1), number=4)
    assert values_of(repo) == {"a": {("loss", ""): [1.0, 9.0], ("loss", "x"): [4.0, 5.0, 8.0, 6.0]}}


def test_one_name_of_files_in_several_folders(tmp_path: Path) -> None:
    def note(text: bytes) -> bytes:
        return frame(event(1, values=tensor("note", 7, message(8, text), plugin="text")))

    logs = tmp_path / "logs"
    event_file(logs / "a", *scalars(1.0), note(b"above"))
    event_file(logs / "a" / "loss_x", *scalars(2.0), note(b"below"))
    for repo in (Repo(tmp_path, tf_logs=logs), Repo(tmp_path, tf_logs=logs)):
        found = {series.context.get("tag"): [point.data for point in series] for series in repo.objects()}
        assert found == {None: [b"above"], "x": [b"below"]}
        assert values_of(repo) == {"a": {("loss", ""): [1.0], ("loss", "x"): [2.0]}}


ODD = {
    "empty": b"",
    "zeros": bytes(5000),
    "a version": VERSION,
    "half a record": scalar("loss", 0, 1.0)[:30],
    "text": b"loss " * 1000,
    "a length without an end": b"\xff" * 12 + b"loss",
}


@pytest.mark.parametrize("name", ODD)
def test_any_bytes_below_a_run(tmp_path: Path, name: str) -> None:
    event_file(tmp_path / "a", *scalars(1.0))
    for folder in ("loss_x", TIME):
        (tmp_path / "a" / folder).mkdir()
        (tmp_path / "a" / folder / "events.out.tfevents.1").write_bytes(ODD[name])
    assert set(event_files(tmp_path).runs) == {"a", "a/loss_x", f"a/{TIME}"}


@pytest.mark.parametrize("cut", range(0, 61, 3))
def test_a_file_cut_anywhere(tmp_path: Path, cut: int) -> None:
    event_file(tmp_path / "a", *scalars(1.0))
    path = event_file(tmp_path / "a" / "loss_x", scalar("loss", 0, 1.0))
    path.write_bytes(path.read_bytes()[: -cut or None])
    assert len(event_files(tmp_path).runs) in (1, 2)


def test_process_time_pauses_between_files_of_the_run_alone(tmp_path: Path) -> None:
    """The folder of `add_scalars` is written by the same process, which may record nothing else."""
    logs = tmp_path / "logs"
    event_file(logs / "a")
    event_file(logs / "a" / "loss_x", *scalars(1.0, 2.0, 3.0, tag="loss", first=10), number=2)
    path = event_file(logs / "a", number=3)
    path.write_bytes(scalar("later", 0, 4.0, wall=1_700_000_100.0) + scalar("later", 1, 5.0, wall=1_700_000_101.0))
    repo = Repo(tmp_path, tf_logs=logs)
    assert repo.select("tf:loss").points(sample=Sample(x="process")).x.tolist() == [10.0, 11.0, 12.0]
    assert repo.select("tf:later").points(sample=Sample(x="process")).x.tolist() == [12.0, 13.0]


# Links


def test_a_link_is_another_name_of_the_real_folder(tmp_path: Path) -> None:
    """Also where its name comes first."""
    logs = tmp_path / "logs"
    event_file(logs / "version_0", *scalars(1.0))
    event_file(logs / "version_1", *scalars(2.0))
    event_file(logs / "version_1" / "inner", *scalars(3.0))
    (logs / "latest").symlink_to("version_0", target_is_directory=True)
    repo = Repo(tmp_path, tf_logs=logs)
    ids = {run.hash: run.id for run in repo.select_runs()}
    assert set(ids) == {"version_0", "version_1", "version_1/inner"}
    repo.runs.tag(ids["version_0"], "kept")
    assert links_of(repo) == {"version_0": ["latest"], "version_1": None, "version_1/inner": None}
    (logs / "latest").unlink()
    (logs / "latest").symlink_to(logs / "version_1", target_is_directory=True)
    event_file(logs / "version_2", *scalars(4.0))
    expected = {"version_0": None, "version_1": ["latest"], "version_1/inner": ["latest/inner"], "version_2": None}
    assert links_of(repo) == links_of(Repo(tmp_path, tf_logs=logs)) == expected
    assert [run.hash for run in repo.select_runs("kept in run.tags")] == ["version_0"]


def links_of(repo: Repo) -> dict[str, list[str] | None]:
    return {run.hash: run.facts["tensorboard"].get("links") for run in repo.select_runs()}


def test_a_folder_outside_has_the_name_of_its_first_link(tmp_path: Path) -> None:
    event_file(tmp_path / "elsewhere", *scalars(1.0))
    (tmp_path / "logs").mkdir()
    for name in ("b", "a"):
        (tmp_path / "logs" / name).symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    found = event_files(tmp_path / "logs")
    assert set(found.runs) == {"a"} and found.other_names("a") == ["b"]


def test_links_to_files(tmp_path: Path) -> None:
    """The real file counts once; a store of files without such names, or outside, is reached by its links."""
    logs = tmp_path / "logs"
    real = event_file(logs / "a", *scalars(1.0))
    (logs / "a" / "latest.tfevents").symlink_to(real)
    stored = event_file(logs / "store", *scalars(2.0)).rename(logs / "store" / "5ab3")
    outside = event_file(tmp_path / "outside", *scalars(3.0))
    for name, target in (("b", stored), ("c", outside)):
        (logs / name).mkdir()
        (logs / name / "events.out.tfevents.1").symlink_to(target)
    assert {folder: len(files) for folder, files in event_files(logs).runs.items()} == {"a": 1, "b": 1, "c": 1}


def test_a_folder_counts_once_and_not_at_any_depth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_DEEPEST", 2)
    for folder in ("a", "a/b", "a/b/c"):
        event_file(tmp_path / folder, *scalars(1.0))
    (tmp_path / "A").symlink_to(tmp_path / "a", target_is_directory=True)
    assert set(event_files(tmp_path).runs) == {"a", "a/b"}


def test_a_trial_with_other_hparams_leaves_the_run_while_it_is_open(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    event_file(logs / "a", *scalars(1.0))
    event_file(logs / "a" / TIME, session({"lr": 0.5}), scalar("acc", 0, 2.0))
    repo = Repo(tmp_path, tf_logs=logs)
    joined = {"a": {("loss", ""): [1.0], ("acc", "hparams"): [2.0]}}
    assert values_of(repo, "* if hparams.lr == 0.5") == joined
    event_file(logs / "a" / LATER, session({"lr": 0.25}), scalar("acc", 0, 3.0))
    apart = {"a": {("loss", ""): [1.0]}, f"a/{TIME}": {("acc", ""): [2.0]}, f"a/{LATER}": {("acc", ""): [3.0]}}
    assert values_of(repo) == values_of(Repo(tmp_path, tf_logs=logs)) == apart
    assert set(values_of(repo, "* if hparams.lr == 0.5")) == {f"a/{TIME}"}


def test_many_hparams(tmp_path: Path) -> None:
    """The arguments of Transformers take more than the bytes that tell the kind of a folder."""
    params: dict[str, float | str | bool] = {f"argument_{i}": f"value {i}" * 5 for i in range(150)}
    event_file(tmp_path / "a", *scalars(1.0))
    path = event_file(tmp_path / "a" / TIME, session(params))
    assert path.stat().st_size > 2 * listing._BEGINNING
    assert set(event_files(tmp_path).runs) == {"a"}


def test_hparams_of_a_folder_that_belongs_to_a_run_reach_the_folders_below(tmp_path: Path) -> None:
    event_file(tmp_path / "a", *scalars(1.0))
    event_file(tmp_path / "a" / TIME, session({"lr": 0.5, "seed": 1}))
    event_file(tmp_path / "a" / "eval", *scalars(2.0))
    event_file(tmp_path / "own", session({"lr": 0.25}), *scalars(1.0))
    event_file(tmp_path / "own" / TIME, session({"lr": 0.5, "seed": 1}))
    repo = Repo(tmp_path / "home", tf_logs=tmp_path)
    copied = Repo.init(tmp_path / "copied")
    copied.convert_tensorboard(tmp_path)
    params = {run.hash: run.params["hparams"] for run in repo.select_runs()}
    assert params == {run.hash: run.params["hparams"] for run in copied.select_runs()}
    assert params["a"] == params["a/eval"] == {"lr": 0.5, "seed": 1}
    assert params["own"] == {"lr": 0.25, "seed": 1}, "the run's own folder counts"


def test_a_run_began_with_its_own_folder(tmp_path: Path) -> None:
    """Whatever the clock of another folder says."""
    event_file(tmp_path / "a", *scalars(1.0))
    path = event_file(tmp_path / "a" / "loss_x")
    path.write_bytes(scalar("loss", 0, 2.0, wall=1e9))
    (run,) = Repo(tmp_path / "home", tf_logs=tmp_path).select_runs()
    assert run.created_at == 1_700_000_000.0
