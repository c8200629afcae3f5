"""`import aim.wandb as wandb`: the calls of wandb, recorded by Aim. Nothing is sent.

docs/integrations/wandb.md says what is recorded as what. A call that is not here is told once by its name, and does
nothing.
"""

from __future__ import annotations

import importlib
import os
import random
import string
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aim.dropins import callbacks, charts
from aim.dropins.absent import Absent, harmless, nothing, trouble
from aim.dropins.api import Api
from aim.dropins.config import Config, Summary, entries, in_notebook
from aim.dropins.failures import CommError, ConfigError, Error, UsageError
from aim.dropins.files import WandbArtifact as Artifact
from aim.dropins.media import LoggedAudio as Audio
from aim.dropins.media import LoggedFigure as Plotly
from aim.dropins.media import LoggedHistogram as Histogram
from aim.dropins.media import LoggedHtml as Html
from aim.dropins.media import LoggedImage as Image
from aim.dropins.media import LoggedPoints as Object3D
from aim.dropins.media import LoggedTable as Table
from aim.dropins.media import LoggedVideo as Video
from aim.dropins.opening import open_run, open_runs
from aim.dropins.parts import Own, find_parts
from aim.dropins.runs import AlertLevel, Run
from aim.dropins.table import DROPINS
from aim.plain import text_of
from aim.sdk.trouble import say

__all__ = [
    "AlertLevel", "Api", "Artifact", "Audio", "CommError", "Config", "ConfigError", "Error", "Histogram", "Html",
    "Image", "Object3D", "Plotly", "Run", "Settings", "Table", "UsageError", "Video", "alert", "config",
    "define_metric", "finish", "init", "log", "log_artifact", "login", "plot_table", "run", "save", "summary",
    "use_artifact",
]  # fmt: skip
__version__ = DROPINS["wandb"].version
# Submodules are found by `parts`.
__path__: list[str] = []

run: Run | None = None
config = Config()
summary = Summary()
patched: dict[str, list[Any]] = {"tensorboard": [], "keras": [], "gym": []}
plot_table = charts.plot_table
# Frameworks tell wandb by it which of its features they use.
wandb_lib = nothing("wandb_lib")


class RunDisabled:
    """What old frameworks compare a run with."""


