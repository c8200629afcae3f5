"""What a run records of git: the right commit of every kind of repository, and no program of its config is run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aim.log import record as log_record
from aim.sdk import git as asked
from aim.sdk import gitfiles
from aim.sdk.git import Checkout, GitAnswer, facts_of
from aim.sdk.masking import MASK, masked
from aim.sdk.surroundings import Late
from tests.sdk.checkouts import WAIT, git, record
from tests.sdk.recorded import File, only, python
from tests.waiting import until


def head(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD")


def answer(folder: Path) -> GitAnswer:
    """All that git says of a folder."""
    checkout = Checkout(str(folder))
    return until(lambda: complete(checkout))


def complete(checkout: Checkout) -> GitAnswer | None:
    latest = checkout.answer("diff", ask=True)
    return latest if latest.complete else None


# Kinds of repositories


def below(checkout: Path, _: Path) -> Path:
    inner = checkout / "a" / "b"
    inner.mkdir(parents=True)
    return inner


def packed(checkout: Path, _: Path) -> Path:
    git(checkout, "tag", "v1")
    git(checkout, "pack-refs", "--all")
    assert not (checkout / ".git" / "refs" / "heads" / "trunk").exists()
    return checkout


def worktree(checkout: Path, elsewhere: Path) -> Path:
    tree = elsewhere / "tree"
    git(checkout, "worktree", "add", "--quiet", "-b", "trunk2", str(tree))
    git(checkout, "pack-refs", "--all")
    return tree


def submodule(checkout: Path, elsewhere: Path) -> Path:
    inner = elsewhere / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet", "--initial-branch=main")
    git(inner, "commit", "--quiet", "--allow-empty", "-m", "inner")
    git(checkout, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    return checkout / "sub"


def symbolic(checkout: Path, _: Path) -> Path:
    git(checkout, "symbolic-ref", "refs/heads/alias", "refs/heads/trunk")
    git(checkout, "symbolic-ref", "HEAD", "refs/heads/alias")
    return checkout


def empty_git_below(checkout: Path, _: Path) -> Path:
    inner = checkout / "data"
    (inner / ".git").mkdir(parents=True)
    return inner


def sha256(_: Path, elsewhere: Path) -> Path:
    folder = elsewhere / "sha256"
    folder.mkdir()
    git(folder, "init", "--quiet", "--object-format=sha256", "--initial-branch=trunk")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "first")
    return folder


def switched(*words: str) -> Callable[[Path, Path], Path]:
    def make(checkout: Path, _: Path) -> Path:
        git(checkout, "switch", "--quiet", *words)
        return checkout

    return make


KINDS: list[tuple[Callable[[Path, Path], Path], str | None]] = [
    (lambda checkout, _: checkout, "trunk"),
    (below, "trunk"),
    (packed, "trunk"),
    (switched("-c", "feature/näme"), "feature/näme"),
    (switched("--detach"), None),
    (worktree, "trunk2"),
    (submodule, "main"),
    (symbolic, "trunk"),
    (empty_git_below, "trunk"),
    (sha256, "trunk"),
]


@pytest.mark.parametrize(("make", "branch"), KINDS)
def test_commit_and_branch(
    checkout: Path, tmp_path: Path, make: Callable[[Path, Path], Path], branch: str | None
) -> None:
    """The same from git and, where there is none, from its files."""
    folder = make(checkout, tmp_path)
    git(folder, "config", "remote.origin.url", "https://example.org/x.git")
    expected = {"commit": head(folder), "branch": branch, "remote": "https://example.org/x.git"}
    assert answer(folder).facts == facts_of(str(folder)) == gitfiles.facts(str(folder)) == expected


def test_a_repository_without_a_commit(here: Path) -> None:
    git(here, "init", "--quiet", "--initial-branch=trunk")
    (here / "model.py").write_text("depth = 3\n")
    git(here, "add", ".")
    answered = answer(here)
    assert answered.facts == gitfiles.facts(str(here)) == {"commit": None, "branch": "trunk", "remote": None}
    assert answered.dirty is True and answered.diff is not None and b"+depth = 3\n" in answered.diff.text


def test_a_reftable(here: Path) -> None:
    try:
        git(here, "init", "--quiet", "--ref-format=reftable", "--initial-branch=trunk")
    except subprocess.CalledProcessError:
        pytest.skip("this git is older than 2.45")
    git(here, "commit", "--quiet", "--allow-empty", "-m", "first")
    assert facts_of(str(here)) == {"commit": head(here), "branch": "trunk", "remote": None}
    assert gitfiles.facts(str(here)) == {"commit": None, "branch": None, "remote": None}


def test_a_reftable_without_a_git_that_reads_it(checkout: Path) -> None:
    (checkout / ".git" / "reftable").mkdir()
    (checkout / ".git" / "HEAD").write_text("ref: refs/heads/.invalid\n")
    assert gitfiles.facts(str(checkout)) == {"commit": None, "branch": None, "remote": None}


def test_the_variables_of_git_lead_to_the_repository(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {"commit": head(checkout), "branch": "trunk", "remote": None}
    (checkout / "model.py").write_text("depth = 4\n")
    moved = tmp_path / "moved.git"
    shutil.move(checkout / ".git", moved)
    monkeypatch.setenv("GIT_DIR", str(moved))
    monkeypatch.setenv("GIT_WORK_TREE", str(checkout))
    answered = answer(tmp_path)
    assert answered.facts == gitfiles.facts(str(tmp_path)) == expected
    assert answered.dirty is True and answered.diff is not None and b"+depth = 4\n" in answered.diff.text


def test_a_repository_of_another_user(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git refuses it, because its config may name programs. None of them is run here."""
    expected = {"commit": head(checkout), "branch": "trunk", "remote": None}
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(subprocess.CalledProcessError):
        head(checkout)
    answered = answer(checkout)
    assert (answered.facts, answered.dirty) == (expected, False)


