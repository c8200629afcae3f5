"""The table of commands, and the one place where an error becomes a message and an exit code.

Exit codes: 0 done (also when nothing matched), 1 it could not be done, 2 the command line or the AimQL text is wrong.
Command files import what reads repositories (numpy, DuckDB, the server) only when they run, so `aim --help` is quick.
"""

from __future__ import annotations

import errno
import traceback

try:
    import click
except ModuleNotFoundError:
    raise SystemExit("aim: the command line needs the package 'click'. Run: pip install click") from None

from aim.cli.convert import convert
from aim.cli.demo import demo
from aim.cli.down import down
from aim.cli.experiment import experiment
from aim.cli.init import init
from aim.cli.merge import merge
from aim.cli.ps import ps, stop
from aim.cli.pull import pull
from aim.cli.query import query
from aim.cli.queue import queue
from aim.cli.run import run
from aim.cli.runs import runs
from aim.cli.storage import storage
from aim.cli.template import template
from aim.cli.up import up
from aim.cli.upgrade import upgrade
from aim.cli.version import version
from aim.errors import AimError, QueryError
from aim.version import __version__

COMMANDS: tuple[click.Command, ...] = (
    init,
    version,
    experiment,
    up,
    down,
    upgrade,
    pull,
    runs,
    run,
    ps,
    stop,
    template,
    queue,
    query,
    storage,
    merge,
    convert,
    demo,
)


class WrongText(click.ClickException):
    exit_code = 2


class Aim(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [command.name or "" for command in COMMANDS]

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (AimError, OSError, ModuleNotFoundError) as error:
            if ctx.params["verbose"]:
                traceback.print_exc()
            raise failure(error) from error


def failure(error: AimError | OSError | ModuleNotFoundError) -> Exception:
    """What click shows for `error`, or `error` itself where that says nothing to a user."""
    if isinstance(error, OSError):
        if error.errno == errno.EPIPE or not error.strerror:
            return error
        place = f": {error.filename}" if error.filename else ""
        return click.ClickException(f"{error.strerror}{place}")
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "").partition(".")[0]
        if package in ("", "aim"):
            return error
        return click.ClickException(f"the package {package!r} is missing. Run: pip install {package}")
    return WrongText(str(error)) if isinstance(error, QueryError) else click.ClickException(str(error))


@click.group(cls=Aim)
@click.option("-v", "--verbose", is_flag=True, help="Show a traceback with each error.")
@click.version_option(__version__, message="Aim v%(version)s")
def main(verbose: bool) -> None:
    """Record, search and compare training runs."""


for command in COMMANDS:
    main.add_command(command)
