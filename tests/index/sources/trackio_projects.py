"""Writes the projects of trackio, with the tables and rows that trackio 0.43 writes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, timestamp TEXT NOT NULL,
    run_name TEXT NOT NULL, step INTEGER NOT NULL, metrics TEXT NOT NULL, log_id TEXT, space_id TEXT);
CREATE TABLE configs (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, run_name TEXT NOT NULL,
    config TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE(run_id));
"""
MOMENT = "2026-01-01T00:00:00.5+00:00"
SECONDS = 1767225600.5


def log(path: Path, run: str, *rows: tuple[int, Any]) -> None:
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as db:
        if new:
            db.executescript(f"PRAGMA journal_mode=WAL; {TABLES}")
        for step, values in rows:
            text = values if isinstance(values, (str, bytes)) else json.dumps(values).encode()
            row = (run, MOMENT, run, step, text)
            db.execute("INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) VALUES (?, ?, ?, ?, ?)", row)
        db.commit()


def configure(path: Path, run: str, config: Any) -> None:
    with closing(sqlite3.connect(path)) as db:
        row = (run, run, json.dumps(config).encode(), MOMENT)
        db.execute("INSERT OR REPLACE INTO configs (run_id, run_name, config, created_at) VALUES (?, ?, ?, ?)", row)
        db.commit()