def test_no_repository(here: Path) -> None:
    assert answer(here) == GitAnswer(None, None, None, True)
    assert facts_of(str(here)) is None is gitfiles.facts(str(here))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe garbage", b"ref: ../../../../etc/passwd", b"a" * 50])
def test_a_broken_repository_breaks_nothing(checkout: Path, content: bytes) -> None:
    (checkout / ".git" / "HEAD").write_bytes(content)
    assert facts_of(str(checkout)) in (None, {"commit": None, "branch": None, "remote": None})


@pytest.mark.parametrize("name", ["HEAD", "config", "packed-refs"])
def test_pipes_in_the_place_of_gits_files_hold_up_nothing(checkout: Path, name: str) -> None:
    (checkout / ".git" / name).unlink(missing_ok=True)
    os.mkfifo(checkout / ".git" / name)
    assert (gitfiles.facts(str(checkout)) or {"remote": None})["remote"] is None


# Asked again


def test_an_answer_is_shared_until_something_changed(checkout: Path) -> None:
    known = asked.checkout(str(checkout))
    assert asked.checkout(str(checkout)) is known

    def now() -> GitAnswer:
        known.renew("diff")
        return until(lambda: complete(known))

    first = now()
    assert now() is first
    git(checkout, "commit", "--quiet", "--allow-empty", "-m", "second")
    assert now().facts == {"commit": head(checkout), "branch": "trunk", "remote": None}
    git(checkout, "remote", "add", "origin", "https://example.org/x.git")
    assert (now().facts or {})["remote"] == "https://example.org/x.git"


def test_a_run_that_ends_before_git_answers_reads_the_files(checkout: Path) -> None:
    (payload,) = Late(str(checkout), None).take(ask=False)
    assert log_record.decode_json(payload) == {"git": {"commit": head(checkout), "branch": "trunk", "remote": None}}


def test_a_pipe_that_the_script_closed_is_not_read(checkout: Path) -> None:
    waiting = Checkout(str(checkout))
    waiting.answer("diff", ask=True)
    os.close(waiting._pipe)
    other = os.open(os.devnull, os.O_RDONLY)
    assert other == waiting._pipe
    assert waiting.answer("diff", ask=True).complete
    os.close(other)


# Dirty or not


def facts_in(file: File) -> dict[str, Any]:
    git_facts: dict[str, Any] = {}
    for facts in file.facts:
        git_facts.update(facts.get("git", {}))
    return git_facts


def test_a_clean_tree_is_not_dirty(checkout: Path) -> None:
    assert facts_in(record(checkout, WAIT)) == {
        "commit": head(checkout), "branch": "trunk", "remote": None, "dirty": False,
    }  # fmt: skip


