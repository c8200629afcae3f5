"""Parts of a run's environment that are recorded after it began: installed packages, variables, uncommitted changes.

None of it is read on the training's thread. Packages are read from the names of folders. Git is asked in a process
that nobody waits for. Each run records the answers when they arrive.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from aim.handlers import let_through
from aim.log import record
from aim.plain import builtin, shown
from aim.sdk import git, gitfiles
from aim.sdk.masking import masked, masked_diff, masked_env

PACKAGES = 5_000

# Variables that affect training or identify a rank.
VARIABLES = (
    "CUDA_*", "CUBLAS_*", "CUDNN_*", "NVIDIA_*", "NCCL_*", "GLOO_*", "UCX_*", "ROCR_*", "HIP_*", "HSA_*", "MIOPEN_*",
    "OMP_*", "MKL_*", "OPENBLAS_*", "KMP_*", "NUMEXPR_*", "GOMP_*", "MALLOC_*",
    "TORCH*", "PYTORCH_*", "TF_*", "XLA_*", "JAX_*", "KERAS_*", "TRITON_*", "HF_*", "TRANSFORMERS_*", "ACCELERATE_*",
    "DEEPSPEED_*", "TOKENIZERS_PARALLELISM", "NEURON_*", "TPU_*", "LIBTPU_*", "RAY_*",
    "RANK", "LOCAL_RANK", "GROUP_RANK", "NODE_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT",
    "SLURM_*", "SLURMD_*", "PBS_*", "LSB_*", "SGE_*", "OMPI_COMM_WORLD_*", "PMI_*",
    "PYTHON*", "CONDA_*", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LD_PRELOAD", "LANG", "LC_ALL", "TZ",
    "AIM_*",
)  # fmt: skip
_BEGINNINGS = tuple(pattern[:-1] for pattern in VARIABLES if pattern.endswith("*"))
_OURS = ("AIM_ENVIRONMENT", "AIM_PROCESS", "AIM_RUN", "AIM_ATTEMPT")
_DISTRIBUTION = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py[\d.]+[^/]*)?\.(?:dist|egg)-info")
_FILTERED = "git changes this file with a filter, and filters are not run."
_SEPARATORS = re.compile(r"[-_.]+")


def package_name(name: str) -> str:
    """A package's name in its compared form: `Ruamel.YAML` and `ruamel_yaml` are `ruamel-yaml`."""
    return _SEPARATORS.sub("-", name).lower()


@lru_cache(maxsize=1)
def packages() -> dict[str, str]:
    """The installed packages and their versions, from the names of their folders. Of two copies, the imported one
    counts."""
    versions: dict[str, str] = {}
    for folder in dict.fromkeys(sys.path):
        for name, version in _in_folder(folder or "."):
            if len(versions) < PACKAGES:
                versions.setdefault(package_name(name), version)
    return dict(sorted(versions.items()))


def _in_folder(folder: str) -> Iterator[tuple[str, str]]:
    try:
        names = os.listdir(folder) if os.path.isdir(folder) else []
    except OSError:
        return
    for name in names:
        if name.endswith("-info") and (match := _DISTRIBUTION.fullmatch(name)):
            yield match["name"], match["version"]


def variables(environ: Mapping[str, str], more: Sequence[str] = ()) -> dict[str, str]:
    """The variables in VARIABLES and those that match the patterns in `more`, without secret names and values."""
    wanted = {name: value for name, value in sorted(environ.items()) if _is_wanted(name, more)}
    return {name: value for name, value in masked_env(wanted).items() if value is not None}


def _is_wanted(name: str, more: Sequence[str]) -> bool:
    if any(fnmatchcase(name, pattern) for pattern in more):
        return True
    return (name in VARIABLES or name.startswith(_BEGINNINGS)) and name not in _OURS


def diff_facts(diff: git.Diff) -> bytes | None:
    """FACTS of the uncommitted changes; None if there are none."""
    text = masked_diff(diff.text.decode("utf-8", "replace"))
    if diff.left_out:
        text = text[: text.rfind("\n") + 1]
    text += "".join(f"diff --git a/{name} b/{name}\nNot compared: {_FILTERED}\n" for name in diff.filtered)
    if not text and not diff.untracked:
        return None
    cut = f"{diff.left_out:,} more bytes than the {git.DIFF_BYTES:,} that are kept" if diff.left_out else None
    return _fitting({"text": text, "cut": cut, "untracked": [masked(name) for name in diff.untracked]})


