"""Makes the table beside it, with a column of each kind and every third cell empty."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

import aim

START = datetime(2026, 11, 30, 12, 0, 0, 250)
cells = {
    "bool": [True, False],
    "int": [-(1 << 63), 7],
    "float": [0.1, float("nan")],
    "text": ["Größe", "=1+1"],
    "time": [START, START + timedelta(days=1)],
    "instant": [START.replace(tzinfo=timezone.utc), datetime(1960, 1, 1, tzinfo=timezone.utc)],
    "image": [aim.Image(np.zeros((2, 3), "u1")), aim.Image(np.full((1, 1), 255, "u1"))],
}
with_empty = {f"{name} or none": [*values, None] for name, values in cells.items()}
full = {name: [*values, values[0]] for name, values in cells.items()}
single = {"single": np.array([0.5, -2, np.inf], "f4")}
aim.Table({**full, **with_empty, **single}).save(Path(__file__).with_name("every.parquet"))
