"""Writes the records of templates and queues, and rejects invalid ones. Readers are in queue.py."""

from __future__ import annotations

import itertools
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from aim import layout
from aim.errors import LaunchError, RepoError
from aim.launch import command
from aim.launch import rules as rules_of
from aim.launch.command import Template, Value
from aim.launch.origin import Origin
from aim.launch.queue import (
    ENDED,
    MAX_SLOTS,
    QUEUE_STATES,
    Finding,
    Queue,
    QueueState,
    TrialRequest,
    TrialState,
    read,
    templates,
)
from aim.launch.rules import Rules
from aim.log import edits, record, status
from aim.remote.trials import RECORDED_CANCELED
from aim.sdk import shipping

MAX_TRIALS = 1_000
SHORTEST_PREFIX = 4
_LONGEST_NAME = 200
_BOND = {"host": "h" * 255, "mac": "0" * 64}


class Records:
    """Writes the records of templates and queues, with the proof that this user wrote them (origin.py). They are on the
    disk when a method returns. `by` is recorded with every change: {user, via, address}."""

    def __init__(
        self, aim_dir: Path, by: Mapping[str, Any] | None = None, *, editor: edits.Editing | None = None
    ) -> None:
        self.aim_dir = aim_dir
        self.by = dict(by or {})
        self._origin = Origin(aim_dir)
        self._editor = editor or edits.Editor(aim_dir)

    def template(self, name: str) -> Template:
        """The template with this name, id, or unique prefix of an id."""
        return _named("template", name, templates(self.aim_dir), f"aim template add {name or 'NAME'} -- COMMAND")

    def queue(self, name: str) -> Queue:
        """The queue with this name (the newest of several), id, or unique prefix of an id."""
        queues = read(self.aim_dir)
        if same := [queue for queue in queues if queue.name == name and name]:
            return max(same, key=lambda queue: (queue.own, queue.id))
        return _named("queue", name, queues, "aim queue add TEMPLATE")

    def save_template(self, template: Template) -> Template:
        """Add a template (without `id`) or change it. Two templates cannot have the same name."""
        checked = command.check(template)
        command.check_no_secrets(checked)
        if not checked.name:
            raise LaunchError("a template needs a name")
        if any(ord(letter) < 32 for letter in checked.name) or len(checked.name) > _LONGEST_NAME:
            raise LaunchError(
                f"a template name can have up to {_LONGEST_NAME} characters and no control characters: {checked.name!r}"
            )
        there = templates(self.aim_dir)
        if any(other.own and other.name == checked.name and other.id != checked.id for other in there):
            raise LaunchError(
                f"a template named {checked.name!r} already exists; rename it, or pass --replace to change that one"
            )
        if checked.id and checked.id not in {template.id for template in there}:
            raise LaunchError(f"there is no template {checked.id!r}; it may have been deleted. Save it without an id")
        id = checked.id or new_id("t")
        self._write([(f"template:{id}", {**command.to_record(checked), "by": self.by})])
        return command.check(replace(checked, id=id, own=True))

    def adopt(self, template: Template) -> Template:
        """Make a template that came from elsewhere this user's, who has read it. Its name gets a number if another
        template of theirs has that name."""
        taken = {other.name for other in templates(self.aim_dir) if other.own and other.id != template.id}
        numbered = (f"{template.name[: _LONGEST_NAME - 8]} {number}" for number in itertools.count(2))
        name = next(name for name in itertools.chain([template.name], numbered) if name not in taken)
        return self.save_template(replace(template, name=name))

    def remove_template(self, id: str) -> None:
        """Remove a template. Queues made from it have a copy, and continue."""
        if id not in {template.id for template in templates(self.aim_dir)}:
            raise LaunchError(f"there is no template {id!r}; it may have been deleted")
        self._write([(f"template:{id}", {"removed": time.time(), "by": self.by})])

    def create(
        self,
        template: Template,
        trials: Sequence[Mapping[str, Value]],
        *,
        name: str = "",
        slots: int | None = None,
        gpus: Sequence[str] = (),
        rules: Rules | None = None,
        paused: bool = False,
    ) -> Queue:
        """Add a queue of these trials. Every trial is filled once here, so that none fails later on a missing value."""
        self._origin.demand_key()
        template = command.check(template)
        command.check_no_secrets(template)
        if not 1 <= len(trials) <= MAX_TRIALS:
            raise LaunchError(f"a queue can have 1 to {MAX_TRIALS} trials, not {len(trials)}")
        complete = [command.complete(template, values) for values in trials]
        for values, given in zip(complete, trials, strict=True):
            command.fill(template, {**given, **values})
            _check_open_values(values)
            command.check_open(template, values)
        id = new_id("q")
        value = {
            "name": name.strip(),
            "template": {**command.to_record(template), "id": template.id},
            "trials": complete,
            "gpus": list(gpus),
            "rules": rules_of.to_record(rules or Rules()),
            "by": self.by,
            "created": time.time(),
        }
        _check_fits(value, len(trials))
        state: QueueState = "paused" if paused else "running"
        chosen = _checked_slots(slots or len(gpus) or os.cpu_count() or 1, gpus)
        # The queue's own record comes last, so that a supervisor sees it with its slots or not at all.
        self._write([(f"queue_slots:{id}", chosen), self._state(id, state), (f"queue:{id}", value)])
        return self.queue(id)

    def set_state(self, queue: Queue, state: QueueState) -> None:
        if state not in QUEUE_STATES:
            raise LaunchError(f"a queue cannot be {state!r}; allowed: {', '.join(QUEUE_STATES)}")
        if state == "running":
            self._origin.demand_key()
            if not queue.own:
                raise LaunchError(
                    f"queue {queue.id} came from elsewhere; look at its command first: aim queue resume {queue.id}"
                )
        self._write([self._state(queue.id, state)])

    def agree(self, queue: Queue, shown: str) -> None:
        """Make a queue that came from elsewhere this user's, as it was shown (`shown` is its digest), and resume it
        here. What is known of its trials stays known. Raises LaunchError if it changed since."""
        self._origin.demand_key()
        if not shown or shown != queue.digest:
            raise LaunchError(f"queue {queue.id} has changed since it was shown; look at its command again")
        known: list[tuple[str, Any]] = [
            (f"queue_slots:{queue.id}", queue.slots),
            (f"queue_order:{queue.id}", [trial.number for trial in queue.trials]),
        ]
        for trial in queue.trials:
            known.append((f"trial_wish:{queue.id}/{trial.number}", trial.wish.record))
            if trial.finding is not None:
                known.append((f"trial:{queue.id}/{trial.number}", vars(trial.finding)))
        self._write([*known, self._state(queue.id, "running"), (f"queue:{queue.id}", dict(queue.record))])

    def _state(self, id: str, state: QueueState) -> tuple[str, Any]:
        word = RECORDED_CANCELED if state == "canceled" else state
        return f"queue_state:{id}", {"state": word, "host": status.hostname(), "by": self.by}

    def set_slots(self, queue: Queue, slots: int) -> None:
        self._write([(f"queue_slots:{queue.id}", _checked_slots(slots, queue.gpus))])

    def set_order(self, queue: Queue, numbers: Sequence[int]) -> None:
        """Start these trials first, in this order, then the others in their current order."""
        for number in numbers:
            queue.trial(number)
        rest = [trial.number for trial in queue.trials if trial.number not in set(numbers)]
        self._write([(f"queue_order:{queue.id}", [*dict.fromkeys(numbers), *rest])])

    def cancel(self, queue: Queue, numbers: Iterable[int], states: Mapping[int, TrialState]) -> list[int]:
        """Request that these trials do not run. The supervisor stops running ones. Returns the changed trials."""
        open_ones = [number for number in numbers if states[queue.trial(number).number].word not in ENDED]
        self._wish(queue, open_ones, lambda wish, _: TrialRequest(True, wish.tries))
        return open_ones

    def retry(self, queue: Queue, numbers: Iterable[int], states: Mapping[int, TrialState]) -> list[int]:
        """Request another try of trials that ended, and a first try of canceled ones."""
        again = {*ENDED, "canceled"}
        chosen = [number for number in numbers if states[queue.trial(number).number].word in again]
        self._wish(queue, chosen, lambda wish, word: TrialRequest(False, wish.tries + (word in ENDED)), states)
        return chosen

    def remove(self, queue: Queue, states: Mapping[int, TrialState]) -> None:
        """Remove a queue; its runs are kept."""
        if alive := [number for number, state in states.items() if state.word in ("starting", "running")]:
            raise LaunchError(f"trials {', '.join(map(str, alive))} are still running; cancel the queue first")
        self._write([(f"queue:{queue.id}", {"removed": time.time(), "by": self.by})])

    def note(self, queue: str, number: int, finding: Finding) -> None:
        """Record the supervisor's finding about a trial."""
        self._write([(f"trial:{queue}/{number}", vars(finding))])

    def close(self) -> None:
        self._editor.close()

    def _wish(
        self,
        queue: Queue,
        numbers: Sequence[int],
        change: Callable[[TrialRequest, str], TrialRequest],
        states: Mapping[int, TrialState] | None = None,
    ) -> None:
        fields: list[tuple[str, Any]] = []
        for number in dict.fromkeys(numbers):
            wish = change(queue.trial(number).wish, states[number].word if states else "")
            fields.append((f"trial_wish:{queue.id}/{number}", {**wish.record, "by": self.by}))
        if fields:
            self._write(fields)

    def _write(self, fields: Sequence[tuple[str, Any]]) -> None:
        layout.check_writable(self.aim_dir)
        highest = max((edit.stamp for edit in edits.latest(self.aim_dir).values()), default=0)
        try:
            changes: list[tuple[str | None, str, Any]] = [(None, field, value) for field, value in fields]
            self._editor.edit_many(changes, seen=highest, bond=self._origin.bond)
            shipping.ensure(self.aim_dir)
        except OSError as error:
            raise RepoError(layout.not_written(self.aim_dir / "edits", error)) from error


