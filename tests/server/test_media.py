"""Texts, pictures, sounds, distributions and figures over HTTP: what a page can show, and what no browser may run."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import aim
from aim.log import objects, record
from aim.log.writer import Writer
from aim.media.distribution import decode
from aim.repo import Repo
from tests.server.conftest import Serving

PIXELS = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
SOUND = np.sin(np.arange(800) / 10)
VIDEO = (Path(__file__).parent.parent / "golden" / "video" / "noise.webm").read_bytes()
FIGURE = {"data": [{"y": [1, 2]}], "layout": {"title": "</script>"}}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("objects")
    with aim.Run("r", repo=folder) as run:
        for step in range(100):
            run.track(aim.Text(f"text {step} <b>"), "samples", step, epoch=step / 10, context={"subset": "val"})
        run.track([aim.Image(PIXELS, caption="one"), aim.Image(PIXELS[::-1])], "pictures", step=3)
        run.track(aim.Audio(SOUND, rate=8000), "sounds")
        run.track(aim.Video(VIDEO), "rollouts")
        run.track(aim.Html("<script>1</script>"), "reports")
        run.track(aim.Distribution([0.0, 1.0, 1.0, float("nan")], 2), "weights")
        run.track(aim.Figure(FIGURE), "figures")
        run.track([aim.ROCCurve([0, 1], [0.2, 0.8]), aim.ConfusionMatrix([0, 1], [0, 1])], "quality")
        run.track(aim.Text("x" * 30_000), "long")
        run.track(0.5, "samples", step=0)
    with serving(Repo(folder, read_only=True)) as client:
        yield client


def get(client: httpx.Client, path: str, **params: Any) -> Any:
    answer = client.get(path, params={"run": "r", **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def values(client: httpx.Client, kind: str, name: str, **params: Any) -> Any:
    return get(client, "/api/run/media/values", kind=kind, name=name, **params)


def blob(client: httpx.Client, kind: str, name: str, **headers: str) -> httpx.Response:
    [*_, last] = values(client, kind, name)["values"]
    return client.get("/api/run/blob", params={"run": "r", "blob": last["blob"]}, headers=headers)


def test_the_series_of_a_run(served: httpx.Client) -> None:
    answer = get(served, "/api/run/media")
    assert [(entry["kind"], entry["name"], entry["count"], entry["steps"]) for entry in answer["series"]] == [
        ("audio", "sounds", 1, 1), ("distribution", "weights", 1, 1), ("figure", "figures", 1, 1),
        ("figure", "quality", 2, 1),
        ("html", "reports", 1, 1), ("image", "pictures", 2, 1), ("text", "long", 1, 1), ("text", "samples", 100, 100),
        ("video", "rollouts", 1, 1),
    ]  # fmt: skip
    text = answer["series"][-2]
    assert (text["context"], text["first_step"], text["last_step"]) == ({"subset": "val"}, 0, 99)
    assert text["bytes"] == sum(len(f"text {step} <b>") for step in range(100))
    assert [series["name"] for series in get(served, "/api/run/media", kind="image")["series"]] == ["pictures"]


def test_media_are_not_metrics(served: httpx.Client) -> None:
    assert [metric["name"] for metric in get(served, "/api/run")["metrics"] if "system" not in metric["name"]] == [
        "samples"
    ]


@pytest.mark.parametrize(
    ("asked", "steps", "in_all", "next"),
    [
        ({"steps": 5}, [0, 25, 50, 74, 99], 100, None),
        ({"steps": 1}, [0], 100, None),
        ({"steps": 3, "lo": 10, "hi": 20}, [10, 15, 20], 11, None),
        ({"lo": 7, "hi": 7}, [7], 1, None),
        ({"lo": 200}, [], 0, None),
        ({"steps": 3, "spread": "false"}, [0, 1, 2], 100, 3),
        ({"steps": 3, "spread": "false", "lo": 98}, [98, 99], 2, None),
    ],
)
def test_some_of_the_steps(
    served: httpx.Client, asked: dict[str, Any], steps: list[int], in_all: int, next: int | None
) -> None:
    page = values(served, "text", "samples", context='{"subset":"val"}', **asked)
    assert [point["step"] for point in page["values"]] == steps
    assert (page["steps"], page["steps_found"], page["next"]) == (len(steps), in_all, next)
    assert [point["text"] for point in page["values"]] == [f"text {step} <b>" for step in steps]
    assert [point["epoch"] for point in page["values"]] == [step / 10 for step in steps]


def test_contexts_that_are_nearly_alike(tmp_path: Path, serving: Serving) -> None:
    with aim.Run("r", repo=tmp_path, system_interval=0) as run:
        for given in (1, True, 2.0, float("nan")):
            run.track(aim.Text(repr(given)), "samples", context={"at": given})
    with serving(Repo(tmp_path)) as client:
        for text, expected in (("1", "1"), ("true", "True"), ("2", "2.0"), ("2.0", "2.0"), ('"NaN"', "nan")):
            page = values(client, "text", "samples", context=f'{{"at": {text}}}')
            assert [point["text"] for point in page["values"]] == [expected]


def test_the_description_of_each_kind(served: httpx.Client) -> None:
    first, other = values(served, "image", "pictures")["values"]
    assert (first["caption"], first["format"], first["width"], first["height"], first["index"]) == (
        "one",
        "png",
        4,
        4,
        0,
    )
    assert (other["caption"], other["index"]) == (None, 1)
    [sound] = values(served, "audio", "sounds")["values"]
    assert (sound["format"], sound["rate"], sound["channels"], sound["seconds"]) == ("wav", 8000, 1, 0.1)
    [video] = values(served, "video", "rollouts")["values"]
    assert (video["format"], video["width"], video["height"], video["seconds"]) == ("webm", 10, 8, 2.0)
    [long] = values(served, "text", "long")["values"]
    assert (long["text"], long["cut"], long["size"]) == ("x" * 20_000, True, 30_000)
    [spread] = values(served, "distribution", "weights")["values"]
    assert spread["histogram"] == {
        "edges": [0.0, 0.5, 1.0], "counts": [1.0, 2.0], "nan": 1.0, "below": 0.0, "above": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name", "media", "where"),
    [
        ("image", "pictures", "image/png", 'inline; filename="image-3.png"'),
        ("video", "rollouts", "video/webm", 'inline; filename="video-0.webm"'),
        ("audio", "sounds", "audio/wav", 'inline; filename="audio-0.wav"'),
        ("text", "long", "text/plain; charset=utf-8", 'attachment; filename="text-0.txt"'),
        ("html", "reports", "application/octet-stream", 'attachment; filename="html-0.html"'),
        ("figure", "figures", "application/json", 'attachment; filename="figure-0.json"'),
        ("figure", "quality", "application/json", 'attachment; filename="figure-0.json"'),
        ("distribution", "weights", "application/octet-stream", 'attachment; filename="distribution-0.bin"'),
    ],
)
def test_the_content_has_a_fixed_type_and_may_run_nothing(
    served: httpx.Client, kind: str, name: str, media: str, where: str
) -> None:
    answer = blob(served, kind, name)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media
    assert answer.headers["content-disposition"] == where
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("scripts", "sandbox"), [(None, "sandbox;"), ("false", "sandbox;"), ("true", "sandbox allow-scripts;")]
)
def test_a_page_of_html_has_an_origin_of_its_own(served: httpx.Client, scripts: str | None, sandbox: str) -> None:
    [page] = values(served, "html", "reports")["values"]
    answer = served.get(
        "/api/run/page", params={"run": "r", "blob": page["blob"], **({"scripts": scripts} if scripts else {})}
    )
    assert (answer.status_code, answer.text) == (200, "<script>1</script>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith(sandbox) and "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
    assert ("script-src" in policy) == (scripts == "true") and "allow-same-origin" not in policy


def test_a_page_of_html_in_a_tab_of_its_own_runs_nothing(served: httpx.Client) -> None:
    [page] = values(served, "html", "reports")["values"]
    asked = {"run": "r", "blob": page["blob"], "scripts": "true"}
    for place, disposition in (("document", "attachment"), ("object", "attachment"), ("iframe", "inline")):
        answer = served.get("/api/run/page", params=asked, headers={"sec-fetch-dest": place})
        assert answer.headers["content-disposition"].startswith(disposition)
        assert ("allow-scripts" in answer.headers["content-security-policy"]) == (place == "iframe")


def test_only_html_is_a_page(served: httpx.Client) -> None:
    for kind, name in (("text", "long"), ("image", "pictures"), ("figure", "figures")):
        [*_, last] = values(served, kind, name)["values"]
        assert served.get("/api/run/page", params={"run": "r", "blob": last["blob"]}).status_code == 415


def test_the_content_is_what_was_tracked(served: httpx.Client) -> None:
    assert blob(served, "image", "pictures").content == aim.Image(PIXELS[::-1]).data
    assert json.loads(blob(served, "figure", "figures").content) == FIGURE
    assert blob(served, "text", "long").text == "x" * 30_000
    assert decode(blob(served, "distribution", "weights").content).counts == (1.0, 2.0)


@pytest.mark.parametrize(
    ("range", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)), ("bytes=100-", 206, slice(100, None)), ("bytes=-5", 206, slice(-5, None)),
        ("bytes=10-99999999", 206, slice(10, None)), ("bytes=0-1,5-6", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
        ("bytes=-", 200, slice(None)), ("bytes=99999999-", 416, slice(0, 0)),
    ],
)  # fmt: skip
def test_a_player_may_ask_for_a_range(served: httpx.Client, range: str, status: int, part: slice) -> None:
    data = aim.Audio(SOUND, rate=8000).data
    answer = blob(served, "audio", "sounds", range=range)
    assert (answer.status_code, answer.content) == (status, data[part])
    assert answer.headers["accept-ranges"] == "bytes"
    if status == 206:
        start = data.index(data[part])
        assert answer.headers["content-range"] == f"bytes {start}-{start + len(data[part]) - 1}/{len(data)}"


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/api/run/media/values", {"kind": "text", "name": "nothing"}, 404),
        ("/api/run/media/values", {"kind": "text", "name": "samples"}, 404),
        ("/api/run/media/values", {"kind": "text", "name": "samples", "context": "{"}, 400),
        ("/api/run/media/values", {"kind": "film", "name": "samples"}, 400),
        ("/api/run/blob", {"blob": "0123456789abcdef-40"}, 404),
        ("/api/run/blob", {"blob": "../../etc/passwd"}, 400),
        ("/api/run/blob", {"blob": "0123456789abcdef-9999999999999999999"}, 404),
        ("/api/run/media", {"run": "none"}, 404),
    ],
)
def test_refused_input(served: httpx.Client, path: str, params: dict[str, str], status: int) -> None:
    answer = served.get(path, params={"run": "r", **params})
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]


def recorded(folder: Path, kind: str, *contents: bytes) -> Repo:
    """A log of a run, written by hand: it says of its values what it likes."""
    aim.Run("r", repo=folder, system_interval=0).close()
    [path] = (folder / ".aim" / "runs").glob("*/*.log")
    writer = Writer(path.parent, bytes.fromhex(path.name[:32]), aim_dir=folder / ".aim")
    writer.append(record.SERIES, record.encode_series(0, "odd", {}, kind))
    huge = 10**400
    odd = {"format": "png", "width": "wide", "height": huge, "caption": 5, "rate": huge}
    for step, data in enumerate(contents):
        meta = {**odd, "seconds": math.inf if step else huge}
        objects.append(writer, 0, step=step, time=1.0, epoch=None, place=0, data=data, meta=meta)
    writer.close()
    return Repo(folder)


@pytest.mark.parametrize("data", [b"<html><script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF8", b""])
@pytest.mark.parametrize("kind", ["image", "video", "audio", "figure"])
def test_content_is_not_served_as_an_image_unless_it_is_one(
    tmp_path: Path, serving: Serving, kind: str, data: bytes
) -> None:
    with serving(recorded(tmp_path, kind, data)) as client:
        assert blob(client, kind, "odd").status_code == 415
        [odd] = values(client, kind, "odd")["values"]
        assert [odd[name] for name in ("width", "height", "caption", "rate", "seconds")] == [None] * 5


def test_invalid_distributions(tmp_path: Path, serving: Serving) -> None:
    nan = aim.Distribution([1.0]).data.replace(np.float64(0.5).tobytes(), np.float64("nan").tobytes())
    with serving(recorded(tmp_path, "distribution", b"", b"\xff" * 40, nan)) as client:
        assert [value["histogram"] for value in values(client, "distribution", "odd")["values"]] == [None] * 3


def test_a_damaged_value_is_reported_and_others_are_shown(tmp_path: Path, serving: Serving) -> None:
    big = np.random.default_rng(0).integers(0, 256, (700, 700, 3), dtype=np.uint8)
    with aim.Run("r", repo=tmp_path, system_interval=0) as run:
        run.track(aim.Image(big), "pictures")
        run.track(aim.Image(PIXELS), "pictures")
    [path] = (tmp_path / ".aim" / "runs").glob("*/*.log")
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    with serving(Repo(tmp_path)) as client:
        first, second = values(client, "image", "pictures")["values"]
        assert client.get("/api/run/blob", params={"run": "r", "blob": first["blob"]}).status_code == 410
        assert (
            client.get("/api/run/blob", params={"run": "r", "blob": second["blob"]}).content == aim.Image(PIXELS).data
        )
