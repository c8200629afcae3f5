"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timezone
from pathlib import Path
from typing import Any, TypeVar

import click

from aim.clickhouse.address import is_address as is_engine
from aim.errors import FilesElsewhere, RepoError
from aim.index.sources.table import ALL, by_prefix
from aim.query.dates import in_zone
from aim.remote import address, spool

F = TypeVar("F", bound=Callable[..., Any])


repo_option = click.option(
    "--repo",
    metavar="PATH",
    envvar="AIM_REPO",
    help="Folder that contains .aim, or .aim itself. Default: AIM_REPO, else the nearest .aim in this folder or above.",
)


def _to_spool(context: click.Context, _: click.Parameter, given: str | None) -> str | None:
    if is_engine(given):
        raise FilesElsewhere("commands, templates and queues belong to the machine that starts them")
    return str(spool.resolve(given)) if given is not None and address.is_address(given) else given


def _into_spool(context: click.Context, parameter: click.Parameter, given: str | None) -> str | None:
    if given is None or not address.is_address(given):
        return _to_spool(context, parameter, given)
    try:
        return str(spool.create(address.parse(given)))
    except OSError as error:
        raise RepoError(
            f"cannot create the folder where records wait for {given}: {error.strerror}. Set AIM_SPOOL to a folder "
            f"where you can write. {error.filename}"
        ) from error


def _launch_option(callback: Callable[[click.Context, click.Parameter, str | None], str | None]) -> Callable[[F], F]:
    return click.option(
        "--repo",
        metavar="PATH",
        envvar="AIM_REPO",
        callback=callback,
        help="Folder that contains .aim, .aim itself, or a server, aim://HOST:PORT, that commands are recorded to. "
        "Default: AIM_REPO, else the nearest .aim in this folder or above.",
    )


launch_repo_option = _launch_option(_into_spool)
# For a command that only reads: the spool of the server may not exist.
launch_view_option = _launch_option(_to_spool)

host_option = click.option("-h", "--host", default="127.0.0.1", show_default=True, help="Address to listen on.")

engine_option = click.option(
    "--engine",
    metavar="ADDRESS",
    envvar="AIM_ENGINE",
    help="The database that the repository is folded into, clickhouse://USER@HOST:PORT/DATABASE. Default: AIM_ENGINE.",
)

store_option = click.option(
    "--store",
    metavar="ADDRESS",
    envvar="AIM_STORE",
    help="The object store that seals are moved to, s3://BUCKET/PREFIX. Default: AIM_STORE.",
)

yes_option = click.option("-y", "--yes", is_flag=True, help="Skip the confirmation prompt.")

trust_option = click.option(
    "--trust", is_flag=True, help="Print a command that came from elsewhere and start it without a prompt."
)


def port_option(default: int) -> Callable[[F], F]:
    return click.option(
        "-p",
        "--port",
        type=click.IntRange(0, 65535),
        default=default,
        show_default=True,
        help="Port to listen on; 0 for any free port.",
    )


def source_options(command: F) -> F:
    """An option for all formats, and one for each source that has its own. The command gets `sources`: the folders by
    source name."""
    for row in reversed(by_prefix().values()):
        if row.option != ALL:
            text = f"Folder of {row.title} logs to read in place; {row.hint}."
            command = _source_option(row.option, row.name, text)(command)
    titles = ", ".join(f"{row.title} ({row.prefix}:NAME)" for row in by_prefix().values())
    return _source_option(ALL, ALL, f"Folder of logs to read in place, also mixed: {titles}.")(command)


def _source_option(option: str, name: str, text: str) -> Callable[[F], F]:
    names = dict.fromkeys([f"--{option}", f"--{option.replace('_', '-')}"])
    return click.option(*names, metavar="DIR", expose_value=False, callback=_into_sources(name), help=text)


def _into_sources(name: str) -> Callable[[click.Context, click.Parameter, str | None], None]:
    def take(context: click.Context, _: click.Parameter, folder: str | None) -> None:
        sources = context.params.setdefault("sources", {})
        if folder:
            sources[name] = folder

    return take


_file = click.Path(exists=True, dir_okay=False, path_type=Path)


def tls_options(command: F) -> F:
    """--tls-cert, --tls-key and --plain; the command gets `tls`, the two files or None, and `plain`."""
    command = click.option(
        "--plain",
        is_flag=True,
        help="Serve other machines without TLS because a proxy in front of the server handles it.",
    )(command)
    key = click.option("--tls-key", type=_file, expose_value=False, callback=_into_tls, help="Its key, in PEM.")
    certificate = click.option(
        "--tls-cert",
        type=_file,
        expose_value=False,
        callback=_into_tls,
        help="Certificate with its chain, in PEM; the server then uses HTTPS.",
    )
    return certificate(key(command))


def _into_tls(context: click.Context, parameter: click.Parameter, path: Path | None) -> None:
    """The first of the two options waits for the second."""
    name = str(parameter.name)
    files = context.meta.setdefault("aim.tls", {})
    files[name] = path
    if len(files) == 2:
        certificate, key = files["tls_cert"], files["tls_key"]
        if (certificate is None) != (key is None):
            raise click.UsageError("--tls-cert and --tls-key belong together: pass both.")
        context.params["tls"] = None if certificate is None or key is None else (certificate, key)


def _use_utc(context: click.Context, _: click.Parameter, given: bool) -> None:
    if given:
        context.with_resource(in_zone(timezone.utc))


utc_option = click.option(
    "--utc",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_use_utc,
    help="Dates in queries and printed times are in UTC. Default: the time zone of this machine.",
)


def form_options(command: F) -> F:
    """--json and --csv; the command gets `form`: None for a table, "json" or "csv"."""
    for form in ("csv", "json"):
        take = _into_form(form)
        option = click.option(
            f"--{form}", is_flag=True, expose_value=False, callback=take, help=f"Print {form.upper()}."
        )
        command = option(command)
    return command


def _into_form(form: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def take(context: click.Context, _: click.Parameter, given: bool) -> None:
        chosen = context.params.setdefault("form", None)
        if given and chosen is not None:
            raise click.UsageError(f"--{chosen} and --{form} cannot be combined: pass one of them.")
        context.params["form"] = form if given else chosen

    return take


def selection_options(command: F) -> F:
    """RUN... and --query; the command gets `patterns` and `query`."""
    command = click.option("-q", "--query", metavar="AIMQL", help="Select runs that match this expression.")(command)
    return click.argument("patterns", metavar="[RUN]...", nargs=-1)(command)
