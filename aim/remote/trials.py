"""Which runs stay in a spool after they were sent: those of a queue with trials left. A run that exists is never
started again, and rules compare trials with those that ended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aim import layout
from aim.log import edits

ENDED = frozenset({"finished", "failed", "killed", "stopped"})
RECORDED_CANCELED = "cancelled"
CANCELED = (RECORDED_CANCELED, "canceled")
_MOST_TRIES = 1000


def needed(aim_dir: Path) -> set[str]:
    """The folders of these runs, as `Place.folder`."""
    fields = {field: edit.value for (run, field), edit in edits.latest(aim_dir).items() if run is None}
    queues = [(name.partition(":")[2], value) for name, value in fields.items() if name.startswith("queue:")]
    return {
        f"runs/{layout.run_dir(aim_dir, run).name}"
        for id, value in queues
        if isinstance(value, dict) and isinstance(value.get("trials"), list)
        for run in _runs(id, len(value["trials"]), fields)
    }


def _runs(id: str, count: int, fields: Mapping[str, Any]) -> list[str]:
    """The runs of a queue, of all tries; none if all of its trials are over."""
    state = _value(fields, f"queue_state:{id}").get("state")
    runs: list[str] = []
    is_over = True
    for number in range(1, count + 1):
        wish = _value(fields, f"trial_wish:{id}/{number}")
        tries = [run_name(id, number, each) for each in range(1, _tries_of(wish) + 1)]
        runs += tries
        finding = _value(fields, f"trial:{id}/{number}")
        begun = finding.get("run") == tries[-1]
        is_canceled = state in CANCELED or any(wish.get(word) is True for word in CANCELED)
        is_over = is_over and (str(finding.get("state")) in ENDED if begun else is_canceled)
    return [] if is_over else runs


def run_name(queue: str, number: int, tries: int) -> str:
    """The run of a trial's last try."""
    first = f"{queue}-{number}"
    return first if tries == 1 else f"{first}-{tries}"


def _tries_of(wish: Mapping[str, Any]) -> int:
    tries = wish.get("tries")
    return max(1, min(tries, _MOST_TRIES)) if isinstance(tries, int) else 1


def _value(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}
