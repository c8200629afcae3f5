"""The table of commands, and the only place where an error becomes a message and an exit code.

Exit codes: 0 success (also if nothing matched), 1 failure, 2 an error in the command line or in AimQL.
A command's file is imported when the command is called, or for `aim --help`. It imports what reads repositories (numpy,
DuckDB, the server) only when it runs, so `aim --help` is quick.
"""

from __future__ import annotations

import errno
from difflib import get_close_matches
from importlib import import_module
from keyword import iskeyword

try:
    import click
except ModuleNotFoundError:
    raise SystemExit("aim: the command line needs the package 'click'. Run: pip install click") from None

from aim.errors import AimError, QueryError
from aim.plain import visible
from aim.version import __version__

# command: its file
COMMANDS = {
    "init": "init",
    "version": "version",
    "experiment": "experiment",
    "up": "up",
    "down": "down",
    "upgrade": "upgrade",
    "pull": "pull",
    "runs": "runs",
    "run": "run",
    "as": "dropin",
    "ps": "ps",
    "stop": "ps",
    "template": "template",
    "queue": "queue",
    "query": "query",
    "metric": "metric",
    "media": "media",
    "artifact": "artifact",
    "dashboard": "dashboard",
    "server": "server",
    "token": "token",
    "engine": "engine",
    "storage": "storage",
    "merge": "merge",
    "sync": "sync",
    "login": "sync",
    "convert": "convert",
    "demo": "demo",
}


# So much of a word is compared with the names of commands.
MAX_WORD = 100


class WrongText(click.ClickException):
    exit_code = 2


class Aim(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        function = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(import_module(f"aim.cli.{COMMANDS[cmd_name]}"), function)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            close = get_close_matches(args[0][:MAX_WORD], COMMANDS, n=1)
            ctx.fail(f"No such command {args[0]!r}." + (f" Did you mean {close[0]!r}?" if close else ""))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            raise made_visible(error) from None
        except (AimError, OSError, ModuleNotFoundError) as error:
            if ctx.params["verbose"]:
                import traceback

                traceback.print_exc()
            shown = failure(error)
            raise (made_visible(shown) if isinstance(shown, click.ClickException) else shown) from error


def made_visible(error: click.ClickException) -> click.ClickException:
    """Messages quote recorded names and paths."""
    vars(error)["message"] = visible(error.message)
    return error


def failure(error: AimError | OSError | ModuleNotFoundError) -> Exception:
    """What click shows for `error`, or `error` itself if that says nothing to a user."""
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
