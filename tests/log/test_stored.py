"""The file in the place of a seal that is in an object store, and reading through it. Here the store is a dict; the
tests of `aim storage move` ask a real one."""

from __future__ import annotations

import os
import random
import shutil
import struct
from pathlib import Path

import pytest

from aim import store
from aim.cli import moving
from aim.errors import LogError, StoreError
from aim.log import reader, record, seal, stored
from aim.log.stored import OpenStored
from tests.log.logs import NAME, Draft
from tests.stores import Objects

GOLDEN = Path(__file__).parents[1] / "golden"
(SEALED,) = GOLDEN.glob("seal-v2/*.seal")
(STORED,) = GOLDEN.glob("seal-v3/*.seal")


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Objects:
    there = Objects()
    monkeypatch.setattr(store, "chosen", lambda: there)
    return there


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / ".aim" / "runs" / ("0" * 32)
    place.mkdir(parents=True)
    return place


def test_the_golden_file_stands_for_the_golden_seal(folder: Path, objects: Objects) -> None:
    assert moving.pointer_to(SEALED).packed() == STORED.read_bytes()
    assert len(STORED.read_bytes()) == stored.SIZE == 144
    assert (seal.covers(STORED), seal.digest(STORED)) == (seal.covers(SEALED), seal.digest(SEALED))
    path = Path(shutil.copy(STORED, folder))
    objects.put(f"runs/{'0' * 32}/{path.name}", SEALED.read_bytes())
    assert reader.read(path) == reader.read(SEALED)
    assert list(seal.others(path)) == list(seal.others(SEALED))
    places = seal.Values(SEALED).places(record.OBJECT)
    assert [seal.Values(path).at(place) for place in places] == [seal.Values(SEALED).at(place) for place in places]


