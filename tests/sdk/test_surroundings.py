"""Packages, variables and uncommitted changes: recorded when they are known, without secrets."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import aim
from aim.sdk import surroundings
from aim.sdk.git import DIFF_BYTES
from aim.sdk.masking import MASK
from aim.sdk.surroundings import names_of, package_name, variables
from tests.sdk.checkouts import WAIT, git, record
from tests.sdk.recorded import File, files, python


def late(file: File, name: str) -> dict[str, Any]:
    """The facts called `name` of a run, which were recorded once."""
    (recorded,) = [facts[name] for facts in file.facts if name in facts]
    return dict(recorded)


def test_installed_packages_are_recorded() -> None:
    from importlib import metadata

    packages = surroundings.packages()
    for name in ("pytest", "ruff", "numpy", "pytest-timeout"):
        assert packages[package_name(name)] == metadata.version(name)
    assert list(packages) == sorted(packages)


def test_the_imported_copy_of_a_package_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, version in (("one", "1.0"), ("two", "2.0")):
        (tmp_path / folder / f"My_Package-{version}.dist-info").mkdir(parents=True)
    (tmp_path / "one" / "old.tool-0.1-py3.11.egg-info").write_text("")
    (tmp_path / "one" / "nonsense-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "one"), str(tmp_path / "two"), str(tmp_path / "gone"), "x.zip"])
    surroundings.packages.cache_clear()
    try:
        assert surroundings.packages() == {"my-package": "1.0", "old-tool": "0.1"}
    finally:
        surroundings.packages.cache_clear()


@pytest.mark.parametrize("name, kept", [("Ruamel.YAML", "ruamel-yaml"), ("a__b--c", "a-b-c"), ("torch", "torch")])
def test_names_of_packages(name: str, kept: str) -> None:
    assert package_name(name) == kept


KEPT = {
    "CUDA_VISIBLE_DEVICES": "0,1",
    "RANK": "3",
    "SLURM_JOB_ID": "77",
    "PYTHONHASHSEED": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "NVIDIA_VISIBLE_DEVICES": "GPU-8c3b0f5e-4a2d-11ee-be56-0242ac120002",
    "CONDA_PREFIX": "/opt/conda/envs/Training2026",
    "AIM_EXPERIMENT": "vision",
}
DROPPED = {
    "HF_TOKEN": "x",
    "CUDA_SECRET_THING": "x",
    "AIM_SERVER_PASSWORD": "x",
    "TORCH_API_KEY": "x",
    "SLURM_LOOKS": "hf_abcdefghijklmnopqrst",
    "TF_HEX": "0123456789abcdef0123456789abcdef01234567",
    "JAX_MIXED": "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG",
    "PYTHON_INDEX": "https://user:word@example.org/simple",
    "HOME": "/home/ann",
    "AWS_PROFILE": "work",
}


def test_relevant_variables_are_kept_without_secrets() -> None:
    assert variables({**KEPT, **DROPPED}) == dict(sorted(KEPT.items()))


def test_more_variables_by_name_and_pattern_but_never_secrets() -> None:
    environ = {"MY_SEED": "1", "MY_TOKEN": "x", "OTHER": "2", "HOME": "/h"}
    assert variables(environ, ["MY_*", "OTHER"]) == {"MY_SEED": "1", "OTHER": "2"}


def test_a_long_value_is_cut() -> None:
    assert variables({"LD_LIBRARY_PATH": "/x:" * 5000})["LD_LIBRARY_PATH"].endswith("…")


NAMES = [
    (True, "", ()), (False, "", None), (None, "", ()), (None, "0", None), (None, "false", None), (None, "1", ()),
    (None, "MY_*, OTHER", ("MY_*", "OTHER")), (["A"], "0", ("A",)), ("A", "", ("A",)), (False, "1", None),
]  # fmt: skip


@pytest.mark.parametrize("given, variable, names", NAMES)
def test_requested_variables(given: Any, variable: str, names: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_ENVIRONMENT", variable)
    assert names_of(given) == names


def test_a_wrong_environment_is_refused(here: Path) -> None:
    with pytest.raises(TypeError, match="must be True, False, or a list of variable names"):
        aim.Run("x", environment=[1])  # type: ignore[list-item]


# Recorded by a process in a repository


def test_uncommitted_changes_are_recorded(checkout: Path) -> None:
    (checkout / "model.py").write_text("depth = 4\napi_key = 'abcdefgh'\n")
    (checkout / "weights.bin").write_bytes(b"\0\1\2")
    (checkout / "ünknown.txt").write_text("x")
    (checkout / "data").mkdir()
    (checkout / "data" / "big.csv").write_text("x")
    git(checkout, "add", "weights.bin")
    diff = late(record(checkout, WAIT), "diff")
    assert "-depth = 3\n+depth = 4\n" in diff["text"] and f"+api_key = {MASK}\n" in diff["text"]
    assert "abcdefgh" not in json.dumps(diff)
    assert "Binary files /dev/null and b/weights.bin differ" in diff["text"]
    assert sorted(diff["untracked"]) == ["data/", "ünknown.txt"] and diff["cut"] is None


def test_a_long_diff_is_cut_at_a_line_and_says_so(checkout: Path) -> None:
    (checkout / "model.py").write_text("".join(f"row {i}\n" for i in range(60_000)))
    diff = late(record(checkout, WAIT), "diff")
    assert DIFF_BYTES - 100 < len(diff["text"]) <= DIFF_BYTES and diff["text"].endswith("\n")
    assert "more bytes than the 262,144 that are kept" in diff["cut"]


def test_a_diff_that_grows_in_json_still_fits_in_a_record(checkout: Path) -> None:
    (checkout / "model.py").write_text("\x01\x02\x03" * 70_000)
    diff = late(record(checkout, WAIT), "diff")
    assert "only the first" in diff["cut"]


def test_a_clean_tree_has_no_diff(checkout: Path) -> None:
    file = record(checkout, WAIT)
    assert {name for facts in file.facts for name in facts} == {"environment", "git"}


def test_packages_and_variables_are_recorded(here: Path) -> None:
    ended = python(here, WAIT, CUDA_VISIBLE_DEVICES="0", HF_TOKEN="x")
    assert ended.returncode == 0, ended.stderr
    (file,) = files(here)
    environment_facts = late(file, "environment")
    assert environment_facts["env"]["CUDA_VISIBLE_DEVICES"] == "0" and "HF_TOKEN" not in environment_facts["env"]
    assert environment_facts["packages"]["pytest"] == pytest.__version__


@pytest.mark.parametrize("code", ["aim.Run('x', environment=False)", "aim.Session(environment=False).run"])
def test_off_by_argument(here: Path, code: str) -> None:
    assert python(here, WAIT.replace("aim.Run('x')".replace("'", '"'), code)).returncode == 0
    (file,) = files(here)
    assert [name for facts in file.facts for name in facts] in ([], ["git"])


def test_off_by_the_environment(here: Path) -> None:
    assert python(here, WAIT, AIM_ENVIRONMENT="0").returncode == 0
    (file,) = files(here)
    assert not any("environment" in facts for facts in file.facts)


NO_THREAD = """
import threading
def none_left(thread): raise RuntimeError("can't start new thread")
threading.Thread.start = none_left
import aim
"""


def test_the_shortest_run_records_its_packages_and_variables(here: Path) -> None:
    """Also the first of a process that ends before the thread that reads them had its turn."""
    ended = python(here, NO_THREAD + "for i in range(3): aim.Run(f'short {i}').close()", TORCH_OF_MINE="1")
    assert ended.returncode == 0, ended.stderr
    environments = [late(file, "environment") for file in files(here)]
    assert len(environments) == 3 and all(facts["packages"] for facts in environments)
    assert all(facts["env"]["TORCH_OF_MINE"] == "1" for facts in environments)


def test_joined_forks_and_ranks_record_no_environment(here: Path) -> None:
    code = WAIT + "import os\nrun = aim.Run('y')\nif not os.fork():\n    run.track(1.0, 'loss')\n    run.close()\n"
    code += "    os._exit(0)\n"
    ended = python(here, code + "os.wait()\nrun.close()\n")
    assert ended.returncode == 0, ended.stderr
    child = [file for file in files(here) if file.start["role"] == "join"]
    assert len(child) == 1 and child[0].facts == []


def test_folders_of_packages_that_cannot_be_read(here: Path) -> None:
    code = "import sys\nsys.path.append('/proc/1/cwd/nowhere')\nsys.path.append('')\n" + WAIT
    ended = python(here, code)
    assert ended.returncode == 0 and "recorded nothing" not in ended.stderr
    assert os.path.isdir(here)
