"""Every pair in cases/*.txt, by the plain meaning of reference.py."""

from __future__ import annotations

import pytest

from aim.errors import QueryError
from tests.query.casebook import CaseFile, QueryCase, case_files
from tests.query.reference import answer

PAIRS = [(file, case) for file in case_files() for case in file.queries]


@pytest.mark.parametrize(("file", "case"), PAIRS, ids=[f"{file.path.stem}:{case.line}" for file, case in PAIRS])
def test_finds_what_is_written_below_it(file: CaseFile, case: QueryCase) -> None:
    if case.expected.startswith("error "):
        _, at, words = case.expected.split(" ", 2)
        with pytest.raises(QueryError) as caught:
            answer(case, file.runs)
        offset = len("if ") if case.filters_runs else 0
        assert caught.value.start + offset == int(at)
        assert words in f"{caught.value.message} {caught.value.hint}"
    else:
        assert answer(case, file.runs) == case.finds


def test_every_file_has_runs_and_queries() -> None:
    files = case_files()
    assert files and all(file.runs and file.queries for file in files)
