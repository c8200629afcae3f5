"""A seal in place of its log: folded once, and noticed if it holds something else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aim.index import cache_folder
from aim.index.series import gather
from aim.index.sources import logs
from aim.index.sources.table import SOURCES
from aim.index.state import WriterState
from aim.log import reader, seal
from tests.index.checks import check, contents, index, partition_of, same_numbers
from tests.index.logs import LogFile, finished
from tests.index.reading import age, opened


def test_a_seal_in_place_of_its_log(tmp_path: Path) -> None:
    file = finished(tmp_path, 1, points=500)
    age()
    first = index(tmp_path)
    wanted = check(tmp_path, first.refresh())
    kept = tmp_path / "kept.log"
    shutil.copy(file.path, kept)
    seal.write({file.path: seal.encode(bytes(file.data))})
    assert not file.path.exists()

    def numbers(catalog: object) -> object:
        return [column.tolist() for column in gather(catalog).columns.values()]  # type: ignore[attr-defined]

    shutil.rmtree(tmp_path / ".aim" / "cache", ignore_errors=True)
    sealed = index(tmp_path).refresh()
    shutil.copy(kept, file.path)
    both = index(tmp_path).refresh()
    assert numbers(sealed) == numbers(both) == numbers(first.refresh())
    assert len(wanted) == len(gather(sealed)) == 1


def test_a_seal_of_what_was_folded_begins_alike(tmp_path: Path) -> None:
    """Of all of a log, or of its beginning."""
    file = finished(tmp_path, 1, end=False)
    folded = [bytes(file.data)]
    file.end(1.8e9).save()
    folded.append(bytes(file.data))
    seal.write({file.path: seal.encode(bytes(file.data))})
    (sealed,) = SOURCES[0].open(tmp_path / ".aim").files(file.path.parent.name)
    for data in folded:
        check = int.from_bytes(data[-4:], "little")
        for known, alike in ((check, True), (check ^ 1, False)):
            writer = WriterState(sealed.writer, "", length=len(data), check=known)
            assert logs.begins_alike(writer, sealed) == alike


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that a source reads, and the segments that are written, in place of doing so."""
    seen: list[str] = []
    monkeypatch.setattr(reader, "windows", lambda path, *_: seen.append(f"read {path.name}") or iter(()))
    monkeypatch.setattr(seal, "decode", lambda *_, source: seen.append(f"decode {source}") or b"")
    monkeypatch.setattr(cache_folder.CacheFolder, "write", lambda _, number, tables: seen.append(f"segment {number}"))
    return seen


@pytest.mark.parametrize("later", [0, 44, 200])
def test_a_seal_of_what_was_folded_is_not_folded_again(
    tmp_path: Path, later: int, request: pytest.FixtureRequest
) -> None:
    """Whether the log was folded as a whole, or its end `later`."""
    files = [finished(tmp_path, number, points=50) for number in range(20)]
    if later:
        for file in files:
            file.save(len(file.data) - later)
        index(tmp_path).refresh()
        for file in files:
            file.save()
    age()
    before = check(tmp_path, index(tmp_path).refresh())
    for file in files:
        seal.write({file.path: seal.encode(bytes(file.data))})
    seen = request.getfixturevalue("unread")
    for _ in range(2):
        assert same_numbers(contents(index(tmp_path).refresh())[1], before)
    with opened() as again:
        index(tmp_path).refresh()
    assert (seen, again) == ([], [])


def test_one_seal_among_many_runs_gets_a_row_of_its_own(tmp_path: Path) -> None:
    files = [finished(tmp_path, number) for number in range(20)]
    age()
    before = check(tmp_path, index(tmp_path).refresh())
    seal.write({files[3].path: seal.encode(bytes(files[3].data))})
    assert same_numbers(contents(index(tmp_path).refresh())[1], before)
    again = index(tmp_path)
    with opened() as looked_at:
        again.refresh()
    assert looked_at == []
    assert [segment.points for segment in partition_of(again).on_disk()] == [60, 0]


def other_points(file: LogFile) -> bytes:
    """The seal of a log of the same length and with the same END, and another value."""
    other = LogFile(file.path.parents[3], file.hash, run=file.run, writer=file.writer)
    other.start(1.7e9 + 1).series(0, "loss", {"subset": "train"})
    for step in range(50):
        other.point(0, step, -1.0, 1.7e9)
    other.data += file.data[len(other.data) :]
    return seal.encode(bytes(other.data))


def flipped(file: LogFile, place: int) -> bytes:
    data = bytearray(seal.encode(bytes(file.data)))
    data[place] ^= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("changed", "damaged"),
    [
        (other_points, 0),
        (lambda file: flipped(file, 20), 1),
        (lambda file: flipped(file, 60), 1),
        (lambda file: flipped(file, -1), 1),
    ],
    ids=["another log", "SHA-256", "directory", "content"],
)
def test_a_seal_of_something_else_is_noticed(tmp_path: Path, changed: Callable[[LogFile], bytes], damaged: int) -> None:
    file = finished(tmp_path, 1, points=50)
    age()
    index(tmp_path).refresh()
    sealed = changed(file)
    file.path.with_suffix(".seal").write_bytes(sealed)
    file.path.unlink()
    catalog = index(tmp_path).refresh()
    values = gather(catalog).points(["value"])[0]["value"].tolist()
    assert (catalog.column("damaged"), values) == ([damaged], [] if damaged else [-1.0] * 50)


@pytest.mark.parametrize("live", [False, True])
def test_a_damaged_seal_is_reported_until_it_is_restored(tmp_path: Path, live: bool) -> None:
    file = finished(tmp_path, 1, points=500)
    (path,) = seal.write({file.path: seal.encode(bytes(file.data))})
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    age()
    watching = index(tmp_path)
    catalog = watching.refresh()
    assert len(gather(catalog)) == 0
    assert catalog.column("damaged").tolist() == [1]
    path.unlink()
    path.write_bytes(good)
    catalog = (watching if live else index(tmp_path)).refresh()
    assert gather(catalog).columns["count"].tolist() == [500]
    assert catalog.column("damaged").tolist() == [0]
