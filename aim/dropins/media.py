"""The media of wandb and trackio as Aim's. Each is made at once, so later changes of its source do not matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import aim
from aim.dropins.absent import trouble, unused
from aim.handlers import let_through
from aim.media.arrays import array
from aim.media.columns import mixed
from aim.media.media import Media, content_of
from aim.plain import builtin, shown, text_of


class LoggedMedia:
    """What a script passes to `log`. If its content cannot be recorded, that is said once and `media()` is empty."""

    kind = ""

    def __init__(self, caption: Any = None) -> None:
        self._caption = caption
        self._made: list[Media] = []

    def _make(self, kind: Any, *args: Any, **others: Any) -> None:
        try:
            made = kind(*args, **others)
            self._made = made if isinstance(made, list) else [made]
        except Exception as error:
            let_through(error)
            trouble.failed(self.kind, error)

    @property
    def caption(self) -> str:
        return text_of(self._caption) if self._caption is not None else ""

    def media(self) -> list[Media]:
        return self._made

    def __repr__(self) -> str:
        return f"<{self.kind} {self.caption}>"


class LoggedImage(LoggedMedia):
    """Boxes and masks are not recorded."""

    kind = "Image"

    def __init__(
        self,
        data_or_path: Any,
        mode: str | None = None,
        caption: Any = None,
        grouping: Any = None,
        classes: Any = None,
        boxes: Any = None,
        masks: Any = None,
        file_type: str | None = None,
        normalize: bool = True,
        **others: Any,
    ) -> None:
        super().__init__(caption)
        for name, given in (("boxes", boxes), ("masks", masks)):
            unused(self.kind, given or None, name, "the image is recorded without them")
        if isinstance(data_or_path, LoggedImage):
            self._made = list(data_or_path.media())
            self._caption = caption if caption is not None else data_or_path._caption
            return
        self._make(_image, data_or_path, self.caption, file_type)

    @property
    def image(self) -> Any:
        """As an image of PIL, which must be installed."""
        return self._made[0].pil() if self._made and isinstance(self._made[0], aim.Image) else None

    @property
    def format(self) -> str | None:
        return self._made[0].format if self._made else None


def _image(source: Any, caption: str, file_type: str | None) -> Media:
    if hasattr(source, "gcf"):
        source = source.gcf()
    try:
        pixels = array(source) if not callable(getattr(source, "savefig", None)) else None
    except ValueError:
        pixels = None
    if pixels is not None and pixels.dtype.kind == "f" and pixels.size and float(pixels.max()) > 1:
        # Floats up to 255, which Aim's images take from 0 to 1.
        source = source / 255
    known = file_type if file_type in ("png", "jpg", "jpeg") else None
    return aim.Image(source, caption=caption, format=known)


class LoggedAudio(LoggedMedia):
    kind = "Audio"

    def __init__(self, data_or_path: Any, sample_rate: int | None = None, caption: Any = None, **others: Any) -> None:
        super().__init__(caption)
        self._make(aim.Audio, data_or_path, rate=sample_rate or others.get("value_rate"), caption=self.caption)


class TrackioAudio(LoggedAudio):
    """With trackio's order of arguments."""

    def __init__(self, value: Any, caption: Any = None, sample_rate: int | None = None, format: Any = None) -> None:
        super().__init__(value, sample_rate, caption)


class LoggedVideo(LoggedMedia):
    kind = "Video"

    def __init__(self, data_or_path: Any, caption: Any = None, fps: Any = None, format: Any = None, **o: Any) -> None:
        super().__init__(caption)
        frames = array(data_or_path)
        # Frames become the best format that an installed encoder makes.
        known = None if frames is None else format if format in ("mp4", "webm", "gif") else None
        self._make(aim.Video, data_or_path, fps=fps or 4, format=known, caption=self.caption)


class LoggedHistogram(LoggedMedia):
    kind = "Histogram"

    def __init__(self, sequence: Any = None, np_histogram: Any = None, num_bins: int = 64) -> None:
        super().__init__()
        if np_histogram is not None:
            self._make(lambda: aim.Distribution(hist=np_histogram[0], edges=np_histogram[1]))
        else:
            self._make(lambda: aim.Distribution(sequence, bin_count=min(num_bins, 512)))

    @property
    def histogram(self) -> list[float]:
        return [count for made in self._made if isinstance(made, aim.Distribution) for count in made.counts]

    @property
    def bins(self) -> list[float]:
        return [edge for made in self._made if isinstance(made, aim.Distribution) for edge in made.edges]


class LoggedMarkdown(LoggedMedia):
    """Its source as a text."""

    kind = "Markdown"

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._make(aim.Text, text)


