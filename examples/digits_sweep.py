"""Trains small networks on scikit-learn's handwritten digits, one run for each setting of a sweep.

    pip install scikit-learn
    python examples/digits_sweep.py [--repo FOLDER] [--epochs 30]
    aim up --repo FOLDER

Then ask in the browser:  loss if params.hidden == 64 and context.subset in (train, val)
"""

from __future__ import annotations

import argparse
import itertools
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import aim

LEARNING_RATES = (0.0003, 0.003, 0.03, 0.1)  # from too slow to restless
HIDDEN = (8, 64)
SEEDS = (0, 1, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description="A sweep on scikit-learn's digits, recorded with aim")
    parser.add_argument("--repo", default=".", help="the folder that holds .aim (default: here)")
    parser.add_argument("--epochs", type=int, default=30)
    options = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    data = train_test_split(images / 16.0, labels, test_size=0.3, random_state=0, stratify=labels)
    sweep = list(itertools.product(LEARNING_RATES, HIDDEN, SEEDS))
    for number, (lr, hidden, seed) in enumerate(sweep, start=1):
        accuracy = train(data, options, lr=lr, hidden=hidden, seed=seed)
        print(f"{number:>2}/{len(sweep)}  lr={lr:<6g} hidden={hidden:<2} seed={seed}  val accuracy {accuracy:.3f}")


def train(data: list[np.ndarray], options: argparse.Namespace, *, lr: float, hidden: int, seed: int) -> float:
    train_x, val_x, train_y, val_y = data
    model = MLPClassifier(hidden_layer_sizes=(hidden,), learning_rate_init=lr, batch_size=32, random_state=seed)
    with aim.Run(repo=options.repo, experiment="digits") as run:
        run.name = f"lr={lr:g} hidden={hidden} seed={seed}"
        run["hparams"] = {"lr": lr, "hidden": hidden, "seed": seed, "batch_size": 32, "epochs": options.epochs}
        for epoch in range(options.epochs):
            started = time.perf_counter()
            model.partial_fit(train_x, train_y, classes=range(10))
            run.track(time.perf_counter() - started, name="epoch_seconds", step=epoch, epoch=epoch)
            for subset, x, y in (("train", train_x, train_y), ("val", val_x, val_y)):
                metrics = {"loss": log_loss(y, model.predict_proba(x)), "accuracy": model.score(x, y)}
                run.track(metrics, step=epoch, epoch=epoch, context={"subset": subset})
    return float(metrics["accuracy"])


if __name__ == "__main__":
    main()
