"""What a training asks a server when it opens a run by name: `python -I -S ask.py`, with an order on standard input and
the answer on standard output. It is a process of its own, so that no name service and no server can hold the training.

    {"do": "claim", "address", "seconds", "name", "run", "launch", "attempt", "rank", "starter"}
                  ->  {"runs": [...], "claim": {...}}
    {"do": "bring", "address", "seconds", "aim_dir", "files": [{"name", "size", "age"}]}   ->  {"brought": N}
    any failure   ->  {"problem": "..."}

`seconds` is how long one answer of the server may take.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PART = 4 << 20


def claim(client: Any, order: Mapping[str, Any]) -> dict[str, Any]:
    """Claim the name for a new run, or learn which runs have it."""
    asked = {key: order[key] for key in ("name", "run", "launch", "attempt", "rank", "starter")}
    answer = json.loads(client.ask("POST", "/v1/run", json.dumps(asked).encode()).body)
    claimed = answer.get("claim") or {}
    runs = [
        {"id": str(run["id"]), "recording": bool(run["recording"]), "files": [_about(file) for file in run["files"]]}
        for run in answer["runs"]
    ]
    about = {key: claimed.get(key) for key in ("launch", "rank", "starter")}
    return {"runs": runs, "claim": {"run": str(claimed.get("run")), **about}}


def _about(file: Mapping[str, Any]) -> dict[str, Any]:
    """`needed`: a resume reads all files but those that hold output only."""
    start = file.get("start") or {}
    about = {"name": str(file["name"]), "size": int(file["size"]), "age": float(file["age"])}
    return {**about, "needed": start.get("role") != "output"}


def bring(client: Any, order: Mapping[str, Any]) -> dict[str, Any]:
    """Copy files of a run from the server, where this machine has less of them."""
    aim_dir = Path(order["aim_dir"])
    files = importlib.import_module("aim.remote.files")
    backlog = importlib.import_module("aim.remote.backlog")
    brought = 0
    for file in order["files"]:
        place = files.parse(file["name"])
        if place is None or place.run is None or place.kind == "conflict":
            continue
        path = aim_dir / backlog.log_name(place)
        if not path.exists() or path.stat().st_size < file["size"]:
            _copy(client, path, aim_dir, file)
            brought += 1
    return {"brought": brought}


def _copy(client: Any, path: Path, aim_dir: Path, file: Mapping[str, Any]) -> None:
    layout, regular = importlib.import_module("aim.layout"), importlib.import_module("aim.regular")
    layout.make_folder(path.parent, aim_dir)
    name = path.relative_to(aim_dir).as_posix()

    def finish(draft: int | Path) -> None:
        layout.inherit_access(draft, aim_dir)
        seen = time.time() - file["age"]
        os.utime(draft, (seen, seen))

    with regular.replacing(path, top=aim_dir, finish=finish) as copy:
        while (left := file["size"] - copy.tell()) > 0:
            part = client.ask("GET", f"/v1/logs/{name}?at={copy.tell()}&length={min(_PART, left)}").body
            if not part:
                break
            copy.write(part[:left])


def main() -> None:
    """Without the package's `__init__`, which would import all of recording."""
    package = types.ModuleType("aim")
    package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules["aim"] = package
    address = importlib.import_module("aim.remote.address")
    remote = importlib.import_module("aim.remote.client")
    errors = importlib.import_module("aim.errors")
    order = json.loads(sys.stdin.buffer.read())
    try:
        server = address.parse(order["address"])
        client = remote.Client(server, timeout=order["seconds"])
        client.token = address.token(server)
        answer = {"claim": claim, "bring": bring}[order["do"]](client, order)
    except (errors.AimError, OSError) as error:
        answer = {"problem": str(error)}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        answer = {"problem": f"{order['address']} does not answer as docs/format/ship.md says: is it an aim server?"}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
