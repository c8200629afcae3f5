"""`aim runs show`: everything about one run except its points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from aim.cli.opening import open_repo
from aim.cli.options import repo_option, utc_option
from aim.cli.printer import Heading, exact, say
from aim.cli.selection import one_run
from aim.cli.table import as_table, count, moment, plain, readable, show_json, size, span
from aim.errors import FilesElsewhere

if TYPE_CHECKING:
    from aim.query.logged import Environment, Message
    from aim.query.result import Run
    from aim.repo import Repo

MESSAGES = 20
METRICS = 50
DAMAGED = 10
PARAMS = 100
_FACTS = ("argv", "cwd", "executable", "python", "system", "aim")


@click.command()
@click.argument("run")
@click.option("--packages", is_flag=True, help="List installed packages.")
@click.option("--diff", is_flag=True, help="Print only the uncommitted changes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@utc_option
@repo_option
def show(run: str, packages: bool, diff: bool, as_json: bool, repo: str | None) -> None:
    """Show one run: fields, params, metrics, media, environment and the last log messages."""
    opened = open_repo(repo)
    shown = opened.run(one_run(opened, run).id)
    environment = opened.logs.environment(shown.id)
    if diff:
        exact((environment and environment.diff) or "")
    elif as_json:
        show_json(everything(opened, shown, environment))
    else:
        for title, rows in parts(opened, shown, environment, packages):
            say(*(["", Heading(title)] if title else []), *rows)


def parts(repo: Repo, run: Run, environment: Environment | None, packages: bool) -> list[tuple[str, list[str]]]:
    printed = sum(writer.printed for writer in repo.logs.output_writers(run.id))
    told = {"output": f"{size(printed)}: aim runs logs {run.hash}"} if printed else {}
    sections = [
        ("", pairs(fields(run) | stopped(repo, run) | told)),
        ("Damage", damage(repo, run)[:DAMAGED]),
        ("Params", pairs(dict(flat(run.params)), most=PARAMS)),
        ("Metrics", metrics(run)),
        ("Values", values(run)),
        ("Environment", pairs(surroundings(run, environment))),
        ("Packages", pairs(environment.packages) if packages and environment else []),
        ("Log", log(repo, run)),
    ]
    return [(title, rows) for title, rows in sections if rows]


def fields(run: Run) -> dict[str, Any]:
    ended = run.finished_at
    return {
        "hash": run.hash,
        "id": run.id,
        "name": run.name,
        "experiment": run.experiment,
        "description": run.description,
        "tags": ", ".join(run.tags) or None,
        "status": run.status + (", archived" if run.archived else ""),
        "error": run.error,
        "created": moment(run.created_at),
        "ended": moment(ended) if ended is not None else None,
        "duration": span(run.duration),
        "started by": run.started_by,
        "edited by": run.edited_by,
        "diverged": "a metric ends in NaN or infinity" if run.diverged else None,
        "lost points": run.dropped or None,
    }


def stopped(repo: Repo, run: Run) -> dict[str, Any]:
    """Who or what stopped its command, which the status does not tell."""
    from aim.launch.processes import processes

    commands = processes(repo, only=[run.id]) if "process" in run.facts else []
    return {"stopped": commands[0].why} if commands and commands[0].state == "stopped" else {}


def damage(repo: Repo, run: Run) -> list[str]:
    return repo.logs.reasons(run.id, repo.logs.writers(run.id))


def surroundings(run: Run, environment: Environment | None) -> dict[str, Any]:
    facts = run.facts
    shown = {name: facts.get(name) for name in _FACTS}
    if isinstance(facts.get("argv"), list):
        shown["argv"] = " ".join(map(str, facts["argv"]))
    git = facts.get("git")
    shown |= {f"git {name}": value for name, value in git.items()} if isinstance(git, dict) else {}
    if environment is None:
        return shown
    changed = (environment.diff or "").count("\ndiff --git ") + (environment.diff or "").startswith("diff --git ")
    shown["not committed"] = f"{count(changed, 'file')}: aim runs show --diff" if changed else None
    shown["not in git"] = ", ".join(environment.untracked) or None
    shown["packages"] = f"{len(environment.packages)}: aim runs show --packages" if environment.packages else None
    return shown | environment.variables


def metrics(run: Run) -> list[str]:
    traces = [trace for metric in run.metrics.values() for trace in metric]
    rows = [
        {"metric": trace.name, "context": trace.context or None, "last": trace.last, "step": trace.last_step,
         "min": trace.min, "max": trace.max, "points": len(trace)}
        for trace in traces[:METRICS]
    ]  # fmt: skip
    shown = as_table(list(rows[0]), rows) if rows else []
    return shown + [f"... {len(traces) - METRICS:,} more"] * (len(traces) > METRICS)


def values(run: Run) -> list[str]:
    series = run.objects()
    rows = [
        {
            "name": item.name,
            "kind": item.kind,
            "context": item.context or None,
            "count": len(item),
            "size": size(item.size),
        }
        for item in series[:METRICS]
    ]
    shown = as_table(list(rows[0]), rows) if rows else []
    return shown + [f"... {len(series) - METRICS:,} more"] * (len(series) > METRICS)


def log(repo: Repo, run: Run) -> list[str]:
    try:
        return [message(entry) for entry in repo.logs.messages(run.id).messages[-MESSAGES:]]
    except FilesElsewhere as error:
        return [str(error)]


def message(entry: Message) -> str:
    params = readable(entry.params) if entry.params else ""
    return f"{moment(entry.time)}  {entry.level:<7}  {readable(entry.text)}  {params}".rstrip()


def pairs(values: dict[str, Any], *, most: int = 10_000) -> list[str]:
    there = [(readable(name), readable(value)) for name, value in values.items() if value is not None]
    width = max((len(name) for name, _ in there), default=0)
    lines = [f"{name.ljust(width)}  {value}" for name, value in there[:most]]
    return lines + [f"... {len(there) - most:,} more"] * (len(there) > most)


def flat(values: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    leaves: list[tuple[str, Any]] = []
    for name, value in values.items():
        path = f"{before}{name}"
        leaves += flat(value, f"{path}.") if isinstance(value, dict) and value else [(path, value)]
    return leaves


def logged(repo: Repo, run: Run) -> list[Any] | None:
    """None where the engine alone is open, and the run logged lines."""
    try:
        return [plain(entry._asdict()) for entry in repo.logs.messages(run.id).messages]
    except FilesElsewhere:
        return None


def everything(repo: Repo, run: Run, environment: Environment | None) -> dict[str, Any]:
    traces = [trace for metric in run.metrics.values() for trace in metric]
    return {
        **{name: getattr(run, name) for name in ("hash", "id", "name", "experiment", "description", "archived")},
        "started_by": run.started_by,
        "edited_by": run.edited_by,
        "tags": list(run.tags),
        "diverged": run.diverged,
        **{name: getattr(run, name) for name in ("status", "error", "created_at", "finished_at", "duration")},
        "params": plain(run.params),
        "facts": plain(run.facts),
        "metrics": [
            {
                **{
                    "name": trace.name,
                    "context": plain(trace.context),
                    "count": len(trace),
                    "last_step": trace.last_step,
                },
                **{name: plain(getattr(trace, name)) for name in ("first", "last", "min", "max", "mean")},
            }
            for trace in traces
        ],
        "environment": None if environment is None else vars(environment),
        "messages": logged(repo, run),
        "output": sum(writer.printed for writer in repo.logs.output_writers(run.id)),
        "damage": damage(repo, run),
    }
