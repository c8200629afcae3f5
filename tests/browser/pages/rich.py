"""A run that fills every tab of its page, recorded by its own script in a git folder with changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.browsing import ROOT

SCRIPT = '''
import math, sys, time
import numpy as np
import aim

run = aim.Run("rich", repo=sys.argv[1], experiment="first", console=True)
run["hparams"] = {"lr": 0.1}
print("\\x1b[1;31mtraining\\x1b[0m on \\x1b[38;2;10;120;200m1 GPU\\x1b[0m")
print("\\x1b]8;;https://example.org\\x07a link\\x1b]8;;\\x07 <b>not bold</b>")
print("a warning", file=sys.stderr, flush=True)
for percent in range(0, 101, 20):
    print(f"\\r{percent:3}%|{'#' * (percent // 10):10}|", end="", file=sys.stderr, flush=True)
print(file=sys.stderr, flush=True)
for step in range(3000):
    print(f"step {step}: loss {math.exp(-step / 500):.4f}")
REPORT = """<h1 style="color: teal">Report</h1><p id=said>no script</p><script>
document.getElementById("said").textContent = "a script ran";
try { parent.document.title = "harm" } catch (error) { document.body.append(" parent: " + error.name) }
try { document.cookie } catch (error) { document.body.append(" cookie: " + error.name) }
fetch("/api/project").catch(error => document.body.append(" fetch: " + error.name))
</script>"""
random = np.random.default_rng(0)
for step in range(0, 50, 10):
    run.track(1 / (step + 1), "loss", step=step)
    run.track(10.0 + step, "system/cpu_percent", step=step)
    run.track(aim.Distribution(random.normal(step, 1, 500)), "weights", step=step, context={"layer": "first"})
    pictures = random.integers(0, 255, (3, 8, 8), dtype=np.uint8)
    run.track([aim.Image(one, caption=f"digit {i}") for i, one in enumerate(pictures)], "samples", step=step)
    run.track(aim.Html(REPORT), "report", step=step)
    run.track(aim.Video(f"{sys.argv[2]}/noise.webm", caption="a rollout"), "rollouts", step=step)
    run.track(aim.Audio(np.sin(np.arange(800) / 9), rate=8000, caption="a tone"), "speech", step=step)
    run.track(aim.Text(f"answer {step}: **4** <script>window.harm = 1</script>"), "answers", step=step)
    lines = [{"type": "scatter", "name": "a", "x": [1, 2, 3], "y": [step, 1, 2]}]
    run.track(aim.Figure({"data": lines, "layout": {"title": {"text": "Waves"}}}), "waves", step=step)
    run.track(aim.Figure({"data": [{"type": "heatmap", "z": [[1, 2]]}], "layout": {}}), "confusion", step=step)
run.log_debug("cache warmed", files=12)
run.log_info("epoch done", loss=0.5)
run.log_warning("learning rate is 0", epoch=3)
run.log_error("out of memory", batch=32)
while not ((known := aim.Repo(sys.argv[1]).logs.environment("rich")) and known.diff):
    run.flush()
    time.sleep(0.05)
run.close()
'''


def record_rich(repo: Path, folder: Path) -> None:
    """`folder` becomes the git folder that the script runs in."""
    folder.mkdir()
    (folder / "train.py").write_text("lr = 0.1\n", encoding="utf-8")
    git = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    for words in (["init", "-q"], ["add", "train.py"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], cwd=folder, check=True)
    (folder / "train.py").write_text("lr = 0.01\n", encoding="utf-8")
    run_script(SCRIPT, repo, cwd=folder)


def run_script(script: str, repo: Path, *, cwd: Path) -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AIM_")}
    command = [sys.executable, "-c", script, str(repo), str(ROOT / "tests" / "golden" / "video")]
    environment = {**plain, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    # Two streams; two streams to one destination would be one.
    subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True)