class LoggedHtml(LoggedMedia):
    """A page, shown in a frame of its own."""

    kind = "Html"

    def __init__(self, data: Any, inject: bool = True, data_is_not_path: bool = False, **others: Any) -> None:
        super().__init__()
        self._make(lambda: aim.Html(_source(data, data_is_not_path)))


def _source(data: Any, is_source: bool) -> str:
    if isinstance(data, str) and (is_source or not data.lower().endswith((".html", ".htm"))):
        return data
    if callable(read := getattr(data, "read", None)):
        data = read()
        return data if isinstance(data, str) else bytes(data).decode("utf-8", "replace")
    content = content_of(data, "html")
    return "" if content is None else content.decode("utf-8", "replace")


class LoggedFigure(LoggedMedia):
    """A chart: a figure of plotly or matplotlib, or a dict of plotly."""

    kind = "Plotly"

    def __init__(self, val: Any, **others: Any) -> None:
        super().__init__()
        self._make(aim.Figure, val.gcf() if hasattr(val, "gcf") else val)


class LoggedChart(LoggedMedia):
    """A confusion matrix or curves."""

    kind = "plot"

    def __init__(self, make: Callable[[], Any]) -> None:
        super().__init__()
        self._make(make)


class LoggedPoints(LoggedMedia):
    """Points in space. Files of meshes are not recorded."""

    kind = "Object3D"

    def __init__(self, data_or_path: Any, caption: Any = None, **others: Any) -> None:
        super().__init__(caption)
        data = data_or_path.get("points") if isinstance(data_or_path, dict) else data_or_path
        self._make(lambda: aim.Points3D(data, caption=self.caption))

    @classmethod
    def from_numpy(cls, data: Any) -> LoggedPoints:
        return cls(data)

    @classmethod
    def from_point_cloud(cls, points: Any, boxes: Any = None, **others: Any) -> LoggedPoints:
        return cls(points)


class LoggedTable(LoggedMedia):
    """Rows under names of columns."""

    kind = "Table"

    def __init__(
        self,
        columns: Sequence[Any] | None = None,
        data: Any = None,
        rows: Any = None,
        dataframe: Any = None,
        dtype: Any = None,
        optional: Any = True,
        allow_mixed_types: bool = False,
        log_mode: Any = None,
        **others: Any,
    ) -> None:
        super().__init__()
        self.columns: list[Any] = []
        self.data: list[list[Any]] = []
        dataframe = data if dataframe is None and hasattr(data, "columns") else dataframe
        if dataframe is not None:
            self.columns = list(dataframe.columns)
            self.data = [list(row) for row in dataframe.itertuples(index=False, name=None)]
            return
        listed = rows if data is None else data
        listed = listed.tolist() if hasattr(listed, "tolist") else listed
        self.data = [list(row) for row in listed or ()]
        width = len(self.data[0]) if self.data else 3
        named = ["Input", "Output", "Expected"] if width == 3 else [text_of(i) for i in range(width)]
        self.columns = list(columns) if columns is not None else named

    def add_data(self, *row: Any) -> None:
        if len(row) != len(self.columns):
            raise ValueError(f"a row has {len(self.columns)} values, one for each of {self.columns}, not {len(row)}")
        self.data.append(list(row))

    def add_row(self, *row: Any) -> None:
        self.add_data(*row)

    def add_column(self, name: str, data: Any, optional: bool = False) -> None:
        values = data.tolist() if hasattr(data, "tolist") else list(data)
        if self.data and len(values) != len(self.data):
            raise ValueError(f"the column {shown(name)} has {len(values)} values, and the table {len(self.data)} rows")
        self.columns.append(name)
        self.data = [[*row, value] for row, value in zip(self.data or [[]] * len(values), values, strict=True)]

    def get_column(self, name: str, convert_to: str | None = None) -> list[Any]:
        place = self.columns.index(name)
        return [row[place] for row in self.data]

    def get_index(self) -> list[int]:
        return list(range(len(self.data)))

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        return iter(enumerate(self.data))

    def media(self) -> list[Media]:
        """As it is now: rows may be added until it is logged, and after that too."""
        self._made = []
        self._make(lambda: aim.Table(mixed(self.columns, [list(map(_cell, row)) for row in self.data])))
        return self._made


def _cell(value: Any) -> Any:
    if isinstance(value, LoggedMedia):
        made = value.media()
        return made[0] if made and isinstance(made[0], aim.Image) else value.caption or text_of(value)
    plain = builtin(value)
    if isinstance(plain, (str, int, float, bool, datetime, aim.Image)) or plain is None:
        return plain
    return text_of(plain)
