"""Arguments and methods of Aim 3's Run."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import aim
from aim.errors import AimError, RunError
from aim.sdk.aim3 import ours
from aim.sdk.run import recording_of


def test_run_hash_continues_a_run(tmp_path: Path) -> None:
    with aim.Run("first", repo=tmp_path) as run:
        run.track(1.0, "loss")
    with aim.Run(run_hash="first", repo=tmp_path, force_resume=True) as run:
        run.track(2.0, "loss")
    (recorded,) = aim.select_runs(repo_path=tmp_path)
    assert recorded.metrics["loss"].traces[0].values.tolist() == [1.0, 2.0]
    with aim.Run(run_hash=None, repo=tmp_path, read_only=False) as run:
        assert run.hash == run.id


ARGUMENTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"system_tracking_interval": 30, "log_system_params": True, "capture_terminal_logs": False},
     {"system_interval": 30, "environment": True, "console": False}),
    ({"system_tracking_interval": None, "log_system_params": None, "capture_terminal_logs": None},
     {"system_interval": 0, "environment": False, "console": False}),
]  # fmt: skip


@pytest.mark.parametrize(("aim3", "ours"), ARGUMENTS)
def test_arguments_under_both_names(aim3: Any, ours: Any, tmp_path: Path) -> None:
    facts = []
    for number, given in enumerate((aim3, ours)):
        with aim.Run(f"run {number}", repo=tmp_path, **given) as run:
            interval = run.__reduce__()[1][4]
        recorded = aim.Repo(tmp_path).run(f"run {number}")
        facts.append((interval, "packages" in recorded.facts))
    assert facts[0] == facts[1]


def test_wrong_arguments(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'system_intervall'.*system_tracking_interval"):
        aim.Run(repo=tmp_path, system_intervall=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="keep console="):
        aim.Run(repo=tmp_path, console=True, capture_terminal_logs=True)
    with pytest.raises(TypeError, match="keep run="):
        aim.Run("a", repo=tmp_path, run_hash="b")
    with pytest.raises(ValueError, match="system_interval=-1"):
        aim.Run(repo=tmp_path, system_tracking_interval=-1)
    assert not list((tmp_path / ".aim" / "runs").glob("*"))


def test_only_a_run_is_read_only() -> None:
    given = {"run": None, "resume": False}
    assert ours("AimLogger", given, {"run_hash": "a", "force_resume": True}) == {"run": "a", "resume": True}
    for read_only in (True, False):
        with pytest.raises(TypeError, match="AimLogger.. got an unexpected keyword argument 'read_only'"):
            ours("AimLogger", given, {"run_hash": "a", "read_only": read_only})


def test_read_only_gives_the_recorded_run(tmp_path: Path) -> None:
    with aim.Run("a", repo=tmp_path) as run:
        run["hparams"] = {"lr": 0.1}
        run.track(3.0, "loss", context={"subset": "val"})
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / ".aim" / "runs").rglob("*")}
    for recorded in (
        aim.Run("a", repo=tmp_path, read_only=True),
        aim.Run(run_hash=run.id, repo=tmp_path, read_only=True),
    ):
        assert recorded["hparams", "lr"] == 0.1 and recorded.get("absent", 1) == 1
        assert recorded.get_metric("loss", {"subset": "val"}).values.tolist() == [3.0]
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / ".aim" / "runs").rglob("*")}
    with pytest.raises(RunError, match="absent"):
        aim.Run("absent", repo=tmp_path, read_only=True)
    with pytest.raises(RunError, match="read_only=True reads a recorded run by its name, not None"):
        aim.Run(repo=tmp_path, read_only=True)


def test_methods(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = aim.Run("a", repo=tmp_path)
    assert run.active
    run.set("seed", 7)
    run.set(("hparams", "lr"), 0.1, strict=False)
    run[...] = {"group": {"x": 1}}
    assert (run.get("seed"), run.get(("hparams", "lr")), run.get("absent"), run.get("absent", 3)) == (7, 0.1, None, 3)
    assert run[...] == {"seed": 7, "hparams": {"lr": 0.1}, "group": {"x": 1}}
    run.track(1.0, "loss", context={"subset": "train"})
    run.report_progress(expect_next_in=60)
    run.report_progress(block=True)
    assert run.get_metric("loss", {"subset": "train"}).values.tolist() == [1.0]
    assert [series.name for series in run.metrics() if not series.name.startswith("system")] == ["loss"]
    run.report_successful_finish()
    run.finalize()
    assert not run.active and run.closed
    recorded = aim.Repo(tmp_path).run("a")
    assert recorded.status == "finished" and recorded.params["hparams"] == {"lr": 0.1}
    assert "Error" not in capsys.readouterr().err and run.lost == 0


def test_methods_that_read_raise_and_are_named(tmp_path: Path) -> None:
    with aim.Run(repo=tmp_path) as run:
        run.track(1.0, "loss")
    shutil.rmtree(tmp_path / ".aim")
    for name, arguments in (("metrics", ()), ("get_metric", ("loss",)), ("dataframe", ())):
        with pytest.raises(AimError):
            getattr(run, name)(*arguments)
        assert f"`{name}`" in (aim.Run.__doc__ or "")


def test_artifacts(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    store = f"file://{tmp_path / 'store'}"
    with aim.Run(repo=tmp_path) as run:
        run.set_artifacts_uri(store)
        made = run.log_artifact(str(tmp_path / "model.bin"), name="model", block=True)
        folder = run.log_artifacts(tmp_path / "model.bin", "again", block=True)
        assert made is not None and folder is not None and made.store == store
        run.set_artifacts_uri("nowhere://x")
        assert run.lost == 1
    assert [version.name for version in aim.Repo(tmp_path).artifacts.versions("model")] == ["model"]


def test_a_context_under_its_name_in_sessions(tmp_path: Path) -> None:
    with aim.Session(tmp_path, system_interval=0) as session:
        session.track(1.0, "loss", context={"subset": "val"})
        session.track(2.0, "loss", context={"subset": "val"}, fold=1)
        session.track(3.0, "loss", context="text")
        session.track(4.0, "loss", context=None)
        session.track(5.0, "loss", context=None, fold=1)
        aim.track(6.0, "loss", context=None)
        session["hparams"] = {"lr": 0.1}
        assert session["hparams", "lr"] == 0.1
    (run,) = aim.select_runs(repo_path=tmp_path)
    traces = sorted(run.metrics["loss"].traces, key=lambda trace: trace.values.tolist())
    assert [(dict(trace.context), trace.values.tolist()) for trace in traces] == [
        ({"subset": "val"}, [1.0]), ({"fold": 1, "subset": "val"}, [2.0]), ({"context": "text"}, [3.0]),
        ({}, [4.0, 6.0]), ({"fold": 1}, [5.0]),
    ]  # fmt: skip
    assert recording_of(session.run).closed


class Refusing(dict[str, Any]):
    """A mapping whose own code fails."""

    def keys(self) -> Any:
        raise ZeroDivisionError("keys")


def test_a_context_that_raises_does_not_reach_the_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with aim.Session(tmp_path, system_interval=0) as session:
        session.track(1.0, "loss", context=MappingProxyType(Refusing()))
        aim.track(1.0, "loss", context=MappingProxyType(Refusing()), fold=1)
        session.track(2.0, "loss")
    assert session.run.lost == 2 and capsys.readouterr().err.count("track(loss) recorded nothing: keys") == 1
