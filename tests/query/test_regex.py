"""Patterns match the same texts as with Python's `re`."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aim.query.regex import MAX_PATTERN, MAX_TEXT, Pattern, PatternError, compile_pattern

ATOMS = ["a", "b", "A", ".", "[ab]", "[^a]", "[a-c1]", "^", "$", *r"\w \d \s \W [\d.] \. \b \B".split(" ")]
REPEATS = ["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "+?"]
patterns = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("(?:{}){}".format, inner, st.sampled_from(REPEATS)),
    ),
    max_leaves=8,
)
texts = st.text(alphabet="abAc1. ", min_size=1, max_size=8)  # Pythons differ on \B in an empty text


@given(patterns, st.lists(texts, min_size=1, max_size=5), st.sampled_from(["", "(?i)"]))
def test_the_same_patterns_fit_the_same_texts(pattern: str, several: list[str], flag: str) -> None:
    ours, theirs = Pattern(flag + pattern), re.compile(flag + pattern)
    for text in several:
        assert ours.match(text) is bool(theirs.match(text))
        assert ours.search(text) is bool(theirs.search(text))


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "not closed"), ("a)", "closes nothing"), ("[a", "not closed"), ("a**", "repeats a repetition"),
        ("*a", "repeats nothing"), ("a{", "write \\{"), ("a{,}", "write \\{"), ("a{3,1}", "counts down"),
        ("[z-a]", "a range"), ("\\1", "not known"), ("(?=a)", "of the groups"), ("(?<!a)", "of the groups"),
        ("a\\", "too early"), ("x" * (MAX_PATTERN + 1), "at most"), ("(a{100}){100}", "too large"),
        ("(" * 30 + ")" * 30, "nest more"), ("\\q", "not known"),
    ],
)  # fmt: skip
def test_refused_input(pattern: str, words: str) -> None:
    with pytest.raises(PatternError, match=re.escape(words)) as caught:
        compile_pattern(pattern)
    assert 0 <= caught.value.at <= len(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "parts"),
    [
        (r"loss=\d+\.\d+", "loss=0.25, loss=12.5", ["loss=0.25", "loss=12.5"]),
        ("a*", "baab", ["aa"]),
        ("ab|abc", "abc", ["abc"]),
        ("foo(bar)?", "foo foobar", ["foo", "foobar"]),
        ("^a|b$", "aab b", ["a", "b"]),
        (r"\bin\b", "in inner in", ["in", "in"]),
        ("(?i)É.", "éa Éb", ["éa", "Éb"]),
        ("x", "abc", []),
    ],
)
def test_where_a_pattern_matches(pattern: str, text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in Pattern(pattern).spans(text, most=9, looks=1_000)] == parts


@given(patterns, texts)
def test_spans_are_where_something_matches(pattern: str, text: str) -> None:
    ours = Pattern(pattern)
    spans = ours.spans(text, most=100, looks=10_000)
    assert spans == sorted(spans) and all(0 <= start < end <= len(text) for start, end in spans)
    found = [match for match in re.finditer(pattern, text) if match.end() > match.start()]
    assert bool(spans) >= bool(found), "what Python finds is found too"
    assert not spans or ours.search(text)


def test_spans_are_bounded() -> None:
    assert Pattern("a").spans("a" * 50, most=3, looks=1_000) == [(0, 1), (1, 2), (2, 3)]
    assert len(Pattern("a").spans("a" * 50, most=99, looks=20)) == 10
    assert Pattern("(a+)+b").spans("a" * 20_000, most=99, looks=100_000) == []


def test_the_longest_pattern_is_read() -> None:
    assert Pattern("a" * MAX_PATTERN).match("a" * MAX_PATTERN)


@given(st.text(alphabet="ab()[]{}|*+?^$\\.,123-<>P:!=dwsb", max_size=30))
def test_any_pattern_is_read_or_refused(pattern: str) -> None:
    try:
        Pattern(pattern).search("abc 123")
    except PatternError:
        pass


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*b", "(a*)*c", "(.*)(.*)(.*)(.*)(.*)x$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"]
)
def test_patterns_that_would_run_for_years_by_backtracking(pattern: str) -> None:
    assert Pattern(pattern).match("a" * (MAX_TEXT - 1) + "!") is False


def test_states_are_forgotten_before_they_fill_the_memory() -> None:
    pattern = Pattern("(a|b)*a(a|b){12}c")
    text = "".join("ab"[(i * i + i // 7) % 2 == 0] for i in range(MAX_TEXT))
    assert pattern.search(text) is False
    assert pattern.search(text[:500] + "a" + "b" * 12 + "c") is True


def test_texts_are_bounded() -> None:
    with pytest.raises(ValueError, match="at most"):
        compile_pattern("a").search("b" * (MAX_TEXT + 1))
