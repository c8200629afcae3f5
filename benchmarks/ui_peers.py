"""Measures first pages of this checkout beside those of Aim 3 and trackio, in the same browser, on the same runs.

    python benchmarks/ui_peers.py                      everything: about 15 minutes, most of it to record with the peers
    python benchmarks/ui_peers.py --only aim,trackio --runs 100 --metrics 50

Needs Playwright and a Chromium; peers get their venvs in benchmarks/.venvs. Rounds are taken in turns (A B C, A B C,
...). Each starts the server of the peer, so that nothing was read before, and opens one page in a fresh profile. A page
is there when the frame is done in which its lines, or the charts in sight, stand. Repositories are kept in
benchmarks/.work. Results: benchmarks/results/ui-peers-<date>.json and ui-peers-latest.md.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Error, sync_playwright
from remote import _free_port
from run import HERE, Peer, _machine, _python, _say, _today

from ui import PROBE, SIZE, chromium

SCRIPT = HERE / "peers" / "pages.py"
ROUNDS = 3
STEPS, WALL_RUNS, WALL_STEPS = 50, 20, 20
# Milliseconds after which a page counts as never there.
LIMIT = 180_000
# Aim 3's page waits for scripts of other hosts: where these cannot be reached, until their names time out.
NO_OTHER_HOSTS = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
WHEN = """
window.pageWhen = (ready, limit) => new Promise((resolve) => {
  const began = performance.now();
  const look = () => {
    if (performance.now() - began > limit) resolve(null);
    else if (ready()) requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    else requestAnimationFrame(look);
  };
  look();
});
window.inSight = (selector) => [...document.querySelectorAll(selector)].filter((element) => {
  const { top, bottom, height } = element.getBoundingClientRect();
  return height > 0 && bottom > 0 && top < innerHeight;
});
"""


class Page(NamedTuple):
    """What follows the address of the server, and the JavaScript that says when it is there."""

    address: str
    ready: str


class Took(NamedTuple):
    """Seconds until the page was there, if it ever was, and of CPU of the server and of the page's thread."""

    wall: float | None
    server: float
    page: float


class Pages(NamedTuple):
    peer: Peer
    runs: Page
    metrics: Page


def explorer3(query: str) -> str:
    """The address of Aim 3's metrics explorer with a query. It draws each metric in a chart of its own."""
    state = {"options": [], "query": "", "advancedMode": True, "advancedQuery": query}
    return "metrics?grouping=O-e30&select=O-" + base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip(
        "="
    )


DRAWN = "probe.strokes() + document.querySelectorAll('svg path[d]').length >= LINES"
PAGES = (
    Pages(
        Peer("aim", "**Aim (this)**", "", (), 0, 0),
        Page("?page=metrics&q=loss", DRAWN),
        Page("", "inSight('.wall-tile canvas').length > 0 && inSight('.wall-wait, .skeletons').length === 0"),
    ),
    Pages(
        Peer("aim3", "Aim 3.29.1", "", ("aim==3.29.1", "setuptools<81"), 0, 0),
        Page(explorer3("metric.name == 'loss'"), DRAWN),
        Page(
            explorer3("metric.name != ''"),
            "inSight('.LineChart').length > 0 && inSight('.LineChart').every((chart) => chart.querySelector('path'))",
        ),
    ),
    Pages(
        Peer("trackio", "trackio 0.43", "", ("trackio==0.43.0",), 0, 0),
        Page("?project=bench", DRAWN),
        Page(
            "?project=bench",
            "inSight('.plot').length > 0 && inSight('.plot').every((plot) => plot.querySelector('canvas, svg'))",
        ),
    ),
)


class Bench:
    def __init__(self, browser: Browser, options: argparse.Namespace) -> None:
        self.browser = browser
        self.folder: Path = options.folder.resolve()
        self.sizes = {
            "runs": {"runs": options.runs, "metrics": 1, "steps": STEPS},
            "metrics": {"runs": WALL_RUNS, "metrics": options.metrics, "steps": WALL_STEPS},
        }

    def repository(self, peer: Peer, kind: str) -> Path:
        """Created if it is missing; an incomplete one is created again."""
        size = self.sizes[kind]
        path = self.folder / "-".join([peer.key, *map(str, size.values())])
        if not (path / "made").exists():
            _say(f"  recording {size} with {peer.key}")
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
            # Aim 3 starts `python -m alembic`, which would import this checkout from its own folder.
            subprocess.run(self._command(peer, "fill", path, size), check=True, env=self._environ(peer), cwd=path)
            (path / "made").touch()
        return path

    def opened(self, pages: Pages, kind: str) -> Took:
        page: Page = getattr(pages, kind)
        ready = page.ready.replace("LINES", str(self.sizes["runs"]["runs"] * 0.98))
        with self._server(pages.peer, self.repository(pages.peer, kind)) as (url, group):
            before = _cpu_of(group)
            context = self.browser.new_context(viewport=SIZE)
            context.add_init_script(PROBE + WHEN)
            tab = context.new_page()
            tools = context.new_cdp_session(tab)
            tools.send("Performance.enable", {"timeDomain": "threadTicks"})
            tab.goto(url + page.address, wait_until="commit", timeout=LIMIT)
            try:
                took = tab.evaluate(f"pageWhen(() => {ready}, {LIMIT})")
            except Error as error:
                _say(f"  {pages.peer.key} {kind}: {error}")
                took = None
            spent = {of["name"]: of["value"] for of in tools.send("Performance.getMetrics")["metrics"]}
            server = _cpu_of(group) - before
            context.close()
        return Took(None if took is None else took / 1000, server, spent["TaskDuration"])

    @contextlib.contextmanager
    def _server(self, peer: Peer, repository: Path) -> Iterator[tuple[str, int]]:
        port = _free_port()
        url = f"http://127.0.0.1:{port}/"
        command = self._command(peer, "serve", repository, {"port": port})
        environ = self._environ(peer)
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "start_new_session": True}
        with subprocess.Popen(command, env=environ, cwd=repository, **quiet) as process:
            try:
                _until_served(url)
                yield url, process.pid
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(60)

    def _command(self, peer: Peer, task: str, folder: Path, options: dict[str, int]) -> list[str]:
        return [str(_python(peer)), str(SCRIPT), peer.key, task, str(folder), json.dumps(options)]

    def _environ(self, peer: Peer) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(HERE.parent) if peer.key == "aim" else ""}