@pytest.mark.parametrize("staged", [False, True])
def test_a_changed_tree_is_dirty(checkout: Path, staged: bool) -> None:
    (checkout / "model.py").write_text("depth = 4\n")
    if staged:
        git(checkout, "add", ".")
    index = (checkout / ".git" / "index").stat().st_mtime_ns
    assert facts_in(record(checkout, WAIT))["dirty"] is True
    assert (checkout / ".git" / "index").stat().st_mtime_ns == index, "and git wrote nothing"
    assert not (checkout / ".git" / "index.lock").exists()


def test_a_file_with_a_new_time_is_not_dirty(checkout: Path) -> None:
    os.utime(checkout / "model.py", (5, 5))
    assert answer(checkout).dirty is False


def test_line_ends_count_as_the_config_says(checkout: Path) -> None:
    git(checkout, "config", "core.autocrlf", "true")
    (checkout / "model.py").write_bytes(b"depth = 3\r\n")
    assert answer(checkout).dirty is False
    git(checkout, "config", "core.autocrlf", "false")
    assert answer(checkout).dirty is True


def test_files_that_the_user_ignores_are_not_listed(checkout: Path, tmp_path: Path) -> None:
    for name in ("seen", "of the config", "of the repository"):
        (checkout / name).write_text("x")
    (tmp_path / "ignored").write_text("of the config\n")
    git(checkout, "config", "core.excludesFile", str(tmp_path / "ignored"))
    (checkout / ".git" / "info" / "exclude").write_text("of the repository\n")
    diff = answer(checkout).diff
    assert diff is not None and diff.untracked == ("seen",)


def test_no_git_at_hand(checkout: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    git_facts = facts_in(record(checkout, WAIT, PATH=str(folder)))
    assert git_facts == {"commit": head(checkout), "branch": "trunk", "remote": None}


def test_a_git_in_the_working_folder_is_not_run(checkout: Path) -> None:
    (checkout / "git").write_text("#!/bin/sh\ntouch proof\n")
    (checkout / "git").chmod(0o755)
    git_facts = facts_in(record(checkout, WAIT, PATH=f".::{os.environ['PATH']}"))
    assert git_facts["commit"] == head(checkout) and not (checkout / "proof").exists()


def test_a_slow_git_delays_nothing(checkout: Path, tmp_path: Path) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    code = "import aim\nwith aim.Run('x') as run: run.track(1.0, 'loss')"
    file = record(checkout, code, PATH=f"{slow.parent}:/usr/bin:/bin")
    assert facts_in(file) == {"commit": head(checkout), "branch": "trunk", "remote": None}
    assert file.end is not None


# No program that a config names

NAMED = [
    *("filter.trap.clean", "filter.trap.smudge", "filter.trap.process", "diff.external", "diff.trap.command"),
    *("diff.trap.textconv", "merge.trap.driver", "core.fsmonitor", "core.pager", "pager.diff", "pager.config"),
    *("pager.rev-parse", "core.editor", "core.askPass", "core.sshCommand", "core.gitProxy"),
    *("core.alternateRefsCommand", "credential.helper", "gpg.program", "interactive.diffFilter", "remote.origin.vcs"),
    *("remote.origin.uploadpack", "uploadpack.packObjectsHook", "submodule.sub.update", "sequence.editor"),
]
ALIASES = ("diff", "rev-parse", "symbolic-ref", "config", "ls-files", "hash-object")


def with_traps(folder: Path, traps: Path) -> None:
    """A config that names a program, which leaves a file of its name in `traps`, wherever a config can."""
    traps.mkdir(exist_ok=True)

    def trap(name: str) -> str:
        path = traps / f"{name}.sh"
        path.write_text(f"#!/bin/sh\ntouch '{traps}/{name}.ran'\ncat\n")
        path.chmod(0o755)
        return str(path)

    for key in NAMED:
        git(folder, "config", key, trap(key))
    for name in ALIASES:
        git(folder, "config", f"alias.{name}", f"!{trap(f'alias {name}')}")
    hooks = folder / ".git" / "hooks" if (folder / ".git").is_dir() else traps / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "post-checkout", "pre-commit", "reference-transaction"):
        shutil.copy(trap(f"hook {name}"), hooks / name)
    for key, value in (
        ("core.hooksPath", str(hooks)), ("filter.trap.required", "true"), ("diff.submodule", "diff"),
        ("submodule.recurse", "true"), ("status.submoduleSummary", "true"), ("core.untrackedCache", "true"),
        ("extensions.partialClone", "origin"), ("remote.origin.promisor", "true"),
        ("remote.origin.url", f"ext::{trap('ext')} %S"), ("protocol.ext.allow", "always"),
    ):  # fmt: skip
        git(folder, "config", key, value)
    included = traps / "included"
    included.write_text(f'[filter "more"]\n\tclean = {trap("filter.more.clean")}\n\trequired = true\n')
    git(folder, "config", "include.path", str(included))


