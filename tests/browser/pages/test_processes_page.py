"""Commands started, watched, stopped and queued in a real browser, with a real server and real processes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aim.launch.command import Template
from aim.launch.records import Records
from aim.log import edits
from aim.repo import Repo
from tests.browser.pages.axe import violations_by_theme
from tests.browsing import ROOT, Opened, Serve, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page
Locator = playwright.Locator

pytestmark = pytest.mark.browser

SCRIPT = """
import argparse, time
import aim

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.5)
parser.add_argument("--note", default="")
parser.add_argument("--steps", type=int, default=3)
args = parser.parse_args()
run = aim.Run()
run["hparams"] = {"lr": args.lr}
for step in range(args.steps):
    run.track(args.lr / (step + 1), "loss", step=step)
    print(f"step {step} of {args.note}", flush=True)
    time.sleep(0.05)
"""


def aim_run(repo: Path, *words: str) -> None:
    """`aim run` in a terminal."""
    command = [sys.executable, "-m", "aim", "run", "--name", "by hand", "--", sys.executable, "train.py", *words]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(repo)}
    subprocess.run(command, cwd=repo, env=environment, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A script, and one run of it."""
    (tmp_path / "train.py").write_text(SCRIPT)
    Repo.init(tmp_path)
    aim_run(tmp_path, "--lr", "0.5", "--note", "first", "--steps", "3")
    return tmp_path


@pytest.fixture
def allowed(project: Path, serve: Serve) -> Iterator[str]:
    """The address, with its token, of a server that may start commands."""
    with serve(project, "--allow-run") as url:
        yield url


def visit(opened: Opened, url: str, search: str, **options: object) -> Page:
    """A page of a server that asks for its token first."""
    page = opened(url, **options)
    page.goto(f"{url.partition('?')[0]}?{search}")
    return page


def region(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def tokens(page: Page) -> Locator:
    """The arguments for the program."""
    return page.get_by_role("list", name="Arguments that the program gets").get_by_role("listitem")


def state(page: Page) -> Locator:
    return page.locator(".sheet-line .status")


def argv_of(repo: Path, name: str) -> list[str]:
    facts = Repo(repo).run(name).facts["process"]
    assert isinstance(facts, dict)
    return list(facts["argv"])


def run_shown(page: Page) -> str:
    """The id of the run whose process the page shows."""
    page.wait_for_url(re.compile("page=process&run="))
    return page.url.rpartition("run=")[2]


def test_if_starting_is_off_the_page_says_why_and_how_to_turn_it_on(
    project: Path, serve: Serve, opened: Opened
) -> None:
    with serve(project) as url:
        page = opened(f"{url}/?page=processes")
        off = region(page, "Starting commands is off")
        expect(off).to_contain_text("Starting and stopping commands is turned off")
        expect(off.get_by_label("Command that turns on starting")).to_contain_text("--allow-run")
        expect(page.get_by_role("link", name="Start a command")).to_have_count(0)
        expect(region(page, "Table of processes").get_by_role("link", name="by hand")).to_be_visible()
        page.goto(f"{url}/?page=start")
        expect(region(page, "Starting commands is off")).to_be_visible()


def test_a_read_only_server_says_that_it_starts_nothing(project: Path, serve: Serve, opened: Opened) -> None:
    with serve(project, "--read-only") as url:
        page = opened(f"{url}/?page=processes")
        expect(region(page, "Starting commands is off")).to_contain_text("The server is read-only")
        region(page, "Table of processes").get_by_role("link", name="by hand").click()
        expect(page.get_by_role("button", name=re.compile("^Stop"))).to_have_count(0)


def test_a_pasted_command_is_cut_shown_started_watched_and_stopped(allowed: str, project: Path, opened: Opened) -> None:
    page = visit(opened, allowed, "page=processes")
    page.get_by_role("link", name="Start a command").click()
    page.get_by_label("Command line").fill(f"SEEN=1 {sys.executable} train.py --note 'two words' --steps 40000")
    page.get_by_role("button", name="Split into arguments").click()
    expect(tokens(page)).to_have_text([sys.executable, "train.py", "--note", "two words", "--steps", "40000"])
    expect(page.get_by_label("Value of SEEN")).to_have_value("1")
    page.get_by_role("button", name="Turn all values into parameters").click()
    page.get_by_label("note", exact=True).fill("$(touch harm); *")
    expect(tokens(page).nth(3)).to_have_text("$(touch harm); *")
    expect(region(page, "Preview")).to_contain_text(str(project))
    page.get_by_role("button", name="Start", exact=True).click()

    expect(state(page)).to_have_text("running")
    expect(page.get_by_text("step 2 of $(touch harm); *")).to_be_visible()
    expect(page.locator(".facts-line")).to_contain_text("of memory")
    page.get_by_role("button", name=re.compile("^Stop")).click()
    dialog = page.get_by_role("dialog")
    for step in ("SIGINT now", "SIGTERM after 10 seconds", "SIGKILL after 10 more"):
        expect(dialog.get_by_role("list", name="What happens")).to_contain_text(step)
    dialog.get_by_label("Reason").fill("seen enough")
    dialog.get_by_role("button", name="Stop", exact=True).click()
    expect(state(page)).to_have_text("stopped")
    expect(page.locator(".banner")).to_contain_text("seen enough")
    assert not (project / "harm").exists()
    assert argv_of(project, run_shown(page))[3] == "$(touch harm); *"

    page.get_by_role("tab", name="Start").click()
    expect(region(page, "Where")).to_contain_text("in the browser")
    page.get_by_role("link", name="Its run").click()
    page.get_by_role("link", name="Its process").click()
    expect(state(page)).to_have_text("stopped")


def test_a_run_is_repeated_with_one_change(allowed: str, project: Path, opened: Opened) -> None:
    run = Repo(project).table.rows("run.name == 'by hand'").runs[0].id
    page = visit(opened, allowed, f"page=run&run={run}")
    page.get_by_role("link", name="Re-run").click()
    plan = region(page, "Preview")
    expect(plan).to_contain_text("No differences from the original run")
    page.get_by_label("lr", exact=True).fill("0.25")
    changed = plan.get_by_role("row").filter(has_text="lr")
    expect(changed.locator("del")).to_have_text("0.5")
    expect(changed.locator("ins")).to_have_text("0.25")
    expect(tokens(page).filter(has_text="taken out")).to_have_text("taken out: 0.5")
    assert "v=lr%3D0.25" in page.url
    page.get_by_label("Name of the run").fill("quarter")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="quarter")).to_be_visible()
    expect(state(page)).to_have_text("finished")
    first = argv_of(project, run)
    assert argv_of(project, run_shown(page)) == [*first[:3], "0.25", *first[4:]]
    page.go_back()
    expect(page.get_by_label("lr", exact=True)).to_have_value("0.25")


