"""Media of the formats of Aim's own stay readable: these were written once, and are never written again. A table of
every type is in tests/golden/table."""

from __future__ import annotations

import hashlib
import json
import math
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aim
from aim.media import FIGURES, distribution, points
from aim.media.media import Media, fill

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "media"
READER = ROOT / "docs" / "format" / "read_media.py"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
SHA256 = {
    "confusion": "d2364fd8598cd9185a426db762b827d875472ab8adcdd8306dc9fce6b7d2346a",
    "distribution-edges": "2d97a445f4c4c492090bfa8b406806e00d623fa3eb26b4a4d37229a3b1f8e953",
    "distribution-equal": "0e798c4bc4df06f10f362b2a03420fa18110c978e214eaa7b1633b55a9eb5bbb",
    "embedding": "a5ca32f037d8b0e24cd3a4d2b2428af44711312e72c2c9eb719493722e1a340c",
    "embedding-labels": "a5687bdd3407fd2561abcfc28ee4c3ef9633fa88696aff07b323ea2b76ea1c8c",
    "points": "55b59f288edb4c5b79df2b980fe7f9745932035d5fe7837c61f3afa78e9b9623",
    "points-colors": "2e484cb6a953854ac3b7de109c6395dd5b6e47c690105269d17110bb6250de46",
    "points-text": "e19c05949cd84a6ed8ef1317a17f19ed3018f556c25895b0040e02533f55c79f",
    "pr": "2323c4dd25618d5cdfa1be72bbb2f133fe83ce62550c4071bf1f3d14dae5c2af",
    "roc": "7156b661a22c4d52a27ced4a3979c37e0538b2cf95897b62e035197daccbd563",
}


def made(kind: type[Media], data: bytes) -> Any:
    value = kind.__new__(kind)
    fill(value, data, {"caption": ""})
    return value


def counted(data: bytes) -> dict[str, Any]:
    known = distribution.decode(data)
    rest = {"nan": known.nan, "below": known.below, "above": known.above}
    return {"edges": list(known.edges), "counts": list(known.counts), **rest}


def cloud(data: bytes) -> dict[str, Any]:
    value = made(aim.Points3D, data)
    return {"xyz": value.xyz, "text": points.decode(data).told, "colors": value.rgb}


def vectors(data: bytes) -> dict[str, Any]:
    value = made(aim.Embedding, data)
    return {"vectors": value.vectors, "labels": value.labels}


def curved(data: bytes) -> dict[str, Any]:
    known = json.loads(data)
    value = made(aim.ROCCurve if known["aim"] == "roc" else aim.PRCurve, data)
    columns = list(zip(*value.points, strict=True))
    limits = [None if math.isnan(limit) else limit for limit in columns[2]]
    return {**known, "x": list(columns[0]), "y": list(columns[1]), "thresholds": limits}


def matrix(data: bytes) -> dict[str, Any]:
    value = made(aim.ConfusionMatrix, data)
    return {"aim": "confusion", "labels": value.labels, "counts": value.counts}


OURS: dict[str, Callable[[bytes], dict[str, Any]]] = {
    "distribution": counted, "roc": curved, "pr": curved, "confusion": matrix, "points": cloud, "embedding": vectors,
}  # fmt: skip


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("name", SHA256)
def test_the_files_are_the_ones_that_were_released(name: str) -> None:
    assert hashlib.sha256((GOLDEN / f"{name}.bin").read_bytes()).hexdigest() == SHA256[name]


@pytest.mark.parametrize("name", SHA256)
def test_they_mean_what_they_always_meant(name: str) -> None:
    data = (GOLDEN / f"{name}.bin").read_bytes()
    assert as_json(OURS[name.partition("-")[0]](data)) == EXPECTED[name]


@pytest.mark.parametrize("name", SHA256)
def test_a_reader_written_from_the_page_alone_agrees(name: str) -> None:
    command = [sys.executable, "-I", "-S", str(READER), str(GOLDEN / f"{name}.bin")]
    printed = subprocess.run(command, capture_output=True, check=True).stdout
    assert json.loads(printed) == EXPECTED[name]


def test_this_version_still_writes_those_bytes() -> None:
    written = runpy.run_path(str(GOLDEN / "make.py"))["MADE"]
    assert written == {name: (GOLDEN / f"{name}.bin").read_bytes() for name in SHA256}


def test_every_format_of_our_own_has_a_file() -> None:
    assert {*FIGURES, "distribution"} == {name.partition("-")[0] for name in SHA256} == set(OURS)


def test_the_reader_knows_nothing_of_the_package() -> None:
    assert not re.search(r"^\s*(from|import) aim", READER.read_text(encoding="utf-8"), re.MULTILINE)
