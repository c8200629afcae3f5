"""Runs found by what their row in a table shows. tests/query/shown.json holds the texts to those of the UI."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aim.errors import QueryError
from aim.query import execute, shown
from aim.query.aggregate import words
from aim.query.find import Find, Numbers
from aim.query.nodes import Aggregate
from aim.repo import Repo
from tests.depths import watch
from tests.index.logs import LogFile

SHOWN = json.loads(Path(__file__).with_name("shown.json").read_text())
WRITERS: dict[str, Callable[[Any], str]] = {
    "numbers": shown.number_text, "values": shown.value_text, "durations": shown.duration_text,
}  # fmt: skip


@pytest.mark.parametrize("kind", WRITERS)
def test_texts_are_those_of_the_table(kind: str) -> None:
    assert [[value, WRITERS[kind](value)] for value, _ in SHOWN[kind]] == SHOWN[kind]


def test_what_is_not_finite() -> None:
    assert [shown.number_text(value) for value in map(float, ("nan", "inf", "-inf"))] == ["NaN", "+inf", "-inf"]
    assert [shown.value_text(value) for value in map(float, ("nan", "inf", "-inf"))] == ["NaN", "Infinity", "-Infinity"]
    assert shown.duration_text(float("inf")) == "–"


def test_times_in_the_zone_of_the_browser() -> None:
    assert shown.date_text(1.7e9, shown.zone_of("UTC")) == "2023-11-14 22:13 +00:00"
    assert shown.date_text(1.7e9, shown.zone_of("Asia/Tokyo")) == "2023-11-15 07:13 +09:00"
    assert shown.date_text(1e30, shown.zone_of("UTC")) == "–"


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Asia/Tokyo -05:00", "2023-11-15 07:13 +09:00"),
        ("-05:00", "2023-11-14 17:13 -05:00"),
        ("Nowhere/Land +05:30", "2023-11-15 03:43 +05:30"),
        ("undefined -09:30", "2023-11-14 12:43 -09:30"),
    ],
)
def test_the_offset_of_the_browser_is_for_names_that_are_not_known(zone: str, text: str) -> None:
    assert shown.date_text(1.7e9, shown.zone_of(zone)) == text


@pytest.mark.parametrize(
    "zone", ["Nowhere/Land", "../etc", "", " ", "+24:00", "2 +1", "UTC\0", "Foo +02:00 +02:00", "\ud800"]
)
def test_a_zone_that_is_not_known_is_refused(zone: str) -> None:
    with pytest.raises(QueryError, match="is not a time zone that is known here.\nWrite a name such as Europe/Berlin"):
        Find("a", zone=zone)


PARAMS: dict[str, dict[str, Any]] = {
    "a": {"opt": "Adam", "lr": 0.00001, "note": "Größe"},
    "b": {"opt": "SGD", "lr": 0.5, "layers": [64, 32]},
    "c": {"opt": "sgd", "lr": 3, "deep": {"switch": True}},
    "d": {},
}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Four runs; the loss of each has the values 0.25, 0.123456 and 8 plus its place."""
    for number, (hash, params) in enumerate(PARAMS.items()):
        file = LogFile(tmp_path, hash).start(1.7e9 + number * 86400).params(1, {"hparams": params})
        file.series(0, "loss", {"subset": "val"}).series(1, "accuracy")
        for step, value in enumerate((0.25, 0.123456, 8.0)):
            file.point(0, step, value + number)
        file.point(1, 0, 70.5).point(1, 1, 71.5).end(1.7e9 + number * 86400 + 125).save()
    return Repo(tmp_path)


FOUND = [
    ("", "dcba"),
    ("adam", "a"),
    ("SGD", "cb"),
    ("sgd 0.5", "b"),
    ("größe", "a"),
    ("GRÖSSE", ""),
    ("0.00001", "a"),
    ("1e-05", "a"),
    ("[64,32]", "b"),
    ("[64, 32]", "b"),
    ("true", "c"),
    ("finished", "dcba"),
    ("2023-11-15", "b"),
    ("2 min 05", "dcba"),
    ("default", "dcba"),
    ("9", "b"),
    ("71.5", "dcba"),
    ("70.5", ""),
    ("lr", ""),
    ('"', ""),
    ("%", ""),
    ("\\", ""),
]


@pytest.mark.parametrize(("text", "hashes"), FOUND)
def test_every_word_is_in_a_column(repo: Repo, text: str, hashes: str) -> None:
    page = repo.table.page(find=Find(text))
    assert "".join(run.hash for run in page.runs) == hashes
    assert (page.matched, page.listed) == (4, len(hashes))