def test_one_of_many_runs_of_a_script_is_not_promised_alone(allowed: str, project: Path, opened: Opened) -> None:
    script = "import aim, sys\nfor lr in ('a', 'b', 'c'): aim.Run(f'{sys.argv[2]} {lr}').close()\n"
    (project / "sweep.py").write_text(script)
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(project)}
    command = [sys.executable, "sweep.py", "--tag", "first"]
    subprocess.run(command, cwd=project, env=environment, check=True)
    page = visit(opened, allowed, f"page=run&run={Repo(project).run('first b').id}")
    page.get_by_role("link", name="Re-run").click()
    plan = region(page, "Preview")
    told = "The process of the original run recorded 3 runs: this starts all of them again."
    expect(plan).to_contain_text(f"The command is the same. {told}")
    expect(plan).not_to_contain_text("No differences")
    page.get_by_label("tag", exact=True).fill("second")
    expect(plan).not_to_contain_text("The command is the same.")
    expect(plan).to_contain_text(told)


def test_a_template_is_saved_from_a_run_started_changed_and_deleted(
    allowed: str, project: Path, opened: Opened
) -> None:
    run = Repo(project).table.rows("run.name == 'by hand'").runs[0].id
    page = visit(opened, allowed, f"page=start&run={run}&v=lr%3D0.125")
    page.get_by_role("button", name="Save as template").click()
    page.get_by_role("dialog").get_by_label("Name").fill("small model")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="small model")).to_be_visible()
    expect(page.get_by_label("lr", exact=True)).to_have_value("0.125")

    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Experiment").fill("templates")
    page.get_by_role("button", name="Save as template").click()
    page.get_by_role("dialog").get_by_role("button", name="Update").click()
    expect(page.get_by_text("Template updated.")).to_be_visible()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(state(page)).to_have_text("finished")
    assert Repo(project).run(run_shown(page)).experiment == "templates"

    page.goto(f"{page.url.partition('?')[0]}?page=processes&tab=templates")
    row = page.get_by_role("row").filter(has_text="small model")
    expect(row).to_contain_text("lr = 0.125")
    row.get_by_role("button", name="Delete small model").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="No templates yet")).to_be_visible()


