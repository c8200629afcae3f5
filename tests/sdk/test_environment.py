"""Facts about a run's surroundings: read without harm, with secrets masked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import aim
from aim.sdk import environment
from aim.sdk.environment import git_facts
from aim.sdk.masking import MASK, masked
from tests.sdk.checkouts import git, record
from tests.sdk.recorded import File, only, python


def head(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD")


def test_commit_and_branch(checkout: Path) -> None:
    assert git_facts(checkout) == {"commit": head(checkout), "branch": "trunk", "remote": None}
    below = checkout / "a" / "b"
    below.mkdir(parents=True)
    assert git_facts(below) == git_facts(checkout)


def test_a_commit_made_since_is_seen(checkout: Path) -> None:
    before = git_facts(checkout)
    git(checkout, "commit", "--quiet", "--allow-empty", "-m", "second")
    after = git_facts(checkout)
    assert before is not None and after is not None
    assert after["commit"] == head(checkout) != before["commit"]


def test_packed_refs(checkout: Path) -> None:
    git(checkout, "tag", "v1")
    git(checkout, "pack-refs", "--all")
    assert not (checkout / ".git" / "refs" / "heads" / "trunk").exists()
    assert git_facts(checkout) == {"commit": head(checkout), "branch": "trunk", "remote": None}


def test_a_branch_with_slashes(checkout: Path) -> None:
    git(checkout, "switch", "--quiet", "-c", "feature/näme")
    assert (git_facts(checkout) or {})["branch"] == "feature/näme"


def test_a_detached_head(checkout: Path) -> None:
    commit = head(checkout)
    git(checkout, "switch", "--quiet", "--detach")
    assert git_facts(checkout) == {"commit": commit, "branch": None, "remote": None}


def test_a_worktree(checkout: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    git(checkout, "worktree", "add", "--quiet", "-b", "other", str(tree))
    git(tree, "commit", "--quiet", "--allow-empty", "-m", "second")
    git(checkout, "remote", "add", "origin", "https://example.org/x.git")
    assert git_facts(tree) == {"commit": head(tree), "branch": "other", "remote": "https://example.org/x.git"}
    git(checkout, "pack-refs", "--all")
    assert (git_facts(tree) or {})["commit"] == head(tree)


def test_a_submodule(checkout: Path, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet", "--initial-branch=main")
    git(inner, "commit", "--quiet", "--allow-empty", "-m", "inner")
    git(checkout, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    assert (git_facts(checkout / "sub") or {})["commit"] == head(checkout / "sub") == head(inner)


def test_a_repository_without_a_commit(here: Path) -> None:
    git(here, "init", "--quiet", "--initial-branch=trunk")
    assert git_facts(here) == {"commit": None, "branch": "trunk", "remote": None}


def test_no_repository(here: Path) -> None:
    assert git_facts(here) is None


@pytest.mark.parametrize("content", [b"", b"\xff\xfe garbage", b"ref: ../../../../etc/passwd"])
def test_a_broken_repository_breaks_nothing(here: Path, content: bytes) -> None:
    (here / ".git").mkdir()
    (here / ".git" / "HEAD").write_bytes(content)
    run = aim.Run("x")
    run.close()
    facts = only(here).start["facts"]["git"]
    assert "root:" not in str(facts)


# Dirty or not

WAIT = """
import aim, time
from aim.sdk import environment
run = aim.Run("x")
run.track(1.0, "loss")
deadline = time.monotonic() + 20
while environment.dirty.pending() and time.monotonic() < deadline:
    time.sleep(0.01)
