"""Makes the files beside it, one of each format of Aim's own. expected.json says what they mean."""

from pathlib import Path

import aim
from aim.media.points import Cloud, encode

FOLDER = Path(__file__).parent
XYZ = [[0.5, -1, 2], [3, 4.25, 1e-9]]
CLOUD = aim.Points3D(XYZ, [[255, 0, 10], [0, 128, 255]])
MADE = {
    "distribution-equal": aim.Distribution(hist=[1, 0, 2.5, 4], bin_range=(-1, 3), nan=2, below=1).data,
    "distribution-edges": aim.Distribution(hist=[3, 1], edges=[0, 0.1, 10], above=5).data,
    "roc": aim.ROCCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).data,
    "pr": aim.PRCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).data,
    "confusion": aim.ConfusionMatrix(["cat", "größer", "cat"], ["cat", "cat", "größer"]).data,
    "points": aim.Points3D(XYZ).data,
    "points-colors": CLOUD.data,
    "points-text": encode(Cloud(CLOUD.data[16:40], CLOUD.data[40:], {"labels": ["a", "b"]}))[0],
    "embedding": aim.Embedding([[1, 2, 3], [0.5, -0.25, 1e30]]).data,
    "embedding-labels": aim.Embedding([[1, 2], [3, 4], [5, 6]], labels=["zoë", 7, True]).data,
}

if __name__ == "__main__":
    for name, data in MADE.items():
        (FOLDER / f"{name}.bin").write_bytes(data)
