from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import aim as package
from aim.query import plan
from aim.query.parse import parse_expression
from tests.cli.conftest import Aim
from tests.index.sources.tensorboard.events import event, event_file, frame, scalar, tensor
from tests.index.sources.wandb_files import began, history, write


@pytest.fixture(autouse=True)
def repo(here: Path) -> Path:
    for name, rate in (("slow", 0.001), ("fast", 0.1)):
        with package.Run(name, repo=here, experiment="e") as run:
            run["hparams"] = {"lr": rate, "net": {"depth": 3}}
            for step in range(5):
                run.track(rate * (5 - step), "loss", context={"subset": "train"})
                run.track(float("nan") if step == 4 else 1.0 * step, "loss", context={"subset": "val"})
    return here


def rows(aim: Aim, text: str) -> list[dict[str, object]]:
    printed: list[dict[str, object]] = json.loads(aim("query", text, "--json").stdout)
    return printed


def test_a_table_with_a_row_for_each_series(aim: Aim) -> None:
    lines = aim("query", "loss if context.subset == train").stdout.splitlines()
    head = ["run", "name", "experiment", "metric", "context", "count", "last", "last_step", "min", "max", "mean"]
    assert lines[0].split() == head
    assert lines[1].split() == ["fast", "-", "e", "loss", "subset=train", "5", "0.1", "4", "0.1", "0.5", "0.3"]
    assert lines[2].split() == ["slow", "-", "e", "loss", "subset=train", "5", "0.001", "4", "0.001", "0.005", "0.003"]


def test_a_long_name_is_cut_only_in_the_table(aim: Aim, here: Path) -> None:
    with package.Run("long", repo=here) as run:
        run.name = "n" * 1000
        run.track(1.0, "alone")
    assert "n" * 79 + "…  " in aim("query", "alone").stdout
    assert max(map(len, aim("query", "alone").stdout.splitlines())) < 250
    assert rows(aim, "alone")[0]["name"] == "n" * 1000


def test_json_has_every_number(aim: Aim) -> None:
    (row,) = rows(aim, "loss if context.subset == val and hparams.lr == 0.1")
    assert len(str(row.pop("run"))) == 32
    assert row == {
        "hash": "fast", "name": None, "experiment": "e", "metric": "loss", "context": {"subset": "val"}, "count": 5,
        "first": 0.0, "first_step": 0, "last": "NaN", "last_step": 4, "min": 0.0, "min_step": 0,
        "max": 3.0, "max_step": 3, "mean": 1.5, "nonfinite": 1,
    }  # fmt: skip


def test_csv(aim: Aim) -> None:
    read = list(csv.DictReader(io.StringIO(aim("query", "loss", "--csv").stdout)))
    assert [(row["hash"], json.loads(row["context"])["subset"]) for row in read] == [
        *(("fast", "train"), ("fast", "val"), ("slow", "train"), ("slow", "val"))
    ]
    assert read[1]["last"] == "nan" and float(read[0]["first"]) == 0.5


def test_selected_params_are_columns(aim: Aim) -> None:
    (row,) = rows(aim, "hparams.lr, net.depth, net, loss if context.subset == train and lr > 0.01")
    assert (row["hparams.lr"], row["net.depth"], row["net"], row["last"]) == (0.1, 3, {"depth": 3}, 0.1)


def test_runs_in_order_and_in_groups(aim: Aim) -> None:
    rising, falling = ["slow", "fast"], ["fast", "slow"]
    orders = {
        "lr": rising, "lr ASC": rising, "lr desc": falling, "lr  DESC ": falling, "run.loss.train.max desc": falling,
    }  # fmt: skip
    for order, hashes in orders.items():
        printed = json.loads(aim("query", "run.experiment == e", "--json", "--order", order).stdout)
        assert [row["hash"] for row in printed] == hashes
    for words in (["--order", "run.los.min"], ["--group", "run.los"], ["--order", "run.los desc", "--group", "lr"]):
        told = aim("query", "run.experiment == e", *words).stderr
        assert told == "No run has a metric los; did you mean run.loss?\n"
    table = aim("query", "run.experiment == e", "--group", "lr").stdout.splitlines()
    assert [line.split()[0] for line in table[1:]] == ["slow", "fast"]
    assert (table[0].split()[-1], [line.split()[-1] for line in table[1:]]) == ("lr", ["0.001", "0.1"])
    for words in (["loss", "--order", "lr"], ["loss", "--group", "lr"], ["lr < 1", "--points", "9"]):
        assert "write a" in aim("query", *words, code=2).stderr
    told = aim("query", "loss", "--points", "2", "--kind", "text", code=2).stderr
    assert "--points and --kind cannot be combined" in told
    for option in ("--order", "--group"):
        told = aim("query", "lr < 1", option, "lr,net.depth", code=2).stderr
        assert f"Pass {option} once for each column" in told
        assert "The column is empty" in aim("query", "lr < 1", option, "", code=2).stderr
    assert aim("query", "lr < 1", "--group", "max(lr, 1)").stderr == ""
    assert "Expected a value" in aim("query", "lr < 1", "--order", "lr <", code=2).stderr
    assert "only asc or desc can follow" in aim("query", "lr < 1", "--order", "lr dsc", code=2).stderr


