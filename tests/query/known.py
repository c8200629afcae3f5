"""The names and values of a small repository for checks of queries and completion."""

from __future__ import annotations

from aim.query.vocabulary import Vocabulary

KNOWN = Vocabulary(
    metrics=["loss", "accuracy", "train/loss", "a.b"],
    others={"tf": ["accuracy", "eval/f1"]},
    params=[("params", "learning_rate"), ("params", "batch_siz"), ("hparams", "lr"), ("default", "optimizer"),
            ("hparams", "net", "depth")],
    contexts={"subset": ["train", "val"], "fold": [1, 2]},
    experiments=["default", "baseline"],
    tags=["best"],
    media=lambda: {"train samples": {"image", "text"}, "step_2": {"image"}, "step_10": {"audio"}},
    media_contexts=lambda: {"layer": ["conv", "head"]},
)  # fmt: skip
