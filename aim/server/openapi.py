"""The OpenAPI description, generated from the route table and the messages of wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aim.server.route import FILE, Route
from aim.server.wire import FRAMES, schemas
from aim.version import __version__


def openapi(routes: Iterable[Route]) -> dict[str, Any]:
    components = schemas("#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault("/" + route.path, {})[route.method.lower()] = operation(route, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Aim", "version": __version__, "description": ABOUT},
        "servers": [{"url": ".."}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


ABOUT = (
    "Answers are JSON, points are application/x-aim-frames (docs/server.md draws it). A request that writes needs "
    "Content-Type: application/json and comes from the same origin. A server on another address than loopback asks "
    "for a token."
)


def operation(route: Route, components: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{route.path.replace('/', '_').replace('.', '_')}",
        "summary": route.summary,
        "responses": {
            "200": {"description": "The answer.", "content": content(route.answer)},
            "default": {"description": "What is wrong and what to do.", "content": json_of("Failure")},
        },
    }
    if route.request is not None and route.method == "GET":
        described["parameters"] = parameters(components[route.request.__name__])
    elif route.request is not None:
        described["requestBody"] = {"required": True, "content": json_of(route.request.__name__)}
    return described


def parameters(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": shape}
        for name, shape in schema["properties"].items()
    ]


def content(answer: Any) -> dict[str, Any]:
    if answer in (FRAMES, FILE):
        return {answer: {"schema": {"type": "string", "format": "binary"}}}
    if isinstance(answer, str):
        return {answer: {"schema": {"type": "string" if answer.startswith("text/") else "object"}}}
    return json_of(answer.__name__)


def json_of(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
