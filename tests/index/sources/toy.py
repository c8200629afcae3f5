"""A toy source: every file `<run>.csv` of a folder is a run, and each line, `step,metric,value`, is a point."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path
from zlib import crc32

import numpy as np

from aim.errors import LogError
from aim.index.parse import Stretch
from aim.index.sources.points import point_records, position
from aim.index.sources.source import Batch, Source, SourceFile
from aim.index.sources.table import SourceRow
from aim.index.state import RunState, WriterState


class CsvRuns(Source):
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        return [path.stem for path in sorted(self.folder.glob("*.csv"))]

    def files(self, folder: str) -> list[SourceFile]:
        path, id = self.folder / f"{folder}.csv", hashlib.sha256(folder.encode()).hexdigest()[:32]
        stat = path.stat()
        return [SourceFile(str(path), id, id[:16], stat.st_size, stat.st_mtime_ns, stat.st_mtime)]

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        if (writer.size, writer.mtime) == (file.size, file.mtime):
            return True
        return not writer.invalid and crc32(file.path.read_bytes()[: writer.length]) == writer.check

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        if not writer.start:
            writer.start = {"source": "csv", "hash": run.dir, "experiment": "CSV", "points": 0}
        data = file.path.read_bytes()
        end = data.rfind(b"\n") + 1
        try:
            rows = [line.split(",") for line in data[writer.length : end].decode().splitlines()]
            steps, values = [int(step) for step, _, _ in rows], [float(value) for _, _, value in rows]
        except ValueError as error:
            raise LogError(f"{file.path} holds a line that is not step,metric,value: {error}") from error
        names = sorted({name for _, name, _ in rows})
        series = np.array([names.index(name) for _, name, _ in rows], np.int64)
        named = [(name, "{}") for name in names]
        records = point_records(writer, named, series, np.array(steps, np.int64), np.array(values), np.zeros(len(rows)))
        stretches = [Stretch(position(writer.start["points"]), records)] if rows else []
        writer.start["points"] += len(rows)
        writer.length, writer.check = end, crc32(data[:end])
        yield Batch(stretches)

    def notes(self, runs: Collection[RunState]) -> list[str]:
        return [f"{run.dir}.csv cannot be read" for run in runs for writer in run.writers if writer.invalid]


ROW = SourceRow("toy", "toy", "Toy", "query metrics as toy:NAME", CsvRuns, "toy_logs")
