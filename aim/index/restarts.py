"""A database that restarted may have lost what it took in the minutes before, because it does not wait for its disk.
What was folded then is folded again."""

from __future__ import annotations

import re
import time
from collections.abc import Collection

from aim.clickhouse import folds
from aim.clickhouse.database import Database
from aim.clickhouse.table import DistantTable

# Longer than ClickHouse keeps the parts that it merged, 480 seconds, because a crash may lose the result.
LOST_SECONDS = 600.0
# A fold that was lost had a number that readers may have seen.
GAP = 10_000
_SECONDS = re.compile("[0-9]{1,12}")
_EVERY_SECONDS = 5.0
# Both clocks of a server count whole seconds.
_SAME_SECONDS = 5


class Restarts:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked_at = -_EVERY_SECONDS

    def news(self) -> dict[str, str]:
        """What the database says of itself once everything is folded again; {} if the server did not restart. Asks from
        time to time."""
        if time.monotonic() - self._asked_at < _EVERY_SECONDS:
            return {}
        self._asked_at = time.monotonic()
        name, begun = self._database.begun()
        known = self._database.about().get(name)
        if known is None:
            self._database.say({name: str(begun)})
        elif not _SECONDS.fullmatch(known) or abs(int(known) - begun) > _SAME_SECONDS:
            return {name: str(begun)}
        return {}

    def free(self, folders: Collection[str]) -> None:
        """Free the earlier rows of runs that were read again. These rows no longer count."""
        if not folders:
            return
        runs = DistantTable(self._database.client, "runs").read(["run", "since"], {"dir": sorted(folders)})
        for since in sorted(set(runs["since"].tolist())):
            folds.free_before(self._database, runs["run"][runs["since"] == since].tolist(), since)
