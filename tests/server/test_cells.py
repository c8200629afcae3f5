"""GET api/media: where the media of many runs are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest

import aim
from aim.repo import Repo
from tests.server.conftest import Serving

PIXELS = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("cells")
    for number in range(2):
        with aim.Run(f"r{number}", repo=folder) as run:
            run["hparams"] = {"lr": 10.0**-number}
            for step in range(3):
                images = [aim.Image(PIXELS, caption="<b>"), aim.Image(PIXELS[::-1])]
                run.track(images, "samples", step=step, epoch=step / 2, context={"subset": "val"})
                run.track(aim.Text(f"r{number} said (1+1)={step}"), "answers", step=step)
            run.track(aim.Text("x" * 30_000 + " the end"), "long")
            run.track(aim.Audio(np.sin(np.arange(800) / 10), rate=8000), "sounds")
    with serving(Repo(folder, read_only=True)) as client:
        yield client


@pytest.fixture
def ask(served: httpx.Client, frames: Callable[[bytes], Any]) -> Callable[..., Any]:
    def asked(q: str = "", kind: str = "image", **params: Any) -> Any:
        answer = served.get("/api/media", params={"q": q, "kind": kind, **params})
        assert answer.status_code == 200, answer.text
        (runs, _), (media, columns), (end, _) = frames(answer.content)
        assert (runs["kind"], media["kind"], end["kind"]) == ("runs", "media", "end")
        return runs, media, {name: column.tolist() for name, column in columns.items()}

    return asked


@pytest.mark.parametrize(
    ("q", "offered"),
    [
        ("", ["answers", "long", "samples", "sounds", "texts", "images", "audios", "*"]),
        ("sam", ["samples"]),
        ("images if images.st", ["step"]),
    ],
)
def test_completion_of_media(served: httpx.Client, q: str, offered: list[str]) -> None:
    answer = served.get("/api/complete", params={"q": q, "media": "true"}).json()
    assert [item["text"] for item in answer["items"]] == offered


@pytest.mark.parametrize(("q", "span"), [("images if images.step > 1", None), ("images if images.stp > 1", (10, 20))])
def test_a_statement_of_media_is_checked(served: httpx.Client, q: str, span: tuple[int, int] | None) -> None:
    error = served.get("/api/check", params={"q": q, "media": "true"}).json()["error"]
    assert (error and (error["start"], error["end"])) == span
    assert served.get("/api/check", params={"q": q}).json()["error"] is None


def test_the_columns_of_values(ask: Callable[..., Any], served: httpx.Client) -> None:
    runs, media, columns = ask("samples if hparams.lr < 1 and images.step > 0")
    assert [run["hash"] for run in runs["runs"]] == ["r1"] and [param["path"] for param in runs["params"]] == [
        "hparams.lr"
    ]
    assert {name: media[name] for name in ("names", "contexts", "formats", "captions")} == {
        "names": ["samples"], "contexts": [{"subset": "val"}], "formats": ["png"], "captions": ["<b>"],
    }  # fmt: skip
    assert (media["matched"], media["inside"], media["first_step"], media["last_step"], media["last_index"]) == (
        4, 4, 1, 2, 1,
    )  # fmt: skip
    assert (columns["step"], columns["index"], columns["epoch"]) == ([1, 1, 2, 2], [0, 1, 0, 1], [0.5, 0.5, 1, 1])
    assert (columns["caption"], columns["width"]) == ([0, -1, 0, -1], [4] * 4)
    blob = f"{media['writers'][columns['writer'][1]]}-{columns['at'][1]:.0f}"
    content = served.get("/api/run/blob", params={"run": runs["ids"][columns["run"][1]], "blob": blob})
    assert content.content == aim.Image(PIXELS[::-1]).data


def test_ranges_and_order(ask: Callable[..., Any]) -> None:
    runs, media, columns = ask(lo=1, hi=1, low_index=1, order='[{"column": "hparams.lr", "descending": true}]')
    assert [run["hash"] for run in runs["runs"]] == ["r0", "r1"]
    assert (columns["run"], columns["step"], columns["index"]) == ([0, 1], [1, 1], [1, 1])
    assert (media["matched"], media["inside"], media["steps_found"]) == (12, 2, 1)
    assert ask(steps=2)[1]["steps"] == 2


def test_another_kind(ask: Callable[..., Any]) -> None:
    _, media, columns = ask(kind="audio")
    assert media["formats"] == ["flac"] or media["formats"] == ["wav"]
    assert columns["seconds"] == [0.1, 0.1] and columns["width"] == [-1, -1]


def test_nothing_matches(ask: Callable[..., Any]) -> None:
    runs, media, columns = ask("sampels")
    assert runs["notes"] == ["No run has media called sampels; did you mean samples?"]
    assert media["matched"] == 0 and all(column == [] for column in columns.values())


@pytest.mark.parametrize(
    ("find", "q", "steps"),
    [
        (r"\(1\+1\)=[12]", "", [1, 2, 1, 2]),
        ("^r1", "", [0, 1, 2]),
        ("(?i)SAID", "answers", [0, 1, 2, 0, 1, 2]),
        ("the end", "", []),
        ("x{5}", "", [0, 0]),
    ],
)
def test_texts_that_match(ask: Callable[..., Any], find: str, q: str, steps: list[int]) -> None:
    runs, media, columns = ask(q, "text", find=find)
    assert columns["step"] == steps and len(runs["ids"]) == len(set(columns["run"]))
    assert (media["searched"], media["characters"]) == (media["inside"], 20_000)


def test_captions_are_searched_too(ask: Callable[..., Any]) -> None:
    _, media, columns = ask("", "image", find="<.>", hi=0)
    assert columns["index"] == [0, 0] and media["searched"] == 4


def test_where_a_text_matches(ask: Callable[..., Any], served: httpx.Client) -> None:
    runs, media, columns = ask("answers", "text", find="^r1", lo=2)
    value = {"run": runs["ids"][0], "blob": f"{media['writers'][0]}-{columns['at'][0]:.0f}"}
    given = served.get("/api/run/text", params={**value, "find": r"\d"}).json()
    assert given == {"parts": ["r", "1", " said (", "1", "+", "1", ")=", "2", ""], "cut": False}
    assert served.get("/api/run/text", params={**value, "most": 4}).json() == {"parts": ["r1 s"], "cut": True}
    refused = served.get("/api/run/text", params={**value, "find": "a**"})
    assert refused.status_code == 400 and "`a**` is not a pattern" in refused.text


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"kind": "hologram"}, "hologram"),
        ({"kind": "image", "q": "samples if images.stp > 1"}, "There is no `images.stp`"),
        ({"kind": "image", "steps": 0}, "steps='0' is not valid"),
        ({"kind": "image", "low_index": -1}, "low_index='-1' is not valid"),
        ({"kind": "image", "order": "[{}]"}, "column"),
        ({"kind": "text", "find": "(a"}, "`(a` is not a pattern: `(` is not closed"),
    ],
)
def test_invalid_questions(served: httpx.Client, params: dict[str, Any], message: str) -> None:
    answer = served.get("/api/media", params=params)
    assert answer.status_code == 400 and message in answer.text
