from __future__ import annotations

import os
from pathlib import Path

import pytest

from aim import layout
from aim.remote import files

DIR, RUN, WRITER, ZEROS = "d" * 32, "a" * 32, "b" * 16, "0" * 32
LOG = f"runs/{DIR}/{RUN}-{WRITER}.log"


@pytest.mark.parametrize(
    ("name", "run", "kind"),
    [
        (LOG, RUN, "log"),
        (f"runs/{DIR}/{RUN}-{WRITER}.seal", RUN, "seal"),
        (f"edits/{ZEROS}-{WRITER}.log", None, "log"),
        (f"{LOG}.0123abcd.conflict", RUN, "conflict"),
        (f"edits/{ZEROS}-{WRITER}.log.0123abcd.conflict", None, "conflict"),
    ],
)
def test_files_of_writers_and_editors_travel(name: str, run: str | None, kind: str) -> None:
    place = files.parse(name)
    assert place is not None
    assert (place.run, place.writer, place.kind, place.name) == (run, WRITER, kind, name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        "repo.json",
        "claims",
        "server/tokens.json",
        "cache/manifest.json",
        "cache/launch/x",
        f"/{LOG}",
        f"./{LOG}",
        f"../.aim/{LOG}",
        f"runs/../{LOG}",
        f"runs/{DIR}/../{RUN}-{WRITER}.log",
        f"runs/{DIR}/{DIR}/{RUN}-{WRITER}.log",
        f"runs/{RUN}-{WRITER}.log",
        f"runs//{RUN}-{WRITER}.log",
        f"runs/{DIR}//{RUN}-{WRITER}.log",
        f"runs\\{DIR}\\{RUN}-{WRITER}.log",
        f"runs/{DIR}/{RUN}-{WRITER}",
        f"runs/{DIR}/{RUN}-{WRITER}.txt",
        f"runs/{DIR}/{RUN}-{WRITER}.LOG",
        f"runs/{DIR}/.{RUN}-{WRITER}.log",
        f"runs/{DIR}/{RUN}-{WRITER}.log\0",
        f"runs/{DIR}/{RUN}-{WRITER}.log\n",
        f"runs/{DIR}/{RUN}-{WRITER}.log ",
        f"runs/{DIR}/{RUN}-{WRITER}.log/",
        f"runs/{DIR}/{RUN}-{WRITER}.log.",
        f"runs/{DIR}/{RUN}-{WRITER}.log::$DATA",
        f"RUNS/{DIR}/{RUN}-{WRITER}.log",
        f"runs/{DIR.upper()}/{RUN}-{WRITER}.log",
        f"runs/{DIR}/{RUN.upper()}-{WRITER}.log",
        f"runs/{DIR[:-1]}/{RUN}-{WRITER}.log",
        f"runs/{DIR}\n/{RUN}-{WRITER}.log",
        f"runs/{DIR}/{RUN[:-1]}٣-{WRITER}.log",
        f"runs/{DIR[:-1]}٣/{RUN}-{WRITER}.log",
        f"runs/{DIR}/{RUN}-{WRITER[:-1]}.log",
        f"runs/{DIR}/{ZEROS}-{WRITER}.log",
        f"runs/con/{RUN}-{WRITER}.log",
        f"edits/{RUN}-{WRITER}.log",
        f"edits/{ZEROS}-{WRITER}.seal",
        f"edits/{DIR}/{ZEROS}-{WRITER}.log",
        f"{LOG}.conflict",
        f"{LOG}.0123abc.conflict",
        f"{LOG}.0123ABCD.conflict",
        f"{LOG}.0123abcd.conflict.0123abcd.conflict",
        f"runs/{DIR}/{RUN}-{WRITER}.seal.0123abcd.conflict",
        f"runs/{DIR}/x.0123abcd.conflict",
        "nul",
        "a" * 10_000,
    ],
)
def test_nothing_else_travels(name: str) -> None:
    assert files.parse(name) is None


def test_the_name_of_a_conflict_travels() -> None:
    place = files.parse(files.conflict_name(LOG, -1))
    assert place is not None
    assert (place.file, place.kind) == (f"{RUN}-{WRITER}.log.ffffffff.conflict", "conflict")


def test_the_files_of_a_repository(tmp_path: Path) -> None:
    aim_dir = tmp_path / ".aim"
    layout.create(aim_dir)
    named = [LOG, f"edits/{ZEROS}-{WRITER}.log"]
    for name in (*named, f"runs/{DIR}/notes.txt", f"edits/{RUN}-{WRITER}.log", "cache/x"):
        path = aim_dir / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / f"{RUN}-{WRITER}.log").touch()
    os.symlink(elsewhere, aim_dir / "runs" / ("e" * 32))
    assert [place.name for place in files.every(aim_dir)] == named
