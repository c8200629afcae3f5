"""A template, who asks, and a queue made of both."""

from __future__ import annotations

from typing import Any

from aim.launch.command import Template, Value
from aim.launch.queue import Queue
from aim.launch.records import Records

TEMPLATE = Template(argv=("python", "train.py", "--lr", "{lr}"), name="train")
BY = {"user": "ada", "via": "cli", "address": None}


def made(records: Records, count: int = 4, **options: Any) -> Queue:
    trials: list[dict[str, Value]] = [{"lr": number / 10} for number in range(1, count + 1)]
    return records.create(TEMPLATE, trials, **{"slots": 2, **options})
