"""A notebook does not end its runs: a cell that runs again ends the runs that it had opened."""

from __future__ import annotations

import gc
import sys
import types
import weakref
from pathlib import Path

import pytest

import aim
from tests.sdk.recorded import files, python


class Shell:
    """What of IPython's shell a cell can be known by."""

    def __init__(self) -> None:
        self.execution_count = 0
        self.parent_header: dict[str, object] = {}
        self.user_ns: dict[str, object] = {"aim": aim, "kept": []}

    def run(self, cell: str, code: str, *, with_id: bool) -> None:
        """Execute a cell as Jupyter does; `with_id` as newer ones do."""
        self.execution_count += 1
        self.parent_header = {"metadata": {"cellId": cell}} if with_id else {}
        exec(compile(code, f"<ipython-input-{self.execution_count}-{cell}>", "exec"), self.user_ns)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    from aim.sdk import notebook

    shell, module = Shell(), types.ModuleType("IPython")
    module.get_ipython = lambda: shell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setattr(notebook, "_cells", {})
    return shell


OPEN = "run = aim.Run(); kept.append(run); run.track(1.0, 'loss')"


def ends(here: Path) -> list[bool]:
    return [file.end is not None for file in files(here)]


@pytest.mark.parametrize("with_id", [True, False])
def test_a_cell_that_runs_again_ends_the_run_it_had_opened(here: Path, shell: Shell, with_id: bool) -> None:
    shell.run("a", OPEN, with_id=with_id)
    assert ends(here) == [False]
    shell.run("a", OPEN, with_id=with_id)
    assert ends(here) == [True, False]
    assert (files(here)[0].end or {})["status"] == "finished"


@pytest.mark.parametrize("with_id", [True, False])
def test_another_cell_ends_nothing(here: Path, shell: Shell, with_id: bool) -> None:
    shell.run("a", OPEN, with_id=with_id)
    shell.run("b", OPEN, with_id=with_id)
    shell.run("c", "kept[0].track(2.0, 'loss')", with_id=with_id)
    assert ends(here) == [False, False]


def test_several_runs_of_one_execution_live_together(here: Path, shell: Shell) -> None:
    shell.run("a", f"{OPEN}; {OPEN}", with_id=True)
    assert ends(here) == [False, False]
    shell.run("a", OPEN, with_id=True)
    assert ends(here) == [True, True, False]


def test_sessions_too(here: Path, shell: Shell) -> None:
    for _ in range(2):
        shell.run("a", "aim.Session().track(1.0, name='loss')", with_id=True)
        shell.run("b", "aim.track(2.0, name='loss')", with_id=True)
    first, second = files(here)
    assert (first.end is not None, second.end is not None) == (True, False)
    assert [file.values("loss") for file in (first, second)] == [[1.0, 2.0]] * 2


def test_outside_of_a_notebook_nothing_is_ended(here: Path) -> None:
    runs = [aim.Run() for _ in range(3)]
    assert ends(here) == [False] * 3 and len(runs) == 3


def test_earlier_exceptions_are_not_kept_in_memory(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Tensor:
        pass

    def fail() -> None:
        weights = Tensor()
        gone.append(weakref.ref(weights))
        raise ValueError

    gone: list[weakref.ref[Tensor]] = []
    try:
        fail()
    except ValueError as error:
        monkeypatch.setattr(sys, "last_value", error, raising=False)
    run = aim.Run()
    monkeypatch.undo()
    gc.collect()
    assert gone[0]() is None
    run.close()


def test_an_exception_of_a_cell_before_does_not_fail_the_run_at_exit(here: Path) -> None:
    code = """
import sys, types
sys.modules["IPython"] = module = types.ModuleType("IPython")
module.get_ipython = lambda: types.SimpleNamespace(execution_count=1, parent_header={}, user_ns=globals())
import aim
run = aim.Run("x")
try:
    1 / 0
except ZeroDivisionError as error:
    sys.last_value = error
"""
    assert python(here, code).returncode == 0
    assert (files(here)[0].end or {})["status"] == "finished"
