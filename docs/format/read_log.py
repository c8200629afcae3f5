"""Prints a log of version 1 as lines of JSON. Written from log.md alone, without the package: read_log.py FILE"""

import json
import struct
import sys
from zlib import crc32

POINT, SERIES, OUTPUT, OBJECT = 3, 2, 9, 10


def records(data):
    """(offset, type, payload) of every whole record, of types that this reader does not know too. Skips damage."""
    seed, offset = crc32(data[8:32]), 40
    while offset + 8 <= len(data):
        (word,) = struct.unpack_from("<I", data, offset)
        kind, stop = word >> 20 & 0xFF, offset + 4 + (word & 0xFFFFF)
        whole = word >> 28 == 0xA and word % 4 == 0 and stop + 4 <= len(data)
        check = whole and struct.unpack_from("<I", data, stop)[0]
        if whole and crc32(data[offset:stop], (seed + offset) % 2**32) == check:
            yield offset, kind, data[offset + 4 : stop]
            offset = stop + 4
        else:
            offset += 4


def content(kind, payload):
    if kind == POINT:
        number, step, _, time, epoch = struct.unpack("<Iqddd", payload)
        flags = number >> 28
        value = struct.unpack_from("<d" if flags & 3 == 0 else "<q", payload, 12)[0]
        value = bool(value) if flags & 3 == 2 else value
        point = {"series": number % 2**28, "step": step, "value": value, "time": time}
        return {**point, "epoch": epoch if flags & 4 else None}
    if kind == SERIES:
        return {"series": struct.unpack_from("<I", payload)[0], **json.loads(payload[4:])}
    if kind == OUTPUT:
        word, time = struct.unpack_from("<Id", payload)
        return {"stream": word >> 28, "time": time, "bytes": payload[12 : 12 + word % 2**28].hex()}
    if kind == OBJECT:
        number, step, time, epoch, place, size, described, pieces = struct.unpack_from("<IqddIIII", payload)
        point = {"series": number % 2**28, "step": step, "time": time, "epoch": epoch if number >> 28 & 4 else None}
        value = payload[44 + described :]
        where = {"blobs": struct.unpack(f"<{pieces}Q", value)} if pieces else {"value": value[:size].hex()}
        return {**point, "place": place, "size": size, "about": json.loads(payload[44 : 44 + described]), **where}
    return json.loads(payload) if kind in (1, 4, 5, 6, 7, 8, 11) else payload.hex()


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        for offset, kind, payload in records(file.read()):
            print(json.dumps({"offset": offset, "type": kind, "content": content(kind, payload)}))
