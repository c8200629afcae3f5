"""The listening socket: how many connections are open, in all and per address, and which one makes room for another.

A connection is idle while no request of it is being answered, also before TLS is agreed on. When there are too many,
the longest idle one of the address with the most is closed, so that idle connections do not lock clients out.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import socket
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

log = logging.getLogger("aim.server")

MOST = 512
# Of the descriptors that this process may open, the part that is kept for files.
KEPT_FOR_FILES = 0.75
# Connections to accept before others get a turn; also what may be open beyond the limit while others are closed.
AT_ONCE = 16
BACKLOG = 1024
TOLD_SECONDS = 60.0
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Visitors:
    """The open connections of a server. The address of the other end, with its port, identifies one."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.most_of_one = max(1, self.most // 2)
        self.open: dict[Any, Visitor] = {}
        # The longest idle one first, with its network; and how many of each network are idle.
        self.idle: dict[Any, str] = {}
        self.resting: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def enter(self, visitor: Visitor) -> bool:
        """Whether it may stay. Another one may be closed for it."""
        where = visitor.network
        if self.counts[where] >= self.most_of_one:
            leaving = self._longest_idle({where})
        elif len(self.open) >= self.most:
            leaving = self._longest_idle(self._crowds())
        else:
            leaving = visitor
        if leaving is None:
            return False
        if leaving is not visitor:
            leaving.hang_up()
        self.open[visitor.address] = visitor
        self.counts[where] += 1
        self.rest(visitor.address)
        return True

    def _crowds(self) -> set[str]:
        """The networks with the most idle connections."""
        most = max(self.resting.values(), default=0)
        return {where for where, count in self.resting.items() if count == most}

    def _longest_idle(self, networks: set[str]) -> Visitor | None:
        return next((self.open[address] for address, where in self.idle.items() if where in networks), None)

    def rest(self, address: Any) -> None:
        if address in self.open:
            self.work(address)
            where = self.idle[address] = self.open[address].network
            self.resting[where] += 1

    def work(self, address: Any) -> None:
        where = self.idle.pop(address, None)
        if where is not None:
            _one_less(self.resting, where)

    def leave(self, visitor: Visitor) -> None:
        if self.open.get(visitor.address) is visitor:
            del self.open[visitor.address]
            self.work(visitor.address)
            _one_less(self.counts, visitor.network)


def _one_less(counts: Counter[str], where: str) -> None:
    counts[where] -= 1
    if not counts[where]:
        del counts[where]


class Visitor(socket.socket):
    """An accepted connection."""

    def __init__(self, sock: socket.socket, address: Any, visitors: Visitors) -> None:
        super().__init__(sock.family, sock.type, sock.proto, fileno=sock.detach())
        self.address = address
        self.network = network(address[0])
        self.visitors = visitors

    def close(self) -> None:
        self.visitors.leave(self)
        super().close()

    def hang_up(self) -> None:
        """Its owner notices the end of the stream, and closes it."""
        self.visitors.leave(self)
        with suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)


class Door(socket.socket):
    """A listening socket that accepts what its visitors let in. It takes the place of `sock`."""

    def __init__(self, sock: socket.socket, visitors: Visitors, *, plain: bool = True) -> None:
        super().__init__(sock.family, sock.type, sock.proto, fileno=sock.detach())
        self.visitors = visitors
        self.plain = plain

    def accept(self) -> tuple[socket.socket, Any]:
        sock, address = super().accept()
        visitor = Visitor(sock, address, self.visitors)
        if not self.visitors.enter(visitor):
            with suppress(OSError):
                visitor.setblocking(False)
                visitor.send(BUSY if self.plain else b"")
            visitor.close()
            raise BlockingIOError(errno.EAGAIN, "no place for another connection")
        with suppress(OSError, AttributeError):
            watch_for_the_end(visitor)
        return visitor, address


def watch_for_the_end(sock: socket.socket) -> None:
    """A machine that vanished without a word is noticed within about two minutes."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 120_000)


def most_connections(most: int = MOST) -> int:
    """So many, or fewer where this process may not open enough descriptors."""
    try:
        import resource
    except ImportError:
        return most
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most if soft == resource.RLIM_INFINITY else max(AT_ONCE, min(most, int(soft * (1 - KEPT_FOR_FILES))))


def network(address: str) -> str:
    """An IPv4 address, or the network of an IPv6 address, of which one machine has many."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)


class Complaints:
    """What the event loop reports: a line instead of a traceback, and about descriptors at most one a minute."""

    def __init__(self) -> None:
        self.told = -TOLD_SECONDS

    def __call__(self, loop: object, context: Mapping[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, OSError):
            log.error("%s", context.get("message"), exc_info=error)
        elif time.monotonic() - self.told >= TOLD_SECONDS:
            self.told = time.monotonic()
            log.error("%s: %s. Raise the limit of open files: ulimit -n", context.get("message"), error.strerror)
