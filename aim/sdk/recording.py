"""Recording: what one process records of a run. It owns the process's file, the series in it, and their steps."""

from __future__ import annotations

import math
import os
import threading
import time as clock
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aim import layout
from aim.errors import AimError
from aim.handlers import let_through
from aim.log import edits, objects, record, status
from aim.log.writer import Writer
from aim.media import media_in
from aim.plain import builtin, distinct, shown, text_of
from aim.sdk import environment, messages, naming, pulse, ranks
from aim.sdk import params as plain_params
from aim.sdk.arguments import LAST_STEP, whole
from aim.sdk.attempt import Attempt
from aim.sdk.context import canonical, series_key
from aim.sdk.history import History, is_elsewhere
from aim.sdk.scalar import scalar
from aim.sdk.series import RecordedSeries, Series, known_as
from aim.sdk.surroundings import Late
from aim.sdk.trouble import Trouble, say

if TYPE_CHECKING:
    from aim.log.direction import Direction
    from aim.media.media import Media
    from aim.sdk.definition import DefinedDirections
    from aim.sdk.shipping import Shipping

NAN = math.nan
STEPS = frozenset({int, type(None)})
EPOCHS = frozenset({int, float, type(None)})


class Recording:
    """The write path of one run in this process.

    `stopped` is set when nothing is recorded although the run is open: AIM_DISABLED is set, or the run was deleted.
    `variables` are the patterns of more environment variables to record; None records no environment. `params` and
    `fields` are what this handle has set. `trouble` reports errors of the disk. Wrong values raise; Run reports them.
    """

    def __init__(
        self,
        aim_dir: Path,
        attempt: Attempt,
        experiment: str,
        *,
        variables: Sequence[str] | None,
        stopped: bool,
        shipping: Shipping | None = None,
    ) -> None:
        self.aim_dir = aim_dir
        self.shipping = shipping
        self.attempt = attempt
        self.stopped = stopped
        self.closed = False
        self._deleted = False
        self.trouble = Trouble()
        self.writer: Writer | None = None
        # The file of the process that this one continues: a fork's parent, or the one that pickled the run.
        self.parent: Path | None = None
        self.received = False
        self.params: dict[str, Any] = {}
        self.fields: dict[str, Any] = {"experiment": experiment}
        self.late = Late(None, None)
        # Fields that the runner of a command adds to END: how the command ended.
        self.end_status: str | None = None
        self.end_facts: dict[str, Any] = {}
        self._variables = variables
        self._lock = threading.RLock()
        self._late_lock = threading.Lock()
        self._began_here = attempt.role == "main" and not attempt.earlier
        self.series = RecordedSeries(attempt.hash, settled=self._began_here)
        self._history: History | None = None
        self._stamp = 0
        self._editor = edits.Editor(aim_dir, waits=False)
        self._directions: DefinedDirections | None = None
        self._logged = 0
        if not self._began_here and is_elsewhere(attempt.folder):
            self._past()

    @property
    def hash(self) -> str:
        return self.attempt.hash

    @property
    def id(self) -> str:
        return self.attempt.run.hex()

    # The file

    def start(self, started_at: float | None = None) -> None:
        """Open this process's file and write START."""
        attempt = self.attempt
        writer = Writer(attempt.folder, attempt.run, aim_dir=self.aim_dir, on_trouble=self.disk_refused)
        facts = environment.facts()
        main = attempt.role == "main" or naming.started_as(self.id)
        self.late = Late(facts.get("cwd"), self._variables if main else None)
        start = {
            "format": layout.FORMAT,
            "run": self.id,
            "writer": writer.id.hex(),
            "hash": attempt.hash,
            "time": clock.time() if started_at is None else started_at,
            "experiment": self.fields["experiment"],
            "attempt": attempt.id,
            "launch": attempt.launch,
            "launcher": ranks.launcher(os.environ),
            "rank": ranks.rank(os.environ),
            "role": attempt.role,
            "resume_from": attempt.resume_from,
            "earlier": attempt.earlier,
            "process": status.this_process(),
            "facts": facts,
        }
        writer.append(record.START, record.encode_json(start))
        self.writer = writer
        if self.shipping is not None:
            self.shipping.ensure()

    def ready(self, call: str) -> Writer | None:
        """The writer, opened again in a forked child. None when nothing can be recorded; the reason is reported."""
        if self.stopped:
            self.trouble.lost += self._deleted
            return None
        if self.closed:
            self._after_close(call, 1)
            return None
        if self.writer is None:
            with self._lock:
                if self.writer is None and not self._is_over(call):
                    self._start_again()
        pulse.wake()
        return self.writer

    def _is_over(self, call: str) -> bool:
        """Whether the process that pickled the run has ended it, so that there is nothing to join."""
        if self.received and (self.parent is None or not ranks.records(self.parent)):
            self.closed = True
            self.trouble.tell(
                "over",
                f"{call}: run {self.hash!r} is not recorded any more by the process that pickled it, or {self.aim_dir} "
                f"cannot be read here. Nothing is recorded; to continue the run, open it with "
                f"aim.Run({self.hash!r}, resume=True)",
                lost=1,
            )
        return self.closed

    def _start_again(self) -> None:
        """Open one more file in the same attempt: in a forked child, or when the first file lost bytes.

        Steps and stamps continue from what this process, or its parent at the fork, had in memory.
        """
        self.attempt = self.attempt._replace(role="join", earlier={}, resume_from=None)
        self.series.restart()
        self.start()

    def checked(self) -> Writer | None:
        """The writer to continue with after the file was moved, replaced or cut short. None when there is none."""
        writer = self.writer
        if writer is None:
            return None
        try:
            with self._lock:
                if not writer.displaced():
                    return writer
                if self.id in edits.deleted(self.aim_dir):
                    self._stop_deleted(writer)
                    return None
                layout.make_folder(writer.folder, self.aim_dir)
                if writer.restore() is None:
                    return self._continue_in_another_file(writer)
                say(f"the file of run {self.hash!r} was moved or replaced; it was written again to {writer.path}")
                return writer
        except OSError as error:
            let_through(error)
            self.disk_refused(error)
            return writer

    def _stop_deleted(self, writer: Writer) -> None:
        self.trouble.tell("deleted", f"run {self.hash!r} was deleted; recording stops, training continues")
        self.stopped = self._deleted = True
        self.writer = None
        self.series.fast.clear()
        writer.close()

    def _continue_in_another_file(self, writer: Writer) -> Writer | None:
        """The part that was cut off is lost; the rest of the run goes into a new file."""
        self._start_again()
        writer.close()
        self.trouble.lost += writer.unwritten()
        say(
            f"the file of run {self.hash!r} was cut short or cannot be reached; recording continues in another file. "
            f"{writer.path}"
        )
        return self.writer

    def disk_refused(self, error: OSError) -> None:
        self.trouble.tell(
            f"disk:{error.errno}",
            f"cannot write to run {self.hash!r}: {error.strerror or error}. Training continues; points wait in memory "
            f"and are written when the disk accepts them again. {self.aim_dir}",
        )

    def not_kept(self, what: str, lost: int = 1) -> None:
        if self.stopped:
            return
        if self.closed:
            self._after_close("track", lost)
            return
        self.trouble.tell(
            "full",
            f"run {self.hash!r}: the disk accepts no data and the waiting buffer is full; {what} dropped until it does",
            lost=lost,
        )

    def _after_close(self, call: str, lost: int) -> None:
        self.trouble.tell("closed", f"{call}: run {self.hash!r} is closed; nothing more is recorded", lost=lost)

    def end(self, error: BaseException | str | None) -> None:
        """Write END and close the file."""
        self.closed = True
        self.series.fast.clear()
        self._editor.close()
        writer, self.writer = self.checked(), None
        if writer is None:
            return
        self.record_late(writer, ask=False)
        end = {
            "time": clock.time(),
            "status": self.end_status or ("finished" if error is None else "failed"),
            "error": None if error is None else _described(error),
            "dropped": self.trouble.lost,
            "troubles": dict(self.trouble.counts.most_common(20)),
            **self.end_facts,
        }
        writer.append(record.END, record.encode_json(end))
        writer.close()
        self.trouble.lost += writer.unwritten()
        lost = self.trouble.losses()
        if writer.waiting:
            say(f"run {self.hash!r}: the last records could not be written to {writer.path}; {lost}")
        elif self.trouble.lost:
            say(f"run {self.hash!r} is closed; {lost}")

    def forked_in_child(self) -> None:
        """A child writes nothing until it tracks; then it opens its own file in the same attempt."""
        self._lock = threading.RLock()
        self._late_lock = threading.Lock()
        self.series.fast.clear()
        self.trouble = Trouble()
        self._variables = None
        self.late.forget()
        writer, self.writer = self.writer, None
        if writer is not None:
            self.parent = writer.path
            writer.abandon()

    # Points

    def track(
        self,
        value: Any,
        name: str | None,
        step: Any,
        epoch: Any,
        context: Mapping[str, Any] | None,
        time: float | None = None,
    ) -> None:
        """Track everything that `Run.track` cannot hand to the writer directly."""
        if isinstance(value, Mapping):
            self._track_many(value, "" if name is None else text_of(name), step, epoch, context, time)
            return
        writer = self.ready("track")
        if writer is None:
            return
        called, name = name, builtin(name)
        if not isinstance(name, str) or not name:
            raise TypeError(f"name must be non-empty text, not {shown(called)}; write track(value, name='loss')")
        media = media_in(value)
        number = scalar(value) if media is None else 0.0
        step = None if step is None else whole("step", step)
        when = None if epoch is None else _epoch(epoch)
        series = self.find(writer, name, context, media[0].kind if media else "")
        if series is None:
            self.not_kept("points are")
            return
        if step is None:
            self._settle(series)
            if series.upcoming > LAST_STEP:
                raise ValueError(f"its last step is {LAST_STEP}, the largest of 64 bits; pass step=")
            # Threads take turns at calls, and there is none in these two lines.
            step = series.upcoming
            series.upcoming = step + 1
        try:
            if media is not None:
                self._track_media(writer, series, media, step, when, time)
            elif not _append(writer, series, step, number, when, time):
                self.not_kept("points are")
        except BaseException:
            self.uncount([(series, step)])
            raise
        if step >= series.upcoming:
            series.upcoming = step + 1
        if media is None and self.writer is writer:
            self.series.remember(called, context, series)

    def _track_many(
        self,
        values: Mapping[Any, Any],
        prefix: str,
        step: Any,
        epoch: Any,
        context: Mapping[str, Any] | None,
        time: float | None,
    ) -> None:
        """One write for all floats of known series; anything else is tracked as a single value."""
        writer = self.writer
        known, shown = self._known(step, epoch, context)
        points: list[tuple[int, int, float]] = []
        counted: list[tuple[Series, int]] = []
        try:
            for text, key in distinct(values, self._metric_renamed):
                name = prefix + text
                try:
                    value = values[key]
                except Exception as error:
                    let_through(error)
                    self.trouble.failed(f"track({name:.100})", error)
                    continue
                series = known.get((name, shown) if context else name) if type(value) is float else None
                if series is None or (step is None and not series.settled) or series.upcoming > LAST_STEP:
                    inner = f"{name}/" if isinstance(value, Mapping) else name
                    self._track_one(value, inner, step, epoch, context, time)
                    continue
                place = step
                if step is None:
                    place = series.upcoming
                    series.upcoming = place + 1
                counted.append((series, place))
                points.append((series.number if epoch is None else series.epoch_number, place, value))
            if writer is None or not points:
                return
            lost = writer.append_floats(points, clock.time() if time is None else time, NAN if epoch is None else epoch)
        except BaseException:
            self.uncount(counted)
            raise
        for series, place in counted:
            if place >= series.upcoming:
                series.upcoming = place + 1
        if lost:
            self.not_kept("points are", lost)

    def _known(self, step: Any, epoch: Any, context: Mapping[str, Any] | None) -> tuple[dict[object, Series], object]:
        """The series that can be written directly with this step and epoch, and how they know this context."""
        if type(step) not in STEPS or type(epoch) not in EPOCHS:
            return {}, None
        if step is not None and not -LAST_STEP <= step <= LAST_STEP:
            return {}, None
        try:
            return self.series.fast, known_as(context) if context else None
        except (ValueError, TypeError, RuntimeError) as error:
            let_through(error)
            return {}, None

    def _track_one(
        self,
        value: Any,
        name: str,
        step: Any,
        epoch: Any,
        context: Mapping[str, Any] | None,
        time: float | None,
    ) -> None:
        """One entry of a dict. An error affects this entry alone."""
        try:
            self.track(value, name, step, epoch, context, time)
        except Exception as error:
            let_through(error)
            self.trouble.failed(f"track({name:.100})", error)

    def _track_media(
        self, writer: Writer, series: Series, media: Sequence[Media], step: int, epoch: float | None, time: float | None
    ) -> None:
        now = clock.time() if time is None else time
        for place, item in enumerate(media):
            if not objects.append(
                writer, series.number, step=step, time=now, epoch=epoch, place=place, data=item.data, meta=item.meta
            ):
                self.not_kept("media are")

    def find(self, writer: Writer, name: str, context: Mapping[str, Any] | None, kind: str = "") -> Series | None:
        """The series of `name` in `context`, declared in the file before its first point."""
        plain = {} if context is None else canonical(context, self._context_changed)
        key = series_key(name, plain, kind)
        series = self.series.get(key)
        if series is None:
            with self._lock:
                series = self.series.get(key) or self.series.add(writer, name, plain, kind, key)
                if self._directions is not None and not kind:
                    self._direct(name)
        return series

    def _direct(self, name: str) -> None:
        assert self._directions is not None
        try:
            self._directions.of_new(name)
        except (OSError, AimError) as error:
            self.trouble.failed("define_metric()", error)

    def _settle(self, series: Series) -> None:
        """Count on from what earlier writers of the run recorded."""
        if not series.settled:
            with self._lock:
                earlier = self._past().upcoming.get(series.key, 0)
                if earlier > series.upcoming:
                    series.upcoming = earlier
                series.settled = True

    def upcoming_step(self) -> int:
        """The step after the highest one of the run that this process resumed; 0 if it resumed none."""
        if not self.attempt.earlier:
            return 0
        upcoming = self._past().upcoming.items()
        return max((step for key, step in upcoming if not key.rpartition("\0")[2].startswith("system/")), default=0)

    def uncount(self, points: Sequence[tuple[Series, int]]) -> None:
        """Give back the steps of points that an exception of a signal handler kept from being written."""
        writer = self.writer
        for series, step in reversed(points):
            if writer is not None and series.upcoming == step + 1 and not writer.has(series.number, step):
                series.upcoming = step

    def sample(self, writer: Writer, name: str, value: float, context: Mapping[str, Any]) -> None:
        """One point of a system metric. It is dropped silently when the disk accepts no data."""
        series = self.find(writer, name, context)
        if series is not None:
            self._settle(series)
            step = series.upcoming
            series.upcoming = step + 1
            series.append(series.number, step, value, clock.time(), NAN)

    def _past(self) -> History:
        if self._history is None:
            self._history = History(self.attempt.folder, self.id)
        return self._history

    def _context_changed(self, key: str, why: str) -> None:
        self.trouble.tell(f"context:{key}", f"context {key!r:.200} {why}")

    def _metric_renamed(self, name: str, why: str) -> None:
        self.trouble.tell(f"metric:{name}", f"metric {name!r:.200} {why}")

    # Params, edits, lines and facts

    def set_params(self, path: tuple[str, ...], value: Any) -> None:
        content = plain_params.plain(value, ".".join(path), self._param_changed, self._param_refused)
        if content is plain_params.LEFT_OUT:
            return
        for key in reversed(path):
            content = {key: content}
        with self._lock:
            record.merge(self.params, content)
            writer = self.ready("set_params")
            if writer is None:
                return
            for part in record.parts(content, self._param_refused):
                payload = record.encode_json({"stamp": self._next_stamp(), "value": part})
                if not writer.append(record.PARAMS, payload):
                    self.not_kept(f"params {'.'.join(path)!r} are")

    def edit(self, field: str, value: Any) -> None:
        """Set a field of the run, recorded as an EDIT."""
        writer = self.ready(field)
        if writer is None:
            return
        payload = {"stamp": self._next_stamp(), "run": None, "field": field, "value": value}
        if writer.append(record.EDIT, record.encode_json(payload)):
            self.fields[field] = value

    def edit_repository(self, changes: Sequence[tuple[None, str, Any]]) -> None:
        """Set fields of the repository itself. Raises OSError if they cannot be written."""
        with self._lock:
            seen = max((edit.stamp for edit in edits.every(self.aim_dir) if edit.run is None), default=0)
            self._editor.edit_many(list(changes), seen=seen)

    def define_metric(self, name: str, direction: Direction) -> None:
        """Set which values of a metric are better, recorded as an EDIT of the repository, unless it is known. A name
        that ends in * stands for every metric of this run that begins with the rest."""
        from aim.sdk.definition import DefinedDirections

        if self.ready("define_metric") is None:
            return
        with self._lock:
            self._directions = self._directions or DefinedDirections(self._editor)
            self._directions.read(self.aim_dir)
            if not name.endswith("*"):
                self._directions.set(name, direction)
                return
            self._directions.starting[name[:-1]] = direction
            for known in self.series.names():
                self._directions.of_new(known)

    def log(self, level: str, message: object, params: Mapping[str, Any]) -> None:
        writer = self.ready(f"log_{level}")
        if writer is None:
            return
        payload = messages.encode(level, message, params, self._param_changed)
        self._logged += len(payload)
        if self._logged > messages.LIMIT:
            self.trouble.tell(
                "messages",
                f"run {self.hash!r}: logged lines reached {messages.LIMIT:,} bytes; later ones are dropped",
                lost=1,
            )
        elif not writer.append(record.MESSAGE, payload):
            self.not_kept("logged lines are")

    def record_late(self, writer: Writer, *, ask: bool) -> bool:
        """Record the facts about the environment that are known by now; True while more may come. The end of a run
        waits for facts that another thread has taken and not yet written."""
        with self._late_lock:
            try:
                for facts in self.late.take(ask=ask):
                    writer.append(record.FACTS, facts)
            except Exception as error:
                let_through(error)
                self.trouble.failed("facts", error)
                self.late.forget()
            return self.late.pending

    def _next_stamp(self) -> int:
        if not self._stamp and not self._began_here:
            self._stamp = self._past().stamp
        self._stamp = edits.next_stamp(self._stamp)
        return self._stamp

    def _param_changed(self, path: str, why: str) -> None:
        self.trouble.tell(f"param:{path}", f"param {path!r:.200} {why}")

    def _param_refused(self, path: str, why: str) -> None:
        self.trouble.tell(f"param:{path}", f"param {path!r:.200} {why}", lost=1)


def shipping_of(aim_dir: Path) -> Shipping | None:
    """How its files reach a server; None for any repository but a spool, whose folder is called HOST_PORT."""
    if not aim_dir.parent.name.rpartition("_")[2].isdigit():
        return None
    from aim.sdk import shipping

    return shipping.of(aim_dir)


def _append(
    writer: Writer, series: Series, step: int, value: float | int | bool, epoch: float | None, time: float | None
) -> bool:
    number = series.number if epoch is None else series.epoch_number
    when = NAN if epoch is None else epoch
    time = clock.time() if time is None else time
    if isinstance(value, float):
        return writer.append_float(number, step, value, time, when)
    kind = record.BOOL if isinstance(value, bool) else record.INT
    return writer.append_int(number | kind << 28, step, int(value), time, when)


def _epoch(value: Any) -> float:
    try:
        return float(scalar(value))
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"epoch {shown(value)} is not a number; pass a number, or nothing") from None


def _described(error: BaseException | str) -> str:
    text = text_of(error)
    return text[:4000] if isinstance(error, str) else f"{type(error).__name__}: {text}"[:4000].rstrip(": ")
