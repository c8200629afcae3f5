"""Reads CPU, memory, disks and network: from /proc on Linux, elsewhere from psutil when it is installed."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from aim.sdk import tree
from aim.sdk.trouble import say

_STAT = "/proc/stat"
_SECTOR = 512

Counters = dict[str, float]


class Memory(NamedTuple):
    """In bytes."""

    available: float
    total: float


class ProcessUsage(NamedTuple):
    """CPU seconds since a process started, and its resident memory in bytes."""

    seconds: float
    memory: float


class Machine(Protocol):
    def counters(self) -> Counters:
        """Totals since boot: `busy` and `idle` time of all cores in one unit; bytes `read` and `written` by disks, and
        `received` and `sent` by the network without loopback. Values that the system does not report are missing."""

    def memory(self) -> Memory | None: ...

    def process_memory(self) -> float | None:
        """Resident bytes of this process."""

    def children(self) -> dict[tuple[int, str], ProcessUsage]:
        """All descendants of this process, by pid and start."""


@lru_cache(maxsize=1)
def machine() -> Machine | None:
    """How to read this system. None if that needs psutil and it is not installed, which is printed once."""
    if os.path.exists(_STAT):
        return Proc()
    try:
        return Psutil()
    except ImportError:
        say("no metrics of CPU, memory and network on this system without psutil. Run: pip install 'aim[system]'")
        return None


class Proc:
    """Linux's /proc (proc(5))."""

    def counters(self) -> Counters:
        return {**_cpu(), **_disks(), **_network()}

    def memory(self) -> Memory | None:
        sizes = {line.partition(":")[0]: float(line.split()[1]) for line in _lines("/proc/meminfo") if " kB" in line}
        if "MemAvailable" not in sizes or not sizes.get("MemTotal"):
            return None
        return Memory(sizes["MemAvailable"] * 1024, sizes["MemTotal"] * 1024)

    def process_memory(self) -> float | None:
        resident = _lines("/proc/self/statm")
        return int(resident[0].split()[1]) * os.sysconf("SC_PAGE_SIZE") if resident else None

    def children(self) -> dict[tuple[int, str], ProcessUsage]:
        nodes = tree.below([os.getpid()], tree.living())
        return {(node.pid, node.started): ProcessUsage(node.seconds, node.memory) for node in nodes}


class Psutil:
    """Raises ImportError when psutil is not installed."""

    def __init__(self) -> None:
        import psutil

        self._psutil: Any = psutil

    def counters(self) -> Counters:
        times = self._psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
        counters = {"busy": sum(times) - idle - guests, "idle": idle}
        if (disks := self._psutil.disk_io_counters()) is not None:
            counters.update(read=disks.read_bytes, written=disks.write_bytes)
        nics = [nic for name, nic in self._psutil.net_io_counters(pernic=True).items() if not _is_loopback(name)]
        return {
            **counters,
            "received": sum(nic.bytes_recv for nic in nics),
            "sent": sum(nic.bytes_sent for nic in nics),
        }

    def memory(self) -> Memory | None:
        memory = self._psutil.virtual_memory()
        return Memory(memory.available, memory.total)

    def process_memory(self) -> float | None:
        return float(self._psutil.Process().memory_info().rss)

    def children(self) -> dict[tuple[int, str], ProcessUsage]:
        usages = {}
        for process in self._psutil.Process().children(recursive=True):
            try:
                times = process.cpu_times()
                key = (process.pid, str(process.create_time()))
                usages[key] = ProcessUsage(times.user + times.system, process.memory_info().rss)
            except self._psutil.Error:
                continue
        return usages


def _is_loopback(name: str) -> bool:
    """`lo` on Linux, `lo0` on macOS and BSD, `Loopback Pseudo-Interface 1` on Windows."""
    return name in ("lo", "lo0") or name.lower().startswith("loopback")


def _cpu() -> Counters:
    """In ticks."""
    fields = _lines(_STAT)[:1]
    if not fields:
        return {}
    ticks = [float(field) for field in fields[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return {"busy": sum(ticks) - idle, "idle": idle}


def _disks() -> Counters:
    """Bytes of whole disks; partitions and loop devices are left out."""
    counters = {"read": 0.0, "written": 0.0}
    for line in _lines("/proc/diskstats"):
        fields = line.split()
        if len(fields) > 9 and _is_disk(fields[2]):
            counters["read"] += float(fields[5]) * _SECTOR
            counters["written"] += float(fields[9]) * _SECTOR
    return counters


@lru_cache(maxsize=256)
def _is_disk(name: str) -> bool:
    return os.path.exists(f"/sys/block/{name}/device")


def _network() -> Counters:
    counters = {"received": 0.0, "sent": 0.0}
    for line in _lines("/proc/net/dev")[2:]:
        name, _, rest = line.partition(":")
        fields = rest.split()
        if not _is_loopback(name.strip()) and len(fields) > 8:
            counters["received"] += float(fields[0])
            counters["sent"] += float(fields[8])
    return counters


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
