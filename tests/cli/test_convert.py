from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Aim
from tests.importers.answering import Said, answering
from tests.index.sources.tensorboard.events import event_file, scalar

FOLDERS = Path(__file__).parents[1] / "golden" / "tensorboard-folders" / "logs"


def test_convert_tensorboard(aim: Aim, here: Path) -> None:
    aim("init")
    path = event_file(here / "tb" / "one", scalar("loss", 0, 0.5), scalar("loss", 1, 0.25))
    event_file(here / "tb" / "two", scalar("loss", 0, 0.5))
    convert = ("convert", "tensorboard", "--logdir", here / "tb")
    assert aim(*convert, "--experiment", "old").stdout == f"Imported 3 points of 2 runs from {here / 'tb'}\n"
    assert aim(*convert).stdout == f"No new points in 2 runs of {here / 'tb'}\n"
    path.write_bytes(path.read_bytes() + scalar("loss", 2, 0.125))
    assert aim(*convert).stdout == f"Imported 1 point of 1 run from {here / 'tb'}\n"
    assert "0.125" in aim("query", "loss if experiment == old").stdout


def test_convert_makes_the_repository(aim: Aim, here: Path) -> None:
    event_file(here / "tb" / "one", scalar("loss", 0, 0.5))
    for folder, words in ((here, ()), (here / "new", ("--repo", here / "new"))):
        told = aim("convert", "tensorboard", "--logdir", here / "tb", *words)
        assert told.stderr == f"Initialized a new Aim repository at {folder}/.aim\n"
        assert "0.5" in aim("query", "loss", *words).stdout


def test_convert_makes_no_repository_for_nothing(aim: Aim, here: Path) -> None:
    (here / "empty").mkdir()
    told = aim("convert", "tensorboard", "--logdir", here / "empty")
    assert (told.stdout, told.stderr) == (f"No event files in {here / 'empty'}\n", "")
    assert "there is no folder" in aim("convert", "tensorboard", "--logdir", here / "no", code=1).output
    assert not (here / ".aim").exists()


def test_a_training_of_torch_is_one_run(aim: Aim, here: Path) -> None:
    folders = ("--tf_logs", FOLDERS)
    shown = aim("query", "tf:accuracy if hparams.layers == 3", "--json", *folders)
    assert {row["hash"] for row in json.loads(shown.stdout)} == {"trained"}
    assert not (here / ".aim").exists(), "reading needs no repository, and makes none"
    aim("convert", "tensorboard", "--logdir", FOLDERS)
    assert {row["hash"] for row in json.loads(aim("query", "accuracy if layers == 3", "--json").stdout)} == {"trained"}


def test_convert_a_missing_folder(aim: Aim, here: Path) -> None:
    aim("init")
    (here / "empty").mkdir()
    assert "No event files" in aim("convert", "tensorboard", "--logdir", here / "empty").output
    assert "there is no folder" in aim("convert", "tensorboard", "--logdir", here / "nothing", code=1).output


def test_convert_from_servers(aim: Aim, here: Path) -> None:
    told = aim("convert", "mlflow", code=2)
    assert "Name DIR, or --tracking-uri." in told.output
    assert "Name DIR, or --project and --entity." in aim("convert", "wandb", code=2).output
    assert "is not the address of a server" in aim("convert", "mlflow", "--tracking-uri", "here", code=1).output
    with answering(lambda asked: Said(404)) as url:
        wrong = ("convert", "mlflow", "--tracking-uri", url)
        assert "answers with status 404" in aim(*wrong, code=1).output
        assert "name either a folder, or a server" in aim(*wrong, here, code=1).output
    with answering(lambda asked: Said(200, {})) as url:
        assert "No MLflow runs in the server" in aim("convert", "mlflow", "--tracking-uri", url).output
    assert not (here / ".aim").exists()
    assert (
        "name either a folder, or a server"
        in aim("convert", "mlflow", ".", "--tracking-uri", "http://a", code=1).output
    )
