"""One database of Aim in ClickHouse: made, checked, emptied and dropped."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np

from aim.clickhouse import schema
from aim.clickhouse.address import DatabaseAddress
from aim.clickhouse.client import NO_TABLES, DatabaseClient, ServerRefused
from aim.clickhouse.schema import EARLIER, TABLES, WAITING
from aim.engine import Columns
from aim.errors import EngineError
from aim.plain import visible

_NO_CODECS_BEFORE = (19, 11)
_VERSION_SIGNS = 40
_AT_ONCE = 1 << 19


class Size(NamedTuple):
    rows: int
    bytes: int


class Database:
    def __init__(self, address: DatabaseAddress) -> None:
        self.address = address
        self.client = DatabaseClient(address)

    def version(self) -> tuple[int, ...]:
        """The version of the server."""
        rows = self.client.query("SELECT version() AS version", {"version": str}, database=False)
        text = rows["version"][0] if rows else ""
        return tuple(int(part) for part in text[:_VERSION_SIGNS].split(".") if part.isdecimal())

    def begun(self) -> tuple[str, int]:
        """A name for the server that answers, and when it started, in seconds since 1970."""
        begun = "toInt64(toUnixTimestamp(now())) - toInt64(uptime())"
        statement = f"SELECT hostName() AS host, {begun} AS begun"
        row = self.client.row(statement, {"host": str, "begun": int}, database=False)
        return f"begun {row['host']}", int(row["begun"])

    def make(self) -> None:
        """Make the database and its tables where they are missing."""
        if self.exists():
            self._refuse_version(self.about())
        self.client.command(f"CREATE DATABASE IF NOT EXISTS `{self.address.database}`", database=False)
        modern = self.version() >= _NO_CODECS_BEFORE
        for name in TABLES:
            self.client.command(schema.create(name, modern=modern))
        if not self.about():
            self.say({"version": schema.VERSION, "id": secrets.token_hex(16)})
        self.check()

    def about(self) -> dict[str, str]:
        """What the database says about itself: version, id, and the repository that is folded into it."""
        rows = self.client.query("SELECT name, value FROM about FINAL", {"name": str, "value": str})
        return dict(zip(rows["name"].tolist(), rows["value"].tolist(), strict=True)) if rows else {}

    def claim(self, repository: str, place: str = "") -> None:
        """Note the repository that is folded into this database, and where it is. Another one would remove its runs."""
        about = self.check()
        self.refuse_another(repository, about)
        known = {"repository": repository, **({"place": place} if place else {})}
        if known.items() - about.items():
            self.say(known)

    def make_again(self, repository: str) -> None:
        """Drop what is there, unless it is of another repository, and make the tables."""
        if self.exists():
            self.refuse_another(repository, self.about())
            self.drop(keep=[WAITING])
        self.make()

    def drop_earlier(self, repository: str | None) -> bool:
        """Drop tables of an earlier version, unless they are of another repository. Returns whether there were any."""
        if not self.exists() or not schema.is_earlier(self.about().get("version")):
            return False
        self.refuse_another(repository, self.about())
        self.drop(keep=[WAITING])
        return True

    def refuse_another(self, repository: str | None, about: Mapping[str, str] | None = None) -> None:
        """Raise EngineError if the database is of another repository than this one."""
        about = self.about() if about is None else about
        if about.get("repository", repository) != repository:
            whose = f", {visible(about['place'])[:500]}" if "place" in about else ""
            raise EngineError(
                f"{self.address} holds the runs of another repository{whose}. Name that one with --repo, or another "
                "database, or empty this one with: aim engine drop"
            )

    def say(self, about: dict[str, str]) -> None:
        texts = {"name": list(about), "value": list(about.values())}
        self.insert("about", {name: np.array(values, object) for name, values in texts.items()})

    def insert(self, table: str, columns: Columns) -> None:
        """Add rows, which replace those with the same keys."""
        count = len(next(iter(columns.values())))
        for start in range(0, count, _AT_ONCE):
            part = {name: values[start : start + _AT_ONCE] for name, values in columns.items()}
            self.client.insert(table, part, TABLES[table].columns)
        if TABLES[table].by_run:
            self.insert(TABLES[table].by_run, columns)

    def check(self) -> dict[str, str]:
        """What the database says about itself. Raises EngineError unless this version can use its tables: a server may
        drop columns that it does not know without a word."""
        about = self.about()
        self._refuse_version(about)
        rows = self.client.query(
            f"SELECT table, name, type FROM system.columns WHERE database = '{self.address.database}'",
            dict.fromkeys(("table", "name", "type"), str),
        )
        there = set(zip(*(rows[name].tolist() for name in ("table", "name", "type")), strict=True)) if rows else set()
        wanted = {(name, *column) for name, table in TABLES.items() for column in table.columns.items()}
        if missing := sorted(wanted - there):
            table, column, kind = missing[0]
            raise EngineError(
                f"{self.address} has no column {column} of type {kind} in its table {table}. Make the tables again "
                "from the logs with: aim engine rebuild"
            )
        return about

    def _refuse_version(self, about: Mapping[str, str]) -> None:
        version = about.get("version")
        if version == schema.VERSION:
            return
        cure = "Make them again from the logs with: aim engine rebuild"
        if version is not None and not schema.is_earlier(version):
            cure = "A later version of Aim made them: use that one, pip install --upgrade aim"
        raise EngineError(
            f"{self.address} has tables of version {visible(version or 'none')[:80]}, and this version of Aim uses "
            f"{schema.VERSION}. {cure}"
        )

    @cached_property
    def read_only(self) -> bool:
        """Whether the profile of this user only allows reading."""
        rows = self.client.query("SELECT value FROM system.settings WHERE name = 'readonly'", {"value": str})
        return bool(rows) and rows["value"].tolist() != ["0"]

    def exists(self) -> bool:
        try:
            return bool(self.about())
        except ServerRefused as error:
            if error.code in NO_TABLES:
                return False
            raise

    def drop(self, *, keep: Collection[str] = ()) -> None:
        """Drop the tables of Aim, and the database if nothing else is in it. `keep`: tables that stay."""
        earlier = EARLIER.get(self.about().get("version", ""), ())
        for name in [name for name in (*earlier, *TABLES) if name not in keep]:
            self.client.command(f"DROP TABLE IF EXISTS `{name}`")
        name = self.address.database
        others = self.client.query(f"SELECT name FROM system.tables WHERE database = '{name}'", database=False)
        if name != "default" and not others:
            self.client.command(f"DROP DATABASE IF EXISTS `{name}`", database=False)

    def sizes(self) -> dict[str, Size]:
        """The rows and bytes on disk of each table."""
        rows = self.client.query(
            "SELECT table, toInt64(sum(rows)) AS rows, toInt64(sum(bytes_on_disk)) AS bytes FROM system.parts "
            f"WHERE active AND database = '{self.address.database}' GROUP BY table",
            {"table": str, "rows": int, "bytes": int},
        )
        columns = [rows[name].tolist() for name in ("table", "rows", "bytes")] if rows else [[], [], []]
        sizes = {table: Size(count, size) for table, count, size in zip(*columns, strict=True)}
        return {name: sizes.get(name, Size(0, 0)) for name in TABLES}

    def folded_at(self) -> float | None:
        """When the last fold into the database was done, in seconds since 1970."""
        rows = self.client.query("SELECT max(at) AS at FROM folds WHERE done = 1", {"at": int})
        return float(rows["at"][0]) or None if rows else None
