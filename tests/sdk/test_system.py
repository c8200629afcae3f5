"""System metrics: sampled off the training thread, recorded like any other metric."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from aim.sdk import machine
from aim.sdk.machine import Machine, Proc, Psutil
from aim.sdk.system import Sampler
from tests.waiting import until

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def wait_for(repo: Path, metric: str) -> aim.Repo:
    repository = aim.Repo(repo)
    until(lambda: repository.select_metrics(metric))
    return repository


@linux
def test_a_run_records_the_machine_it_runs_on(tmp_path: Path) -> None:
    with aim.Run(repo=tmp_path, system_interval=0.1):
        repo = wait_for(tmp_path, '"system/cpu_percent"')
    (run,) = repo.select_metrics("*")
    assert {"system/cpu_percent", "system/memory_percent", "system/process_memory_mb", "system/disk_percent"} <= set(
        run.metrics
    )
    (memory,) = run.metrics["system/memory_percent"].traces
    assert 0 < memory.last < 100
    assert memory.steps.tolist() == list(range(len(memory)))


@linux
def test_a_run_that_asks_for_more_samples_than_another_gets_them(tmp_path: Path) -> None:
    with aim.Run(repo=tmp_path, system_interval=0):
        time.sleep(0.3)
        with aim.Run(repo=tmp_path, system_interval=0.1):
            repo = wait_for(tmp_path, '"system/cpu_percent"')
    assert len(repo.select_metrics('"system/cpu_percent"')) == 1


def test_it_can_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.sdk.system.Sampler", lambda folder, children: pytest.fail("a sample was taken"))
    monkeypatch.setattr("aim.sdk.pulse.PULSE_SECONDS", 0.02)
    with aim.Run(repo=tmp_path, system_interval=0) as run:
        time.sleep(0.1)
        assert run.lost == 0


@pytest.mark.parametrize("value", [-1, 0.01, float("nan"), float("inf"), True, "10"])
def test_a_wrong_interval_is_refused_by_its_value(value: object, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be a number of seconds"):
        aim.Run(repo=tmp_path, system_interval=value)  # type: ignore[arg-type]


def test_a_wrong_interval_in_the_environment_is_reported_and_the_run_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIM_SYSTEM_INTERVAL", "often")
    aim.Run(repo=tmp_path).close()
    assert "AIM_SYSTEM_INTERVAL='often' must be a number of seconds" in capsys.readouterr().err


@linux
def test_the_computed_values_of_the_process_are_shown(tmp_path: Path) -> None:
    sampler = Sampler(str(tmp_path))
    begun = time.process_time()
    while time.process_time() - begun < 0.1:
        pass
    readings = {reading.name: reading.value for reading in sampler.readings()}
    assert readings["process_cpu_percent"] > 0
    assert 0 < readings["cpu_percent"] <= 100


# Systems without /proc


@pytest.fixture
def no_proc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(machine, "_STAT", "/nowhere/stat")
    machine.machine.cache_clear()
    yield
    machine.machine.cache_clear()


def test_without_proc_psutil_measures(tmp_path: Path, no_proc: None) -> None:
    pytest.importorskip("psutil")
    with aim.Run(repo=tmp_path, system_interval=0.1):
        repo = wait_for(tmp_path, '"system/memory_percent"')
    (run,) = repo.select_metrics("*")
    assert {"system/cpu_percent", "system/memory_percent", "system/process_memory_mb"} <= set(run.metrics)


@linux
@pytest.mark.parametrize("children", [False, True])
def test_psutil_and_proc_measure_the_same(tmp_path: Path, children: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psutil")
    code = "import time\nbegun = time.process_time()\nwhile time.process_time() - begun < 0.1: pass\nprint(flush=True)"
    pipe = subprocess.PIPE
    child = subprocess.Popen([sys.executable, "-c", code + "\ninput()"], stdin=pipe, stdout=pipe)
    # Its memory grows while it starts.
    assert child.stdout is not None and child.stdout.readline() == b"\n"
    systems: tuple[Machine, ...] = (Proc(), Psutil())

    def agree() -> bool:
        """The machine changes between two readings."""
        readings = []
        for system in systems:
            monkeypatch.setattr("aim.sdk.system.machine", lambda system=system: system)
            sampler = Sampler(str(tmp_path), children=children)
            readings.append({reading.name: reading.value for reading in sampler.readings()})
        ours, theirs = readings
        assert ours.keys() == theirs.keys()
        counters = [system.counters() for system in systems]
        idle = [total["idle"] / (total["idle"] + total["busy"]) for total in counters]
        return (
            all(ours[name] == pytest.approx(theirs[name], rel=0.2) for name in ("memory_percent", "process_memory_mb"))
            and all(counters[0][name] == pytest.approx(counters[1][name], rel=0.2) for name in ("received", "sent"))
            and idle[0] == pytest.approx(idle[1], abs=0.05)
        )

    until(agree)
    usages = [system.children() for system in systems]
    assert child.pid in {pid for pid, _ in usages[0]} and {pid for pid, _ in usages[0]} == {pid for pid, _ in usages[1]}
    child.communicate(b"\n")


def test_a_child_that_just_ended_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    psutil = pytest.importorskip("psutil")
    this = psutil.Process()

    class Gone:
        def cpu_times(self) -> None:
            raise psutil.NoSuchProcess(1)

    monkeypatch.setattr(psutil.Process, "children", lambda self, recursive: [Gone(), this])
    assert [pid for pid, _ in Psutil().children()] == [this.pid]


def test_without_psutil_it_says_once_what_to_install(
    tmp_path: Path, no_proc: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    with aim.Run(repo=tmp_path, system_interval=0.1) as first, aim.Run(repo=tmp_path, system_interval=0.1) as second:
        repo = wait_for(tmp_path, '"system/disk_percent"')
    (metrics,) = {frozenset(run.metrics) for run in repo.select_metrics("*")}
    assert "system/disk_percent" in metrics and "system/memory_percent" not in metrics
    told = [line for line in capfd.readouterr().err.splitlines() if "without psutil" in line]
    assert len(told) == 1 and told[0].endswith("Run: pip install 'aim[system]'")
    assert (first.lost, second.lost) == (0, 0)


LOOPBACKS = {"lo": True, "lo0": True, "Loopback Pseudo-Interface 1": True, "eth0": False, "wlo1": False, "en0": False}


@pytest.mark.parametrize(("name", "loopback"), LOOPBACKS.items())
def test_loopback_traffic_does_not_count(name: str, loopback: bool) -> None:
    assert machine._is_loopback(name) is loopback
