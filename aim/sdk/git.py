"""Asks git about a working folder: commit, branch, remote, and uncommitted changes.

A repository may come from a stranger, and its config may name programs for filters, diffs, hooks, the file system
monitor and transport. So git gets two kinds of questions. Those about the repository (`rev-parse`, `symbolic-ref`,
`config --get`) run no program that a config names. Files are compared with GIT_COMMON_DIR set to a folder of
`plain_git`, where git then looks for the config: no filter, driver or remote is defined there. The user's own config is
not read either. Only the settings of line ends and of the file system are passed on.

Git is the child of a shell that ends at once. It therefore never becomes a child of this process that the user's own
os.wait() could return, and nobody waits for it. Its answer comes through a pipe.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Literal, NamedTuple

from aim.sdk import gitfiles
from aim.sdk.masking import masked

DIFF_BYTES = 1 << 18
NAMES_BYTES = 1 << 15
FRESH_SECONDS = 10.0
_SECONDS = 120
_SECONDS_OF_FACTS = 5
_FOLDERS = 16

Wanted = Literal["facts", "dirty", "diff"]

# Fields end with NUL. From the second half on, `$@` is git with its options. Files with a `filter` attribute are not
# compared: without the filter, a file of Git LFS always differs, and one of git-crypt shows its secrets.
_SCRIPT = rf"""
git=$1 plain=$2 wanted=$3 PATH=$4
unset CDPATH GIT_CONFIG
export GIT_OPTIONAL_LOCKS=0 GIT_NO_LAZY_FETCH=1 GIT_TERMINAL_PROMPT=0 GIT_PAGER=cat
ask() {{ "$git" -c 'safe.directory=*' "$@"; }}
lines() {{ IFS='
'; set -f; set -- $1; [ $# = 4 ] && dir=$1 common=$2 format=$3 commit=$4; }}
lines "$(ask rev-parse --absolute-git-dir --git-common-dir --show-object-format HEAD)" || exit
common=$(cd "$common" && pwd) || exit
[ "$commit" = HEAD ] && commit=
printf '%s\0' "$dir" "$common" "$commit" "$(ask symbolic-ref -q HEAD)" "$(ask config --get remote.origin.url)"
[ "$wanted" = facts ] && exit
top=$(ask rev-parse --show-toplevel) && cd "$top" || exit
ignored=${{XDG_CONFIG_HOME:-$HOME/.config}}/git/ignore
set -- "$git" -c core.quotePath=false
unset IFS
while read -r key value; do
  case $key in
  core.autocrlf|core.eol|core.filemode|core.symlinks|core.ignorecase|core.trustctime|core.checkstat)
    set -- "$@" -c "$key=$value";;
  core.excludesfile)
    case $value in '~/'*) ignored=$HOME/${{value#'~/'}};; *) ignored=$value;; esac;;
  esac
done <<END
$(ask config --get-regexp '^core\.')
END
[ -f "$ignored" ] && set -- "$@" -c core.excludesFile="$ignored"
excluded=$common/info/exclude
[ -f "$excluded" ] || excluded=/dev/null
[ "$format" = sha256 ] || format=sha1
unset GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS GIT_EXTERNAL_DIFF GIT_ATTR_SOURCE
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_SYSTEM=/dev/null GIT_CONFIG_GLOBAL=/dev/null GIT_ATTR_NOSYSTEM=1
export HOME="$plain" XDG_CONFIG_HOME="$plain" GIT_DIR="$dir" GIT_WORK_TREE="$top" GIT_COMMON_DIR="$plain/$format"
export GIT_OBJECT_DIRECTORY="${{GIT_OBJECT_DIRECTORY:-$common/objects}}"
how='diff --no-color --no-ext-diff --no-textconv --ignore-submodules=dirty --submodule=short'
base=${{commit:-$("$@" hash-object -t tree --stdin </dev/null)}}
compare() {{
  "$@" $how --quiet "$base" -- && echo 0 && return
  [ $? = 1 ] && ! "$@" $how --quiet "$base" -- ':(top,attr:!filter)' ':(top,attr:-filter)' && echo 1
}}
dirty=$(compare "$@")
printf '%s\0' "$dirty"
[ "$wanted" = dirty ] && exit
if [ "$dirty" = 0 ]; then printf '\0000\0'
else
  "$@" $how "$base" -- ':(top,attr:!filter)' ':(top,attr:-filter)' | tr -d '\000' \
    | (head -c {DIFF_BYTES}; printf '\0'; wc -c; printf '\0')
  "$@" $how --name-only -z "$base" -- . ':(top,exclude,attr:!filter)' ':(top,exclude,attr:-filter)' \
    | head -c {NAMES_BYTES}
fi
printf '\0'
"$@" ls-files -z --others --exclude-standard --exclude-from="$excluded" --directory | head -c {NAMES_BYTES}
"""
_PLAIN = str(Path(__file__).with_name("plain_git"))
_FACTS = 5


class Diff(NamedTuple):
    """`left_out`: bytes of the text that are missing. `filtered`: files that may differ and are not compared."""

    text: bytes
    left_out: int
    filtered: tuple[str, ...]
    untracked: tuple[str, ...]


class GitAnswer(NamedTuple):
    """The answer so far; None is unknown. `complete`: nothing more will come."""

    facts: dict[str, Any] | None
    dirty: bool | None
    diff: Diff | None
    complete: bool


def facts_of(folder: str) -> dict[str, Any] | None:
    """Commit, branch and remote of the repository around a folder, now; None if there is no repository."""
    command = _command("facts") if gitfiles.near(folder) else None
    said = b""
    if command is not None:
        try:
            said = subprocess.run(
                command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS_OF_FACTS
            ).stdout
        except (OSError, subprocess.TimeoutExpired):
            pass
    return _parsed(said, whole=True).facts or gitfiles.facts(folder)


class Checkout:
    """One folder that git is asked about. The runs of this process share the answer. It is asked for again when it is
    older than FRESH_SECONDS or git's own files have changed."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._asked: Wanted | None = None
        self._asked_at = 0.0
        self._pipe = -1
        self._pipe_is: tuple[int, int] | None = None
        self._said = bytearray()
        self._answer = _NOTHING
        self._stamp: tuple[object, ...] = ()

    def renew(self, wanted: Wanted) -> None:
        """At the start of a run: forget an answer that is too old or too short for it."""
        with self._lock:
            too_little = self._asked == "dirty" and wanted == "diff"
            if self._answer.complete and (too_little or self._is_old()):
                self._asked, self._answer = None, _NOTHING
                self._said.clear()

    def answer(self, wanted: Wanted, *, ask: bool) -> GitAnswer:
        """The answer so far. With `ask`, git is asked unless it was already."""
        if self._lock.acquire(blocking=False):
            try:
                if ask and self._asked is None:
                    self._ask(wanted)
                if self._pipe >= 0:
                    self._look()
            finally:
                self._lock.release()
        return self._answer

    def hang_up(self) -> None:
        """Close the pipe, unless a script closed it and its number now belongs to another file."""
        if self._pipe >= 0 and self._is_ours():
            os.close(self._pipe)
        self._pipe = -1

    def _is_ours(self) -> bool:
        try:
            status = os.fstat(self._pipe)
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._pipe_is

    def _ask(self, wanted: Wanted) -> None:
        self._asked, self._asked_at = wanted, time.monotonic()
        command = _command(wanted) if gitfiles.near(self.folder) else None
        if command is None or not self._started(command):
            self._answer = _NOTHING._replace(complete=True)

    def _started(self, command: list[str]) -> bool:
        try:
            self._pipe, answer = os.pipe()
        except OSError:
            return False
        try:
            status = os.fstat(self._pipe)
            self._pipe_is = (status.st_dev, status.st_ino)
            os.set_blocking(self._pipe, False)
            subprocess.run(
                ["/bin/sh", "-c", '"$@" &', "sh", *command],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            return True
        except OSError:
            self.hang_up()
            return False
        finally:
            os.close(answer)

    def _look(self) -> None:
        complete = not self._is_ours()
        try:
            while not complete:
                data = os.read(self._pipe, 1 << 16)
                self._said += data
                complete = not data
        except BlockingIOError:
            complete = time.monotonic() - self._asked_at > _SECONDS
        if complete:
            self.hang_up()
        known = self._answer.facts is not None
        self._answer = _parsed(bytes(self._said), whole=complete)
        if self._answer.facts is not None and not known:
            self._stamp = self._now()

    def _is_old(self) -> bool:
        return time.monotonic() - self._asked_at > FRESH_SECONDS or (bool(self._stamp) and self._stamp != self._now())

    def _now(self) -> tuple[object, ...]:
        """The state of the files that change with a commit, a checkout or a new remote."""
        git_dir, common, _, ref = map(os.fsdecode, bytes(self._said).split(b"\0", 4)[:4])
        own = [os.path.join(git_dir, name) for name in ("HEAD", "index", "logs/HEAD")]
        shared = [os.path.join(common, name) for name in (ref, "packed-refs", "reftable/tables.list", "config")]
        variables = {name: value for name, value in list(os.environ.items()) if name.startswith("GIT_")}
        return (variables, *map(_state, own + shared))


_NOTHING = GitAnswer(None, None, None, False)
_checkouts: dict[str, Checkout] = {}


def checkout(folder: str) -> Checkout:
    for known in list(_checkouts)[:-_FOLDERS]:
        if _checkouts[known].answer("facts", ask=False).complete:
            _checkouts.pop(known, None)
    return _checkouts.setdefault(folder, Checkout(folder))


def forked_in_child() -> None:
    """The answers belong to the parent."""
    for asked in _checkouts.values():
        asked.hang_up()
    _checkouts.clear()


def _command(wanted: Wanted) -> list[str] | None:
    """Programs come only from absolute folders in PATH: the working folder may belong to a stranger."""
    if os.name != "posix":
        return None
    path = os.pathsep.join(filter(os.path.isabs, os.environ.get("PATH", os.defpath).split(os.pathsep)))
    git, timeout = shutil.which("git", path=path), shutil.which("timeout", path=path)
    if git is None:
        return None
    bounded = [timeout, str(_SECONDS)] if timeout else []
    return [*bounded, "/bin/sh", "-c", _SCRIPT, "sh", git, _PLAIN, wanted, path]


def _parsed(said: bytes, *, whole: bool) -> GitAnswer:
    *fields, _ = said.split(b"\0")
    if len(fields) < _FACTS:
        return _NOTHING._replace(complete=whole)
    commit, ref, remote = map(_text, fields[2:_FACTS])
    facts = {
        "commit": commit or None,
        "branch": ref.removeprefix("refs/heads/") or None,
        "remote": masked(remote) if remote else None,
    }
    dirty = {b"0": False, b"1": True}.get(fields[_FACTS]) if len(fields) > _FACTS else None
    return GitAnswer(facts, dirty, _diff(fields[_FACTS + 1 :]) if whole else None, whole)


def _diff(fields: list[bytes]) -> Diff | None:
    """None if it was not asked for, or git was stopped."""
    if len(fields) < 3 or b"" not in fields[2:]:
        return None
    text, left_out, *names = fields
    between = names.index(b"")
    return Diff(text, int(left_out), tuple(map(_text, names[:between])), tuple(map(_text, names[between + 1 :])))


def _text(field: bytes) -> str:
    return field.decode("utf-8", "replace")


def _state(path: str) -> object:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
