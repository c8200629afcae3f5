"""`aim queue`: many trials of one template, a few at a time."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aim.cli.ask import agreed
from aim.cli.opening import find_repo, find_to_read, open_repo
from aim.cli.options import form_options, launch_repo_option, launch_view_option, trust_option, utc_option, yes_option
from aim.cli.printer import say
from aim.cli.table import count, moment, readable, show, span
from aim.cli.template import described as described_template
from aim.cli.template import pair, printable
from aim.launch.asked import asked

if TYPE_CHECKING:
    from aim.launch.command import Template, Value
    from aim.launch.queue import Queue, TrialState
    from aim.launch.records import Records
    from aim.launch.rules import Rules

COLUMNS = ("queue", "name", "template", "state", "slots", "trials", "created")
TRIAL_COLUMNS = ("trial", "state", "values", "run", "duration", "why")
EXACT_COLUMNS = ("id", "name", "template", "state", "slots", "gpus", "trials", "states", "by", "created", "own")
EXACT_TRIAL_COLUMNS = ("number", "state", "values", "run", "hash", "tries", "started_at", "ended_at", "why")
LISTED = 20


@click.group()
def queue() -> None:
    """Run many trials of a template, several at a time. No server is needed.

    QUEUE is a name, an id, or a unique prefix of an id. TRIAL is a number, starting at 1.
    """


@queue.command()
@click.argument("template")
@click.argument("values", metavar="[NAME=VALUES]...", nargs=-1)
@click.option("-n", "--name", default="", help="Name of the queue.")
@click.option(
    "--slots", type=click.IntRange(1, 256), help="Trials to run at once. Default: one per GPU, else one per CPU."
)
@click.option("--gpus", metavar="0,1", help="GPU of each slot, or none. Default: all GPUs of this machine.")
@click.option("--sample", type=click.IntRange(1, 1000), metavar="N", help="Random sample of N trials.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Random seed of --sample.")
@click.option(
    "--stop", "stops", multiple=True, metavar="AIMQL", help="Stop trials that match this expression. Repeatable."
)
@click.option(
    "--after",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Earliest step at which --stop and --median apply.",
)
@click.option("--median", is_flag=True, help="Stop trials worse than the median of finished trials.")
@click.option("--halving", is_flag=True, help="Successive halving: only the best trials continue at each rung.")
@click.option(
    "--metric",
    metavar="NAME",
    help="Metric that --median and --halving compare, and whose steps --after counts: loss, loss.val.",
)
@click.option(
    "--direction",
    type=click.Choice(["min", "max"]),
    default="min",
    show_default=True,
    help="Which values of --metric are better.",
)
@click.option(
    "--min-steps", type=click.IntRange(1), default=1, show_default=True, help="First rung of --halving, a step."
)
@click.option(
    "--eta",
    type=click.IntRange(2, 100),
    default=3,
    show_default=True,
    help="--halving keeps the best 1/eta at each rung.",
)
@click.option("--paused", is_flag=True, help="Create paused.")
@click.option("--dry-run", is_flag=True, help="List the trials and exit.")
@yes_option
@trust_option
@launch_repo_option
def add(
    template: str,
    values: tuple[str, ...],
    name: str,
    slots: int | None,
    gpus: str | None,
    sample: int | None,
    seed: int,
    stops: tuple[str, ...],
    paused: bool,
    dry_run: bool,
    yes: bool,
    trust: bool,
    repo: str | None,
    **rules: Any,
) -> None:
    """Create a queue of trials and start it: aim queue add train lr=0.1,0.01 seed=1..3

    Values are written 0.1,0.01 or 1..5 or 0..1:0.25 or log(1e-5..1e-1) or uniform(0..1), or a single value. Each
    combination is a trial, unless --sample N takes a random sample.
    """
    from aim.launch.queue import gpus_here
    from aim.launch.records import Records
    from aim.launch.space import trials

    records = Records(find_repo(repo), asked("cli"))
    chosen, combinations = records.template(template), trials(space(values), sample=sample, seed=seed)
    checked = rules_of(stops, **rules)
    plan(records.aim_dir, chosen, combinations.assignments())
    amount = count(len(combinations.rows), "trial")
    if dry_run:
        return
    if not chosen.own:
        if not trusted(records.aim_dir, f"The template {readable(chosen.name)}", f"start {amount}", trust=trust):
            return
        adopted = records.adopt(chosen)
        if adopted.name != chosen.name:
            say(f"You have a template {readable(chosen.name)}, so this one is now called {readable(adopted.name)}")
        chosen = adopted
    elif not agreed(
        f"Start {amount}?", yes=yes or trust, instead=f"Nothing was started. Pass --yes to start {amount}."
    ):
        return
    made = records.create(
        chosen,
        combinations.assignments(),
        name=name,
        slots=slots,
        gpus=gpus_here() if gpus is None else [gpu for gpu in gpus.split(",") if gpu not in ("", "none")],
        rules=checked,
        paused=paused,
    )
    supervise(records.aim_dir)
    say(f"Queue {made.id} has {count(len(made.trials), 'trial')} on {count(made.slots, 'slot')}")
    say(f"Watch it with: aim queue show {made.id}")


def space(values: Sequence[str]) -> dict[str, str]:
    axes = dict(map(pair, values))
    if len(axes) < len(values):
        raise click.UsageError("A parameter was given twice. Separate its values with commas: lr=0.1,0.01.")
    return axes


def rules_of(
    stops: Sequence[str],
    *,
    after: int,
    median: bool,
    halving: bool,
    metric: str | None,
    direction: Any,
    min_steps: int,
    eta: int,
) -> Rules:
    from aim.launch.rules import Halving, Median, Rules, Stop, check

    if (median or halving) and not metric:
        raise click.UsageError("--median and --halving need --metric NAME.")
    if not (stops or median or halving) and (metric or after):
        raise click.UsageError("--metric and --after need --stop, --median or --halving.")
    return Rules(
        stop=tuple(check(Stop(query, after, metric)) for query in stops),
        median=check(Median(metric or "", direction, after)) if median else None,
        halving=check(Halving(metric or "", direction, min_steps, eta)) if halving else None,
    )


def plan(aim_dir: Path, template: Template, assignments: Sequence[Mapping[str, Value]], *, most: int = LISTED) -> None:
    """Print what would start, before anything does."""
    from aim.launch import command

    commands = [command.fill(template, values) for values in assignments]
    where = command.place(aim_dir.parent, commands[0], cwd=template.cwd, env=template.env)
    say(f"program     {printable(str(where.program))}")
    say(f"folder      {printable(str(where.cwd))}")
    for name, value in template.env.items():
        say(f"variable    {printable(name)}={printable(value)}")
    for number, argv in enumerate(commands[:most], 1):
        say(f"{number:>4}  {printable(shlex.join(argv))}")
    if len(commands) > most:
        say(f"      and {len(commands) - most:,} more")


def trusted(aim_dir: Path, what: str, action: str, *, trust: bool) -> bool:
    """Whether a person agrees to start what came with the repository, after its command was printed. Raises LaunchError
    where this user has no key: then nothing is known to be theirs, and agreeing would not help."""
    from aim.launch.origin import Origin

    Origin(aim_dir).demand_key()
    return agreed(
        f"{what} was not made by you on this machine. Start only commands that you understand. {action.capitalize()}?",
        yes=trust,
        instead=f"{what} was not made by you on this machine, so nothing was started. To {action}, read the command "
        "above and pass --trust.",
    )


@queue.command()
@launch_view_option
@form_options
@utc_option
def ls(repo: str | None, form: str | None) -> None:
    """List the queues, newest first."""
    from aim.launch import queue as queues

    every = queues.read(find_to_read(repo))
    seen = queues.seen(open_repo(repo), every) if every else {}
    if not every:
        say("No queues. Create one with: aim queue add TEMPLATE NAME=VALUES", err=True)
    rows = [queue_row(item, queues.states(item, seen), exact=bool(form)) for item in reversed(every)]
    show(EXACT_COLUMNS if form else COLUMNS, rows, form)


def queue_row(queue: Queue, states: dict[int, TrialState], *, exact: bool) -> dict[str, Any]:
    counts = Counter(state.word for state in states.values())
    row = {
        "name": queue.name,
        "template": queue.template.name,
        "state": state_word(queue, states),
        "slots": queue.slots,
    }
    if exact:
        rest = {
            "id": queue.id,
            "gpus": list(queue.gpus),
            "states": dict(counts),
            "by": dict(queue.by),
            "own": queue.own,
        }
        return {**row, **rest, "trials": len(queue.trials), "created": queue.created}
    trials = ", ".join(f"{number} {word}" for word, number in counts.most_common())
    return {**row, "queue": queue.id, "trials": trials, "created": moment(queue.created)}


def state_word(queue: Queue, states: dict[int, TrialState]) -> str:
    from aim.launch.queue import word

    told = word(queue, states)
    if any(state.word == "waiting" for state in states.values()) and not queue.here and queue.host:
        told = f"{told} on {readable(queue.host)}"
    return told if queue.own else f"{told}, from elsewhere"


@queue.command("show")
@click.argument("name", metavar="QUEUE")
@launch_view_option
@form_options
@utc_option
def show_one(name: str, repo: str | None, form: str | None) -> None:
    """Show the trials of a queue in start order."""
    target, states = known(repo, name)[1:]
    if not form:
        described_template(target.template)
        say(f"{'queue':<12}{target.id}, {state_word(target, states)}, {count(target.slots, 'slot')}")
        if not target.own:
            say(f"Not made by you on this machine. Read the command, then start it with: {resuming(target)}", err=True)
    columns = EXACT_TRIAL_COLUMNS if form else TRIAL_COLUMNS
    show(columns, [trial_row(target, number, states[number], exact=bool(form)) for number in numbers(target)], form)


def numbers(queue: Queue) -> list[int]:
    return [trial.number for trial in queue.trials]


def trial_row(queue: Queue, number: int, state: TrialState, *, exact: bool) -> dict[str, Any]:
    import time

    trial = queue.trial(number)
    if exact:
        return {
            "number": number, "state": state.word, "values": dict(trial.values), "run": state.run, "hash": trial.run,
            "tries": trial.wish.tries, "started_at": state.started, "ended_at": state.ended, "why": state.why,
        }  # fmt: skip
    took = None if state.started is None else (state.ended or time.time()) - state.started
    return {
        "trial": number,
        "state": state.word + (f", try {trial.wish.tries}" if trial.wish.tries > 1 else ""),
        "values": trial.values,
        "run": trial.run if state.run else None,
        "duration": None if took is None else span(took),
        "why": state.why,
    }


@queue.command()
@click.argument("name", metavar="QUEUE")
@launch_view_option
def pause(name: str, repo: str | None) -> None:
    """Start no further trials. Running trials continue."""
    records, target, _ = known(repo, name)
    set_state(records, target, "paused", "is paused; running trials continue")


@queue.command()
@click.argument("name", metavar="QUEUE")
@click.option("--slots", type=click.IntRange(1, 256), help="New number of trials to run at once.")
@trust_option
@launch_view_option
def resume(name: str, slots: int | None, trust: bool, repo: str | None) -> None:
    """Resume a paused or canceled queue, on this machine.

    A queue that came from elsewhere, for example by a merge, is printed first and starts only if you agree.
    """
    records, target, states = known(repo, name)
    if not target.own:
        if not accepted(records, target, states, trust=trust):
            return
        target = records.queue(target.id)
    if slots is not None:
        records.set_slots(target, slots)
    set_state(records, target, "running", "is resumed")


def accepted(records: Records, target: Queue, states: Mapping[int, TrialState], *, trust: bool) -> bool:
    """Whether a person has read what a queue from elsewhere would start, and agrees."""
    waiting = [trial.values for trial in target.trials if states[trial.number].word in ("waiting", "canceled")]
    plan(records.aim_dir, target.template, waiting or [target.trials[0].values], most=len(target.trials))
    label, amount = readable(target.name or target.id), count(len(waiting), "trial")
    if not trusted(records.aim_dir, f"The queue {label}", f"start {amount}", trust=trust):
        return False
    records.agree(target, target.digest)
    return True


def resuming(target: Queue) -> str:
    return f"aim queue resume {readable(target.id)}"


@queue.command()
@click.argument("name", metavar="QUEUE")
@click.argument("trials", metavar="[TRIAL]...", nargs=-1, type=click.IntRange(1))
@yes_option
@launch_view_option
def cancel(name: str, trials: tuple[int, ...], yes: bool, repo: str | None) -> None:
    """Cancel these trials, or the whole queue. Running trials are stopped, after a confirmation."""
    records, target, states = known(repo, name)
    running = [
        number for number in trials or states if number in states and states[number].word in ("starting", "running")
    ]
    if running and target.own:
        instead = f"{count(len(running), 'trial')} would be stopped. Pass --yes to confirm."
        if not agreed(f"Stop {count(len(running), 'running trial')}?", yes=yes, instead=instead):
            return
    if not trials:
        rest = "are being stopped" if target.own else "continue; stop one with: aim stop RUN"
        set_state(records, target, "canceled", f"is canceled; running trials {rest}")
        return
    changed = records.cancel(target, trials, states)
    supervise(records.aim_dir)
    say(f"Canceled {count(len(changed), 'trial')}")


@queue.command()
@click.argument("name", metavar="QUEUE")
@click.argument("trials", metavar="[TRIAL]...", nargs=-1, type=click.IntRange(1))
@launch_view_option
def retry(name: str, trials: tuple[int, ...], repo: str | None) -> None:
    """Retry these trials, or all failed and killed ones. Each retry is a new run."""
    records, target, states = known(repo, name)
    chosen = trials or [number for number, state in states.items() if state.word in ("failed", "killed")]
    changed = records.retry(target, chosen, states)
    supervise(records.aim_dir)
    say(f"Retrying {count(len(changed), 'trial')}")
    if changed and not target.own:
        say(f"The queue came from elsewhere. Read its command and start it with: {resuming(target)}")
    elif changed and target.state != "running":
        say(f"The queue is {target.state}. Resume it with: aim queue resume {target.id}")


@queue.command()
@click.argument("name", metavar="QUEUE")
@click.argument("trials", metavar="TRIAL...", nargs=-1, required=True, type=click.IntRange(1))
@launch_view_option
def order(name: str, trials: tuple[int, ...], repo: str | None) -> None:
    """Start these trials first, in this order."""
    records, target, _ = known(repo, name)
    records.set_order(target, trials)
    say(f"Next: {', '.join(map(str, trials))}")


@queue.command()
@click.argument("name", metavar="QUEUE")
@yes_option
@launch_view_option
def rm(name: str, yes: bool, repo: str | None) -> None:
    """Remove a queue that has no running trials. Its runs are kept."""
    records, target, states = known(repo, name)
    label = readable(target.name or target.id)
    if agreed(f"Remove the queue {label}?", yes=yes, instead="Nothing was removed. Pass --yes to confirm."):
        records.remove(target, states)
        say(f"Removed the queue {label}; its runs are kept")


def set_state(records: Records, target: Queue, state: Any, told: str) -> None:
    records.set_state(target, state)
    supervise(records.aim_dir)
    say(f"Queue {readable(target.name or target.id)} {told}")


def known(repo: str | None, name: str) -> tuple[Records, Queue, dict[int, TrialState]]:
    from aim.launch import queue as queues
    from aim.launch.records import Records

    records = Records(find_to_read(repo), asked("cli"))
    target = records.queue(name)
    return records, target, queues.states(target, queues.seen(open_repo(repo), [target]))


def supervise(aim_dir: Path) -> None:
    """Make sure a supervisor sees the change. It ends when nothing is left to do."""
    from aim.launch import supervisor

    supervisor.ensure(aim_dir.parent)
