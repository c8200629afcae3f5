"""`import aim.trackio as trackio`: the calls of trackio, recorded by Aim. Nothing is sent.

docs/integrations/trackio.md says what is recorded as what. A call that is not here is told once by its name, and does
nothing.
"""

from __future__ import annotations

import contextvars
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from aim.dropins.absent import Absent, harmless, trouble
from aim.dropins.config import Config, entries
from aim.dropins.files import WandbArtifact as Artifact
from aim.dropins.media import LoggedHistogram as Histogram
from aim.dropins.media import LoggedHtml as Html
from aim.dropins.media import LoggedImage as Image
from aim.dropins.media import LoggedMarkdown as Markdown
from aim.dropins.media import LoggedTable as Table
from aim.dropins.media import LoggedVideo as Video
from aim.dropins.media import TrackioAudio as Audio
from aim.dropins.opening import open_run
from aim.dropins.parts import find_parts
from aim.dropins.runs import AlertLevel, CallCounter, Run
from aim.dropins.table import DROPINS
from aim.plain import text_of
from aim.sdk.trouble import say

__all__ = [
    "AlertLevel", "Artifact", "Audio", "Histogram", "Html", "Image", "Markdown", "Run", "Table", "Video", "alert",
    "config", "finish", "init", "log", "log_artifact", "log_cpu", "log_gpu", "log_system", "save", "use_artifact",
]  # fmt: skip
__version__ = DROPINS["trackio"].version
# Submodules are found by `parts`.
__path__: list[str] = []

config = Config()
_current: contextvars.ContextVar[Run | None] = contextvars.ContextVar("current_run", default=None)
_project: contextvars.ContextVar[str | None] = contextvars.ContextVar("current_project", default=None)
_nowhere: contextvars.ContextVar[Any] = contextvars.ContextVar("current_space", default=None)
context_vars = SimpleNamespace(
    current_run=_current,
    current_project=_project,
    current_space_id=_nowhere,
    current_server=_nowhere,
    current_server_write_token=_nowhere,
)


def init(
    project: str | None = None,
    name: str | None = None,
    group: str | None = None,
    *more: Any,
    config: Any = None,
    resume: str = "never",
    **others: Any,
) -> Run:
    """Begin a run. It never raises. A run is resumed by its project and name."""
    begun = open_run(
        {
            "experiment": project,
            "project": project,
            "name": name,
            "group": group,
            "id": f"{project}/{name}" if name else None,
            "resume": resume,
        },
        CallCounter,
    )
    if group:
        begun.aim_run.set_params({"group": text_of(group)}, name="trackio")
    _configure(begun, config)
    begun.on_finish.append(_forget)
    _current.set(begun)
    _project.set(project)
    globals()["config"] = begun.config
    return begun


@harmless()
def _configure(begun: Run, given: Any) -> None:
    begun.config.update(entries(given))


def _forget(ended: Run) -> None:
    if _current.get() is ended:
        _current.set(None)


def _run(call: str) -> Any:
    """The run of now; what takes every call if there is none."""
    if (run := _current.get()) is not None:
        return run
    trouble.tell(f"{call} before init", f"{call}() recorded nothing: there is no run; call init() before")
    return Absent("run", True)


def log(metrics: Mapping[str, Any] | None = None, step: int | None = None) -> None:
    _run("log").log(metrics, step=step)


@harmless()
def log_system(metrics: Mapping[str, Any]) -> None:
    """Metrics in the group of the system, each with steps of its own."""
    _run("log_system").aim_run.track({f"system/{name}": value for name, value in metrics.items()})


def log_gpu(*args: Any, **others: Any) -> dict[str, Any]:
    """Aim records the system by itself."""
    return {}


log_cpu = log_gpu


def alert(
    title: str, text: str | None = None, level: Any = AlertLevel.WARN, step: Any = None, webhook_url: Any = None
) -> None:
    """A line of the run, printed too. Nothing is sent to a webhook."""
    _run("alert").alert(title, text or "", level)
    say(f"{text_of(title)}: {text_of(text)}" if text else text_of(title))


def log_artifact(*args: Any, **others: Any) -> Any:
    return _run("log_artifact").log_artifact(*args, **others)


def use_artifact(*args: Any, **others: Any) -> Any:
    return _run("use_artifact").use_artifact(*args, **others)


def save(glob_str: Any, project: str | None = None, **others: Any) -> Any:
    return _run("save").save(glob_str)


def finish() -> None:
    if (run := _current.get()) is not None:
        run.finish()


def show(*args: Any, **others: Any) -> None:
    trouble.tell("show", "show() starts no dashboard; run: aim up")


def sync(*args: Any, **others: Any) -> None:
    trouble.tell("sync", "sync() and freeze() send nothing: runs are recorded to an Aim repository")


freeze = sync

find_parts(__name__, "trackio", {})


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return Absent(f"trackio.{name}")
