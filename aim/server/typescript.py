"""The TypeScript types of wire, generated from its JSON schemas so that UI and server always agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from aim.query.nodes import SYSTEM
from aim.server.wire import FRAMES, MAGIC, Frame, schemas

HEAD = f"""// Generated from aim/server/wire by `python -m aim.server.wire > ui/src/wire.ts`. Edit those files instead.

export const FRAMES = {json.dumps(FRAMES)};
export const MAGIC = {json.dumps(MAGIC)};

/** How names of metrics begin that the SDK records beside those of the training. */
export const SYSTEM = {json.dumps(SYSTEM)};
"""

TAIL = f"""
export type Frame = {" | ".join(message.__name__ for message in get_args(Frame))};
"""

PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def typescript() -> str:
    return HEAD + "".join("\n" + "\n".join(interface(name, schema)) + "\n" for name, schema in schemas().items()) + TAIL


def interface(name: str, schema: dict[str, Any]) -> Iterator[str]:
    if description := schema.get("description"):
        yield "/** " + " ".join(description.split()) + " */"
    yield f"export interface {name} {{"
    required = schema.get("required", [])
    for key, value in schema.get("properties", {}).items():
        yield f"  {key}{'' if key in required else '?'}: {type_of(value)};"
    yield "}"


def type_of(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"])
    if "anyOf" in schema:
        return " | ".join(sorted(dict.fromkeys(map(type_of, schema["anyOf"])), key="null".__eq__))
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "prefixItems" in schema:
        return f"[{', '.join(map(type_of, schema['prefixItems']))}]"
    if schema.get("type") == "array":
        items = type_of(schema["items"]) if schema.get("items") else "unknown"
        return f"({items})[]" if " | " in items else f"{items}[]"
    if schema.get("type") == "object":
        return f"Record<string, {type_of(schema.get('additionalProperties') or {})}>"
    return PLAIN.get(schema.get("type", ""), "unknown")
