"""Runs of DVCLive, from the folders that it writes: a table for each metric below `plots/metrics`, images below
`plots/images`, and params in `params.yaml`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from aim import regular
from aim.errors import LogError
from aim.index.sources import yaml
from aim.index.sources.collect import Collector, cell, format_named, whole
from aim.index.sources.files import FileSource, ListedFile, check_of, give_facts
from aim.index.sources.source import Batch, Location, SourceFile
from aim.index.sources.tree import Found
from aim.index.state import RunState, WriterState, clean
from aim.log import bounds
from aim.log.objects import MAX_SIZE
from aim.media import pictures

_METRICS, _IMAGES = "plots/metrics", "plots/images"
_WINDOW = 4 << 20
_LONGEST = 64 << 10
_MOST_IMAGES = 10_000
_STEP = re.compile(r"(.+)/([0-9]{1,18})", re.ASCII)


class DvcliveFolders(FileSource):
    name: ClassVar[str] = "dvclive"
    title: ClassVar[str] = "DVCLive"
    pattern: ClassVar[str] = r"\.(tsv|png|jpe?g|gif)$"

    def grouped(self, files: Found) -> Mapping[str, list[ListedFile]]:
        """A folder with metrics is a run, with the images beside them."""
        runs: dict[str, list[ListedFile]] = {}
        images: dict[str, list[ListedFile]] = {}
        for folder, there in sorted(files.files.items()):
            for part, known in ((_METRICS, runs), (_IMAGES, images)):
                above, inside, _ = f"/{folder}/".partition(f"/{part}/")
                if inside:
                    is_table = known is runs
                    listed = [ListedFile(folder, file) for file in there if file.name.endswith(".tsv") == is_table]
                    known.setdefault(above.strip("/") or ".", []).extend(listed)
        return {run: [*tables, *images.get(run, [])[:_MOST_IMAGES]] for run, tables in runs.items() if tables}

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        folder, _, name = self._inside(run.dir, writer.id)
        self.begin(run, writer, file, columns=[])
        values = Collector(writer)
        if file.name.endswith(".tsv"):
            yield from self._rows(values, file, name)
            params = yaml.read(os.path.join(folder, "params.yaml"))
            writer.params = [[file.mtime // 1000, {"hparams": params}]] if params else []
        elif not writer.length:
            match = _STEP.fullmatch(name)
            about = {"format": format_named(file.name.rpartition(".")[2])}
            values.medium(
                "image", clean(match[1] if match else name), int(match[2]) if match else 0, file.mtime / 1e9, at=0,
                size=file.size, about=json.dumps(about),
            )  # fmt: skip
            writer.length = file.size
        writer.check = check_of(file.path, writer.length)
        writer.last_time = max(writer.last_time, file.mtime / 1e9)
        give_facts(self.name, run, {})
        yield values.batch()

    def _inside(self, run: str, writer: str) -> tuple[str, str, str]:
        """The folder of the run, the part in it that has a file, and the name of its metric or image."""
        listed = self.listed(run, writer)
        inner = listed.place if run == "." else listed.place.removeprefix(f"{run}/")
        inner = inner.removeprefix("./")
        part = _METRICS if inner.startswith(_METRICS) else _IMAGES
        folder = listed.file.where[: len(listed.file.where) - len(inner)]
        return folder, part, os.path.splitext(inner.removeprefix(f"{part}/"))[0]

    def _rows(self, values: Collector, file: SourceFile, name: str) -> Iterator[Batch]:
        writer = values.writer
        with regular.opened(os.path.realpath(file.where)) as opened:
            while writer.length < file.size:
                opened.seek(writer.length)
                data = opened.read(min(_WINDOW, file.size - writer.length))
                end = data.rfind(b"\n") + 1
                if not end:
                    if len(data) == _WINDOW:
                        raise LogError(f"it has a row of more than {_WINDOW:,} bytes: {file.where}")
                    break
                for line in data[:end].decode("utf-8", "backslashreplace").splitlines():
                    _take(values, name, line[:_LONGEST].split("\t"), file.mtime / 1e9)
                writer.length += end
                yield values.batch()

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        path = self.path_of(location)
        try:
            data = regular.read(path, most=MAX_SIZE + 1)
        except OSError as error:
            raise LogError(f"the image cannot be read: {error.strerror}: {path}") from None
        if len(data) > MAX_SIZE or pictures.format_of(data) is None:
            raise LogError(f"it is not an image within the limits: {path}")
        return data


def _take(values: Collector, name: str, cells: list[str], now: float) -> None:
    """A row: the step, the value, and a time in milliseconds if it was asked for. The first one has their names."""
    columns = values.writer.start["columns"]
    if not columns:
        columns += [cell[:100] for cell in cells[:10]]
        return
    row = dict(zip(columns, map(cell, cells), strict=False))
    at = whole(row.get("step"))
    value = next((row[column] for column in row if column not in ("step", "timestamp")), None)
    if at is None or not isinstance(value, (int, float)):
        values.skip("damaged rows", name)
        return
    stamp: Any = row.get("timestamp")
    time = bounds.seconds(stamp / 1000) if isinstance(stamp, (int, float)) else 0.0
    values.point(name, at, float(value), time or now)
