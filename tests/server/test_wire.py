"""The messages, and the code generated from them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from aim.server import wire
from aim.server.aimql import aimql
from aim.server.routes import ROUTES
from aim.server.typescript import type_of, typescript

SOURCES = Path(__file__).parents[2] / "ui" / "src"
WIRE_TS = SOURCES / "wire.ts"
AIMQL_TS = SOURCES / "aimql.ts"
COMMAND = [sys.executable, "-m", "aim.server.wire"]


def test_the_types_of_the_ui_are_the_generated_ones() -> None:
    assert WIRE_TS.read_text(encoding="utf-8") == typescript(), "run: python -m aim.server.wire > ui/src/wire.ts"


def test_the_words_of_aimql_are_the_generated_ones() -> None:
    assert AIMQL_TS.read_text(encoding="utf-8") == aimql(), "run: python -m aim.server.wire aimql > ui/src/aimql.ts"


def test_the_module_prints_them() -> None:
    ended = subprocess.run(COMMAND, capture_output=True, text=True, check=True)
    assert ended.stdout == typescript()
    ended = subprocess.run([*COMMAND, "aimql"], capture_output=True, text=True, check=True)
    assert ended.stdout == aimql()


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, "unknown"),
        ({"type": "string"}, "string"),
        ({"type": "integer"}, "number"),
        ({"type": "array", "items": {}}, "unknown[]"),
        ({"type": "array", "items": {"$ref": "Run"}}, "Run[]"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, '("a" | "b")[]'),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "number | null"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "Record<string, number>"),
    ],
)
def test_a_schema_as_a_type(schema: dict[str, object], expected: str) -> None:
    assert type_of(schema) == expected


def test_every_name_in_the_types_is_declared() -> None:
    text = typescript()
    declared = set(re.findall(r"export (?:interface|type) (\w+)", text))
    used = {name for line in text.splitlines() if line.startswith("  ") for name in re.findall(r"\b[A-Z]\w+", line)}
    assert used <= declared | {"Record"}


def test_a_body_with_an_unknown_field_is_refused_by_every_route() -> None:
    bodies = {route.request for route in ROUTES if route.method == "POST"}
    assert len(bodies) > 15
    assert [body.__name__ for body in bodies if not body.__struct_config__.forbid_unknown_fields] == []


def test_a_page_starts_with_the_first_run() -> None:
    assert wire.PageQuery().offset == 0


def test_openapi_lists_every_route(client: httpx.Client) -> None:
    described = client.get("/api/openapi.json").json()
    there = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert there == {
        ("GET", "/api/project"), ("GET", "/api/complete"), ("GET", "/api/check"), ("GET", "/api/series"),
        ("GET", "/api/metrics"), ("GET", "/api/contexts"), ("GET", "/api/metrics/directions"),
        ("GET", "/api/standings"), ("GET", "/api/artifacts"), ("GET", "/api/artifact"), ("GET", "/api/run/artifacts"),
        ("GET", "/api/artifact/diff"), ("GET", "/api/artifact/preview"), ("GET", "/api/artifact/file"),
        ("POST", "/api/artifacts/alias"),
        ("POST", "/api/metrics/direction"),
        ("GET", "/api/runs"), ("GET", "/api/table"), ("GET", "/api/page"), ("GET", "/api/page/facts"),
        ("GET", "/api/page/groups"), ("GET", "/api/beside"), ("GET", "/api/live"),
        ("GET", "/api/openapi.json"), ("POST", "/api/runs/archive"),
        ("POST", "/api/runs/delete"), ("POST", "/api/runs/edit"), ("POST", "/api/runs/params"),
            ("GET", "/api/run/page"),
            ("GET", "/api/run/media"), ("GET", "/api/run/media/values"), ("GET", "/api/run/blob"),
            ("GET", "/api/media"), ("GET", "/api/media/zip"), ("GET", "/api/run/thumbnail"),
            ("GET", "/api/media/table"), ("GET", "/api/media/csv"), ("GET", "/api/run/cell"),
            ("GET", "/api/run/text"), ("GET", "/api/run/waveform"), ("GET", "/api/run/projection"),
            ("GET", "/api/run"), ("GET", "/api/overview"), ("GET", "/api/experiments"), ("GET", "/api/tags"),
            ("GET", "/api/bookmarks"), ("GET", "/api/view"), ("POST", "/api/views/save"),
            ("POST", "/api/runs/note"), ("POST", "/api/experiments/add"),
            ("POST", "/api/experiments/edit"), ("POST", "/api/experiments/delete"), ("POST", "/api/tags/save"),
            ("POST", "/api/tags/delete"), ("POST", "/api/bookmarks/save"), ("POST", "/api/bookmarks/delete"),
            ("GET", "/api/dashboards"), ("GET", "/api/dashboard"), ("POST", "/api/dashboards/save"),
            ("POST", "/api/dashboards/home"), ("POST", "/api/dashboards/delete"),
            ("GET", "/api/tokens"), ("POST", "/api/tokens/revoke"), ("POST", "/api/links/add"),
            ("GET", "/api/run/output"), ("GET", "/api/run/output/find"), ("GET", "/api/run/messages"),
            ("GET", "/api/launch"), ("GET", "/api/launch/draft"), ("GET", "/api/processes"), ("GET", "/api/process"),
            ("GET", "/api/templates"), ("GET", "/api/queues"), ("GET", "/api/queue"), ("POST", "/api/launch/preview"),
            ("POST", "/api/launch/start"), ("POST", "/api/processes/stop"), ("POST", "/api/templates/save"),
            ("POST", "/api/templates/delete"), ("POST", "/api/queues/preview"), ("POST", "/api/queues/add"),
            ("POST", "/api/queues/edit"), ("POST", "/api/queues/trials"), ("POST", "/api/queues/delete"),
    }  # fmt: skip


def test_openapi_refers_only_to_what_it_holds(client: httpx.Client) -> None:
    text = client.get("/api/openapi.json").text
    described = client.get("/api/openapi.json").json()
    for name in re.findall(r'"#/components/schemas/(\w+)"', text):
        assert name in described["components"]["schemas"]
    names = [each["name"] for each in described["paths"]["/api/series"]["get"]["parameters"]]
    assert names == ["q", "zone", "x", "columns", "lo", "hi", "smooth", "average", "only", "params"]