run.close()
"""


def dirty_of(file: File) -> object:
    found = file.start["facts"]["git"].get("dirty")
    for facts in file.facts:
        found = facts.get("git", {"dirty": found})["dirty"]
    return found


def test_a_clean_tree_is_not_dirty(checkout: Path) -> None:
    file = record(checkout, WAIT)
    assert file.start["facts"]["git"]["commit"] == head(checkout)
    assert dirty_of(file) is False


@pytest.mark.parametrize("staged", [False, True])
def test_a_changed_tree_is_dirty(checkout: Path, staged: bool) -> None:
    (checkout / "model.py").write_text("depth = 4\n")
    if staged:
        git(checkout, "add", ".")
    index = (checkout / ".git" / "index").stat().st_mtime_ns
    assert dirty_of(record(checkout, WAIT)) is True
    assert (checkout / ".git" / "index").stat().st_mtime_ns == index, "and git wrote nothing"
    assert not (checkout / ".git" / "index.lock").exists()


def test_an_unknown_state_of_git_is_left_open(checkout: Path, tmp_path: Path) -> None:
    """No git at hand, one that fails, or one that needs longer than the run."""
    folder = tmp_path / "bin"
    folder.mkdir()
    file = record(checkout, WAIT, PATH=str(folder))
    assert dirty_of(file) is None and file.start["facts"]["git"]["branch"] == "trunk"


def test_a_slow_git_delays_nothing(checkout: Path, tmp_path: Path) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    code = "import aim\nwith aim.Run('x') as run: run.track(1.0, 'loss')"
    file = record(checkout, code, PATH=f"{slow.parent}:/usr/bin:/bin")
    assert dirty_of(file) is None and file.end is not None


def test_a_git_of_the_repository_runs_no_program_that_its_config_names(checkout: Path, tmp_path: Path) -> None:
    trap, proof = tmp_path / "trap.sh", tmp_path / "proof"
    trap.write_text(f"#!/bin/sh\ntouch {proof}\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "core.pager"):
        git(checkout, "config", key, str(trap))
    (checkout / "model.py").write_text("depth = 4\n")
    record(checkout, WAIT)
    assert not proof.exists()


# Secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ada:ghp_secret@github.com/a/b.git", f"https://{MASK}@github.com/a/b.git"),
        ("https://token@example.org/x", f"https://{MASK}@example.org/x"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("https://github.com/a/b.git", "https://github.com/a/b.git"),
    ],
)
def test_secrets_of_a_remote_are_masked(checkout: Path, url: str, shown: str) -> None:
    git(checkout, "remote", "add", "origin", url)
    assert (git_facts(checkout) or {})["remote"] == shown == masked(url)


def test_no_secret_reaches_the_log(checkout: Path) -> None:
    git(checkout, "remote", "add", "origin", "https://ada:hunter2hunter2@github.com/a/b.git")
    code = "import aim\naim.Run('x').close()"
    ended = python(checkout, code, "--api-key", "hunter2hunter2", "--db=mysql://u:hunter2hunter2@h/d")
    assert ended.returncode == 0
    assert b"hunter2" not in only(checkout).path.read_bytes()


# Everything else


def test_the_facts_of_a_run(here: Path) -> None:
    ended = python(here, "import aim, os\naim.Run('x').close()\nprint(os.getpid())", "--lr", "0.1")
    start = only(here).start
    facts, process = start["facts"], start["process"]
    assert facts["argv"][1:] == ["--lr", "0.1"] and facts["argv"][0].endswith("train.py")
    assert facts["cwd"] == str(here) and facts["python"].startswith("3.") and facts["aim"] == aim.__version__
    assert process["pid"] == int(ended.stdout) and process["host"] and process["started"]
    assert start["format"] == 1 and start["hash"] == "x"


def test_a_command_line_of_megabytes_costs_only_itself(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train.py", *(f"--file={number}-{'x' * 100}" for number in range(30_000))])
    run = aim.Run("x")
    run.track(1.0, "loss")
    run.close()
    file = only(here)
    assert file.values("loss") == [1.0]
    argv = file.start["facts"]["argv"]
    assert argv[:2] == ["train.py", f"--file=0-{'x' * 100}"] and argv[-1].startswith("… ")


@pytest.mark.parametrize("argv", [["x\udc80y"], ["a" * 5_000_000], None])
def test_a_strange_command_line(here: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str] | None) -> None:
    if argv is None:
        monkeypatch.delattr(sys, "argv")
    else:
        monkeypatch.setattr(sys, "argv", argv)
    run = aim.Run("x")
    run.track(1.0, "loss")
    run.close()
    assert only(here).values("loss") == [1.0]
    assert environment.facts()["python"]
