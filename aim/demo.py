"""Seeded, realistic runs for the demo, tests, docs and benchmarks.

One seed gives one set of curves, params, names and outcomes; only the ids and the times, counted back from now, differ.
Four consecutive runs share a configuration and differ in their seed, so that there is something to group and average.
"""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from aim import layout
from aim.log import objects, output, record, status
from aim.log.writer import Writer
from aim.media.distribution import Distribution
from aim.media.media import Media
from aim.media.text import Text
from aim.version import __version__

DAYS = 14
SEEDS_A_CONFIG = 4
DETAILED = 4
LAYERS = 4
MOMENTS = 25
CLASSES = ("cat", "dog", "ship", "truck", "frog", "horse")
NOISE_SIZE = 4096
WITH_EPOCH = record.HAS_EPOCH << 28

FINISHED, FAILED, KILLED, LOST, DIVERGED = "finished", "failed", "killed", "lost", "diverged"
FATES_OF_TWENTY = (FINISHED,) * 14 + (FAILED, FAILED, KILLED, LOST, DIVERGED, DIVERGED)
ERRORS = (
    "RuntimeError: CUDA out of memory. Tried to allocate 2.50 GiB",
    "FileNotFoundError: [Errno 2] No such file or directory: 'data/shard-0017.tar'",
    "ValueError: expected 3 channels, got 1",
)
EXPERIMENTS = ("baseline", "augmentation", "ablation", "default")
MODELS = (  # name, million parameters, layers, hidden size
    ("resnet18", 11.7, 18, 512),
    ("resnet50", 25.6, 50, 2048),
    ("vit-small", 22.1, 12, 384),
    ("mlp-mixer", 18.5, 8, 512),
)
TAGS = (("paper", 0.1), ("sweep", 0.3), ("check again", 0.05))
OPTIMIZERS = (("sgd", 0.1), ("adam", 1e-3), ("adamw", 1e-3), ("lion", 3e-4))
LEARNING_RATES = (1e-3, 0.1, 3e-4, 0.03, 3e-3, 0.3, 1e-4, 0.01)  # In turn, so that a few runs already differ much.

Progress = Callable[[int, int], None]
Formula = Callable[["Plan", "Noise"], list[float]]
Samples = tuple[str, dict[str, str], Formula]


