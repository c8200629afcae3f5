"""The names and values of a small repository, as the checks of queries and the completion know them."""

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
)  # fmt: skip
