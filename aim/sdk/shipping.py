"""How what a run records reaches its server: the run writes to a spool, and a process beside the training ships it
(aim/remote/ship.py). Nothing here waits for the server, but for at most 1.5 seconds where a run is opened by name."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aim import remote
from aim.errors import RunError, RunExists
from aim.handlers import let_through
from aim.interpreter import python
from aim.plain import text_of
from aim.remote import spool
from aim.remote.address import Address
from aim.sdk import attempt, beside, ranks
from aim.sdk.attempt import Attempt
from aim.sdk.trouble import Trouble, say

# What one answer to a claim may take, and the start and end of the process that asks. The rest of an opening then has
# half a second on a busy machine, as it takes two seconds at most.
_CLAIM_SECONDS = 1.25
_ASKER_SECONDS = 0.25
_BRING_SECONDS = 10.0
_AGAIN_SECONDS = 30.0
# Less than a shipper lives (aim/remote/ship.py), so that what is written after its end starts another one.
_START_SECONDS = 1.0
_POLL_SECONDS = 0.05
_TRANSIENT_SECONDS = 3.0
_SCRIPTS = Path(remote.__file__).parent
_started: dict[Path, float] = {}
_silent: dict[Address, tuple[float, str]] = {}
# When it was told of a server that records wait, until it answers again.
_told: dict[Address, float] = {}


def of(aim_dir: Path) -> Shipping | None:
    """The way of a spool to its server; None for any other repository."""
    server = spool.address_of(aim_dir)
    return None if server is None else Shipping(aim_dir, server)


def ensure(aim_dir: Path) -> None:
    """Start a shipper of a spool unless one is at work, after something was written to it outside a run."""
    way = of(aim_dir)
    if way is not None:
        way.ensure()


class Shipping:
    """The way of one run. It never raises, but where a run is opened."""

    def __init__(self, aim_dir: Path, server: Address) -> None:
        self._aim_dir = aim_dir
        self.server = server
        self._failure = ""

    def ensure(self) -> None:
        """Start a shipper unless one is at work."""
        if time.monotonic() - _started.get(self._aim_dir, -_START_SECONDS) < _START_SECONDS:
            return
        try:
            lock = spool.take_lock(self._aim_dir)
            if lock is not None:
                lock.close()
                _started[self._aim_dir] = time.monotonic()
                # A process with this variable counts as a part of the command.
                env = {name: value for name, value in spool.environment().items() if name != "AIM_PROCESS"}
                beside.start(_SCRIPTS / "ship.py", str(self._aim_dir), env=env)
            self._failure = ""
        except Exception as error:
            let_through(error)
            self._failure = f"nothing is sent to {self.server}, because no process can be started: {text_of(error)}"

    def tell(self, trouble: Trouble) -> None:
        """Tell once what keeps the records from the server, also where a process records many runs."""
        work = spool.reported(self._aim_dir)
        is_new = work.problem and time.time() - work.since > _TRANSIENT_SECONDS
        problem = self._failure or (work.problem if is_new else "")
        if not work.problem and work.time > _told.get(self.server, work.time):
            del _told[self.server]
        if problem and (text := self._first(problem)):
            trouble.tell(f"remote:{self.server}", text)
        for name, why in work.kept:
            trouble.tell(f"kept:{name}", f"a file stays here: {why}. See `aim sync --status`. {self._aim_dir / name}")

    def ended(self, run: str, trouble: Trouble) -> None:
        """Wait for the server as long as AIM_SYNC_WAIT says."""
        seconds = _wait_seconds()
        until, ended_at = time.monotonic() + seconds, time.time()
        while seconds and not (safe := spool.reported(self._aim_dir).clear_at >= ended_at):
            if time.monotonic() > until:
                break
            time.sleep(_POLL_SECONDS)
        self.tell(trouble)
        if seconds and not safe:
            trouble.tell("unsent", f"run {run!r} is not yet on {self.server} after {seconds:g} s. {self._later()}")

    def open_attempt(self, name: str | None, *, resume: bool, resume_from: int | None) -> Attempt:
        """As `attempt.open_attempt`, for a name that the server may know. Raises RunExists and RunError."""
        new = os.urandom(16)
        joins = False
        if name is not None and not attempt.is_recorded_here(self._aim_dir, name):
            key = ranks.launch_name(os.environ)
            answer = self._claim(name, new, key)
            if "problem" in answer:
                self._go_on_without(name, str(answer["problem"]), resume=resume)
            elif answer["runs"]:
                self._take_known(name, answer["runs"], continues=resume or key is not None)
            elif answer["claim"]["run"] != new.hex():
                new, joins = self._take_claim(name, answer["claim"], key), True
        opened = attempt.open_attempt(self._aim_dir, name, resume=resume, resume_from=resume_from, new=new)
        return opened._replace(role="join") if joins and opened.run == new else opened

    def _claim(self, name: str, new: bytes, key: str | None) -> Mapping[str, Any]:
        silent_until, problem = _silent.get(self.server, (0.0, ""))
        if time.monotonic() < silent_until:
            return {"problem": problem}
        fields = {"name": name, "run": new.hex(), "launch": key, "attempt": attempt.attempt_id(new, key, 0)}
        fields |= {"rank": ranks.rank(os.environ), "starter": ranks.starter()}
        answer = self._asked({"do": "claim", "seconds": _CLAIM_SECONDS, **fields}, _CLAIM_SECONDS + _ASKER_SECONDS)
        if "problem" in answer:
            _silent[self.server] = time.monotonic() + _AGAIN_SECONDS, answer["problem"]
        return answer

    def _go_on_without(self, name: str, problem: str, *, resume: bool) -> None:
        if resume:
            raise RunError(
                f"run {name!r} cannot be resumed, because its records are on the server, and {problem}. Try again when "
                "it answers, or record a new run under another name"
            )
        if text := self._first(problem):
            say(f"{text} If the server has a run called {name!r}, it then has two")

    def _take_known(self, name: str, runs: list[Mapping[str, Any]], *, continues: bool) -> None:
        """Bring what a resume, or a rank of the same launch, reads of a run."""
        if not continues:
            now = " It is being recorded." if any(run["recording"] for run in runs) else ""
            raise RunExists(
                f"run {name!r} already exists on {self.server}.{now} Pass resume=True to continue it, "
                "resume_from=STEP to continue from a checkpoint and hide later points, or choose another name."
            )
        needed = [file for run in runs for file in run["files"] if file["needed"]]
        order = {"do": "bring", "seconds": _BRING_SECONDS, "aim_dir": str(self._aim_dir), "files": needed}
        answer = self._asked(order, None)
        if "problem" in answer:
            raise RunError(f"run {name!r} cannot be continued without its records, and {answer['problem']}. Try again")

    def _take_claim(self, name: str, claim: Mapping[str, Any], key: str | None) -> bytes:
        """The run that another process has just begun, if it belongs to the launch of this one."""
        if key is None or claim["launch"] != key or ranks.is_other_launch(key, claim["rank"], claim["starter"]):
            raise RunExists(
                f"run {name!r} is just being started by another process, on {self.server}. Choose another name, or "
                "set AIM_ATTEMPT to a text that is unique to the launch that both belong to"
            )
        return bytes.fromhex(claim["run"])

    def _asked(self, order: Mapping[str, Any], seconds: float | None) -> dict[str, Any]:
        command = [python(), "-I", "-S", str(_SCRIPTS / "ask.py")]
        content = json.dumps({"address": str(self.server), **order}).encode()
        try:
            ended = subprocess.run(command, input=content, capture_output=True, cwd="/", timeout=seconds, check=False)
            return dict(json.loads(ended.stdout))
        except subprocess.TimeoutExpired:
            return {"problem": f"{self.server} does not answer within {seconds:g} s"}
        except (OSError, ValueError, TypeError) as error:
            let_through(error)
            return {"problem": f"{self.server} cannot be asked: {text_of(error)}"}

    def _first(self, problem: str) -> str:
        """The line to print about a problem; empty if a problem with this server was reported before."""
        if self.server in _told:
            return ""
        _told[self.server] = time.time()
        return f"{problem.rstrip('.')}. {self._later()}"

    def _later(self) -> str:
        return f"Training continues; what it records waits in {self._aim_dir.parent} and is sent later."


def _wait_seconds() -> float:
    text = os.environ.get("AIM_SYNC_WAIT", "").strip() or "0"
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e6:
        say(f"AIM_SYNC_WAIT={text!r:.40} must be a number of seconds; not waiting")
        return 0.0
    return seconds
