"""Writes the states of a Transformers' Trainer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# As transformers writes it, shortened.
STATE: dict[str, Any] = {
    "best_metric": None, "epoch": 2.0, "eval_steps": 500, "global_step": 16, "is_world_process_zero": True,
    "log_history": [
        {"epoch": 0.25, "grad_norm": 1.5, "learning_rate": 4.6e-05, "loss": 0.7, "step": 2},
        {"epoch": 1.0, "eval_loss": 0.69, "eval_runtime": 0.01, "step": 8},
        {"epoch": 2.0, "loss": float("nan"), "step": 16},
    ],
    "logging_steps": 2, "max_steps": 16, "num_train_epochs": 2, "stateful_callbacks": {}, "total_flos": 72.0,
    "train_batch_size": 8, "trial_name": None, "trial_params": None,
}  # fmt: skip


def save(folder: Path, state: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "trainer_state.json"
    path.write_text(state if isinstance(state, str) else json.dumps(state, indent=2))
    return path
