"""Dashboards over HTTP: kept, changed, shown at home, and told to open pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from aim.repo import Repo, dashboards
from aim.repo.dashboards import Chart
from aim.server import wire
from tests.server.conftest import Serving

CHART: dict[str, Any] = {
    "kind": "line", "title": "", "metrics": ["loss"], "axes": [], "where": "", "value": "last", "text": "",
    "x": "step", "x_scale": "auto", "y_scale": "log", "x_range": [None, None], "y_range": [0, None],
    "smoothing": 0.5, "ignore_outliers": True, "width": 3, "height": 2,
}  # fmt: skip


def test_one_is_saved_changed_and_removed(folder: Path, serving: Serving) -> None:
    with serving(Repo(folder)) as client:
        main = client.post("/api/dashboards/save", json={"name": "Main", "charts": [CHART], "runs": "lr > 0"}).json()
        assert (main["name"], main["charts"], main["runs"], main["newest"]) == ("Main", [CHART], "lr > 0", 20)
        assert client.get("/api/dashboard", params={"id": main["id"]}).json() == main
        rows = [{"id": main["id"], "name": "Main", "charts": [{"kind": "line", "width": 3, "height": 2}]}]
        listed = client.get("/api/dashboards").json()
        assert listed["home"] is None
        assert [{**row, "edited_at": main["edited_at"]} for row in rows] == listed["dashboards"]
        change = {"id": main["id"], "name": "Other", "charts": [], "seen": main["edited_at"]}
        assert client.post("/api/dashboards/save", json=change).json()["name"] == "Other"
        late = client.post("/api/dashboards/save", json=change)
        assert (late.status_code, "someone else" in late.json()["error"]["message"]) == (400, True)
        assert client.post("/api/dashboards/home", json={"id": main["id"]}).json() == {"changed": 1}
        assert client.get("/api/dashboards").json()["home"] == main["id"]
        assert client.post("/api/dashboards/delete", json={"id": main["id"]}).json() == {"changed": 1}
        assert client.get("/api/dashboards").json() == {"dashboards": [], "home": None}
        for unknown in (main["id"], "Other", "x" * 50):
            assert client.get("/api/dashboard", params={"id": unknown}).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "pie"}, {"metrics": ["m"] * 21}, {"where": "lr >"}, {"x": "steps"}, {"y_range": [2, 1]}, {"width": 0},
        {"y_range": [1]}, {"smoothing": 1}, {"title": "x" * 201}, {"more": 1},
    ],
)  # fmt: skip
def test_a_wrong_chart_is_refused(folder: Path, serving: Serving, wrong: dict[str, Any]) -> None:
    with serving(Repo(folder)) as client:
        answer = client.post("/api/dashboards/save", json={"name": "Main", "charts": [{**CHART, **wrong}]})
        assert answer.status_code == 400
        assert client.get("/api/dashboards").json()["dashboards"] == []


def test_an_open_page_hears_of_a_change(folder: Path, serving: Serving) -> None:
    """It changes no run."""
    with serving(Repo(folder)) as client, client.stream("GET", "/api/live") as live:
        told = (json.loads(line.removeprefix("data: ")) for line in live.iter_lines() if line.startswith("data: "))
        assert next(told)["runs"] == []
        Repo(folder).dashboards.save("Main", [Chart(kind="line", metrics=("loss",))])
        assert next(told)["runs"] == []


def test_a_message_has_the_limits_of_a_dashboard() -> None:
    schemas = wire.schemas()
    request, chart = (schemas[name]["properties"] for name in ("DashboardRequest", "DashboardChart"))
    most = {name: field[key] for name, field in {**request, **chart}.items() for key in field if key.startswith("max")}
    words = {name: field["enum"] for name, field in chart.items() if "enum" in field}
    assert most == {
        "name": dashboards.MAX_NAME, "title": dashboards.MAX_NAME, "charts": dashboards.MAX_CHARTS,
        "runs": dashboards.MAX_QUERY, "where": dashboards.MAX_QUERY, "newest": dashboards.NEWEST,
        "metrics": dashboards.MAX_METRICS, "axes": dashboards.MAX_METRICS, "text": dashboards.MAX_TEXT,
        "smoothing": dashboards.MAX_SMOOTHING, "width": dashboards.WIDEST, "height": dashboards.HIGHEST,
        "x_range": 2, "y_range": 2,
    }  # fmt: skip
    assert words == {
        "kind": sorted(get_args(dashboards.ChartKind)), "value": sorted(get_args(dashboards.ChartValue)),
        "x_scale": sorted(get_args(dashboards.AxisScale)), "y_scale": sorted(get_args(dashboards.AxisScale)),
    }  # fmt: skip
