"""Prints media of the formats of Aim as a line of JSON. Written from media.md alone, without aim: read_media.py FILE"""

import json
import struct
import sys


def distribution(data):
    n, flags, nan, below, above = struct.unpack_from("<IIddd", data)
    listed = n + 1 if flags & 1 else 2
    edges = struct.unpack_from(f"<{listed}d", data, 32)
    if not flags & 1:
        first, last = edges
        edges = [*(first + i * ((last - first) / n) for i in range(n)), last]
    counts = struct.unpack_from(f"<{n}d", data, 32 + 8 * listed)
    return {"edges": list(edges), "counts": list(counts), "nan": nan, "below": below, "above": above}


def points(data):
    n, flags, m = struct.unpack_from("<III", data, 4)
    at = 16 + 12 * n
    text = json.loads(data[at : at + m]) if flags & 2 else {}
    colors = list(struct.iter_unpack("3B", data[at + m :])) if flags & 1 else []
    return {"xyz": list(struct.iter_unpack("<3f", data[16:at])), "text": text, "colors": colors}


def embedding(data):
    n, d, m = struct.unpack_from("<III", data, 4)
    end = 16 + 4 * n * d
    labels = json.loads(data[end : end + m])["labels"] if m else []
    return {"vectors": list(struct.iter_unpack(f"<{d}f", data[16:end])), "labels": labels}


def content(data):
    if data.startswith(b'{"aim":'):
        return json.loads(data)
    return {b"AIMP": points, b"AIME": embedding}.get(data[:4], distribution)(data)


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        print(json.dumps(content(file.read())))