def _fitting(diff: dict[str, Any]) -> bytes:
    """FACTS with as much of the text as a record can hold; control characters grow in JSON."""
    while len(payload := record.encode_json({"diff": diff})) > record.MAX_PAYLOAD:
        text = diff["text"][: len(diff["text"]) // 2]
        diff = {**diff, "text": text, "cut": f"only the first {len(text):,} characters are kept"}
    return payload


class Late:
    """The facts about the environment that one run still has to record. `folder`: the working folder at its start.
    `names`: patterns of more variables; None: record only the commit and whether there are uncommitted changes."""

    def __init__(self, folder: str | None, names: Sequence[str] | None) -> None:
        self._names = names
        self._folder = folder
        self._wanted: git.Wanted = "dirty" if names is None else "diff"
        self._checkout: git.Checkout | None = None
        self._missing = {"facts", "dirty"} if names is None else {"facts", "dirty", "diff", "environment"}
        if folder is None:
            self._missing -= {"facts", "dirty", "diff"}

    def forget(self) -> None:
        """In a forked child: the parent records them."""
        self._missing.clear()

    @property
    def pending(self) -> bool:
        return bool(self._missing)

    def take(self, *, ask: bool) -> Iterator[bytes]:
        """The FACTS that are known now and were not taken before. Without `ask`, git is not asked for more."""
        if self._missing & {"facts", "dirty", "diff"}:
            answer = self._git().answer(self._wanted, ask=ask)
            yield from self._take_git(answer, last=answer.complete or not ask)
        if "environment" in self._missing:
            self._missing.remove("environment")
            yield _described.of(self._names or ())

    def _git(self) -> git.Checkout:
        if self._checkout is None:
            assert self._folder is not None
            self._checkout = git.checkout(self._folder)
            self._checkout.renew(self._wanted)
        return self._checkout

    def _take_git(self, answer: git.GitAnswer, *, last: bool) -> Iterator[bytes]:
        facts: dict[str, Any] = {}
        if self._is_due("facts", answer.facts is not None or last):
            facts.update(answer.facts or gitfiles.facts(str(self._folder)) or {})
        if self._is_due("dirty", answer.dirty is not None or last) and answer.dirty is not None:
            facts["dirty"] = answer.dirty
        if facts:
            yield record.encode_json({"git": facts})
        if self._is_due("diff", last) and answer.diff and (payload := diff_facts(answer.diff)):
            yield payload

    def _is_due(self, name: str, known: bool) -> bool:
        due = known and name in self._missing
        self._missing -= {name} if due else set()
        return due


class _Described:
    """FACTS of packages and variables, made again when a variable changes."""

    def __init__(self) -> None:
        self._last: tuple[dict[Any, Any], Sequence[str], bytes] | None = None

    def of(self, names: Sequence[str]) -> bytes:
        seen, last = _seen(), self._last
        if last is not None and last[0] == seen and last[1] == names:
            return last[2]
        content = {"packages": packages(), "env": variables(_environ(), names)}
        payload = record.encode_json({"environment": content})
        self._last = seen, names, payload
        return payload


_described = _Described()


def _seen() -> dict[Any, Any]:
    """The variables as Python keeps them, to compare: decoding each takes a tenth of the time that a run opens in."""
    kept = getattr(os.environ, "_data", None)
    return dict(kept) if type(kept) is dict else _environ()


def _environ() -> dict[str, str]:
    """A copy that another thread's change of the environment cannot interrupt."""
    for _ in range(3):
        try:
            return dict(os.environ)
        except RuntimeError:
            continue
    return {}


def names_of(wanted: bool | Iterable[str] | None) -> tuple[str, ...] | None:
    """The patterns of more variables to record; () for none, None for no environment at all."""
    if wanted is None:
        text = os.environ.get("AIM_ENVIRONMENT", "").strip()
        if text.lower() in ("0", "false", "no", "off"):
            return None
        return () if text.lower() in ("", "1", "true", "yes", "on") else tuple(filter(None, re.split(r"[,\s]+", text)))
    if isinstance(wanted, bool):
        return () if wanted else None
    names = [builtin(name) for name in _listed(wanted)]
    if not all(isinstance(name, str) and name for name in names):
        raise TypeError(f"environment={shown(wanted)} must be True, False, or a list of variable names such as 'MY_*'")
    return tuple(names)


def _listed(wanted: Any) -> list[Any]:
    try:
        return [wanted] if isinstance(wanted, str) else list(wanted)
    except Exception as error:
        let_through(error)
        return [wanted]
