#!/usr/bin/env python3
"""Packs the built UI as a wheel that `aim pull` can fetch.

    python scripts/build_ui_bundle.py FOLDER [VERSION]      VERSION: default, the version of the package

The wheel goes to FOLDER; from there `aim pull -v VERSION --from FOLDER` takes it, or an index that it is uploaded to
carries it. Build the UI first: python hatch_build.py build
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from aim.cli.bundle import pack  # noqa: E402
from aim.errors import BundleError  # noqa: E402
from aim.version import __version__  # noqa: E402


def main(arguments: list[str]) -> None:
    if len(arguments) not in (1, 2) or arguments[0].startswith("-"):
        raise SystemExit(__doc__)
    folder, version = [*arguments, __version__][:2]
    try:
        print(pack(ROOT / "aim" / "server" / "ui", version, Path(folder)))
    except BundleError as error:
        raise SystemExit(f"{error}. Build the UI first: python hatch_build.py build") from None


main(sys.argv[1:])
