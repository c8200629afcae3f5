"""Queries for property tests: valid ones, ones of valid pieces in any order, and any text at all."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = ["lr", "optimizer", "params.lr", 'hparams["a b"]', "net.conv1.size", "context.subset", 'context["a.b"]',
         "experiment", "metric", "run.hash", "run.tags", "run.created_at", "run.facts.python", "run.loss",
         "run.loss.train.min", 'run["train/loss"].last', 'run.loss["max"]', "run.loss[1].mean", 'run["hash"]',
         "at_min(run.a, loss.val)", 'at_max("a/b", run.loss["min"])']  # fmt: skip
LITERALS = ["1", "0x1F", "1_000", ".5", "1e-3", "1e400", "True", "None", "nan", "inf", '"a"', "'it\\'s'",
            '"\\n\\x41\\\\"', 'r"\\d"', "[]", "()", "(1,)", "{1, 2}", '"2026-01-31"']  # fmt: skip
BINARY = ["+", "-", "*", "/", "//", "%", "**"]
COMPARISONS = ["==", "!=", "<>", "<", "<=", ">", ">=", "in", "not in", "is", "is not"]
CALLS = [
    "abs({0})",
    "min({0}, {1})",
    "startswith({0}, x)",
    'match({0}, "a+")',
    "round({0}, 2)",
    "now()",
    "len({0})",
    "lower({0})",
]
PIECES = [*NAMES, *LITERALS, *BINARY, *COMPARISONS, *"()[]{},.:;", "and", "or", "not", "if", "else", "len(", "run.",
          "params.", "tf:", '"', "'", "=", "&&", "#", "\n", "lambda", "for", "\\", "ä", "\ud800", "*"]  # fmt: skip


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def form(text: str, *values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.builds(text.format, *values)

    return st.one_of(
        form("({})", inner),
        form("[{}, {}]", inner, inner),
        form("not ({})", inner),
        form("-({})", inner),
        form("({})[{}]", inner, inner),
        form("{} if {} else {}", inner, inner, inner).map("({})".format),
        form("{0} {1} {2}", inner, st.sampled_from(BINARY), inner).map("({})".format),
        form("{0} {1} {2}", inner, st.sampled_from(BINARY), inner),
        form("({}) {} ({})", inner, st.sampled_from(COMPARISONS), inner),
        form("({}) {} ({}) {} ({})", inner, st.sampled_from(COMPARISONS), inner, st.sampled_from(COMPARISONS), inner),
        form(
            "({}) {} ({}) {} ({})", inner, st.sampled_from(["and", "or"]), inner, st.sampled_from(["and", "or"]), inner
        ),
        st.builds(lambda call, left, right: call.format(left, right), st.sampled_from(CALLS), inner, inner),
    )


expressions = st.recursive(st.sampled_from([*NAMES, *LITERALS]), _joined, max_leaves=12)
soups = st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)
anything = st.one_of(soups, st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))

values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
        st.sampled_from([10**400, -(10**400), 2**63, "2026-01-31", "2026", 1.7e9, 1e300]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=5,
)  # fmt: skip
