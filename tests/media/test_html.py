"""Pages of HTML: what they are made from."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import aim

PAGE = "<h1>Größe</h1>"


def test_what_a_page_is_made_from(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(PAGE, encoding="utf-8")
    sources: tuple[Any, ...] = (
        PAGE, path, str(path), PAGE.encode(), io.BytesIO(PAGE.encode()), io.StringIO(PAGE),
        SimpleNamespace(to_html=lambda: PAGE), SimpleNamespace(_repr_html_=lambda: PAGE),
    )  # fmt: skip
    for source in sources:
        page = aim.Html(source, caption="about")
        assert (page.html, page.format, page.caption) == (PAGE, "html", "about")
    assert aim.Html("see a.html <b>").html == "see a.html <b>"
    assert aim.Html("").data == b""


@pytest.mark.parametrize(
    ("html", "error", "message"),
    [
        (7, TypeError, "a page cannot be made from int 7; pass HTML, a path or bytes"),
        (SimpleNamespace(to_html=lambda: None), TypeError, "a page cannot be made from SimpleNamespace"),
        ("missing.html", ValueError, "cannot be read"),
        ("x" * ((64 << 20) + 1), ValueError, "exceeds the limit"),
    ],
)
def test_refused(html: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        aim.Html(html)


def test_whatever_to_html_raises_is_a_value_error() -> None:
    class Chart:
        def to_html(self) -> str:
            raise RuntimeError("no renderer")

    with pytest.raises(ValueError, match="no renderer"):
        aim.Html(Chart())


def test_from_track_to_a_query(tmp_path: Path) -> None:
    with aim.Run("r", repo=tmp_path, system_interval=0) as run:
        run.track(aim.Html(PAGE), "report", step=3)
    (series,) = aim.Repo(tmp_path).objects("htmls if htmls.step == 3")
    (point,) = series
    assert isinstance(point.value, aim.Html) and point.value.html == PAGE
