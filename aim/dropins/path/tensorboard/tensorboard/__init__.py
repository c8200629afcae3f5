"""Before the package of this name: it is loaded, and what it writes is recorded to Aim too."""

import importlib
import importlib.util
import os
import sys
from typing import Any

if "aim" not in sys.modules:
    # The Aim of this folder, also where the Python of the script has another one or none.
    _home = os.path.abspath(os.path.join(__file__, *[os.pardir] * 5))
    _spec: Any = importlib.util.spec_from_file_location(
        "aim", os.path.join(_home, "__init__.py"), submodule_search_locations=[_home]
    )
    sys.modules["aim"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["aim"])
importlib.import_module("aim.dropins.events").record_beside(__name__)
