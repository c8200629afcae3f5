"""Measures the pages in a headless Chromium against their budgets, on repositories that it makes and keeps.

    python benchmarks/ui.py                  everything: about 4 minutes, and once 2 more to make the repositories
    python benchmarks/ui.py --readme         and put the table into README.md
    python benchmarks/ui.py --only hover,zoom --ui DIR     some rows, of another build of the UI than the packaged one

Needs Playwright and a Chromium. What a chart takes stands beside what stroking as many lines on a bare canvas takes in
the same minutes, because machines differ and drift. A picture is drawn when the frame after its last stroke is done.
Results: benchmarks/results/ui-<date>.json and ui-latest.md; `--readme` puts the table into README.md.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from run import HERE, _machine, _say, _today

ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

import ui_repos  # noqa: E402

from aim.repo import Repo  # noqa: E402
from tests import chromium  # noqa: E402

MARKS = ("<!-- ui benchmarks -->", "<!-- /ui benchmarks -->")
PROBE = (HERE / "ui_probe.js").read_text()
SIZE = {"width": 1440, "height": 900}
ROUNDS = 5
WAIT = 60_000
WINDOWS = [None, (600_000, 700_000), (654_000, 655_000), (654_300, 654_330), (654_320, 654_322)]
SERVE = """
import sys
from pathlib import Path
from aim.repo import Repo
from aim.server.serve import serve
repo = Repo(sys.argv[1])
repo.revision()
serve(repo, port=0, ui_dir=Path(sys.argv[2]) if sys.argv[2] else None, ready=lambda port: print(port, flush=True))
"""


class Budget(NamedTuple):
    what: str
    most: float
    unit: str


class Finding(NamedTuple):
    """`values` are those of the rounds; what counts is their median. `bare`: the same on a page without Aim."""

    key: str
    budget: Budget
    values: list[float]
    bare: float | None = None
    note: str = ""

    @property
    def value(self) -> float:
        return statistics.median(self.values)


BUDGETS = {
    "first": Budget("first chart, 1,000 lines of 10,000 runs, server just started", 1500, "ms"),
    "again": Budget("first chart, repeated", 1500, "ms"),
    "cold": Budget("first chart without an index, 10,000,000 points indexed first", 0, "ms"),
    "hover": Budget("1,000 lines x 500 points: longest frame while hovering", 50, "ms"),
    "zoom": Budget("zoom, from mouse release to repaint", 200, "ms"),
    "pan": Budget("pan", 200, "ms"),
    "regroup": Budget("color by another param", 200, "ms"),
    "group": Budget("group by a param, with mean and area", 200, "ms"),
    "heap": Budget("page memory (JS heap and arrays)", 300, "MB"),
    "many": Budget("20,000 lines x 50 points: density as first chart", 0, "ms"),
    "many hover": Budget("20,000 lines x 50 points: longest frame while hovering", 0, "ms"),
    "many zoom": Budget("20,000 lines x 50 points: zoom into the density", 200, "ms"),
    "scroll": Budget("table of 10,000 rows x 300 columns: longest blank while scrolling", 100, "ms"),
    "wall": Budget("home page of 500 metrics x 20 runs: all charts in sight, server just started", 1500, "ms"),
    "wall scroll": Budget("home page of 3,000 metrics x 200 runs: longest blank while scrolling", 100, "ms"),
    "wall heap": Budget("page memory after that", 300, "MB"),
    "board": Budget("dashboard of 40 charts x 200 runs: all charts in sight, server just started", 1500, "ms"),
    "board scroll": Budget("longest blank while scrolling it", 100, "ms"),
    "board heap": Budget("page memory after that", 300, "MB"),
    "media": Budget("page Media, 10,000 images of 100 runs: all images in sight, server just started", 1500, "ms"),
    "media scroll": Budget("longest blank while scrolling it", 100, "ms"),
    "media frames": Budget("frames while scrolling it, the longest of 95 in 100", 20, "ms"),
    "media heap": Budget("page memory after that", 300, "MB"),
    "spike": Budget("one-step spike in 1,000,000 points: zoom levels that show it", 0, ""),
    "script": Budget("JavaScript of the first page, gzipped", 400, "kB"),
}


def main() -> None:
    options = _options()
    began = time.monotonic()
    wanted = set(options.only.split(",")) if options.only else {row.__name__ for row in ROWS}
    folder = options.folder.resolve()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium.installed(whole=True),
            args=["--no-sandbox", "--disable-gpu", "--js-flags=--expose-gc"],
        )
        bench = Bench(browser, folder, options.ui, options.rounds)
        for row in ROWS:
            if row.__name__ in wanted:
                _say(f"{row.__name__} ({time.monotonic() - began:.0f} s)")
                row(bench)
        machine = {**_machine(), "browser": f"Chromium {browser.version}", "load": os.getloadavg()[1]}
        browser.close()
    _write({"date": _today(), "machine": machine, "found": bench.found}, readme=options.readme)


class Bench:
    """The browser, the repositories in `folder`, and what was found."""

    def __init__(self, browser: Browser, folder: Path, ui: Path | None, rounds: int) -> None:
        self.browser = browser
        self.folder = folder
        self.ui = ui
        self.rounds = rounds
        self.found: list[Finding] = []

    def add(self, key: str, values: list[float], *, bare: float | None = None, note: str = "") -> None:
        self.found.append(Finding(key, BUDGETS[key], values, bare, note))
        _say("  " + _row(self.found[-1]))

    def repo(self, name: str, make: Callable[[Path], None]) -> Path:
        """A repository, created if it is missing; an incomplete one is created again."""
        path = self.folder / name
        if not (path / "made").exists():
            _say(f"  making {name}")
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
            make(path)
            (path / "made").touch()
        return path

    @contextlib.contextmanager
    def server(self, repo: Path) -> Iterator[str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("AIM_")}
        command = [sys.executable, "-c", SERVE, str(repo), str(self.ui or "")]
        environment = {**plain, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            try:
                assert process.stdout is not None
                yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
            finally:
                process.terminate()
                process.wait(30)

    @contextlib.contextmanager
    def page(self, address: str = "about:blank") -> Iterator[Page]:
        context = self.browser.new_context(viewport=SIZE)
        context.add_init_script(PROBE)
        context.set_default_timeout(WAIT)
        page = context.new_page()
        page.goto(address, wait_until="commit")
        yield page
        context.close()


def newest(repo: Path, count: int) -> str:
    """The statement that draws one line of each of the `count` newest runs."""
    created = sorted(run.created_at for run in Repo(repo).select_runs())
    return f'loss if context.subset == "train" and run.created_at >= {created[-count]!r}'


def asked(url: str, statement: str, **view: str) -> str:
    from urllib.parse import urlencode

    return f"{url}?{urlencode({'q': statement, **view})}"


# -- rows -----------------------------------------------------------------------------------------------------------


def first(bench: Bench) -> None:
    """From navigation to the last stroke. A new server each time, so that nothing was read before."""
    repo = bench.repo("runs-10000", ui_repos.thousands)
    statement = newest(repo, 1000)
    new, again = [], []
    for _ in range(bench.rounds):
        with bench.server(repo) as url:
            for values in (new, again):
                with bench.page(asked(url, statement)) as page:
                    values.append(page.evaluate("probe.first(1000)"))
    bare = bare_canvas(bench, 1000, 100)
    bench.add("first", new, bare=bare)
    bench.add("again", again, bare=bare)


def cold(bench: Bench) -> None:
    repo = bench.repo("runs-10000", ui_repos.thousands)
    statement = newest(repo, 1000)
    shutil.rmtree(repo / ".aim" / "cache")
    began = time.monotonic()
    with bench.server(repo) as url, bench.page(asked(url, statement)) as page:
        page.evaluate("probe.first(1000)")
        bench.add("cold", [(time.monotonic() - began) * 1000], note="with the start of the server")


def hover(bench: Bench) -> None:
    with shown(bench) as page:
        values = [hovered(page) for _ in range(bench.rounds)]
    bench.add("hover", values, bare=bare_hover(bench, 1000, 500))


def zoom(bench: Bench) -> None:
    with shown(bench) as page:
        zooms, pans = [], []
        for _ in range(bench.rounds):
            zooms.append(zoomed(page, 1000))
            pans.append(panned(page, 1000))
            reset(page)
    bare = bare_canvas(bench, 1000, 500)
    bench.add("zoom", zooms, bare=bare)
    bench.add("pan", pans, bare=bare)


def regroup(bench: Bench) -> None:
    with shown(bench) as page:
        colors = [picked(page, name) for name in ("Optimizer", "Lr", "Batch_size", "Scheduler", "Dropout")]
        groups = []
        for on in (True, False) * bench.rounds:
            took = grouped(page)
            if on:
                groups.append(took)
    bare = bare_canvas(bench, 1000, 500)
    bench.add("regroup", colors, bare=bare)
    bench.add("group", groups, bare=bare)


def heap(bench: Bench) -> None:
    with shown(bench) as page:
        hovered(page)
        held, note = memory(page)
    bench.add("heap", [held], note=note)


def memory(page: Page) -> tuple[float, str]:
    """What a page holds, in MB, and how much of it is the JS heap."""
    tools = page.context.new_cdp_session(page)
    tools.send("HeapProfiler.collectGarbage")
    usage = tools.send("Runtime.getHeapUsage")
    held = usage["usedSize"] + usage.get("embedderHeapUsedSize", 0) + usage.get("backingStorageSize", 0)
    return held / 2**20, f"{usage['usedSize'] / 2**20:.0f} MB of it the JS heap"


def wall(bench: Bench) -> None:
    """The home page, from navigation to the last chart in sight; then wheel and leaps through very many charts."""
    repo, values = bench.repo("metrics-500", ui_repos.metrics_500), []
    for _ in range(bench.rounds):
        with bench.server(repo) as url, bench.page(url) as page:
            values.append(page.evaluate("probe.wall()"))
    bench.add("wall", values)
    repo = bench.repo("metrics-3000", ui_repos.metrics_3000)
    with bench.server(repo) as url, bench.page(f"{url}?page=home&newest=200") as page:
        blanks = scrolled(bench, page, "watchWall")
        held, note = memory(page)
    bench.add("wall scroll", blanks)
    bench.add("wall heap", [held], note=note)


def board(bench: Bench) -> None:
    """A dashboard with charts of every kind for numbers: drawn with a new server, then wheel and leaps."""
    repo, values = bench.repo("metrics-3000", ui_repos.metrics_3000), []
    search = f"?page=dashboards&id={board_of(repo)}"
    for _ in range(bench.rounds):
        with bench.server(repo) as url, bench.page(url + search) as page:
            values.append(page.evaluate("probe.wall()"))
    with bench.server(repo) as url, bench.page(url + search) as page:
        blanks = scrolled(bench, page, "watchBoard")
        held, note = memory(page)
    bench.add("board", values)
    bench.add("board scroll", blanks)
    bench.add("board heap", [held], note=note)


def scrolled(bench: Bench, page: Page, watch: str) -> list[float]:
    """The longest blank of each round of wheel and leaps, when all charts in sight are drawn before and after."""
    page.evaluate("probe.wall()")
    page.locator(".wall-scroll").hover()
    blanks = []
    for _ in range(bench.rounds):
        page.evaluate(f"probe.{watch}()")
        for _ in range(40):
            page.mouse.wheel(0, 400)
        page.evaluate("probe.leap('.wall-scroll')")
        blanks.append(page.evaluate("probe.blank()"))
    page.evaluate("probe.wall()")
    return blanks


def media(bench: Bench) -> None:
    """From navigation to the last image in sight, with a new server, so without small copies; then wheel and leaps."""
    repo, values, blanks, frames = bench.repo("pictures-10000", ui_repos.pictures), [], [], []
    search = "?page=media&row=&column="
    for _ in range(bench.rounds):
        with bench.server(repo) as url, bench.page(url + search) as page:
            values.append(page.evaluate("probe.pictures()"))
    with bench.server(repo) as url, bench.page(url + search) as page:
        page.evaluate("probe.pictures()")
        page.locator(".media-scroll").hover()
        for _ in range(bench.rounds):
            page.evaluate("probe.watchMedia(); probe.watchFrames()")
            for _ in range(40):
                page.mouse.wheel(0, 400)
            frames.append(page.evaluate("probe.longest(0.95)"))
            page.evaluate("probe.leap('.media-scroll')")
            blanks.append(page.evaluate("probe.blank()"))
        page.evaluate("probe.pictures()")
        held, note = memory(page)
    bench.add("media", values)
    bench.add("media scroll", blanks)
    bench.add("media frames", frames)
    bench.add("media heap", [held], note=note)


def board_of(repo: Path) -> str:
    """The id of the dashboard, which is saved the first time."""
    opened = Repo(repo)
    if saved := [known.id for known in opened.dashboards if known.name == "Benchmark"]:
        return saved[0]
    names = opened.vocabulary().metrics[:40]
    kinds = ["line"] * 31 + ["bar"] * 3 + ["number"] * 3 + ["scatter"] * 2 + ["parallel"]
    charts: list[dict[str, object]] = []
    for name, kind in zip(names, kinds, strict=True):
        axes = {"axes": ["hparams.lr", f"metric:{name}"]} if kind in ("scatter", "parallel") else {}
        charts.append({"kind": kind, "metrics": [] if axes else [name], **axes})
    return opened.dashboards.save("Benchmark", charts, newest=200).id


def seen(page: Page, text: str) -> bool:
    with contextlib.suppress(PlaywrightTimeout):
        page.get_by_text(text).first.wait_for(timeout=2_000)
        return True
    return False


def many(bench: Bench) -> None:
    repo = bench.repo("runs-20000", ui_repos.crowd)
    with bench.server(repo) as url, bench.page(asked(url, 'loss if context.subset == "train"')) as page:
        drawn = page.evaluate("probe.firstDensity()")
        said = seen(page, "20,000 lines are shown as their density")
        frames = [hovered(page) for _ in range(bench.rounds)]
        zooms = []
        for _ in range(bench.rounds):
            zooms.append(zoomed(page, 1, density=True))
            reset(page)
    bare = bare_canvas(bench, 20_000, 50)
    bench.add("many", [drawn], bare=bare, note="the page says so" if said else "the page does not say so")
    bench.add("many hover", frames, bare=bare_hover(bench, 20_000, 50))
    bench.add("many zoom", zooms, bare=bare)


def scroll(bench: Bench) -> None:
    """Wheel, then leaps as of a dragged thumb, down and sideways; blank is where a cell should stand and none does."""
    repo = bench.repo("wide-10000", ui_repos.wide)
    with bench.server(repo) as url, bench.page(f"{url}?page=runs") as page:
        page.locator(".table .row").first.wait_for()
        count = page.locator(".table").get_attribute("aria-colcount")
        page.locator(".table").hover()
        values = []
        for _ in range(bench.rounds):
            page.evaluate("probe.watchTable()")
            for _ in range(40):
                page.mouse.wheel(0, 400)
            for _ in range(20):
                page.mouse.wheel(600, 0)
            page.evaluate("probe.leap('.table')")
            values.append(page.evaluate("probe.blank()"))
    bench.add("scroll", values, note=f"{count} columns")


def spike(bench: Bench) -> None:
    """The y axis is fixed, so that a lost spike leaves its place empty instead of a narrower axis."""
    repo = bench.repo("spike", ui_repos.spiky)
    seen = 0
    with bench.server(repo) as url:
        for window in WINDOWS:
            view = {"zoom": f"{window[0]}~{window[1]}"} if window else {}
            with bench.page(asked(url, "signal", yEnds="-10~50", **view)) as page:
                page.evaluate("probe.first(1)")
                page.wait_for_load_state("networkidle")
                page.evaluate("probe.rest()")
                seen += bool(page.evaluate("probe.inkAt(0.2, 0.6)"))
    bench.add("spike", [seen], note=f"of {len(WINDOWS)}")


def script(bench: Bench) -> None:
    repo = bench.repo("lines-500", ui_repos.lines)
    sizes: list[int] = []
    with bench.server(repo) as url, bench.page() as page:
        page.on("response", lambda answer: _weigh(answer, sizes))
        page.goto(url)
        page.wait_for_load_state("networkidle")
    bench.add("script", [sum(sizes) / 1000], note=f"{len(sizes)} files")


ROWS = (first, hover, zoom, regroup, heap, many, scroll, wall, board, media, spike, script, cold)


def _weigh(answer: Any, sizes: list[int]) -> None:
    if answer.request.resource_type == "script":
        sizes.append(len(gzip.compress(answer.body(), 9)))


# -- what a hand does -----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def shown(bench: Bench) -> Iterator[Page]:
    """1,000 lines of 500 points, drawn."""
    repo = bench.repo("lines-500", ui_repos.lines)
    with bench.server(repo) as url, bench.page(asked(url, "loss")) as page:
        page.evaluate("probe.first(1000)")
        yield page


def place(page: Page, selector: str = ".chart-host") -> dict[str, float]:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return {"left": box["x"], "top": box["y"], "width": box["width"], "height": box["height"]}


def hovered(page: Page, selector: str = ".chart-host") -> float:
    """The longest frame while the pointer wanders over the chart."""
    box = place(page, selector)
    page.evaluate("probe.rest()")
    page.evaluate("probe.watchFrames()")
    for step in range(100):
        across = (step * 0.618) % 1 if step % 20 == 0 else step / 100
        up = 0.5 + 0.35 * ((step % 25) / 12.5 - 1)
        page.mouse.move(box["left"] + box["width"] * (0.1 + 0.8 * across), box["top"] + box["height"] * up)
    return float(page.evaluate("probe.longest()"))


def zoomed(page: Page, count: int, *, density: bool = False) -> float:
    box = place(page)
    page.mouse.move(box["left"] + box["width"] * 0.3, box["top"] + box["height"] * 0.15)
    page.mouse.down()
    page.mouse.move(box["left"] + box["width"] * 0.7, box["top"] + box["height"] * 0.8, steps=4)
    return _timed(page, "pointerup", count, page.mouse.up, density=density)


def panned(page: Page, count: int) -> float:
    box = place(page)
    x, y = box["left"] + box["width"] / 2, box["top"] + box["height"] / 2
    page.mouse.move(x, y)
    page.keyboard.down("Shift")
    page.mouse.down()
    took = _timed(page, "pointermove", count, lambda: page.mouse.move(x + 60, y + 10))
    page.mouse.up()
    page.keyboard.up("Shift")
    page.evaluate("probe.rest()")
    return took


def reset(page: Page) -> None:
    page.get_by_role("toolbar", name="Charts").get_by_role("button", name="Reset zoom").click()
    page.evaluate("probe.rest()")


def picked(page: Page, name: str) -> float:
    """Colors by one param in place of what they were by."""
    page.get_by_role("toolbar", name="Charts").get_by_role("button").filter(has_text="Color").click()
    panel = page.locator(".picker")
    panel.get_by_role("button", name="Clear").click()
    page.evaluate("probe.rest()")
    field = panel.get_by_role("checkbox").filter(has_text=f"hparams.{name.lower()}").first
    took = _timed(page, "click", 1000, field.click)
    page.keyboard.press("Escape")
    page.evaluate("probe.rest()")
    return took


def grouped(page: Page) -> float:
    page.get_by_role("toolbar", name="Charts").get_by_role("button").filter(has_text="Groups").click()
    switch = page.get_by_text("Draw each group as one line")
    took = _timed(page, "click", 1, switch.click)
    page.keyboard.press("Escape")
    page.evaluate("probe.rest()")
    return took


def _timed(page: Page, event: str, count: int, act: Callable[[], None], *, density: bool = False) -> float:
    """Milliseconds from the event that `act` causes until `count` lines are stroked and seen, or as many densities."""
    page.evaluate("probe.rest()")
    page.evaluate("([event, count, density]) => probe.await(event, count, density)", [event, count, density])
    act()
    return float(page.evaluate("probe.awaited"))


def bare_canvas(bench: Bench, count: int, points: int) -> float:
    """Milliseconds that a bare canvas of the chart's size takes for so many strokes."""
    with bench.page() as page:
        return statistics.median(page.evaluate("([n, m]) => probe.bare(n, m)", [count, points]) for _ in range(5))


