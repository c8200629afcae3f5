"""Measures this checkout beside its peers, in the same minutes on the same machine, and writes what it found.

    python benchmarks/run.py                 everything: about 20 minutes; peers get their venvs in benchmarks/.venvs
    python benchmarks/run.py --quick         a tenth of the work
    python benchmarks/run.py --only aim,bare

Every figure comes from a process of its own. Call costs are taken in turns (A B C, A B C, ...) and the median is kept,
because machines drift. Results: benchmarks/results/<date>.json and latest.md; `--readme` puts the table into README.md.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
MARKS = ("<!-- benchmarks -->", "<!-- /benchmarks -->")


class Peer(NamedTuple):
    """`packages`: what its venv needs; none: this interpreter. `runs`: how many of the 1,000 runs it is given."""

    key: str
    title: str
    script: str
    packages: tuple[str, ...]
    calls: int
    runs: int


PEERS = (
    Peer("bare", "`os.write`, bare files", "bare.py", (), 100_000, 1000),
    Peer("aim", "**Aim (this)**", "aim_here.py", (), 100_000, 1000),
    Peer("tensorboard", "TensorBoard writer", "tensorboard_writer.py", ("tensorboard", "setuptools<81"), 20_000, 1000),
    Peer("wandb", "wandb offline", "wandb_offline.py", ("wandb",), 5_000, 100),
    Peer("aim3", "Aim 3.29.1", "aim3.py", ("aim==3.29.1", "setuptools<81"), 5_000, 100),
    Peer("mlflow", "MLflow on sqlite", "mlflow_sqlite.py", ("mlflow",), 200, 50),
)
ROUNDS = 3
STEPS = 100


def main() -> None:
    options = _options()
    peers = [peer for peer in PEERS if not options.only or peer.key in options.only.split(",")]
    pythons = {peer.key: _python(peer) for peer in peers}
    if options.folder:
        Path(options.folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as work:
        bench = Bench(Path(work), pythons, 0.1 if options.quick else 1.0)
        results: dict[str, Any] = {
            "date": _today(),
            "machine": _machine(),
            "scale": bench.scale,
            "peers": bench.peers(peers),
        }
        if "aim" in pythons:
            results["budgets"] = bench.budgets(pythons["aim"])
        results["machine"]["load"] = os.getloadavg()[2]
    _write(results, readme=options.readme)


class Bench:
    """One run of all measurements in the folder `work`."""

    def __init__(self, work: Path, pythons: dict[str, Path], scale: float) -> None:
        self.work = work
        self.pythons = pythons
        self.scale = scale
        self._count = 0

    def peers(self, peers: list[Peer]) -> dict[str, dict[str, Any]]:
        results: dict[str, dict[str, Any]] = {peer.key: {"title": peer.title} for peer in peers}
        for task, unit in (("call", "us"), ("open_close", "ms")):
            for key, values in self._in_turns(peers, task, unit).items():
                results[key][task] = values
        for peer in peers:
            results[peer.key].update(self._thousand_runs(peer))
        return results

    def budgets(self, python: Path) -> dict[str, Any]:
        """10,000,000 points from bare logs, and the question that reads 500,000 of them."""
        folder = self._fresh("budget")
        runs = int(10_000 * self.scale)
        written = self._ask(python, "aim_here.py", "record", folder, runs=runs, steps=STEPS)
        folded = self._ask(python, "aim_here.py", "fold", folder)
        cold = [self._ask(python, "aim_here.py", "query", folder) for _ in range(ROUNDS)]
        shutil.rmtree(folder)
        points = runs * 10 * STEPS
        return {
            "points": points,
            "write_seconds": written["seconds"],
            "fold_seconds": folded["seconds"],
            "fold_peak_mb": folded["peak_mb"],
            "index_bytes_per_point": folded["index"]["bytes"] / points,
            "query_seconds": statistics.median(answer["seconds"] for answer in cold),
            "query_points": cold[0]["points"],
        }

    def _in_turns(self, peers: list[Peer], task: str, unit: str) -> dict[str, dict[str, float]]:
        values: dict[str, list[float]] = {}
        for number in range(ROUNDS):
            for peer in peers:
                if task == "open_close" and peer.key == "bare":
                    continue
                _say(f"{task}, round {number + 1} of {ROUNDS}: {peer.key}")
                size = {"calls": max(20, int(peer.calls * self.scale))} if task == "call" else {"count": 20}
                folder = self._fresh(peer.key)
                answer = self._ask(self.pythons[peer.key], peer.script, task, folder, **size)
                values.setdefault(peer.key, []).append(answer[unit])
                shutil.rmtree(folder, ignore_errors=True)
        return {
            key: {"median": statistics.median(figures), "min": min(figures), "max": max(figures)}
            for key, figures in values.items()
        }

    def _thousand_runs(self, peer: Peer) -> dict[str, Any]:
        python, folder = self.pythons[peer.key], self._fresh(peer.key)
        runs = max(2, int(peer.runs * self.scale))
        _say(f"{runs} runs x 10 metrics x {STEPS} steps x 20 params: {peer.key}")
        answer: dict[str, Any] = {
            "runs": runs,
            "record": self._ask(python, peer.script, "record", folder, runs=runs, steps=STEPS),
        }
        if peer.key == "aim3":
            answer["index"] = self._ask(python, peer.script, "index", folder)
        if peer.key == "aim":
            answer["index"] = self._ask(python, peer.script, "first_query", folder)
        if peer.key not in ("tensorboard", "wandb"):
            times = [self._ask(python, peer.script, "query", folder) for _ in range(3)]
            answer["query"] = {**times[0], "seconds": statistics.median(answer["seconds"] for answer in times)}
        if peer.key == "aim":
            answer["sealed"] = self._seal(folder)
        shutil.rmtree(folder, ignore_errors=True)
        return answer

    def _seal(self, folder: Path) -> dict[str, int]:
        shutil.rmtree(folder / ".aim" / "cache")
        command = [sys.executable, "-m", "aim", "storage", "seal", "--repo", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=HERE.parent)
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
        return {"bytes": sum(sizes), "files": len(sizes)}

    def _fresh(self, name: str) -> Path:
        self._count += 1
        return self.work / f"{name}-{self._count}"

    def _ask(self, python: Path, script: str, task: str, folder: Path, **options: Any) -> dict[str, Any]:
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent) if script == "aim_here.py" else ""}
        command = [str(python), str(HERE / "peers" / script), task, str(folder), json.dumps(options)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=self.work)
        if done.returncode:
            raise SystemExit(f"{script} {task} failed with code {done.returncode}:\n{done.stderr[-3000:]}")
        answer: dict[str, Any] = json.loads(done.stdout.rstrip().rsplit("\n", 1)[-1])
        return answer


def table(results: dict[str, Any]) -> str:
    """The Markdown table of README."""
    columns = "one `track` call", "open + close", "1,000 runs written", "bytes a point", "files", "`loss`, lr < 0.01"
    head = "| | " + " | ".join(columns) + " |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for peer in results["peers"].values():
        record = peer["record"]
        share = 1000 / peer["runs"]
        cells = [
            f"{peer['call']['median']:,.1f} µs",
            f"{peer['open_close']['median']:,.2f} ms" if "open_close" in peer else "",
            f"{record['seconds'] * share:,.1f} s" + (f" (from {peer['runs']})" if share != 1 else ""),
            f"{record['bytes'] / (peer['runs'] * 10 * STEPS):,.1f}",
            f"{record['files']:,}" + (f" (of {peer['runs']})" if share != 1 else ""),
            _query_cell(peer),
        ]
        lines.append(f"| {peer['title']} | " + " | ".join(cells) + " |")
    lines += ["", _footnote(results)]
    return "\n".join(lines)


def _query_cell(peer: dict[str, Any]) -> str:
    if "query" not in peer:
        return "no query"
    cell = f"{peer['query']['seconds']:,.2f} s"
    if peer["runs"] < 1000:
        cell += f" for {peer['runs']} runs"
    return cell + (f" (first {peer['index']['seconds']:,.1f} s of indexing)" if "index" in peer else "")


def _footnote(results: dict[str, Any]) -> str:
    machine = results["machine"]
    parts = [
        f"{results['date']}, {machine['processor']}, {machine['cores']} cores, Python {machine['python']}.",
        f"Each figure was measured in its own process; calls are the median of {ROUNDS} alternating rounds.",
        f"1,000 runs have 10 metrics x {STEPS} steps and 20 params, written by one process;",
        "(from N) marks figures scaled up from N runs.",
        f"Load average at the end: {machine['load']:.1f}." if "load" in machine else "",
    ]
    if aim := results["peers"].get("aim"):
        parts.append(
            f"Sealed, Aim's runs take {aim['sealed']['bytes'] / (aim['runs'] * 10 * STEPS):.1f} bytes per point."
        )
    if budgets := results.get("budgets"):
        parts += [
            f"{budgets['points']:,} points are indexed from logs in {budgets['fold_seconds']:.1f} s with",
            f"{budgets['fold_peak_mb']:,.0f} MB of memory;",
            f"a new process then reads {budgets['query_points']:,} of them in {budgets['query_seconds']:.2f} s.",
        ]
    return " ".join(filter(None, parts))


def _write(results: dict[str, Any], *, readme: bool) -> None:
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"{results['date']}.json").write_text(json.dumps(results, indent=1) + "\n")
    text = table(results)
    (folder / "latest.md").write_text(text + "\n")
    print(text)
    if readme:
        path = HERE.parent / "README.md"
        before, _, rest = path.read_text().partition(MARKS[0])
        path.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{rest.partition(MARKS[1])[2]}")


def _python(peer: Peer) -> Path:
    """The interpreter of a peer: this one, or that of its venv, made when it is not there."""
    if not peer.packages:
        return Path(sys.executable)
    venv = HERE / ".venvs" / peer.key
    python = venv / "bin" / "python"
    if not (venv / "ready").exists():
        _say(f"installing {' '.join(peer.packages)}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *peer.packages], check=True)
        (venv / "ready").touch()
    return python


def _machine() -> dict[str, Any]:
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _today() -> str:
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument(
        "--only", default="", help="peers, separated by commas: " + ", ".join(peer.key for peer in PEERS)
    )
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    parser.add_argument("--folder", default=None, help="where to write (default: the temporary folder)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