def ran(traps: Path) -> list[str]:
    return sorted(path.stem for path in traps.glob("*.ran"))


@pytest.fixture
def trapped(checkout: Path, tmp_path: Path) -> Path:
    """Everything changed, a blob that only the promisor has, and a changed submodule with traps of its own."""
    inner = submodule(checkout, tmp_path)
    for folder in (checkout, inner):
        (folder / ".gitattributes").write_text("*.py filter=trap diff=trap merge=trap\n*.txt filter=more\n")
        (folder / "model.py").write_text("depth = 3\n")
        (folder / "notes.txt").write_text("one\n")
        (folder / "plain.md").write_text("one\n")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", "second")
    (checkout / "lost.md").write_text("lost\n")
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "-m", "third")
    for folder in (checkout, inner):
        for name in ("model.py", "notes.txt", "plain.md"):
            (folder / name).write_text("changed\n")
        with_traps(folder, tmp_path / "traps")
    return checkout


def test_no_program_that_a_config_names_is_run(trapped: Path, tmp_path: Path) -> None:
    traps = tmp_path / "traps"
    file = record(trapped, WAIT)
    assert ran(traps) == []
    assert facts_in(file)["dirty"] is True
    (diff,) = [facts["diff"] for facts in file.facts if "diff" in facts]
    assert "-one\n+changed\n" in diff["text"] and "depth" not in diff["text"]
    assert diff["text"].count("Not compared: git changes this file with a filter") == 2


def test_the_traps_work(trapped: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "diff", "HEAD"], cwd=trapped, capture_output=True, check=False)
    assert {"filter.trap.process", "core.fsmonitor"} <= set(ran(tmp_path / "traps"))


def test_nothing_is_fetched_for_a_file_that_is_missing(trapped: Path, tmp_path: Path) -> None:
    blob = git(trapped, "rev-parse", "HEAD:lost.md")
    (trapped / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    (trapped / "lost.md").write_text("changed\n")
    assert answer(trapped).facts is not None and facts_of(str(trapped)) is not None
    assert ran(tmp_path / "traps") == []


def test_filters_of_the_user_are_not_run_either(checkout: Path, tmp_path: Path) -> None:
    """They are as good as the user's, but Git LFS runs programs that the repository's config names."""
    (checkout / ".gitattributes").write_text("*.bin filter=large\n")
    (checkout / "weights.bin").write_text("one\n")
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "-m", "second")
    (checkout / "weights.bin").write_text("two\n")
    config = tmp_path / "gitconfig"
    config.write_text(f'[filter "large"]\n\tclean = touch {tmp_path}/proof; cat\n\trequired = true\n')
    file = record(checkout, WAIT, GIT_CONFIG_GLOBAL=str(config))
    assert not (tmp_path / "proof").exists()
    assert "dirty" not in facts_in(file), "only a file that is not compared may have changed"


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
    assert (facts_of(str(checkout)) or {})["remote"] == (gitfiles.facts(str(checkout)) or {})["remote"] == shown
    assert masked(url) == shown


def test_no_secret_reaches_the_log(checkout: Path) -> None:
    git(checkout, "remote", "add", "origin", "https://ada:hunter2hunter2@github.com/a/b.git")
    ended = python(checkout, WAIT, "--api-key", "hunter2hunter2", "--db=mysql://u:hunter2hunter2@h/d")
    assert ended.returncode == 0
    assert b"hunter2" not in only(checkout).path.read_bytes()
