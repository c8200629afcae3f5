"""Samples of the machine and this process, recorded as ordinary metrics `system/...`. GPU metrics come from NVIDIA's
NVML.

Rates are means since the previous sample, so the first sample has none. Values that a machine does not report are left
out.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from aim.sdk.machine import Counters, machine

MEGABYTE = 1_000_000


class Reading(NamedTuple):
    """One value: `system/<name>`, in a context that names the GPU if it belongs to one."""

    name: str
    value: float
    context: dict[str, Any] | None = None


class Sampler:
    """Reads the machine on each call of `readings`, which takes well below a millisecond without GPUs.

    `children`: measure the processes that this one started instead of the process itself.
    """

    def __init__(self, folder: str, *, children: bool = False) -> None:
        self._folder = folder
        self._process = _Children() if children else _Itself()
        self._before = self._counters()

    def readings(self) -> list[Reading]:
        before, now = self._before, self._counters()
        self._before = now
        seconds = max(now["time"] - before["time"], 1e-3)
        rate = {name: (value - before[name]) / seconds for name, value in now.items() if name in before}
        rates = [Reading(name, make(rate)) for name, make in _RATES.items() if _NEEDS[name] in rate]
        return [*rates, *_memory(self._process.memory()), *_disk(self._folder), *_gpus()]

    def _counters(self) -> Counters:
        system = machine()
        totals = {} if system is None else system.counters()
        return {"time": time.monotonic(), "process": self._process.seconds(), **totals}


class Sampling:
    """Readings every `interval` seconds, 0 for never. Ranks of one launch record their rank as context."""

    def __init__(self, folder: str, interval: float, *, children: bool = False) -> None:
        self.interval = interval
        self._folder = folder
        self._children = children
        self._sampler: Sampler | None = None
        self._sampled_at = time.monotonic()

    def due(self, *, joined: bool) -> list[Reading]:
        """The readings to record now. Processes that joined a run without a rank record none."""
        rank = os.environ.get("RANK") or os.environ.get("SLURM_PROCID")
        now = time.monotonic()
        if not self.interval or (joined and rank is None) or now - self._sampled_at <= self.interval / 2:
            return []
        self._sampled_at = now
        if self._sampler is None:
            self._sampler = Sampler(self._folder, children=self._children)
            return []
        where = {} if rank is None else {"rank": rank}
        return [reading._replace(context={**(reading.context or {}), **where}) for reading in self._sampler.readings()]


class _Itself:
    """This process, including the children that it waited for."""

    def seconds(self) -> float:
        return sum(os.times()[:4])

    def memory(self) -> float | None:
        system = machine()
        return None if system is None else system.process_memory()


class _Children:
    """The processes that this one started. A process that ended keeps its share of the CPU time."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], float] = {}
        self._seconds = 0.0
        self._memory = 0.0

    def seconds(self) -> float:
        system = machine()
        usages = {} if system is None else system.children()
        self._seconds += sum(usage.seconds - self._known.get(key, 0.0) for key, usage in usages.items())
        self._known = {key: usage.seconds for key, usage in usages.items()}
        self._memory = sum(usage.memory for usage in usages.values())
        return self._seconds

    def memory(self) -> float | None:
        return self._memory or None


_RATES: dict[str, Callable[[Counters], float]] = {
    # The kernel's iowait, a part of idle, may count down (proc_stat(5)).
    "cpu_percent": lambda rate: min(100 * rate["busy"] / max(rate["busy"] + rate["idle"], 1e-9), 100.0),
    "process_cpu_percent": lambda rate: 100 * rate["process"],
    "disk_read_mb_per_s": lambda rate: rate["read"] / MEGABYTE,
    "disk_write_mb_per_s": lambda rate: rate["written"] / MEGABYTE,
    "network_in_mb_per_s": lambda rate: rate["received"] / MEGABYTE,
    "network_out_mb_per_s": lambda rate: rate["sent"] / MEGABYTE,
}
_NEEDS = dict(zip(_RATES, ("busy", "process", "read", "written", "received", "sent"), strict=True))


def _memory(process: float | None) -> Iterator[Reading]:
    system = machine()
    memory = None if system is None else system.memory()
    if memory is not None:
        yield Reading("memory_percent", 100 * (1 - memory.available / memory.total))
    if process is not None:
        yield Reading("process_memory_mb", process / MEGABYTE)


def _disk(folder: str) -> Iterator[Reading]:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return
    yield Reading("disk_percent", 100 * usage.used / usage.total)


class _Utilization(ctypes.Structure):
    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class _GpuMemory(ctypes.Structure):
    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


@lru_cache(maxsize=1)
def _nvml() -> Any:
    """NVIDIA's management library (docs.nvidia.com/deploy/nvml-api); None if it is missing."""
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
        return library if library.nvmlInit_v2() == 0 else None
    except (OSError, AttributeError):
        return None


def _gpus() -> Iterator[Reading]:
    library = _nvml()
    count = ctypes.c_uint()
    if library is None or library.nvmlDeviceGetCount_v2(ctypes.byref(count)):
        return
    for number in range(count.value):
        device = ctypes.c_void_p()
        if library.nvmlDeviceGetHandleByIndex_v2(number, ctypes.byref(device)) == 0:
            yield from _gpu(library, device, {"gpu": number})


def _gpu(library: Any, device: ctypes.c_void_p, context: dict[str, Any]) -> Iterator[Reading]:
    utilization, memory, number = _Utilization(), _GpuMemory(), ctypes.c_uint()
    if library.nvmlDeviceGetUtilizationRates(device, ctypes.byref(utilization)) == 0:
        yield Reading("gpu_percent", float(utilization.gpu), context)
    if library.nvmlDeviceGetMemoryInfo(device, ctypes.byref(memory)) == 0 and memory.total:
        yield Reading("gpu_memory_percent", 100 * memory.used / memory.total, context)
    if library.nvmlDeviceGetTemperature(device, 0, ctypes.byref(number)) == 0:
        yield Reading("gpu_temperature_celsius", float(number.value), context)
    if library.nvmlDeviceGetPowerUsage(device, ctypes.byref(number)) == 0:
        yield Reading("gpu_power_watts", number.value / 1000, context)