def _cpu_of(group: int) -> float:
    """Seconds of CPU that the processes of a group have used."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = stat.read_text().rpartition(")")[2].split()
            ticks += sum(map(int, words[11:13])) if int(words[2]) == group else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _until_served(url: str) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(url, timeout=30).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def main() -> None:
    options = _options()
    # So that a run that is stopped leaves no servers behind.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    wanted = [pages for pages in PAGES if not options.only or pages.peer.key in options.only.split(",")]
    found: dict[str, dict[str, list[Took]]] = {pages.peer.key: {"runs": [], "metrics": []} for pages in wanted}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium.installed(whole=True), args=["--no-sandbox", "--disable-gpu", NO_OTHER_HOSTS]
        )
        bench = Bench(browser, options)
        for pages in wanted:
            for kind in bench.sizes:
                bench.repository(pages.peer, kind)
        for kind in bench.sizes:
            for number in range(options.rounds):
                for pages in wanted:
                    took = bench.opened(pages, kind)
                    found[pages.peer.key][kind].append(took)
                    _say(f"{kind}, round {number + 1} of {options.rounds}: {pages.peer.key} {took}")
        machine = {**_machine(), "browser": f"Chromium {browser.version}", "load": os.getloadavg()[1]}
        browser.close()
    _write({"date": _today(), "machine": machine, "sizes": bench.sizes, "found": found}, wanted)


def table(results: dict[str, Any], wanted: list[Pages]) -> str:
    machine, sizes = results["machine"], results["sizes"]
    runs, wall = sizes["runs"], sizes["metrics"]
    titles = {
        "runs": f"first chart: a metric of {runs['runs']:,} runs x {runs['steps']} steps",
        "metrics": f"first charts: {wall['metrics']:,} metrics of {wall['runs']} runs x {wall['steps']} steps",
    }
    lines = [f"| | {' | '.join(pages.peer.title for pages in wanted)} |", "|---" * (len(wanted) + 1) + "|"]
    for kind, title in titles.items():
        cells = [_cell(results["found"][pages.peer.key][kind]) for pages in wanted]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    about = (
        f"{results['date']}, {machine['processor']}, {machine['cores']} cores, {machine['browser']} without a GPU, "
        f"{SIZE['width']} x {SIZE['height']}; server just started, fresh profile. Medians, with the best and "
        "worst round in parentheses; CPU of server and page. Aim 3 shows all metrics in its explorer, a chart each. "
        f"Load average {machine['load']:.1f}."
    )
    return "\n".join([*lines, "", about])


def _cell(rounds: list[Took]) -> str:
    walls = [took.wall for took in rounds if took.wall is not None]
    server, page = (statistics.median(spent) for spent in zip(*[took[1:] for took in rounds], strict=True))
    cpu = f"CPU {server:.1f} + {page:.1f} s"
    if len(walls) < len(rounds):
        return f"not within {LIMIT / 1000:.0f} s; {cpu}"
    spread = f" ({min(walls):,.1f}–{max(walls):,.1f})" if len(walls) > 1 else ""
    return f"{statistics.median(walls):,.1f} s{spread}; {cpu}"


def _write(results: dict[str, Any], wanted: list[Pages]) -> None:
    text = table(results, wanted)
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"ui-peers-{results['date']}.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / "ui-peers-latest.md").write_text(text + "\n")
    print(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ", ".join(pages.peer.key for pages in PAGES)
    parser.add_argument("--only", default="", help=f"peers, separated by commas: {names}")
    parser.add_argument("--runs", type=int, default=1000, help="runs with one metric (default 1000)")
    parser.add_argument("--metrics", type=int, default=500, help="metrics of 20 runs (default 500)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each is measured (default {ROUNDS})")
    parser.add_argument("--folder", type=Path, default=HERE / ".work" / "peers", help="where the repositories are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