COLUMNS = ["run", "name", "experiment", "status", "created", "duration", "tags"]
ASKED = [
    ("lr", {"lr": [0.001, 0.1]}),
    ("hparams.lr * 2", {"hparams.lr * 2": [0.002, 0.2]}),
    ("run.loss.train.max", {"run.loss.train.max": [0.005, 0.5]}),
    ("hparams.net", {"hparams.net": [{"depth": 3}] * 2}),
    ("tags", {"params.tags": [None] * 2}),
    ("run.name", {}),
    ("run.created_at", {}),
    ("experiment", {}),
    ("run.description", {"run.description": [None] * 2}),
]


@pytest.mark.parametrize(("column", "values"), ASKED)
def test_runs_are_shown_with_what_they_are_sorted_and_grouped_by(
    aim: Aim, column: str, values: dict[str, list[object]]
) -> None:
    for option in ("--order", "--group"):
        table = aim("query", "lr > 0", option, column, "--order", "lr").stdout.splitlines()
        heads = dict.fromkeys([*COLUMNS, *values, "lr"])
        assert table[0].split() == " ".join(heads).split()
        printed = json.loads(aim("query", "lr > 0", option, column, "--order", "lr", "--json").stdout)
        exact = {name: known for name, known in values.items() if name != "run.description"}  # a field of JSON
        assert {name: [row[name] for row in printed] for name in exact} == exact


def test_a_column_is_parsed_once(aim: Aim, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def watched(text: str) -> object:
        parsed.append(text)
        return parse_expression(text)

    monkeypatch.setattr(plan, "parse_expression", watched)
    aim("query", "lr > 0", "--order", "lr desc", "--group", "net.depth")
    assert sorted(parsed) == ["lr", "net.depth"]


def test_the_time_that_runs_are_sorted_by_is_for_people(aim: Aim) -> None:
    (_, *rows) = aim("query", "lr > 0", "--order", "run.finished_at", "--utc").stdout.splitlines()
    assert all(row.endswith("+00:00") for row in rows) and len(rows) == 2


def test_points_as_a_chart_of_few_columns_draws_them(aim: Aim) -> None:
    statement = "loss if context.subset == train and lr == 0.1"
    table = aim("query", statement, "--points", "1").stdout.splitlines()
    assert table[0].split() == ["run", "name", "experiment", "metric", "context", "step", "value"]
    assert [line.split()[-2:] for line in table[1:]] == [["0", "0.5"], ["4", "0.1"]]
    exact = json.loads(aim("query", statement, "--points", "2", "--json").stdout)
    assert [(row["step"], row["value"], row["metric"]) for row in exact][:2] == [(0, 0.5, "loss"), (1, 0.4, "loss")]
    assert len(exact) == 5 and exact[0]["time"] > 1.7e9 and exact[0]["epoch"] is None
    (first, *_) = json.loads(aim("query", f"hparams.lr, {statement}", "--points", "2", "--json").stdout)
    assert (first["hparams.lr"], first["value"]) == (0.1, 0.5)
    for words in ([], ["--explain"]):
        told = aim("query", "hparams.lr", "--points", "5", *words, code=2).stderr
        assert "also select one, as in 'hparams.lr, loss'" in told


def test_params_alone_give_a_row_for_each_run(aim: Aim) -> None:
    printed = rows(aim, "hparams.lr, hparams.net.depth")
    assert [(row["hash"], row["hparams.lr"], row["hparams.net.depth"]) for row in printed] == [
        *(("fast", 0.1, 3), ("slow", 0.001, 3))
    ]


@pytest.mark.parametrize("text", ["hparams.lr < 0.01", "run.loss.train.last < 0.05", "'slow' == run.hash"])
def test_an_expression_gives_runs(aim: Aim, text: str) -> None:
    (row,) = rows(aim, text)
    assert (row["hash"], row["status"]) == ("slow", "finished")
    lines = aim("query", text).stdout.splitlines()
    assert lines[0].split()[:4] == ["run", "name", "experiment", "status"] and lines[1].startswith("slow")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("foo(lr) == 5", "There is no function `foo`"),
        ("min() > 5", "`min` does not take 0 arguments"),
        ("log(lr", "Expected `)`"),
        ("loss(lr) if lr > 1", "Expected `,` or `if`"),
        ("loss/train if lr > 1", "Write such a name in quotes"),
    ],
)
def test_a_query_that_begins_with_a_call_is_taken_for_an_expression(aim: Aim, text: str, says: str) -> None:
    assert says in aim("query", text, code=2).stderr