@pytest.mark.parametrize("part", [16 << 20, 100, 64])
def test_any_bytes_are_those_of_the_seal(
    folder: Path, objects: Objects, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(stored, "PART", part)
    data, path = SEALED.read_bytes(), Path(shutil.copy(SEALED, folder))
    pointer = stored.put(path, moving.pointer_to(path), objects)  # type: ignore[arg-type]
    owner, *parts = objects.objects.values()
    assert (owner, b"".join(parts)) == (pointer.mark, data)
    asked = stored.pointer_from_store(path)
    assert (asked.size, asked.head) == (pointer.size, pointer.head)
    path.write_bytes(pointer.packed())
    rng = random.Random(7)
    with seal.opened(path) as file:
        assert isinstance(file, OpenStored)
        for _ in range(200):
            at, size = rng.randrange(len(data) + 20), rng.choice([-1, 0, 1, 56, 1000])
            assert file.seek(at) == at
            assert file.read(size) == data[at : None if size < 0 else at + size]
        assert file.seek(0, os.SEEK_END) == len(data)
    assert b"".join(stored.get(path, pointer, objects)) == data  # type: ignore[arg-type]
    stored.free(path)
    assert objects.objects == {}


def test_only_who_moved_a_seal_removes_it_from_the_store(
    folder: Path, objects: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy, a merge or a stranger can name the same object."""
    path = Path(shutil.copy(SEALED, folder))
    moving.move(path, objects, moving.Moved())  # type: ignore[arg-type]
    there = dict(objects.objects)
    shutil.copytree(tmp_path / ".aim", tmp_path / "copy" / ".aim")
    assert not stored.free(tmp_path / "copy" / path.relative_to(tmp_path))
    with monkeypatch.context() as other:
        other.setenv("XDG_STATE_HOME", str(tmp_path / "other user"))
        assert not stored.free(path)
        assert objects.objects == there
        other.setenv("XDG_STATE_HOME", str(tmp_path / "another user"))
        path.write_bytes(stored.marked(path, moving.pointer_to(SEALED)).packed())
    assert not stored.free(path)
    assert objects.objects == there
    path.write_bytes(stored.marked(path, moving.pointer_to(SEALED)).packed())
    assert stored.free(path) and objects.objects == {}


def test_what_belongs_to_another_copy_is_not_relied_on(folder: Path, objects: Objects, tmp_path: Path) -> None:
    """Two copies of a repository are moved into one store. The first one may delete the run."""
    path = Path(shutil.copy(SEALED, folder))
    shutil.copytree(tmp_path / ".aim", tmp_path / "copy" / ".aim")
    copy = tmp_path / "copy" / path.relative_to(tmp_path)
    moving.move(path, objects, moving.Moved())  # type: ignore[arg-type]
    with pytest.raises(LogError, match="another copy of this repository.*a prefix for this repository alone"):
        moving.move(copy, objects, moving.Moved())  # type: ignore[arg-type]
    assert reader.read(path) == reader.read(SEALED)
    assert stored.free(path)
    assert objects.objects == {}
    assert reader.read(copy) == reader.read(SEALED)
    moving.move(copy, objects, moving.Moved())  # type: ignore[arg-type]
    assert stored.free(copy)
    assert objects.objects == {}


def test_what_an_earlier_version_moved_has_no_owner(
    folder: Path, objects: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who moved it removes it, also if that is cut short, and no other copy relies on it."""
    monkeypatch.setattr(stored, "PART", 100)
    path = Path(shutil.copy(SEALED, folder))
    shutil.copytree(tmp_path / ".aim", tmp_path / "copy" / ".aim")
    copy = tmp_path / "copy" / path.relative_to(tmp_path)
    moving.move(path, objects, moving.Moved())  # type: ignore[arg-type]
    owner = next(iter(objects.objects))
    objects.remove(owner)
    there = dict(objects.objects)
    with pytest.raises(LogError, match="without an owner, .*remove it there if none does, or set AIM_STORE"):
        moving.move(copy, objects, moving.Moved())  # type: ignore[arg-type]
    assert objects.objects == there and reader.read(copy) == reader.read(SEALED)
    remove = objects.remove
    with monkeypatch.context() as away:
        away.setattr(objects, "remove", lambda name: remove(name) if len(objects.objects) > 2 else objects.size("x"))
        with pytest.raises(StoreError):
            stored.free(path)
    assert owner in objects.objects
    assert stored.free(path)
    assert objects.objects == {}


def test_who_brought_a_seal_back_moves_and_frees_it_again(folder: Path, objects: Objects) -> None:
    path = Path(shutil.copy(SEALED, folder))
    for _ in range(2):
        shutil.copy(SEALED, path)
        moving.move(path, objects, moving.Moved())  # type: ignore[arg-type]
    assert stored.free(path)
    assert objects.objects == {}


def test_another_store_is_not_taken_for_the_one_that_has_the_seal(folder: Path, objects: Objects) -> None:
    path = Path(shutil.copy(SEALED, folder))
    moving.move(path, objects, moving.Moved())  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="no such bytes"):
        stored.free(path, Objects())  # type: ignore[arg-type]
    assert len(objects.objects) == 2


def test_a_removal_that_was_cut_short_goes_on(folder: Path, objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "PART", 100)
    path = Path(shutil.copy(SEALED, folder))
    moving.move(path, objects, moving.Moved())  # type: ignore[arg-type]
    remove, count = objects.remove, len(objects.objects)

    def some(name: str) -> None:
        if len(objects.objects) <= count // 2:
            raise StoreError("away")
        remove(name)

    objects.remove = some  # type: ignore[method-assign]
    with pytest.raises(StoreError, match="away"):
        stored.free(path)
    objects.remove = remove  # type: ignore[method-assign]
    assert stored.free(path)
    assert objects.objects == {}


def test_a_run_that_is_deleted_while_it_is_moved_leaves_nothing(
    folder: Path, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(shutil.copy(SEALED, folder))
    size = objects.size

    def deleted(name: str) -> int:
        path.unlink(missing_ok=True)
        return size(name)

    monkeypatch.setattr(objects, "size", deleted)
    with pytest.raises(FileNotFoundError):
        moving.move(path, objects, moving.Moved())  # type: ignore[arg-type]
    assert objects.objects == {}
    assert list(folder.iterdir()) == []


def test_the_file_damaged_at_any_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / STORED.name
    for byte in range(stored.SIZE):
        wrong = bytearray(STORED.read_bytes())
        wrong[byte] ^= 1 << byte % 8
        path.write_bytes(wrong)
        with pytest.raises(LogError):
            seal.covers(path)
        assert byte < 8 or reader.covers(path) == -1


@pytest.mark.parametrize("size", range(0, 144, 9))
def test_the_file_torn_at_any_byte_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / STORED.name
    path.write_bytes(STORED.read_bytes()[:size])
    with pytest.raises(LogError):
        seal.covers(path)


def test_a_version_to_come_is_named(tmp_path: Path) -> None:
    path = tmp_path / STORED.name
    path.write_bytes(b"AIMSEAL\x04" + bytes(200))
    with pytest.raises(LogError, match="a newer aim may read it"):
        seal.covers(path)


def test_a_seal_that_was_changed_in_the_store_is_not_brought_back(folder: Path, objects: Objects) -> None:
    path = Path(shutil.copy(SEALED, folder))
    pointer = moving.pointer_to(path)
    stored.put(path, pointer, objects)  # type: ignore[arg-type]
    _, name = objects.objects
    objects.objects[name] = bytes(len(objects.objects[name]))
    with pytest.raises(LogError, match="has other bytes than were put"):
        list(stored.get(path, pointer, objects))  # type: ignore[arg-type]


def test_what_covers_no_end_of_a_log_is_not_moved(folder: Path) -> None:
    path = folder / NAME.replace(".log", ".seal")
    path.write_bytes(seal.encode(bytes(Draft().data)))
    with pytest.raises(LogError, match="covers no record at the end"):
        moving.pointer_to(path)


@pytest.mark.parametrize("head", [bytes(stored.HEAD), struct.pack("<8sQ32sII", seal.MAGIC, 99, bytes(32), 1 << 31, 0)])
def test_a_hostile_head_makes_a_store_send_nothing(folder: Path, objects: Objects, head: bytes) -> None:
    """A file of 144 bytes may claim a gigabyte, and a hostile store send it."""
    path = folder / SEALED.name
    path.write_bytes(moving.pointer_to(SEALED)._replace(size=1 << 30, head=head).packed())
    objects.read = pytest.fail  # type: ignore[method-assign, assignment]
    with pytest.raises(LogError):
        seal.read(path)
