"""`from aim.tensorboard import SummaryWriter`: torch's writer, recorded by Aim. It needs neither torch nor tensorboard.

docs/integrations/tensorboard.md says what is recorded as what.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aim
from aim.dropins import values
from aim.dropins.absent import harmless, trouble
from aim.dropins.opening import open_run
from aim.dropins.runs import Run
from aim.plain import loaded, text_of

__all__ = ["SummaryWriter"]
_ARRANGEMENTS = "the charts of Aim are arranged on dashboards"


class SummaryWriter:
    """Records to a run of its own, or to `run`. Every value is written when its call returns."""

    def __init__(
        self,
        log_dir: Any = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: int = 120,
        filename_suffix: str = "",
        *,
        run: aim.Run | None = None,
        experiment: str | None = None,
        **others: Any,
    ) -> None:
        """`log_dir` is the name of the run: another writer of the same folder continues it, as in TensorBoard.
        `purge_step` hides its points from this step on."""
        self.log_dir = text_of(log_dir or f"runs/run{comment}")
        # What torch's writer calls the writer of its files; None once it is closed.
        self.file_writer: SummaryWriter | None = self
        self._given = run is not None
        self._run = Run(run, {}) if run is not None else self._open(log_dir, comment, purge_step, experiment)

    @staticmethod
    def _open(log_dir: Any, comment: str, purge_step: int | None, experiment: str | None) -> Run:
        name = text_of(log_dir) if log_dir else comment.strip("_- ") or None
        where: dict[str, Any] = {"id": name, "resume": "allow"} if log_dir else {}
        if log_dir and purge_step is not None:
            where = {"resume_from": f"{name}?_step={purge_step - 1}"} if purge_step > 0 else {"id": name}
        return open_run({"experiment": experiment, "name": name, **where})

    # Values

    @harmless()
    def add_scalar(
        self, tag: str, scalar_value: Any, global_step: Any = None, walltime: Any = None, *more: Any, **others: Any
    ) -> None:
        self._track(scalar_value, tag, global_step, walltime)

    @harmless()
    def add_scalars(
        self, main_tag: str, tag_scalar_dict: Mapping[str, Any], global_step: Any = None, walltime: Any = None,
        *more: Any, **others: Any,
    ) -> None:  # fmt: skip
        """One metric with a series for each entry."""
        for name, value in tag_scalar_dict.items():
            self._track(value, main_tag, global_step, walltime, {"line": text_of(name)})

    @harmless()
    def add_tensor(
        self, tag: str, tensor: Any, global_step: Any = None, walltime: Any = None, *more: Any, **others: Any
    ) -> None:
        made = tensor if values.number(tensor) is not None else aim.Distribution(tensor)
        self._track(made, tag, global_step, walltime)

    @harmless()
    def add_histogram(
        self, tag: str, values: Any, global_step: Any = None, bins: Any = None, walltime: Any = None, *more: Any,
        **others: Any,
    ) -> None:  # fmt: skip
        made = aim.Distribution(values, bin_count=bins if isinstance(bins, int) else 64)
        self._track(made, tag, global_step, walltime)

    @harmless()
    def add_histogram_raw(
        self, tag: str, min: Any, max: Any, num: Any, sum: Any, sum_squares: Any, bucket_limits: Any,
        bucket_counts: Any, global_step: Any = None, walltime: Any = None, *more: Any, **others: Any,
    ) -> None:  # fmt: skip
        edges = [min, *bucket_limits] if min < bucket_limits[0] else [bucket_limits[0] - 1, *bucket_limits]
        self._track(aim.Distribution(hist=bucket_counts, edges=edges), tag, global_step, walltime)

    # Media

    @harmless()
    def add_image(
        self, tag: str, img_tensor: Any, global_step: Any = None, walltime: Any = None, dataformats: str = "CHW"
    ) -> None:
        self._track(aim.Image(_height_first(img_tensor, dataformats)), tag, global_step, walltime)

    @harmless()
    def add_images(
        self, tag: str, img_tensor: Any, global_step: Any = None, walltime: Any = None, dataformats: str = "NCHW"
    ) -> None:
        images = [aim.Image(_height_first(image, dataformats[1:])) for image in img_tensor]
        self._track(images, tag, global_step, walltime)

    @harmless()
    def add_image_with_boxes(
        self, tag: str, img_tensor: Any, box_tensor: Any, global_step: Any = None, walltime: Any = None,
        rescale: Any = 1, dataformats: str = "CHW", labels: Any = None,
    ) -> None:  # fmt: skip
        trouble.tell("boxes", "add_image_with_boxes() records the image without its boxes")
        self._track(aim.Image(_height_first(img_tensor, dataformats)), tag, global_step, walltime)

    @harmless()
    def add_figure(
        self, tag: str, figure: Any, global_step: Any = None, close: bool = True, walltime: Any = None, *more: Any,
        **others: Any,
    ) -> None:  # fmt: skip
        figures = figure if isinstance(figure, (list, tuple)) else [figure]
        self._track([aim.Figure(each) for each in figures], tag, global_step, walltime)
        if close:
            for each in figures:
                _close(each)

    @harmless()
    def add_audio(
        self, tag: str, snd_tensor: Any, global_step: Any = None, sample_rate: int = 44100, walltime: Any = None,
        *more: Any, **others: Any,
    ) -> None:  # fmt: skip
        self._track(aim.Audio(snd_tensor, rate=sample_rate), tag, global_step, walltime)

    @harmless()
    def add_video(
        self, tag: str, vid_tensor: Any, global_step: Any = None, fps: float = 4, walltime: Any = None, *more: Any,
        **others: Any,
    ) -> None:  # fmt: skip
        """`vid_tensor`: videos of the shape (batch, time, channels, height, width)."""
        self._track([aim.Video(video, fps=fps) for video in vid_tensor], tag, global_step, walltime)

    @harmless()
    def add_text(
        self, tag: str, text_string: Any, global_step: Any = None, walltime: Any = None, *more: Any, **others: Any
    ) -> None:
        self._track(aim.Text(text_of(text_string)), tag, global_step, walltime)

    @harmless()
    def add_pr_curve(
        self, tag: str, labels: Any, predictions: Any, global_step: Any = None, num_thresholds: int = 127,
        weights: Any = None, walltime: Any = None,
    ) -> None:  # fmt: skip
        """Of all thresholds that occur in `predictions`."""
        if weights is not None:
            trouble.tell("weights", "add_pr_curve() does not use weights: each sample counts once")
        self._track(aim.PRCurve(labels, predictions), tag, global_step, walltime)

    @harmless()
    def add_pr_curve_raw(
        self, tag: str, true_positive_counts: Any, false_positive_counts: Any, true_negative_counts: Any,
        false_negative_counts: Any, precision: Any, recall: Any, global_step: Any = None, num_thresholds: int = 127,
        weights: Any = None, walltime: Any = None, *more: Any, **others: Any,
    ) -> None:  # fmt: skip
        """For thresholds evenly spread from 0 to 1. Where nothing is predicted positive there is no precision."""
        whole = max(1, len(recall) - 1)
        rows = [
            (float(precise), float(recalled), i / whole)
            for i, (precise, recalled) in enumerate(zip(precision, recall, strict=True))
            if true_positive_counts[i] + false_positive_counts[i] > 0
        ]
        precisions, recalls, thresholds = zip(*rows, strict=True) if rows else ((), (), ())
        curve = aim.PRCurve(precision=precisions, recall=recalls, thresholds=thresholds)
        self._track(curve, tag, global_step, walltime)

    @harmless()
    def add_mesh(
        self, tag: str, vertices: Any, colors: Any = None, faces: Any = None, config_dict: Any = None,
        global_step: Any = None, walltime: Any = None,
    ) -> None:  # fmt: skip
        """The vertices of each mesh, which have the shape (batch, points, 3)."""
        if faces is not None:
            trouble.tell("faces", "add_mesh() records the vertices, without the faces between them")
        each = [None] * len(vertices) if colors is None else colors
        points = [aim.Points3D(*pair) for pair in zip(vertices, each, strict=True)]
        self._track(points, tag, global_step, walltime)

    @harmless()
    def add_embedding(
        self, mat: Any, metadata: Any = None, label_img: Any = None, global_step: Any = None, tag: str = "default",
        metadata_header: Any = None,
    ) -> None:  # fmt: skip
        if label_img is not None:
            trouble.tell("label_img", "add_embedding() records the vectors and their labels, without the images")
        self._track(aim.Embedding(mat, _labels(metadata)), tag, global_step)

    # Params

    @harmless()
    def add_hparams(
        self, hparam_dict: Mapping[str, Any], metric_dict: Mapping[str, Any], hparam_domain_discrete: Any = None,
        run_name: Any = None, global_step: Any = None, **others: Any,
    ) -> None:  # fmt: skip
        self._run.config.update(hparam_dict)
        for name, value in metric_dict.items():
            self._track(value, name, global_step)

    # What is not recorded

    def add_graph(self, *args: Any, **others: Any) -> None:
        _untold("add_graph", "Aim shows no graphs of models")

    def add_onnx_graph(self, *args: Any, **others: Any) -> None:
        _untold("add_onnx_graph", "Aim shows no graphs of models")

    def add_custom_scalars(self, *args: Any, **others: Any) -> None:
        _untold("add_custom_scalars", _ARRANGEMENTS)

    def add_custom_scalars_multilinechart(self, *args: Any, **others: Any) -> None:
        _untold("add_custom_scalars_multilinechart", _ARRANGEMENTS)

    def add_custom_scalars_marginchart(self, *args: Any, **others: Any) -> None:
        _untold("add_custom_scalars_marginchart", _ARRANGEMENTS)

    # The writer

    def get_logdir(self) -> str:
        return self.log_dir

    def flush(self) -> None:
        self._run.aim_run.flush()

    def close(self) -> None:
        """End the run, unless it was given."""
        self.file_writer = None
        if not self._given:
            self._run.finish()

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None and not self._given:
            self._run.aim_run.__exit__(kind, error, trace)
        self.close()

    def _track(
        self, value: Any, tag: str, step: Any, walltime: Any = None, context: Mapping[str, Any] | None = None
    ) -> None:
        """As torch writes it: without a step, at step 0."""
        self._run.log_at(tag, value, 0 if step is None else step, context, walltime)


def _labels(metadata: Any) -> Any:
    """One text for each vector; of several columns, all in one."""
    several = isinstance(metadata, (list, tuple)) and any(isinstance(row, (list, tuple)) for row in metadata)
    return [" · ".join(map(text_of, row)) for row in metadata] if several else metadata


def _untold(call: str, why: str) -> None:
    trouble.tell(call, f"{call}() records nothing: {why}")


def _height_first(image: Any, dataformats: str) -> Any:
    """An array as height, width and channels."""
    form = dataformats.upper()
    if isinstance(image, (str, bytes, Path)) or form == "HW" or not hasattr(image, "shape"):
        return image
    if sorted(form) != ["C", "H", "W"] or len(image.shape) != 3:
        raise ValueError(f"dataformats={dataformats!r:.20} does not fit an image of shape {tuple(image.shape)}")
    image = image.detach().cpu() if hasattr(image, "detach") else image
    image = image.numpy() if callable(getattr(image, "numpy", None)) else image
    return image.transpose([form.index(axis) for axis in "HWC"])


def _close(figure: Any) -> None:
    if (close := loaded("matplotlib.pyplot", "close")) is not None:
        close(figure)