def bare_hover(bench: Bench, count: int, points: int) -> float:
    """The longest frame while the pointer wanders over a canvas that does nothing about it."""
    with bench.page() as page:
        page.evaluate("([n, m]) => probe.bare(n, m)", [count, points])
        return statistics.median(hovered(page, ".bare") for _ in range(bench.rounds))


# -- results --------------------------------------------------------------------------------------------------------


def table(results: dict[str, Any]) -> str:
    machine = results["machine"]
    head = ["| | measured | budget | bare canvas |", "|---|---|---|---|"]
    about = (
        f"{results['date']}, {machine['processor']}, {machine['cores']} cores, {machine['browser']} without a GPU, "
        f"{SIZE['width']} x {SIZE['height']}. Medians, with the best and worst round in parentheses. "
        f"Load average {machine['load']:.1f}."
    )
    return "\n".join([*head, *map(_row, results["found"]), "", about])


def _row(finding: Finding) -> str:
    budget = finding.budget
    spread = f" ({min(finding.values):,.0f}–{max(finding.values):,.0f})" if len(finding.values) > 1 else ""
    cells = [
        budget.what,
        f"{finding.value:,.0f} {budget.unit}".strip() + spread + (f", {finding.note}" if finding.note else ""),
        f"{budget.most:,.0f} {budget.unit}" if budget.most else "",
        "" if finding.bare is None else f"{finding.bare:,.0f} ms",
    ]
    return "| " + " | ".join(cells) + " |"


def _write(results: dict[str, Any], *, readme: bool) -> None:
    text = table(results)
    rows = [
        {
            "key": finding.key,
            "what": finding.budget.what,
            "budget": finding.budget.most,
            "unit": finding.budget.unit,
            "median": finding.value,
            "values": finding.values,
            "bare": finding.bare,
            "note": finding.note,
        }
        for finding in results["found"]
    ]
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"ui-{results['date']}.json").write_text(json.dumps({**results, "found": rows}, indent=1) + "\n")
    (folder / "ui-latest.md").write_text(text + "\n")
    print(text)
    if readme:
        path = ROOT / "README.md"
        before, _, rest = path.read_text().partition(MARKS[0])
        path.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{rest.partition(MARKS[1])[2]}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ", ".join(row.__name__ for row in ROWS)
    parser.add_argument("--only", default="", help=f"rows, separated by commas: {names}")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each is measured (default {ROUNDS})")
    parser.add_argument("--ui", type=Path, help="a folder with another build of the UI")
    parser.add_argument("--folder", type=Path, default=HERE / ".work" / "ui", help="where the repositories are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
