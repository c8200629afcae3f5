"""Where the files of a repository are not here, files of this process point to its seals in an object store."""

from __future__ import annotations

import gc
import os
import shutil
import stat
from pathlib import Path

import pytest

from aim import store
from aim.errors import FilesElsewhere, StoreAway, StoreError
from aim.index import elsewhere
from aim.index.elsewhere import Elsewhere
from aim.log import stored
from tests.stores import Objects

RUN, WRITER = "a" * 32, "b" * 16
SEAL = f"{RUN}-{WRITER}.seal"


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Objects:
    objects = Objects()
    objects.objects[f"runs/{RUN}/{SEAL}"] = bytes(100)
    monkeypatch.setattr(store, "chosen", lambda: objects)
    return objects


def point(source: Elsewhere) -> Path:
    return source.files_of(RUN, [f"{RUN}-{WRITER}.log"], "it is in the logs")


def size(folder: Path) -> int | None:
    pointer = stored.at(folder / SEAL)
    return pointer.size if pointer else None


def test_a_seal_that_is_put_again_is_read_with_its_size(monkeypatch: pytest.MonkeyPatch, objects: Objects) -> None:
    source = Elsewhere()
    assert size(point(source)) == 100
    objects.objects[f"runs/{RUN}/{SEAL}"] = bytes(200)
    assert size(point(source)) == 100, "the store is not asked for each value"
    monkeypatch.setattr(elsewhere, "KEPT_SECONDS", 0.0)
    assert size(point(source)) == 200


def test_each_process_has_a_folder_of_its_own(objects: Objects) -> None:
    source = Elsewhere()
    folder = point(source)
    if not (child := os.fork()):
        theirs = point(source)
        own = theirs != folder and size(theirs) == 100
        del source
        gc.collect()
        os._exit(0 if own and not theirs.exists() else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert size(folder) == 100, "a child that ends leaves what its parent reads"
    shutil.rmtree(folder.parents[1])
    folder = point(source)
    assert (size(folder), stat.S_IMODE(folder.parents[1].stat().st_mode)) == (100, 0o700)
    del source
    gc.collect()
    assert not folder.parents[1].exists()


STORES: dict[str, tuple[StoreError | None, type[Exception], str]] = {
    "none is named": (None, FilesElsewhere, "AIM_STORE names no object store.*aim up --repo FOLDER"),
    "it is not there": (StoreError("has no x"), FilesElsewhere, r"from the object store \(has no x\).*aim up --repo"),
    "it is away": (StoreAway("does not answer"), StoreAway, "does not answer"),
}


@pytest.mark.parametrize("state", STORES)
def test_the_reason_is_true(monkeypatch: pytest.MonkeyPatch, objects: Objects, state: str) -> None:
    error, kind, words = STORES[state]
    if error is None:
        monkeypatch.undo()
        monkeypatch.delenv(store.VARIABLE, raising=False)
    else:
        monkeypatch.setattr(objects, "size", lambda name: (_ for _ in ()).throw(error))
    with pytest.raises(kind, match=words):
        point(Elsewhere())
