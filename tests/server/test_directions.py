"""Which values of a metric are better: set and listed over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from aim.repo import Repo
from tests.server.conftest import Serving


def listed(client: httpx.Client) -> dict[str, str]:
    answer: dict[str, str] = client.get("/api/metrics/directions").json()["directions"]
    return answer


def save(client: httpx.Client, metric: str, direction: str | None) -> httpx.Response:
    return client.post("/api/metrics/direction", json={"metric": metric, "direction": direction})


def test_a_direction_is_set_and_left_to_the_name_again(folder: Path, serving: Serving) -> None:
    with serving(Repo(folder)) as client:
        assert listed(client) == {}
        assert save(client, "loss", "max").json() == {"changed": 1}
        assert listed(client) == {"loss": "max"} == Repo(folder).metrics.directions()
        order = json.dumps([{"metric": "loss", "context": {"subset": "train"}, "reducer": "best"}])
        assert client.get("/api/page", params={"order": order}).status_code == 200
        assert save(client, "loss", None).status_code == 200
        assert listed(client) == {}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"metric": "loss", "direction": "up"}, "direction"),
        ({"metric": "loss"}, "direction"),
        ({"metric": "", "direction": "max"}, "metric"),
        ({"metric": "x" * 1001, "direction": "max"}, "metric"),
        ({"metric": "a\u001fb", "direction": "max"}, "control characters"),
        ({"metric": "loss", "direction": "max", "run": "x"}, "run"),
    ],
)
def test_invalid_directions(folder: Path, serving: Serving, body: dict[str, Any], words: str) -> None:
    with serving(Repo(folder)) as client:
        answer = client.post("/api/metrics/direction", json=body)
        assert answer.status_code == 400
        assert words in answer.json()["error"]["message"]
        assert listed(client) == {}
