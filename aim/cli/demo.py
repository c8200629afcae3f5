"""`aim demo`."""

from __future__ import annotations

import shlex

import click

from aim.cli.printer import say
from aim.cli.progress import ProgressBar
from aim.cli.table import count
from aim.errors import RepoError


@click.command()
@click.option("--runs", type=click.IntRange(1), default=20, show_default=True, help="Number of runs.")
@click.option("--metrics", type=click.IntRange(1), default=10, show_default=True, help="Series in each run.")
@click.option("--steps", type=click.IntRange(1), default=100, show_default=True, help="Points in each series.")
@click.option("--seed", type=int, default=0, show_default=True, help="Random seed of the curves.")
@click.option("--repo", metavar="PATH", default="aim-demo", show_default=True, help="Repository to write to.")
def demo(runs: int, metrics: int, steps: int, seed: int, repo: str) -> None:
    """Create a repository with realistic demo runs.

    Writes to a separate folder, unless --repo names another one.
    """
    from aim.demo import generate

    progress = ProgressBar("Writing runs")
    try:
        made = generate(repo, runs=runs, metrics=metrics, steps=steps, seed=seed, details=True, progress=progress)
    except OSError as error:
        raise RepoError(f"cannot write to {repo}: {error.strerror}. Choose another --repo") from error
    say(f"Wrote {count(len(made), 'run')} to {repo}. Open them with: {shlex.join(['aim', 'up', '--repo', repo])}")