class Noise:
    """A table of smooth noise. Each curve reads from its own place, because a random number per point would be slow."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(f"noise {seed}")
        self.table: list[float] = []
        level = 0.0
        for _ in range(NOISE_SIZE):
            level = 0.6 * level + 0.8 * draw.gauss(0, 1)
            self.table.append(level)

    def take(self, draw: random.Random, count: int) -> list[float]:
        start = draw.randrange(NOISE_SIZE)
        there = self.table[start : start + count]
        while len(there) < count:
            there += self.table[: count - len(there)]
        return there


class Plan(NamedTuple):
    """One run before it is written: its params, and how well it will do."""

    draw: random.Random
    params: dict[str, dict[str, Any]]
    experiment: str
    name: str
    tags: tuple[str, ...]
    fate: str
    steps: int
    planned_steps: int
    started: float
    seconds: float
    misfit: float


def generate(
    repo_path: str | os.PathLike[str],
    *,
    runs: int = 20,
    metrics: int = 10,
    steps: int = 100,
    seed: int = 0,
    trouble: bool = True,
    details: bool = False,
    now: float | None = None,
    progress: Progress | None = None,
) -> list[str]:
    """Write `runs` runs of `metrics` series of `steps` points; return their hashes.

    With `trouble` some runs diverge to NaN, and some fail, are killed or get lost, and so have fewer points; without,
    every run has exactly `metrics * steps`. With `details` the newest runs also have distributions, texts, messages and
    what they printed. `progress(done, total)` is called after each run.
    """
    for option, value, low in (("runs", runs, 0), ("metrics", metrics, 1), ("steps", steps, 1)):
        if value < low:
            raise ValueError(f"{option}={value} is too small: give a whole number from {low}")
    aim_dir = layout.resolve(repo_path)
    layout.create(aim_dir)
    noise, fates, hashes = Noise(seed), plan_fates(runs, seed) if trouble else [FINISHED] * runs, []
    for index in range(runs):
        plan = plan_run(index, runs, steps, seed, fates[index], time.time() if now is None else now)
        detailed = details and index >= runs - DETAILED
        hashes.append(write_run(aim_dir, plan, series_of(metrics), noise, detailed=detailed))
        if progress is not None:
            progress(index + 1, runs)
    return hashes


def plan_fates(runs: int, seed: int) -> list[str]:
    """Every twenty consecutive runs have the same outcomes in another order."""
    draw = random.Random(f"fates {seed}")
    fates: list[str] = []
    while len(fates) < runs:
        fates += draw.sample(FATES_OF_TWENTY, len(FATES_OF_TWENTY))
    return fates[:runs]


def plan_run(index: int, runs: int, steps: int, seed: int, fate: str, now: float) -> Plan:
    group = index // SEEDS_A_CONFIG
    config = random.Random(f"config {seed} {group}")
    draw = random.Random(f"run {seed} {index}")
    optimizer, best_rate = config.choice(OPTIMIZERS)
    rate = max(LEARNING_RATES) if fate == DIVERGED else LEARNING_RATES[(group + seed) % len(LEARNING_RATES)]
    params = plan_params(config, optimizer, rate, index % SEEDS_A_CONFIG, steps)
    model = params["model"]["name"]
    whole = config.uniform(600, 3 * 3600) * draw.uniform(0.95, 1.05)
    ended_at = steps if fate in (FINISHED, DIVERGED) else max(1, int(steps * draw.uniform(0.15, 0.9)))
    return Plan(
        draw=draw,
        params=params,
        experiment=EXPERIMENTS[group % len(EXPERIMENTS)],
        name=f"{model}-{optimizer}-lr{rate:g}-s{index % SEEDS_A_CONFIG}",
        tags=tuple(tag for tag, share in TAGS if draw.random() < share),
        fate=fate,
        steps=ended_at,
        planned_steps=steps,
        started=now - 4 * 3600 - DAYS * 86400 * (1 - index / max(runs, 1)) * draw.uniform(0.98, 1),
        seconds=whole / steps,
        misfit=abs(math.log10(rate / best_rate)),
    )


def plan_params(config: random.Random, optimizer: str, rate: float, seed: int, steps: int) -> dict[str, dict[str, Any]]:
    model, size, layers, hidden = config.choice(MODELS)
    return {
        "hparams": {
            "lr": rate,
            "batch_size": config.choice((32, 64, 128, 256)),
            "optimizer": optimizer,
            "weight_decay": config.choice((0.0, 1e-4, 0.01, 0.05)),
            "dropout": config.choice((0.0, 0.1, 0.3)),
            "label_smoothing": config.choice((0.0, 0.1)),
            "scheduler": config.choice(("cosine", "linear", "constant")),
            "warmup_steps": steps // 20,
            "epochs": max(1, steps // 10),
            "seed": seed,
        },
        "model": {
            "name": model,
            "layers": layers,
            "hidden": hidden,
            "million_parameters": size,
            "pretrained": config.random() < 0.3,
        },
        "dataset": {
            "name": config.choice(("cifar10", "cifar100", "imagenet-100")),
            "augment": config.choice(([], ["flip"], ["flip", "crop"], ["flip", "crop", "mixup"])),
            "workers": config.choice((4, 8, 16)),
        },
        "hardware": {"gpu": config.choice(("A100", "H100", "L4")), "precision": config.choice(("fp32", "bf16"))},
    }


def train_loss(plan: Plan, noise: Noise) -> list[float]:
    floor = 0.05 + 0.25 * plan.misfit + 0.4 * plan.params["hparams"]["label_smoothing"] + plan.draw.uniform(0, 0.02)
    rate = 40 / plan.planned_steps / (1 + plan.misfit)
    values = [
        floor + (2.3 - floor) * (1 + rate * step) ** -1.2 * (1 + 0.03 * wobble)
        for step, wobble in enumerate(noise.take(plan.draw, plan.steps))
    ]
    return diverge(values, plan)


def val_loss(plan: Plan, noise: Noise) -> list[float]:
    overfit = 0.5 * (0.35 - plan.params["hparams"]["dropout"]) / plan.planned_steps
    return [loss * 1.05 + 0.03 + overfit * step for step, loss in enumerate(train_loss(plan, noise))]


def diverge(values: list[float], plan: Plan) -> list[float]:
    """A diverging run grows to infinity after a third of its steps, and is NaN from then on."""
    if plan.fate == DIVERGED:
        start = len(values) // 3
        for step in range(start, len(values)):
            # Any loss is over a million by then, and a power of thousands is no float.
            climbed = values[start] * 1.5 ** min(step - start, 200)
            values[step] = climbed if climbed < 1e6 else math.inf if values[step - 1] < 1e6 else math.nan
    return values


def train_accuracy(plan: Plan, noise: Noise) -> list[float]:
    return [accuracy(loss) for loss in train_loss(plan, noise)]


def val_accuracy(plan: Plan, noise: Noise) -> list[float]:
    return [accuracy(loss) for loss in val_loss(plan, noise)]


def accuracy(loss: float) -> float:
    return 0.1 + 0.89 * math.exp(-0.9 * max(loss, 0.0)) if loss < 50 else 0.1


def learning_rate(plan: Plan, noise: Noise) -> list[float]:
    peak, warmup = plan.params["hparams"]["lr"], plan.params["hparams"]["warmup_steps"]
    kind, total = plan.params["hparams"]["scheduler"], plan.planned_steps
    shape: dict[str, Callable[[float], float]] = {
        "cosine": lambda done: 0.5 * (1 + math.cos(math.pi * done)),
        "linear": lambda done: 1 - done,
        "constant": lambda done: 1.0,
    }
    return [peak * min(1.0, (step + 1) / (warmup + 1)) * shape[kind](step / total) for step in range(plan.steps)]


def gradient_norm(plan: Plan, noise: Noise) -> list[float]:
    wobbles = noise.take(plan.draw, plan.steps)
    return diverge([1.5 * 0.999**step + 0.3 * abs(wobble) for step, wobble in enumerate(wobbles)], plan)


def throughput(plan: Plan, noise: Noise) -> list[float]:
    level = 90 * plan.params["hparams"]["batch_size"] / math.sqrt(plan.params["model"]["million_parameters"])
    return [level * (1 + 0.02 * wobble) for wobble in noise.take(plan.draw, plan.steps)]


def gpu_memory(plan: Plan, noise: Noise) -> list[float]:
    level = 1.5 + 0.03 * plan.params["hparams"]["batch_size"] + 0.05 * plan.params["model"]["million_parameters"]
    return [level + min(step, 5) * 0.1 for step in range(plan.steps)]


def weight_norm(plan: Plan, noise: Noise) -> list[float]:
    start, growth = plan.draw.uniform(5, 30), plan.draw.uniform(0.2, 2) / plan.planned_steps
    wobbles = noise.take(plan.draw, plan.steps)
    return [start * (1 + growth * step) + 0.05 * wobble for step, wobble in enumerate(wobbles)]


SERIES: tuple[Samples, ...] = (
    ("loss", {"subset": "train"}, train_loss),
    ("loss", {"subset": "val"}, val_loss),
    ("accuracy", {"subset": "train"}, train_accuracy),
    ("accuracy", {"subset": "val"}, val_accuracy),
    ("learning_rate", {}, learning_rate),
    ("gradient_norm", {}, gradient_norm),
    ("images_per_second", {"subset": "train"}, throughput),
    ("images_per_second", {"subset": "val"}, throughput),
    ("gpu_memory_gb", {}, gpu_memory),
    ("weight_norm/head", {}, weight_norm),
)


def series_of(count: int) -> list[Samples]:
    layers = range(count - len(SERIES))
    return [*SERIES[:count], *((f"weight_norm/layer_{layer}", {}, weight_norm) for layer in layers)]


def write_run(aim_dir: Path, plan: Plan, series: list[Samples], noise: Noise, *, detailed: bool = False) -> str:
    run = os.urandom(16)
    folder = layout.run_dir(aim_dir, run.hex())
    layout.make_folder(folder, aim_dir)
    writer = Writer(folder, run, aim_dir=aim_dir)
    stamp = int(plan.started * 1e6)
    writer.append(record.START, record.encode_json(start_of(plan, writer)))
    writer.append(record.PARAMS, record.encode_json({"stamp": stamp, "value": plan.params}))
    for number, (field, value) in enumerate([("name", plan.name), *((f"tag:{tag}", True) for tag in plan.tags)]):
        edit = {"stamp": stamp + number, "run": None, "field": field, "value": value}
        writer.append(record.EDIT, record.encode_json(edit))
    for number, (name, context, _) in enumerate(series):
        writer.append(record.SERIES, record.encode_series(number, name, context))
    ended = write_points(writer, plan, [curve(plan, noise) for _, _, curve in series])
    if detailed:
        own = plan._replace(draw=random.Random(f"details {plan.name}"))
        write_objects(writer, own, len(series))
        write_words(writer, own)
    if plan.fate not in (KILLED, LOST):
        error = plan.draw.choice(ERRORS) if plan.fate == FAILED else None
        end = {"time": ended, "status": FAILED if error else FINISHED, "error": error, "dropped": 0}
        writer.append(record.END, record.encode_json(end))
    writer.close()
    os.utime(writer.path, (ended, ended))
    return run.hex()


def write_points(writer: Writer, plan: Plan, curves: list[list[float]]) -> float:
    """Write the points step by step, as a training does. Returns the time of the last point."""
    append, numbers = writer.append_float, [number | WITH_EPOCH for number in range(len(curves))]
    steps_an_epoch = plan.planned_steps / plan.params["hparams"]["epochs"]
    now = plan.started
    for step, row in enumerate(zip(*curves, strict=True)):
        now = plan.started + (step + 1) * plan.seconds
        epoch = float(step // steps_an_epoch)
        for number, value in zip(numbers, row, strict=True):
            append(number, step, value, now, epoch)
    return now


def write_objects(writer: Writer, plan: Plan, first: int) -> None:
    """Distributions of some layers' weights, and from time to time the model's description of an image."""
    for layer in range(LAYERS):
        writer.append(record.SERIES, record.encode_series(first + layer, "weights", {"layer": layer}, "distribution"))
    writer.append(record.SERIES, record.encode_series(first + LAYERS, "predictions", {"subset": "val"}, "text"))
    for step in range(0, plan.steps, max(1, plan.steps // MOMENTS)):
        done = step / plan.planned_steps
        for layer in range(LAYERS):
            write_object(writer, plan, first + layer, step, weights_at(plan, layer, done))
        right = plan.draw.random() < 0.3 + 0.6 * done
        seen, said = plan.draw.choice(CLASSES), plan.draw.choice(CLASSES)
        text = f"a picture of a {seen}\nsaid: {seen if right else said}, {100 * plan.draw.uniform(0.4, 1):.0f} % sure"
        write_object(writer, plan, first + LAYERS, step, Text(text))


def write_object(writer: Writer, plan: Plan, series: int, step: int, value: Media) -> None:
    moment = plan.started + (step + 1) * plan.seconds
    objects.append(writer, series, step=step, time=moment, epoch=None, place=0, data=value.data, meta=value.meta)


def weights_at(plan: Plan, layer: int, done: float) -> Distribution:
    """A bell curve that widens and drifts during the run."""
    middle, width = (layer - 1) * 0.3 * done, 0.15 * (1 + layer) * (0.4 + done)
    counts = [round(900 * math.exp(-(((bin - 31.5) / 11) ** 2)) * plan.draw.uniform(0.9, 1.1)) for bin in range(64)]
    return Distribution(hist=counts, bin_range=(middle - 3 * width, middle + 3 * width))


def write_words(writer: Writer, plan: Plan) -> None:
    """The script's output, including a progress bar, and its logged lines."""
    epochs = plan.params["hparams"]["epochs"]
    each = plan.planned_steps * plan.seconds / epochs
    prints(writer, plan.started, output.STDOUT, f"\x1b[1m{plan.name}\x1b[0m on \x1b[36m{plan.experiment}\x1b[0m\n")
    for epoch in range(min(epochs, int(plan.steps * plan.seconds / each))):
        moment = plan.started + (epoch + 1) * each
        for part in (0, 50, 100):
            bar = "#" * (part // 5)
            prints(writer, moment, output.STDERR, f"\repoch {epoch}: {part:3}%|\x1b[32m{bar:20}\x1b[0m|")
        prints(writer, moment, output.STDERR, "\n")
        loss = 2 / (epoch + 1) + plan.draw.random() / 20
        prints(writer, moment, output.STDOUT, f"epoch {epoch} loss {loss:.4f}\n")
        logs(writer, moment, "info", "epoch done", {"epoch": epoch, "loss": round(loss, 4)})
    logs(writer, plan.started + each / 2, "warning", "the data loader waits for the disk", {"seconds": 1.5})


def prints(writer: Writer, moment: float, stream: int, text: str) -> None:
    writer.append(record.OUTPUT, output.encode(stream, moment, text.encode()))


def logs(writer: Writer, moment: float, level: str, text: str, params: dict[str, Any]) -> None:
    line = {"time": moment, "level": level, "text": text, "params": params}
    writer.append(record.MESSAGE, record.encode_json(line))


def start_of(plan: Plan, writer: Writer) -> dict[str, Any]:
    """The START record. A killed run names a process of this machine that is gone, a lost one another machine."""
    process = {**status.this_process(), "started": "0"}
    if plan.fate == LOST:
        process = {"host": "gpu-node-7", "pid": 4242, "started": "0", "boot": "elsewhere", "pid_ns": None}
    options = [f"--{key}={plan.params['hparams'][key]}" for key in ("lr", "optimizer", "seed")]
    return {
        "format": layout.FORMAT,
        "run": writer.run.hex(),
        "writer": writer.id.hex(),
        "hash": writer.run.hex(),
        "time": plan.started,
        "experiment": plan.experiment,
        "attempt": writer.id.hex(),
        "launch": None,
        "role": "main",
        "resume_from": None,
        "earlier": {},
        "process": process,
        "facts": {
            "argv": ["train.py", *options],
            "cwd": "/projects/vision",
            "python": "3.11.7",
            "aim": __version__,
            "git": {"commit": f"{plan.draw.getrandbits(160):040x}", "branch": "main", "dirty": False},
        },
    }
