"""The repository and its runs: project, completion of queries, and edits of runs."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, cast

from aim.deadline import checked
from aim.errors import QueryError
from aim.natural import natural
from aim.plain import shown
from aim.query.columns import objects
from aim.query.complete import complete
from aim.query.nodes import SYSTEM
from aim.query.parse import parse_statement
from aim.query.runs import columns_of
from aim.server import wire
from aim.server.columns import coded_texts, decoded_params, param_columns
from aim.server.encoding import decode
from aim.server.frames import FrameData, plain
from aim.server.problems import Refused, problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from aim.engine import Columns
    from aim.index.params import CodedParam
    from aim.query.result import Run
    from aim.query.runs import RunRows
    from aim.repo import Repo, RunRow

EVERY = "run.archived in (True, False)"
MAX_KEYS = MAX_VALUES = 100
# The fields of runs that are numbers in frames.
NUMBERS: dict[str, wire.DType] = {
    **dict.fromkeys(("created_at", "finished_at", "duration", "seen_at", "dropped", "damaged", "position"), "f8"),
    **dict.fromkeys(("archived", "diverged"), "u1"),
}
PROCESS = secrets.token_hex(4)


def why_not_edit(repo: Repo) -> str | None:
    """Why the repository cannot be changed; None if it can."""
    if repo.edits.read_only:
        return "The server is read-only."
    why = repo.edits.index.catalogs.why_not_edit()
    return None if why is None else f"This repository cannot be changed: {why}."


def completion(repo: Repo, query: wire.CompleteQuery) -> wire.Completion:
    cursor = len(query.q) if query.at is None else min(query.at, len(query.q))
    offer = complete(query.q, cursor, repo.vocabulary(), media=query.media)
    items = [wire.CompletionItem(text=text, kind=kind, detail=detail) for text, kind, detail in offer.items]
    return wire.Completion(start=offer.start, end=offer.end, items=items, total=offer.total)


def metric_names(repo: Repo, query: wire.MetricsQuery) -> wire.MetricNames:
    words = query.find.lower().split()
    known, sources = known_metrics(repo, run_ids(query.only))
    names = [name for name in checked(known) if all(word in name.lower() for word in words)]
    names.sort(key=lambda name: (re.match(SYSTEM, name) is not None, natural(name)))
    listed = names[: query.limit]
    return wire.MetricNames(names=listed, matched=len(names), sources=prefixes_of(listed, sources))


def prefixes_of(names: Sequence[str], sources: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """For each name the prefixes of the `sources` that have it."""
    having = {prefix: frozenset(known) for prefix, known in sources.items()}
    return [[prefix for prefix, known in having.items() if name in known] for name in checked(names)]


def directions(repo: Repo) -> wire.Directions:
    return wire.Directions(directions=repo.metrics.directions())


def set_direction(repo: Repo, change: wire.DirectionRequest) -> wire.Changed:
    repo.metrics.set_direction(change.metric, change.direction)
    return wire.Changed(changed=1)


def known_metrics(repo: Repo, only: list[str] | None) -> tuple[Collection[str], Mapping[str, Sequence[str]]]:
    """Names of metrics, and those of each source by its prefix."""
    if only is not None:
        return repo.table.metrics(EVERY, only=only)
    vocabulary = repo.vocabulary()
    return dict.fromkeys(vocabulary.names), {"": vocabulary.metrics, **vocabulary.others}


def contexts(repo: Repo) -> wire.Contexts:
    known = repo.vocabulary().contexts
    keys = [
        wire.ContextKey(key=key, values=plain(list(known[key][:MAX_VALUES])), total=len(known[key]))
        for key in list(known)[:MAX_KEYS]
    ]
    return wire.Contexts(keys=keys, total=len(known))


def check(repo: Repo, query: wire.StatementQuery) -> wire.Check:
    try:
        parse_statement(query.q, media=query.media)
    except QueryError as error:
        return wire.Check(error=problem(error)[1])
    return wire.Check(error=None)


def list_runs(repo: Repo, query: wire.RunsQuery) -> FrameData:
    table = repo.table.rows(query.q)
    revision = revision_name(table.revision)
    columns = columns_of(table.runs, params=query.params)
    return runs_part(columns, statement=query.q, revision=revision, notes=table.notes)


def archive(repo: Repo, change: wire.ArchiveRequest) -> wire.Changed:
    repo.runs.archive(change.runs, archived=change.archived)
    return wire.Changed(changed=len(change.runs))


def delete(repo: Repo, change: wire.DeleteRequest) -> wire.Deleted:
    freed = repo.runs.delete(change.runs)
    return wire.Deleted(runs=freed.runs, files=freed.files, bytes=freed.bytes, left=freed.left)


def edit(repo: Repo, change: wire.EditRequest) -> wire.Changed:
    if change.was is not None:
        if change.field not in ("name", "description") or len(change.runs) != 1:
            raise Refused(400, "`was` is about the name or description of one run.", hint="Leave it out.")
        run = repo.run(change.runs[0])
        refuse_unseen(run, change.field, (run.name if change.field == "name" else run.description) or "", change.was)
    repo.runs.edit(change.runs, change.field, change.value)
    return wire.Changed(changed=len(change.runs))


def add_params(repo: Repo, change: wire.ParamsRequest) -> wire.Changed:
    repo.runs.add_params(change.runs, change.params)
    return wire.Changed(changed=len(change.runs))


def refuse_unseen(run: Run, what: str, now: str, was: str) -> None:
    """Raises Refused if the author of a change did not see what somebody else wrote meanwhile."""
    if now != was:
        text = f"{shown(now)} now" if now else "empty now"
        message = f"{run.edited_by or 'Somebody'} changed the {what} meanwhile. It is {text}."
        raise Refused(409, message, hint="Save again to replace it.")


def run_ids(only: str | None) -> list[str] | None:
    if only is None:
        return None
    ids = only.split(",")
    for run in ids:
        if len(run) != 32 or not set(run) <= set("0123456789abcdef"):
            hint = "Give ids of 32 hex digits with commas between them."
            raise Refused(400, f"{run[:100]!r} in `only` is not a run id.", hint=hint)
    return ids


def revision_name(number: int) -> str:
    """Revisions are counted per process, so the number alone would be ambiguous."""
    return f"{PROCESS}-{number}"


def rows_part(rows: RunRows, start: int, stop: int, *, params: bool = True, **said: Any) -> FrameData:
    """The frame of consecutive rows. `said`: as for `runs_part`."""
    coded = rows.coded_params(start, stop) if params else None
    return runs_part(rows.columns(start, stop, params=params and coded is None), coded, **said)


def runs_part(
    runs: Columns,
    coded: Sequence[CodedParam] | None = None,
    *,
    statement: str,
    revision: str,
    notes: Sequence[str] = (),
    series: int = 0,
    points: int = 0,
) -> FrameData:
    """`runs`: columns of runs, with params or without. `coded`: their params, if they were read by path."""
    ids = runs["id"].tolist()
    hashes = [None if hash == id else hash for hash, id in zip(runs["hash"].tolist(), ids, strict=True)]
    columns = {**runs, "hash": objects(hashes)}
    texts = {field: coded_texts(columns[field].tolist()) for field in wire.RunTexts.__struct_fields__}
    if coded is None and "params" in runs:
        params, codes = param_columns(map(decode, runs["params"]), len(ids))
    else:
        params, codes = decoded_params(coded or [])
    header = wire.RunsFrame(
        ids=ids,
        texts=wire.RunTexts(**{field: values for field, (values, _) in texts.items()}),
        params=params,
        series=series,
        points=points,
        notes=list(notes),
        revision=revision,
        statement=statement,
        arrays=[],
    )
    arrays: dict[str, tuple[wire.DType, Any]] = {field: ("i4", places) for field, (_, places) in texts.items()}
    arrays.update({name: (dtype, runs[name].astype(dtype)) for name, dtype in NUMBERS.items()})
    arrays["params"] = ("i4", codes)
    return FrameData(header, arrays)


def wire_run(run: RunRow | Run) -> wire.Run:
    return wire.Run(
        id=run.id,
        hash=run.hash,
        name=run.name,
        experiment=run.experiment,
        description=run.description,
        tags=list(run.tags),
        archived=run.archived,
        status=cast(wire.Status, run.status),
        error=run.error,
        created_at=run.created_at,
        finished_at=run.finished_at,
        duration=run.duration,
        seen_at=run.seen_at,
        diverged=run.diverged,
        dropped=run.dropped,
        damaged=run.damaged,
        started_by=run.started_by,
        edited_by=run.edited_by,
        position=run.position,
    )