@pytest.mark.parametrize(
    ("wanted", "unmatched"),
    [("loss", "loss if lr > 5"), ("lr, loss", "lr, loss if lr > 5"), ("lr", "lr if lr > 5"), ("lr < 5", "lr > 5")],
)
def test_csv_without_results_has_the_header_of_one_with_results(aim: Aim, wanted: str, unmatched: str) -> None:
    full, empty = (aim("query", text, "--csv").stdout.splitlines() for text in (wanted, unmatched))
    assert len(full) > 1 and empty == full[:1]


def test_no_match_is_not_an_error(aim: Aim) -> None:
    for text in ("loss if hparams.lr > 5", "hparams.lr > 5"):
        result = aim("query", text)
        assert (result.stdout, result.stderr) == ("", "No match.\n")
        assert aim("query", text, "--json").stdout == "[]\n"
    assert aim("query", "loss if hparams.lr > 5", "--csv").stdout.startswith("run,hash,name")


def test_a_similar_name_is_suggested(aim: Aim) -> None:
    result = aim("query", "loss if hparams.l > 5")
    assert "did you mean hparams.lr?" in result.stderr


@pytest.mark.parametrize(
    ("text", "marked"),
    [("loss if", "       ^"), ("hparams.lr <", "            ^"), ("loss if a == == 1", "             ^^")],
)
def test_an_error_shows_its_place(aim: Aim, text: str, marked: str) -> None:
    result = aim("query", text, code=2)
    assert result.stdout == ""
    assert result.stderr.splitlines()[1:3] == [f"  {text}", f"  {marked}"]


@pytest.mark.parametrize(
    ("text", "marked", "says"),
    [
        ("loss if foo(1)", "        ^^^", "no function `foo`"),
        ("loss if lower()", "        ^^^^^^^", "lower"),
        ("loss if run.created_at > '2026-13-45'", "^^^^^^^^^^^^", "2026-13-45"),
        ("loss if match(run.hash, '(')", "^^^", "match"),
    ],
)
def test_an_error_in_the_condition_of_a_statement_is_reported(aim: Aim, text: str, marked: str, says: str) -> None:
    told = aim("query", text, code=2).stderr
    assert marked in told and says in told and "else" not in told


def test_it_needs_a_repository(aim: Aim, tmp_path: Path) -> None:
    assert "Repository does not exist" in aim("query", "loss", "--repo", tmp_path, code=1).output


def test_media_of_a_statement(aim: Aim, here: Path) -> None:
    with package.Run("words", repo=here, system_interval=0) as run:
        for step in (3, 7):
            run.track(package.Text(f"said at {step}"), "samples", step=step, context={"subset": "val"})
    told = aim("query", "samples if context.subset == val", "--kind", "text").stdout
    assert told.split("\n")[0].split() == [
        "run",
        "name",
        "experiment",
        "series",
        "context",
        "count",
        "last_step",
        "bytes",
        "last",
    ]
    assert told.split("\n")[1].split()[3:] == ["samples", "subset=val", "2", "7", "18", "said", "at", "7"]
    (row,) = json.loads(aim("query", "*", "--kind", "text", "--json").stdout)
    assert (row["hash"], row["kind"], row["count"], row["first_step"], row["last"]) == (
        "words",
        "text",
        2,
        3,
        "said at 7",
    )
    assert aim("query", "samples", "--kind", "image").stderr == "No match.\n"
    assert "is not one of 'text', 'html', 'image'" in aim("query", "samples", "--kind", "film", code=2).stderr


