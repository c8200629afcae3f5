"""Writes MLflow's stores: a database with the tables that mlflow 3.17 creates, and a folder as its file store."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE experiments (experiment_id INTEGER NOT NULL, name VARCHAR(256) NOT NULL, artifact_location VARCHAR(256),
    lifecycle_stage VARCHAR(32), creation_time BIGINT, CONSTRAINT experiment_pk PRIMARY KEY (experiment_id));
CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250), user_id VARCHAR(256), status VARCHAR(9),
    start_time BIGINT, end_time BIGINT, lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200), experiment_id INTEGER,
    deleted_time BIGINT, CONSTRAINT run_pk PRIMARY KEY (run_uuid),
    CHECK (status IN ('SCHEDULED', 'FAILED', 'FINISHED', 'RUNNING', 'KILLED')));
CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
    run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL,
    CONSTRAINT metric_pk PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));
CREATE TABLE params (key VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL, run_uuid VARCHAR(32) NOT NULL,
    CONSTRAINT param_pk PRIMARY KEY (key, run_uuid));
CREATE TABLE tags (key VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32) NOT NULL,
    CONSTRAINT tag_pk PRIMARY KEY (key, run_uuid));
CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
"""
Point = tuple[str, float, int, int]  # key, value, milliseconds, step


class Store(ABC):
    """What both kinds of stores can be told."""

    @abstractmethod
    def run(self, id: str, status: str = "FINISHED", *, name: str = "", stage: str = "active") -> None: ...

    @abstractmethod
    def points(self, id: str, points: Sequence[Point]) -> None: ...

    @abstractmethod
    def texts(self, table: str, id: str, texts: dict[str, str]) -> None:
        """`table`: params or tags."""

    @abstractmethod
    def images(self, id: str) -> Path: ...


class Database(Store):
    def __init__(self, folder: Path, before: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.path = folder, folder / "mlflow.db"
        self.write(f"{before}{TABLES} INSERT INTO experiments VALUES (1, 'vision', '', 'active', 1000);", script=True)

    def write(self, sql: str, given: Sequence[Any] = (), *, script: bool = False) -> None:
        with closing(sqlite3.connect(self.path)) as db:
            db.executescript(sql) if script else db.execute(sql, given)
            db.commit()

    def run(self, id: str, status: str = "FINISHED", *, name: str = "", stage: str = "active") -> None:
        end = None if status == "RUNNING" else 1_700_000_060_000
        row = (id, name, "me", status, 1_700_000_000_000, end, stage, str(self.images(id).parent), 1, None)
        self.write(f"INSERT OR REPLACE INTO runs VALUES ({', '.join('?' * len(row))})", row)

    def points(self, id: str, points: Sequence[Point]) -> None:
        for key, value, stamp, step in points:
            stored = 0.0 if value != value else max(min(value, 1.7976931348623157e308), -1.7976931348623157e308)
            self.write("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", (key, stored, stamp, id, step, value != value))

    def texts(self, table: str, id: str, texts: dict[str, str]) -> None:
        for key, value in texts.items():
            self.write(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", (key, value, id))

    def images(self, id: str) -> Path:
        return self.folder / "mlartifacts" / id / "artifacts" / "images"


class Folder(Store):
    def __init__(self, folder: Path) -> None:
        self.experiment = folder / "mlruns" / "1"
        self.experiment.mkdir(parents=True)
        (self.experiment / "meta.yaml").write_text("experiment_id: '1'\nlifecycle_stage: active\nname: vision\n")

    def run(self, id: str, status: str = "FINISHED", *, name: str = "", stage: str = "active") -> None:
        number = {"RUNNING": 1, "SCHEDULED": 2, "FINISHED": 3, "FAILED": 4, "KILLED": 5}[status]
        end = "null" if status == "RUNNING" else "1700000060000"
        lines = [f"end_time: {end}", f"lifecycle_stage: {stage}", f"run_id: {id}", f"run_name: '{name}'"]
        lines += ["start_time: 1700000000000", f"status: {number}", "tags: []", "user_id: me"]
        for part in ("metrics", "params", "tags"):
            (self.experiment / id / part).mkdir(parents=True, exist_ok=True)
        (self.experiment / id / "meta.yaml").write_text("\n".join(lines) + "\n")

    def points(self, id: str, points: Sequence[Point]) -> None:
        for key, value, stamp, step in points:
            path = self.experiment / id / "metrics" / key
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "a") as file:
                file.write(f"{stamp} {value} {step}\n")

    def texts(self, table: str, id: str, texts: dict[str, str]) -> None:
        for key, value in texts.items():
            path = self.experiment / id / table / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(value)

    def images(self, id: str) -> Path:
        return self.experiment / id / "artifacts" / "images"