def test_a_grid_is_listed_before_anything_starts_and_runs_as_a_queue(
    allowed: str, project: Path, opened: Opened
) -> None:
    run = Repo(project).table.rows("run.name == 'by hand'").runs[0].id
    page = visit(opened, allowed, f"page=start&run={run}")
    page.get_by_label("lr", exact=True).fill("0.1, 0.2")
    page.get_by_label("note", exact=True).fill("a, b")
    trials = region(page, "Preview").get_by_role("region", name="Trials")
    expect(trials.get_by_role("row")).to_have_count(5)
    trials.get_by_role("button", name="Show the command of trial 4").press("Enter")
    expect(tokens(page).filter(has_text="put in")).to_have_text(["put in: 0.2", "put in: b"])
    assert len(Repo(project).table.rows("").runs) == 1
    page.get_by_role("switch", name="Create paused").click()
    page.get_by_label("Slots").fill("1")
    page.get_by_label("Successive halving").check()
    page.get_by_label("Metric", exact=True).fill("loss")
    page.get_by_role("button", name="Add a stop condition").click()
    page.get_by_label("Stop a trial if, condition 1").fill("run.loss.last > 1000")
    page.get_by_label("Name of the queue").fill("rates")
    page.get_by_role("button", name="Start a queue of 4 trials").click()

    expect(page.get_by_role("heading", level=1, name="rates")).to_be_visible()
    expect(state(page)).to_have_text("paused")
    table = region(page, "Table of trials")
    expect(table.get_by_text("waiting")).to_have_count(4)
    page.get_by_text("Command and rules").click()
    expect(page.locator(".about")).to_contain_text("run.loss.last > 1000")
    expect(page.locator(".about")).to_contain_text("successive halving over loss")

    numbers = table.get_by_role("rowheader")
    expect(numbers).to_have_text(["1", "2", "3", "4"])
    table.get_by_role("button", name="Start trial 2 earlier").click()
    expect(numbers).to_have_text(["2", "1", "3", "4"])
    table.get_by_role("button", name="Cancel trial 4").click()
    expect(table.get_by_role("row").nth(4)).to_contain_text("canceled")
    page.get_by_role("button", name="One slot more").click()
    expect(page.get_by_role("group", name="Slots")).to_contain_text("2 slots")

    page.get_by_role("button", name="Resume").click()
    expect(state(page)).to_have_text("done")
    expect(table.get_by_text(re.compile("^(finished|stopped)$"))).to_have_count(3)
    expect(region(page, "Best so far")).to_contain_text("0.0333")
    expect(page.locator(".queue-chart canvas").first).to_be_visible()
    expect(page.locator(".queue-chart figcaption")).to_have_text("3 lines")

    table.get_by_role("button", name="Retry trial 4").click()
    expect(table.get_by_role("row").nth(4)).to_contain_text(re.compile("finished|stopped"))
    assert len(Repo(project).table.rows("run.queue is not None").runs) == 4
    table.get_by_role("link", name="Output of trial 4").click()
    expect(page.get_by_text("step 2 of b")).to_be_visible()
    page.get_by_role("link", name="trial 4 of its queue").click()
    expect(page.get_by_role("heading", level=1, name="rates")).to_be_visible()


def test_a_queue_is_paused_canceled_and_removed(allowed: str, project: Path, opened: Opened) -> None:
    run = Repo(project).table.rows("run.name == 'by hand'").runs[0].id
    page = visit(opened, allowed, f"page=start&run={run}&v=steps%3D200&v=lr%3Dlog(1e-3..1)")
    page.get_by_label("at most").fill("3")
    expect(region(page, "Preview")).to_contain_text("Random sample")
    page.get_by_label("Slots").fill("1")
    page.get_by_role("button", name="Start a queue of 3 trials").click()
    table = region(page, "Table of trials")
    expect(table.get_by_role("row").nth(1)).to_contain_text("running")
    page.get_by_role("button", name="Pause").click()
    expect(state(page)).to_have_text("paused")
    expect(table.get_by_role("row").nth(1)).to_contain_text("running")
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel queue").click()
    expect(state(page)).to_have_text("canceled")
    expect(table.get_by_role("row").nth(1)).to_contain_text("stopped")
    expect(table.get_by_role("row").nth(2)).to_contain_text("canceled")
    page.get_by_role("button", name="More for this queue").click()
    page.get_by_role("menuitem", name="Remove queue").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="No queues yet")).to_be_visible()


