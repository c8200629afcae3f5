"""Writes `repo`, runs of Aim 2.7, and `expected.json`, what its own storage reads of them. It is run by hand, with
Aim 2 and Python 3.8 in an environment of their own: python make.py"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def record(kind: str) -> None:
    import aim

    session = aim.Session(experiment="vision", system_tracking_interval=None)
    session.set_params({"lr": 0.01, "model": {"depth": 3}}, name="hparams")
    session.set_params({"seed": 7, "flag": True})
    for step in range(12):
        session.track(1 / (step + 1), name="loss", epoch=step // 5, subset="train")
        session.track(step / 20, name="loss", epoch=step // 5, subset="val", fold=1)
        session.track(step * 3, name="acc")
    session.track(0.0, name="zero")
    if kind == "killed":
        session.flush()
        time.sleep(2)
        os._exit(1)
    session.close()


def read() -> list:
    from aimrecords import Storage

    from aim.artifacts.metric import Metric

    runs = []
    for config in sorted(Path(".aim/vision").glob("*/config.json")):
        about = json.loads(config.read_text())
        storage = Storage(str(config.parent / "objects"), "r")
        points = {}
        for name, contexts in storage.get_artifacts_names().items():
            storage.open(name)
            for context in contexts:
                rows = [Metric.deserialize_pb(row) for row in storage.read_records(name, None, context)]
                columns = [
                    [base.step for base, _ in rows], [repr(float(item.value)) for _, item in rows],
                    [base.epoch if base.has_epoch else None for base, _ in rows], [base.timestamp for base, _ in rows],
                ]  # fmt: skip
                points[f"{name} {json.dumps(context, sort_keys=True)}"] = columns
        runs.append({"hash": about["hash"], "finished": about["process"]["finish"], "points": points})
    return runs


def main() -> None:
    if len(sys.argv) > 1:
        record(sys.argv[1])
        return
    work = HERE / "work"
    for folder in (work, HERE / "repo"):
        shutil.rmtree(str(folder), ignore_errors=True)
    work.mkdir()
    os.chdir(str(work))
    for kind in ("whole", "killed"):
        subprocess.run([sys.executable, str(HERE / "make.py"), kind], check=kind != "killed")
    (HERE / "expected.json").write_text(json.dumps(read(), indent=1) + "\n")
    shutil.copytree(".aim", str(HERE / "repo"))
    shutil.rmtree(str(work))


if __name__ == "__main__":
    main()