def new_id(kind: str) -> str:
    """Ids ascend with time, so that queues are sorted by creation, also after a merge."""
    return f"{kind}{int(time.time() * 1000):011x}{secrets.token_hex(2)}"


T = TypeVar("T", Template, Queue)


def _named(kind: str, name: str, every: Sequence[T], cure: str) -> T:
    matching = [item for item in every if name in (item.id, item.name)]
    # Anybody can give any name to the templates and queues in a repository that is merged.
    matching = [item for item in matching if item.own] or matching
    matching = matching or [item for item in every if len(name) >= SHORTEST_PREFIX and item.id.startswith(name)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise LaunchError(f"{name!r} matches {len(matching)} {kind}s: {', '.join(item.id for item in matching[:5])}")
    there = ", ".join(item.name or item.id for item in every[:20]) or "none yet"
    raise LaunchError(f"there is no {kind} {name!r}; existing: {there}. Create one with: {cure}")


def _checked_slots(slots: int, gpus: Sequence[str]) -> int:
    if not 0 <= slots <= MAX_SLOTS:
        raise LaunchError(f"a queue can have 0 to {MAX_SLOTS} slots, not {slots}; with 0 nothing starts")
    if len(set(gpus)) < len(gpus):
        raise LaunchError(f"a GPU is listed twice in {', '.join(gpus)}; each slot needs its own GPU")
    if gpus and slots > len(gpus):
        raise LaunchError(
            f"{slots} slots need {slots} GPUs, not {len(gpus)}. Use fewer slots, or no GPUs (none) "
            "and set CUDA_VISIBLE_DEVICES in the template if trials share a GPU"
        )
    return slots


def _check_open_values(values: Mapping[str, Value]) -> None:
    for name in values.keys() - command.open_values(values).keys():
        raise LaunchError(
            f"{name} looks like a secret, and queues are stored in the repository. Let the script read it from the "
            "environment, which commands inherit"
        )


def _check_fits(value: Mapping[str, Any], trials: int) -> None:
    size = len(
        record.encode_json({"stamp": 1 << 60, "run": None, "field": "queue:" + "q" * 40, "value": value, "bond": _BOND})
    )
    if size > record.MAX_PAYLOAD:
        raise LaunchError(
            f"{trials} trials with these values take {size:,} bytes, but a queue can have {record.MAX_PAYLOAD:,}: "
            "create several queues, or put long texts into files"
        )
