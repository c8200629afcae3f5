"""What a server keeps of a log after its system crashed: all but what never reached the disk."""

from __future__ import annotations

import errno
import fcntl
import os
import random
from pathlib import Path

import pytest

from aim.errors import ServerError
from aim.repo import Repo
from aim.server.boot import Boot, kept_bytes
from tests.log.logs import Draft
from tests.server.receiving import NAME, RUN, WRITER

# Several reads long.
NOISE = random.Random(3).randbytes(5 << 20)


def draft(writer: str = WRITER) -> Draft:
    return Draft(bytes.fromhex(RUN), bytes.fromhex(writer)).start(hash="a run").series(0, "loss").point(0, 0, 0.5)


BEFORE = bytes(draft().data)
OTHER = bytes(draft("c" * 16).point(0, 1, 0.25).data)


def gap(there: bytes) -> bytes:
    """A log with these bytes in the middle, and a point behind them."""
    log = draft()
    log.data += there
    return bytes(log.point(0, 1, 0.25).data)


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        pytest.param(BEFORE, len(BEFORE), id="a whole log"),
        pytest.param(b"", 0, id="nothing"),
        pytest.param(BEFORE[:20], 20, id="half a header"),
        pytest.param(BEFORE + BEFORE[-44:-4], len(BEFORE), id="half a record"),
        pytest.param(gap(NOISE[:4096]), len(gap(NOISE[:4096])), id="garbage"),
        pytest.param(gap(NOISE), len(gap(NOISE)), id="garbage longer than any window"),
        pytest.param(gap(NOISE[:999] + bytes(5) + NOISE[:4]), len(gap(NOISE[:1008])), id="garbage with some zeros"),
        pytest.param(NOISE[:40] + BEFORE[40:], len(BEFORE), id="garbage in the header"),
        pytest.param(OTHER, len(OTHER), id="a header of another writer"),
        pytest.param(bytes(40) + BEFORE[40:], 0, id="zeros in the header"),
        pytest.param(bytes(9000), 0, id="only zeros"),
        pytest.param(gap(bytes(4096)), len(BEFORE), id="zeros in the middle"),
        pytest.param(gap(NOISE[: 1 << 20] + bytes(600) + NOISE[: 1 << 20]), len(BEFORE), id="zeros in garbage"),
        pytest.param(gap(NOISE[: (1 << 20) - 200] + bytes(600) + NOISE), len(BEFORE), id="zeros across two reads"),
    ],
)
def test_what_is_kept(tmp_path: Path, data: bytes, kept: int) -> None:
    path = tmp_path / ".aim" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    assert kept_bytes(path) == kept


def test_points_behind_what_is_kept_are_shown(tmp_path: Path) -> None:
    path = tmp_path / ".aim" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(gap(NOISE))
    (run,) = Repo(tmp_path).select_metrics("loss")
    assert list(run.metrics["loss"].traces[0].values) == [0.5, 0.25]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EWOULDBLOCK, "process 77 already serves"),
        (errno.ENOLCK, "cannot lock .*No locks available.*file system with locks"),
        (errno.ENOTSUP, "cannot lock .*not supported.*file system with locks"),
    ],
)
def test_a_lock_that_is_refused_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    boot = Boot(tmp_path / ".aim")
    (tmp_path / ".aim" / "server" / "lock").write_text("77")

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(ServerError, match=words):
        boot.__enter__()