class Settings(SimpleNamespace):
    """Any settings; those of `init` are used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


# The setting, its argument of `init`, its name in Settings, and its environment variable.
_SETTINGS = (
    ("project", "project", "WANDB_PROJECT"),
    ("entity", "entity", "WANDB_ENTITY"),
    ("dir", "root_dir", "WANDB_DIR"),
    ("id", "run_id", "WANDB_RUN_ID"),
    ("name", "run_name", "WANDB_NAME"),
    ("notes", "run_notes", "WANDB_NOTES"),
    ("tags", "run_tags", "WANDB_TAGS"),
    ("group", "run_group", "WANDB_RUN_GROUP"),
    ("job_type", "run_job_type", "WANDB_JOB_TYPE"),
    ("mode", "mode", "WANDB_MODE"),
    ("resume", "resume", "WANDB_RESUME"),
    ("reinit", "reinit", "WANDB_REINIT"),
)


def init(
    entity: str | None = None,
    project: str | None = None,
    dir: Any = None,
    id: str | None = None,
    name: str | None = None,
    notes: str | None = None,
    tags: Any = None,
    config: Any = None,
    config_exclude_keys: Any = None,
    config_include_keys: Any = None,
    allow_val_change: bool | None = None,
    group: str | None = None,
    job_type: str | None = None,
    mode: str | None = None,
    force: bool | None = None,
    reinit: Any = None,
    resume: Any = None,
    resume_from: str | None = None,
    fork_from: str | None = None,
    save_code: bool | None = None,
    tensorboard: bool | None = None,
    sync_tensorboard: bool | None = None,
    monitor_gym: bool | None = None,
    settings: Any = None,
    **others: Any,
) -> Run:
    """Begin a run, or return the open one, unless `reinit` says otherwise. It never raises."""
    given = {
        "project": project, "entity": entity, "dir": dir, "id": id, "name": name, "notes": notes, "tags": tags,
        "group": group, "job_type": job_type, "mode": mode, "resume": resume, "reinit": reinit,
    }  # fmt: skip
    chosen = _chosen(given, settings)
    again = chosen["reinit"]
    if run is not None and not run.finished and again != "create_new":
        if again in (True, "finish_previous", "true", "True", "1") or (again in (None, "default") and in_notebook()):
            finish()
        else:
            return run
    if fork_from is not None:
        trouble.tell("fork_from", f"init() does not use fork_from={fork_from!r:.100}: the run begins without history")
    begun = open_run({**chosen, "experiment": chosen["project"], "resume_from": resume_from})
    about = {key: text_of(chosen[key]) for key in ("entity", "group", "job_type") if chosen[key]}
    if about:
        begun.aim_run.set_params(about, name="wandb")
    _configure(begun, config, config_exclude_keys, config_include_keys)
    begun.on_finish.append(_forget)
    if again != "create_new":
        globals().update(run=begun, config=begun.config, summary=begun.summary)
    if tensorboard or sync_tensorboard:
        from aim.dropins import events

        events.record_into(lambda: begun if not begun.finished else None)
        patched["tensorboard"].append(["tensorboard", ""])
    return begun


def _chosen(given: Mapping[str, Any], settings: Any) -> dict[str, Any]:
    """Of each setting: the argument, else what Settings say, else the environment."""
    more = settings if isinstance(settings, Mapping) else vars(settings) if hasattr(settings, "__dict__") else {}
    chosen: dict[str, Any] = {}
    for argument, setting, variable in _SETTINGS:
        value = given[argument] if given[argument] is not None else more.get(setting)
        chosen[argument] = value if value is not None else os.environ.get(variable) or None
    if isinstance(chosen["tags"], str):
        chosen["tags"] = [tag.strip() for tag in chosen["tags"].split(",") if tag.strip()]
    if os.environ.get("WANDB_DISABLED", "").lower() in ("true", "1", "yes", "on"):
        chosen["mode"] = "disabled"
    return chosen


@harmless()
def _configure(begun: Run, config: Any, exclude: Any, include: Any) -> None:
    if Path("config-defaults.yaml").is_file():
        trouble.tell("defaults", "config-defaults.yaml is not read; load it and pass it as init(config=...)")
    begun.config.update(entries(config, exclude, include))


def _forget(ended: Run) -> None:
    global run, config, summary
    if run is ended:
        run, config, summary = None, Config(), Summary()


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """End the run: as failed if the exit code is not 0."""
    if run is not None:
        run.finish(exit_code)


join = finish


def teardown(exit_code: int | None = None) -> None:
    for each in open_runs():
        each.finish(exit_code)


def _of_run(name: str) -> Callable[..., Any]:
    """The function of the module that is a method of the run."""

    def call(*args: Any, **others: Any) -> Any:
        if run is None:
            trouble.tell(f"{name} before init", f"{name}() recorded nothing: there is no run; call init() before")
            return None
        return getattr(run, name)(*args, **others)

    call.__name__ = name
    return call


log, define_metric, save, alert = map(_of_run, ("log", "define_metric", "save", "alert"))
log_artifact, use_artifact, log_model, use_model, link_model = map(
    _of_run, ("log_artifact", "use_artifact", "log_model", "use_model", "link_model")
)
watch, unwatch, mark_preempting = map(_of_run, ("watch", "unwatch", "mark_preempting"))


def login(*args: Any, **others: Any) -> bool:
    """Nothing is sent, so no key is needed."""
    return True


def setup(*args: Any, **others: Any) -> Any:
    return nothing("setup")


def require(*args: Any, **others: Any) -> None:
    """Features of wandb's own process."""


def termlog(string: str = "", *args: Any, **others: Any) -> None:
    say(text_of(string))


termwarn = termerror = termlog


def restore(name: str, *args: Any, **others: Any) -> None:
    trouble.tell("restore", f"restore({name!r:.100}) brings nothing; use an artifact: use_artifact(NAME).download()")


def sweep(*args: Any, **others: Any) -> str:
    trouble.tell("sweep", "sweep() starts nothing; a queue of Aim runs a script with many values: aim queue --help")
    return "sweep"


def agent(*args: Any, **others: Any) -> None:
    trouble.tell("agent", "agent() starts nothing; a queue of Aim runs a script with many values: aim queue --help")


def generate_id(length: int = 8) -> str:
    return "".join(random.SystemRandom().choices(string.ascii_lowercase + string.digits, k=length))


_CALLBACKS: dict[str, Own] = {
    "keras": callbacks.of_keras,
    "sb3": callbacks.of_stable_baselines3,
    "xgboost": callbacks.of_xgboost,
    "lightgbm": callbacks.of_lightgbm,
}
_PARTS: dict[str, Own] = {
    **{f"integration.{name}": made for name, made in _CALLBACKS.items()},
    **_CALLBACKS,
    "plot": {name: getattr(charts, name) for name in dir(charts) if not name.startswith("_")},
    "util": {"generate_id": generate_id},
    "sdk.lib.runid": {"generate_id": generate_id},
    "sdk.lib.telemetry": {"context": nothing("telemetry")},
    **{
        name: {}
        for name in (
            *(
                "apis",
                "apis.public",
                "data_types",
                "env",
                "errors",
                "errors.term",
                "integration",
                "sdk",
                "sdk.artifacts",
            ),
            *("sdk.data_types", "sdk.lib", "sdk.lib.config_util", "sdk.wandb_config", "sdk.wandb_run", "wandb_run"),
        )
    },
}
find_parts(__name__, "wandb", _PARTS)


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _PARTS:
        return importlib.import_module(f"{__name__}.{name}")
    return Absent(f"wandb.{name}")
