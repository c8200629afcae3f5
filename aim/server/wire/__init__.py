# ruff: noqa: F403
"""Every message between the server and the UI, declared once: OpenAPI and ui/src/wire.ts are generated from here.

`python -m aim.server.wire > ui/src/wire.ts` writes the types again.
"""

from __future__ import annotations

from typing import Any

import msgspec

from aim.server.wire import artifacts, dashboards, experiments, frames, launch, media, output, runs
from aim.server.wire.artifacts import *
from aim.server.wire.dashboards import *
from aim.server.wire.experiments import *
from aim.server.wire.frames import *
from aim.server.wire.launch import *
from aim.server.wire.media import *
from aim.server.wire.output import *
from aim.server.wire.runs import *
from aim.server.wire.types import *

MODULES = (experiments, artifacts, dashboards, frames, launch, media, output, runs)


def schemas(ref: str = "{name}") -> dict[str, dict[str, Any]]:
    """The JSON schema of every message, by its name."""
    members = [member for module in MODULES for member in vars(module).values()]
    messages = [member for member in members if isinstance(member, type) and issubclass(member, msgspec.Struct)]
    _, components = msgspec.json.schema_components(
        [message for message in messages if message is not msgspec.Struct], ref_template=ref
    )
    return components