def test_a_command_from_nothing_leads_to_another_one(allowed: str, opened: Opened) -> None:
    page = visit(opened, allowed, "page=start")
    for what in ("run", "queue", "template"):
        page.goto(f"{allowed.partition('?')[0]}?page=start&{what}=nothing")
        expect(page.get_by_role("heading", name=f"{what.capitalize()} not found")).to_be_visible()
        page.get_by_role("link", name="Start another command").click()
        expect(page.get_by_label("Command line")).to_be_visible()


def test_errors_are_shown_at_their_field(allowed: str, project: Path, opened: Opened) -> None:
    page = visit(opened, allowed, "page=start")
    page.get_by_label("Command line").fill(f"{sys.executable} train.py --lr {{lr}}")
    page.get_by_label("Command line").press("Enter")
    plan = region(page, "Preview")
    expect(plan.get_by_role("alert")).to_contain_text("lr has no default")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    page.get_by_label("lr", exact=True).fill("5..1")
    expect(page.locator(".parameter-says.wrong")).to_contain_text("smaller number first")
    page.get_by_label("lr", exact=True).fill("5")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    page.get_by_label("Program", exact=True).fill("no-such-program")
    expect(plan.get_by_role("alert")).to_contain_text("program 'no-such-program' was not found")
    page.get_by_role("textbox", name="Working folder").fill("/no/such/folder")
    expect(plan.get_by_role("alert")).to_contain_text("/no/such/folder does not exist")
    page.get_by_role("textbox", name="Working folder").fill("")
    page.get_by_label("Argument 1", exact=True).press("Enter")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "Argument 2")
    page.keyboard.press("Backspace")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "Argument 1")


def test_foreign_queues_are_shown_before_they_start(allowed: str, project: Path, opened: Opened) -> None:
    command = {"argv": ["sh", "-c", "echo {n} >> hit"], "name": "theirs", "env": {"MARK": "set"}}
    queue, template = "q00000000000abcd", "t00000000000abcd"
    editor = edits.Editor(project / ".aim")
    editor.edit(None, f"template:{template}", command)
    editor.edit(None, f"queue_state:{queue}", {"state": "running"})
    editor.edit(None, f"queue:{queue}", {"template": command, "trials": [{"n": 1}, {"n": 2}], "name": "grid"})

    page = visit(opened, allowed, "page=processes&tab=queues")
    expect(region(page, "Table of queues").get_by_role("row").nth(1)).to_contain_text("grid · from elsewhere")
    expect(region(page, "Table of queues").get_by_role("row").nth(1)).to_contain_text("paused")
    page.goto(f"{allowed.partition('?')[0]}?page=processes&tab=templates")
    expect(region(page, "Table of templates").get_by_role("row").nth(1)).to_contain_text("theirs · from elsewhere")

    page.goto(f"{allowed.partition('?')[0]}?page=start&template={template}&v=n%3D7")
    expect(page.get_by_text("From elsewhere.")).to_be_visible()
    page.get_by_role("button", name="Review and start").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("echo 7 >> hit")
    expect(dialog).to_contain_text("MARK")
    dialog.get_by_role("button", name="Cancel").click()

    page.goto(f"{allowed.partition('?')[0]}?page=queue&queue={queue}")
    expect(state(page)).to_have_text("paused")
    expect(page.get_by_role("button", name="Resume")).to_have_count(0)
    page.get_by_role("button", name="Review and start").click()
    for shown in ("echo 1 >> hit", "MARK", str(project), "n=1", "n=2"):
        expect(dialog).to_contain_text(shown)
    dialog.get_by_role("button", name="Cancel").click()
    assert not (project / "hit").exists()
    page.get_by_role("button", name="Review and start").click()
    dialog.get_by_role("button", name="Start 2 trials").click()
    expect(state(page)).to_have_text("done")
    assert sorted((project / "hit").read_text().split()) == ["1", "2"]
    expect(page.get_by_text("From elsewhere.")).to_have_count(0)


