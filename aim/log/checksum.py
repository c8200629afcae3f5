"""CRC-32 of many overlapping stretches of one buffer.

Behind damage, any four bytes may claim to begin a record of up to a megabyte. Computing each claim's checksum on its
own would take time in proportion to the square of the damage, so a long stretch is computed from the checksums of the
buffer up to its two ends: CRC-32 is linear, and passing n zero bytes multiplies its state by x^8n.
"""

from __future__ import annotations

from zlib import crc32

_POLYNOMIAL = 0xEDB88320
_SHORT = 1 << 14
_STEP = 1 << 10


class Checksums:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self._known: list[int] = []
        self._first = 0

    def of(self, start: int, stop: int, seed: int) -> int:
        """`zlib.crc32(data[start:stop], seed)`. Starts must come in ascending order."""
        if stop - start <= _SHORT:
            return crc32(self.data[start:stop], seed)
        if not self._known:
            self._known, self._first = [0], start
        return self._up_to(stop) ^ _behind_zeros(seed ^ self._up_to(start), stop - start)

    def _up_to(self, place: int) -> int:
        """The checksum of all bytes from the first start to `place`."""
        number = (place - self._first) // _STEP
        while len(self._known) <= number:
            begin = self._first + (len(self._known) - 1) * _STEP
            self._known.append(crc32(self.data[begin : begin + _STEP], self._known[-1]))
        return crc32(self.data[self._first + number * _STEP : place], self._known[number])


def _times(a: int, b: int) -> int:
    """The product of two polynomials modulo that of CRC-32, each with its lowest power in the highest bit."""
    product = 0
    while a:
        if a & 0x80000000:
            product ^= b
        a = a << 1 & 0xFFFFFFFF
        b = b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)
    return product


def _powers() -> list[list[int]]:
    """x^(8 * digit * 256^i) for each digit of the length in base 256."""
    factor, rows = 0x00800000, []
    for _ in range(3):
        row = [0x80000000]
        for _ in range(255):
            row.append(_times(row[-1], factor))
        rows.append(row)
        factor = _times(row[-1], factor)
    return rows


_POWERS: list[list[int]] = []


def _behind_zeros(state: int, length: int) -> int:
    """What a checksum becomes by so many zero bytes, up to 16 MiB of them."""
    if not _POWERS:
        _POWERS.extend(_powers())
    for row in _POWERS:
        state = _times(row[length & 0xFF], state)
        length >>= 8
    return state
