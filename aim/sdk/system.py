"""Samples of the machine and this process, recorded as ordinary metrics `system/...`: Linux's /proc, NVIDIA's NVML.

Rates are means since the sample before: the first sample has none. What a machine does not tell is left out.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from aim.sdk import tree

MEGABYTE = 1_000_000
_SECTOR = 512

Counters = dict[str, float]


class Reading(NamedTuple):
    """One value: `system/<name>` in a context that names the GPU, if it is one's."""

    name: str
    value: float
    context: dict[str, Any] | None = None


class Sampler:
    """Reads the machine each time it is asked. Costs well below a millisecond a sample without GPUs.

    `children`: what counts as the process is everything that this one started, without itself.
    """

    def __init__(self, folder: str, *, children: bool = False) -> None:
        self._folder = folder
        self._process = _Below() if children else _Itself()
        self._before = self._counters()

    def readings(self) -> list[Reading]:
        before, now = self._before, self._counters()
        self._before = now
        seconds = max(now["time"] - before["time"], 1e-3)
        rate = {name: (value - before[name]) / seconds for name, value in now.items() if name in before}
        found = [Reading(name, make(rate)) for name, make in _RATES.items() if _NEEDS[name] in rate]
        found += _memory(self._process.memory())
        found += _disk(self._folder)
        found += _gpus()
        return found

    def _counters(self) -> Counters:
        return {"time": time.monotonic(), "process": self._process.seconds(), **_cpu(), **_disks(), **_network()}


class Sampling:
    """Readings every `interval` seconds, 0 for never. Ranks of a launch say which they are."""

    def __init__(self, folder: str, interval: float, *, children: bool = False) -> None:
        self.interval = interval
        self._folder = folder
        self._children = children
        self._sampler: Sampler | None = None
        self._sampled_at = time.monotonic()

    def due(self, *, joined: bool) -> list[Reading]:
        """What is to be recorded now. Processes that joined a run and are no ranks record none."""
        rank = os.environ.get("RANK") or os.environ.get("SLURM_PROCID")
        now = time.monotonic()
        if not self.interval or (joined and rank is None) or now - self._sampled_at <= self.interval / 2:
            return []
        self._sampled_at = now
        if self._sampler is None:
            self._sampler = Sampler(self._folder, children=self._children)
            return []
        where = {} if rank is None else {"rank": rank}
        return [one._replace(context={**(one.context or {}), **where}) for one in self._sampler.readings()]


class _Itself:
    """This process, with the children that it waited for."""

    def seconds(self) -> float:
        return sum(os.times()[:4])

    def memory(self) -> float | None:
        resident = _lines("/proc/self/statm")
        return int(resident[0].split()[1]) * os.sysconf("SC_PAGE_SIZE") if resident else None


class _Below:
    """What this process started. What of it has ended keeps its share."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], float] = {}
        self._seconds = 0.0
        self._memory = 0

    def seconds(self) -> float:
        nodes = tree.below([os.getpid()], tree.living())
        now = {(node.pid, node.started): node.seconds for node in nodes}
        self._seconds += sum(seconds - self._known.get(key, 0.0) for key, seconds in now.items())
        self._known, self._memory = now, sum(node.memory for node in nodes)
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


def _cpu() -> Counters:
    """Seconds (in ticks) that all cores were busy and idle since boot."""
    fields = _lines("/proc/stat")[:1]
    if not fields:
        return {}
    ticks = [float(one) for one in fields[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return {"busy": sum(ticks) - idle, "idle": idle}


def _disks() -> Counters:
    """Bytes that whole disks read and wrote; partitions and loop devices are left out."""
    found = {"read": 0.0, "written": 0.0}
    for line in _lines("/proc/diskstats"):
        fields = line.split()
        if len(fields) > 9 and _is_disk(fields[2]):
            found["read"] += float(fields[5]) * _SECTOR
            found["written"] += float(fields[9]) * _SECTOR
    return found


@lru_cache(maxsize=256)
def _is_disk(name: str) -> bool:
    return os.path.exists(f"/sys/block/{name}/device")


def _network() -> Counters:
    found = {"received": 0.0, "sent": 0.0}
    for line in _lines("/proc/net/dev")[2:]:
        name, _, rest = line.partition(":")
        fields = rest.split()
        if name.strip() != "lo" and len(fields) > 8:
            found["received"] += float(fields[0])
            found["sent"] += float(fields[8])
    return found


def _memory(process: float | None) -> Iterator[Reading]:
    sizes = {line.partition(":")[0]: float(line.split()[1]) for line in _lines("/proc/meminfo") if " kB" in line}
    if "MemAvailable" in sizes and sizes.get("MemTotal"):
        yield Reading("memory_percent", 100 * (1 - sizes["MemAvailable"] / sizes["MemTotal"]))
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


class _Memory(ctypes.Structure):
    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


@lru_cache(maxsize=1)
def _nvml() -> Any:
    """NVIDIA's management library (docs.nvidia.com/deploy/nvml-api), or None where there is none."""
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
    utilization, memory, number = _Utilization(), _Memory(), ctypes.c_uint()
    if library.nvmlDeviceGetUtilizationRates(device, ctypes.byref(utilization)) == 0:
        yield Reading("gpu_percent", float(utilization.gpu), context)
    if library.nvmlDeviceGetMemoryInfo(device, ctypes.byref(memory)) == 0 and memory.total:
        yield Reading("gpu_memory_percent", 100 * memory.used / memory.total, context)
    if library.nvmlDeviceGetTemperature(device, 0, ctypes.byref(number)) == 0:
        yield Reading("gpu_temperature_celsius", float(number.value), context)
    if library.nvmlDeviceGetPowerUsage(device, ctypes.byref(number)) == 0:
        yield Reading("gpu_power_watts", number.value / 1000, context)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