def test_stopping_a_running_trial_asks_and_the_best_says_that_it_was_stopped(
    allowed: str, project: Path, opened: Opened
) -> None:
    run = Repo(project).table.rows("run.name == 'by hand'").runs[0].id
    page = visit(opened, allowed, f"page=start&run={run}&v=steps%3D1000&v=lr%3D0.1,0.2")
    page.get_by_label("Slots").fill("1")
    page.get_by_role("button", name="Start a queue of 2 trials").click()
    table = region(page, "Table of trials")
    first = table.get_by_role("row").nth(1)
    expect(first).to_contain_text("running")
    expect(region(page, "Best so far")).to_contain_text("loss")
    table.get_by_role("button", name="Stop trial 1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("SIGINT now")
    dialog.get_by_role("button", name="Cancel").click()
    expect(first).to_contain_text("running")
    table.get_by_role("button", name="Cancel trial 2").click()
    expect(table.get_by_role("row").nth(2)).to_contain_text("canceled")
    table.get_by_role("button", name="Stop trial 1").click()
    dialog.get_by_role("button", name="Stop").click()
    expect(first).to_contain_text("stopped")
    expect(region(page, "Best so far")).to_contain_text("Stopped early")
    table.get_by_role("link", name="Run of trial 1").click()
    expect(page.locator("h1 ~ .status, .status").first).to_have_text("stopped")
    expect(page.get_by_text("The run was stopped")).to_be_visible()


@dataclass(frozen=True)
class Shown:
    """A server that may start commands, with the ids in its repository. Everything with a name is called `HOSTILE`."""

    url: str
    run: str
    queue: str
    template: str
    strange: str = "q00000000000abcd"
    foreign: str = "t00000000000abcd"


@pytest.fixture(scope="module")
def shown_launch(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("launch")
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("XDG_STATE_HOME", str(folder / ".user-state"))
        yield from hostile_project(folder)


def hostile_project(folder: Path) -> Iterator[Shown]:
    (folder / "train.py").write_text(SCRIPT)
    Repo.init(folder)
    aim_run(folder, "--lr", "0.5")
    records = Records(folder / ".aim")
    command = Template(argv=(sys.executable, "train.py", "--lr={lr}", HOSTILE), params={"lr": HOSTILE}, name=HOSTILE)
    template = records.save_template(command)
    queue = records.create(template, [{"lr": 0.1}, {"lr": HOSTILE}], name=HOSTILE, paused=True)
    records.close()
    written = edits.latest(folder / ".aim")
    editor = edits.Editor(folder / ".aim")
    editor.edit(None, f"queue:{Shown.strange}", written[None, f"queue:{queue.id}"].value)
    editor.edit(None, f"template:{Shown.foreign}", written[None, f"template:{template.id}"].value)
    with up(folder, "--allow-run") as url:
        yield Shown(url, Repo(folder).table.rows("").runs[0].id, queue.id, template.id)


HOSTILE = "<img src=x onerror='window.harm = 1'>\u202egnp.exe"
PAGES = [
    ("page=processes", "table"),
    ("page=processes&tab=queues", ".queue-bar"),
    ("page=processes&tab=templates", ".param-chip"),
    ("page=queue&queue={queue}", ".trial-table"),
    ("page=queue&queue={strange}", ".banner"),
    ("page=start&template={foreign}", ".banner"),
    ("page=start&queue={queue}", ".trial-preview"),
    ("page=start&template={template}", ".parameter"),
    ("page=queue&queue=q00000000000000f", ".notice"),
    ("page=process&run={run}&tab=facts", ".argument-list"),
    ("page=process&run=nobody", ".notice"),
    ("page=start", ".line-editor"),
    ("page=start&run={run}&v=lr%3D0.1,0.2", ".trial-preview"),
]


@pytest.mark.parametrize(("search", "ready"), PAGES)
def test_axe_finds_nothing_and_text_is_only_text(shown_launch: Shown, opened: Opened, search: str, ready: str) -> None:
    there = search.format(**vars(shown_launch))
    page = visit(opened, shown_launch.url, there, reduced_motion="reduce")
    expect(page.locator(ready).first).to_be_visible()
    assert violations_by_theme(page) == {"light": [], "dark": []}
    assert page.evaluate("window.harm") is None


@pytest.mark.parametrize(("search", "ready"), PAGES)
def test_no_page_is_wider_than_a_phone(shown_launch: Shown, opened: Opened, search: str, ready: str) -> None:
    page = visit(opened, shown_launch.url, search.format(**vars(shown_launch)))
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator(ready).first).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") == 390