def test_tensorboard_logs_without_a_repository(aim: Aim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event_file(tmp_path / "tb" / "one", scalar("accuracy", 3, 0.5))
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    for words in ((), ("--repo", tmp_path / "empty")):
        (row,) = json.loads(aim("query", "tf:accuracy", "--tf_logs", tmp_path / "tb", "--json", *words).stdout)
        assert (row["hash"], row["last"]) == ("one", 0.5)
    repo = package.Repo(tf_logs=tmp_path / "tb")
    assert repo.count() == 1 and repo.edits.writable and list((tmp_path / "empty").iterdir()) == []
    repo.runs.tag(repo.run("one").id, "seen")
    assert list(repo.run("one").tags) == ["seen"] and (tmp_path / "empty" / ".aim" / "edits").is_dir()


def test_tensorboard_logs(aim: Aim, here: Path) -> None:
    curve = frame(event(1, values=tensor("weights", 1, b"", shape=(3, 3), plugin="mesh")))
    path = event_file(here / "tb" / "one", curve, scalar("eval/accuracy", 3, 0.5))
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + b"cut off")
    answer = aim("query", "tf:accuracy, loss if lr > 0 or experiment == TF", "--tf_logs", here / "tb", "--json")
    names = {(row["hash"], row["metric"], row["last_step"]) for row in json.loads(answer.stdout)}
    assert names == {("one", "eval/accuracy", 3), ("slow", "loss", 4), ("fast", "loss", 4)}
    assert answer.stderr.splitlines() == [
        "Tags of TensorBoard that are not shown, because Aim has no such media: 1 of mesh",
        f"{path}: bytes {size:,} to {size + 7:,}, at its end, hold no whole record",
    ]
    assert "--tf_logs DIR" in aim("query", "tf:accuracy").stderr


def test_mixed_logs_below_one_folder(aim: Aim, here: Path) -> None:
    event_file(here / "mixed" / "tb", scalar("loss", 3, 0.5))
    write(here / "mixed" / "wandb" / "run-1-abc" / "run-abc.wandb", began("a"), history(0, {"loss": 2.0}))
    answer = aim("query", "tf:loss, wandb:loss", "--logs", here / "mixed", "--json")
    assert {(row["hash"], row["last"]) for row in json.loads(answer.stdout)} == {("tb", 0.5), ("abc", 2.0)}
    assert answer.stderr == ""
    apart = aim(
        "query", "tf:loss, wandb:loss", "--logs", here / "mixed", "--tf_logs", here / "mixed" / "wandb", "--json"
    )
    assert [row["hash"] for row in json.loads(apart.stdout)] == ["abc"]
    assert "--logs DIR" in aim("query", "wandb:loss").stderr
    assert "there is no folder" in aim("query", "wandb:loss", "--logs", here / "none", code=1).stderr


def test_explain_prints_the_plan_of_a_statement_and_of_an_expression(aim: Aim) -> None:
    assert aim("query", "--explain", "loss if hparams.lr < 0.01 and context.subset == val").stdout.splitlines() == [
        "scan runs, not archived",
        "filter runs: hparams.lr < 0.01",
        "  in DuckDB: params with path in [hparams.lr] and number <= 0.01",
        "  not used: 2 runs; worthwhile from 20,000",
        'join series: loss if context.subset == "val"',
    ]
    assert aim("query", "--explain", "hparams.lr != 1").stdout.splitlines() == [
        "scan runs, not archived",
        "filter runs: hparams.lr != 1",
        "  in DuckDB: nothing",
    ]
    given = ["--order", "run.loss.min desc", "--order", "lr", "--group", "net.depth"]
    assert aim("query", "--explain", "hparams.lr != 1", *given).stdout.splitlines()[3:] == [
        "group by net.depth; mean",
        "order by run.loss.min descending, lr",
    ]
    assert aim("query", "--explain", "loss", "--points", "50").stdout.splitlines()[1:] == [
        "join series: loss",
        "points along step, first, last, min and max of each of 50 columns",
    ]
    assert "Expected a value" in aim("query", "--explain", "hparams.lr <", code=2).stderr
    refused = {("--kind", "image"): "leave out --kind", ("--json",): "leave out --json", ("--csv",): "leave out --csv"}
    for words, says in refused.items():
        assert says in aim("query", "--explain", "loss", *words, code=2).stderr