@pytest.mark.parametrize(
    ("text", "numbers", "reads"),
    [
        ("71.5", Numbers(), True),
        ("71.5", Numbers((), own=(("loss", (), ("first",)),)), True),
        ("71.5", Numbers(()), False),
        ("adam", Numbers(), False),
    ],
)
def test_series_are_read_only_for_a_number_that_the_table_has(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, text: str, numbers: Numbers, reads: bool
) -> None:
    repo.count()
    gathered = watch(
        monkeypatch, execute, ["gather"], named=lambda name, given: "every metric" if given[1] is None else "selected"
    )
    assert repo.table.page(find=Find(text, numbers)).matched == 4
    assert ("every metric" in gathered) == reads


VAL = words({"subset": "val"})
NUMBERS = [
    ("0.25", Numbers(), ""),
    ("0.25", Numbers(("first",)), "a"),
    ("0.12346", Numbers(("best",)), "a"),
    ("70.5", Numbers(("best",)), ""),
    ("71.5", Numbers(("best",)), "dcba"),
    ("0.12346", Numbers(("min",)), "a"),
    ("0.123456", Numbers(("min",)), ""),
    ("2.7912", Numbers(("mean",)), "a"),
    ("71", Numbers(("mean",)), "dcba"),
    ("8", Numbers(("last",), own=(("loss", VAL, ("first",)),)), ""),
    ("3.25", Numbers((), own=(("loss", VAL, ("first",)),)), "d"),
    ("3.25", Numbers((), own=(("loss", (), ("first",)),)), ""),
    (
        "71.5",
        Numbers((), besides=(Aggregate("accuracy", reducer="at_max", by=Aggregate("loss", context=VAL)),)),
        "dcba",
    ),
    ("70.5", Numbers((), besides=(Aggregate("accuracy", reducer="at_max", by=Aggregate("loss", context=VAL)),)), ""),
]


@pytest.mark.parametrize(("text", "numbers", "hashes"), NUMBERS)
def test_only_the_numbers_that_the_table_has(repo: Repo, text: str, numbers: Numbers, hashes: str) -> None:
    assert "".join(run.hash for run in repo.table.page(find=Find(text, numbers)).runs) == hashes


def test_edits_are_found_and_what_they_replaced_is_not(repo: Repo) -> None:
    ids = {run.hash: run.id for run in repo.table.page().runs}
    repo.runs.add_params([ids["a"]], {"hparams.opt": "Lion", "grün": "Käse"})
    repo.runs.edit([ids["b"]], "name", "My favorite")
    repo.runs.tag([ids["c"]], "best")
    matching = {text: "".join(run.hash for run in repo.table.page(find=Find(text)).runs) for text in WANTED}
    assert matching == WANTED


WANTED = {"lion": "a", "adam": "", "käse": "a", "favorite": "b", "best": "c", "0.00001": "a", "sgd": "cb"}


def test_what_the_columns_of_a_table_hold(repo: Repo) -> None:
    ids = {run.hash: run.id for run in repo.table.page().runs}
    repo.runs.add_params([ids["b"]], {"hparams.opt": "sgd"})
    columns = repo.table.page("run.hash in ('b', 'c')", columns=True, limit=1).columns
    assert columns is not None
    assert {param.path[1:]: (param.runs, param.differing) for param in columns.params} == {
        ("deep", "switch"): (1, True), ("layers",): (1, True), ("lr",): (2, True), ("opt",): (2, False),
    }  # fmt: skip
    assert [(metric.name, metric.runs) for metric in columns.metrics] == [("accuracy", 2), ("loss", 2)]
    facts = repo.table.facts("run.hash in ('b', 'c')")
    assert (facts.runs, facts.fields["experiment"], facts.fields["created_at"]) == (2, 1, 2)
    assert {param.path[1:]: param.values for param in facts.columns.params} == {
        ("deep", "switch"): 1, ("layers",): 1, ("lr",): 2, ("opt",): 1,
    }  # fmt: skip
    assert facts.differing == [[], ["last", "best", "min", "max", "mean", "first"]]
    assert repo.table.facts("run.hash == 'z'").columns.metrics == []


def test_which_columns_a_table_has(repo: Repo) -> None:
    """Those that would say nothing, or the same thing twice, can be left out."""

    def told(expression: str = "") -> tuple[bool, ...]:
        columns = repo.table.page(expression, columns=True, limit=1).columns
        assert columns is not None
        return columns.described, columns.tagged, columns.unnamed, columns.mixed

    assert told() == (False, False, False, False)
    LogFile(repo.root, bytes(range(16)).hex(), run=bytes(range(16))).start(1.8e9).end(1.8e9 + 1).save()
    ids = {run.hash: run.id for run in repo.table.page().runs}
    repo.runs.edit([ids["a"]], "description", "why")
    repo.runs.tag([ids["b"]], "best")
    repo.runs.edit([ids["c"]], "experiment", "other")
    assert told() == (True, True, True, True)
    assert told("run.hash in ('b', 'd')") == (False, True, False, False)
