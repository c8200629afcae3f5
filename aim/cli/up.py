"""`aim up`: one process that serves the UI of one repository until it is stopped."""

from __future__ import annotations

import ipaddress
import os
import secrets
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource

from aim import layout, user
from aim.cli import servers, versions
from aim.cli.ask import agreed
from aim.cli.opening import find_repo, offer_logs, open_repo, tell_of_sources, to_paste
from aim.cli.options import engine_option, host_option, port_option, repo_option, source_options, tls_options
from aim.cli.printer import say
from aim.cli.sealing import sealing_when_idle
from aim.cli.servers import Served
from aim.clickhouse.address import is_address, parse
from aim.errors import ServerError
from aim.index.sources.table import by_prefix
from aim.server.tokens import ROLES, Role, Tokens

PORTS_TRIED = 50
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}
EVERY = 0.05
_ADD = ("token", "add", "USER")


@dataclass(frozen=True)
class TeamOptions:
    """Who may look, and how."""

    tokens: bool
    auth_header: str | None
    auth_role: Role
    trusted_proxies: tuple[str, ...]
    tls: tuple[Path, Path] | None
    plain: bool

    def __bool__(self) -> bool:
        return self.tokens or self.auth_header is not None

    def name_for(self, host: str) -> str:
        """The host, or a name of the certificate."""
        from aim.server.tls import Tls

        return Tls(*self.tls).name_for(host) if self.tls else host

    def arguments(self) -> list[str]:
        words = ["--tokens"] * self.tokens + ["--plain"] * self.plain
        if self.auth_header is not None:
            words += ["--auth-header", self.auth_header, "--auth-role", self.auth_role]
            words += [word for proxy in self.trusted_proxies for word in ("--trusted-proxy", proxy)]
        if self.tls is not None:
            words += ["--tls-cert", str(self.tls[0].absolute()), "--tls-key", str(self.tls[1].absolute())]
        return words


@dataclass(frozen=True)
class ServerOptions:
    """The options of the command; `port` 0 means any free port. `aim_dir` is None for an engine alone."""

    aim_dir: Path | None
    host: str
    port: int
    version: str
    token: str | None
    allow_hosts: tuple[str, ...]
    read_only: bool
    allow_run: bool
    sources: Mapping[str, str]
    team: TeamOptions
    engine: str | None

    @property
    def name(self) -> str:
        return str(parse(str(self.engine)) if self.aim_dir is None else self.aim_dir)

    @property
    def repo(self) -> str:
        """The value of --repo."""
        return self.name if self.aim_dir is None else str(self.aim_dir.parent)

    @property
    def place(self) -> Path:
        """What one server of this machine serves. Any number read from an engine, each at its own port."""
        return parse(str(self.engine)).place / str(self.port) if self.aim_dir is None else self.aim_dir

    def arguments(self) -> list[str]:
        """The arguments of `aim` for the same options. Token and engine are left out: others can read a command
        line, and the address of an engine may hold a password."""
        words = ["up", "--repo", self.repo, "--host", self.host, "--port", str(self.port)]
        words += ["--version", self.version, *self.team.arguments()]
        words += [word for name in self.allow_hosts for word in ("--allow-host", name)]
        options = {row.name: row.option for row in by_prefix().values()}
        for name, folder in self.sources.items():
            words += [f"--{options.get(name, name)}", folder]
        return words + ["--read-only"] * self.read_only + ["--allow-run"] * self.allow_run


@click.command()
@click.argument("folder", metavar="[DIR]", required=False)
@host_option
@port_option(43800)
@click.option("-v", "--version", default=versions.LATEST, show_default=True, help="UI version, see aim pull.")
@repo_option
@source_options
@click.option("-d", "--detach", is_flag=True, help="Run in the background; return when the UI is ready.")
@click.option("--token", envvar="AIM_TOKEN", help="Access token. Default: AIM_TOKEN, else generated when needed.")
@click.option(
    "--tokens", is_flag=True, help="Ask each user for a token, see aim token. Its role says what they may do."
)
@click.option("--auth-header", metavar="NAME", help="Header in which a proxy names the user: X-Forwarded-User.")
@click.option(
    "--auth-role", type=click.Choice(ROLES), default="read", show_default=True, help="What users of the proxy may do."
)
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    multiple=True,
    metavar="ADDRESS",
    help="Address or network that may send the header. Repeatable. Default: this machine.",
)
@tls_options
@click.option(
    "--allow-host", "allow_hosts", multiple=True, metavar="NAME", help="Additional host name to accept. Repeatable."
)
@click.option("--read-only", is_flag=True, help="Refuse all changes.")
@click.option(
    "--allow-run", is_flag=True, help="Allow the UI to start and stop commands; token required, loopback only."
)
@engine_option
@click.option("-y", "--yes", "--restart", is_flag=True, help="Restart a running UI without asking.")
def up(
    folder: str | None,
    host: str,
    port: int,
    version: str,
    repo: str | None,
    sources: dict[str, str],
    detach: bool,
    token: str | None,
    tokens: bool,
    auth_header: str | None,
    auth_role: Role,
    trusted_proxies: tuple[str, ...],
    tls: tuple[Path, Path] | None,
    plain: bool,
    allow_hosts: tuple[str, ...],
    read_only: bool,
    allow_run: bool,
    engine: str | None,
    yes: bool,
) -> None:
    """Open this repository, or that in DIR, in the browser.

    With DIR, logs of other trackers below it are named, and shown if you want; without a repository there, they are
    shown alone.

    The UI is part of Aim: no Docker, no Node, no data sent anywhere. A token is generated for network addresses and
    for --allow-run if none is given. For a team, pass --tokens or --auth-header.
    """
    if folder is not None:
        if given("repo"):
            raise click.UsageError("DIR and --repo both name the repository: pass one of them.")
        repo, sources = folder, offer_logs(folder, sources)
    place, engine = repo_and_engine(repo, engine, sources)
    # Everything that the UI starts gets this environment, and the token allows starting anything.
    for name in ("AIM_TOKEN", "AIM_ENGINE", "AIM_CLICKHOUSE_PASSWORD"):
        os.environ.pop(name, None)
    team = TeamOptions(tokens, auth_header, auth_role, trusted_proxies, tls, plain)
    refuse_odd_team(team)
    token = None if team else token or token_for(host, allow_run=allow_run)
    # A detached server works in another folder.
    logs = {name: os.path.abspath(user.expanded(folder)) for name, folder in sources.items()}
    options = ServerOptions(
        place,
        host,
        port,
        version,
        token,
        allow_hosts,
        read_only,
        allow_run,
        logs,
        team,
        engine,
    )
    refuse_to_run(options)
    if tokens and options.aim_dir:
        tokens_of(options.aim_dir)  # a damaged file would refuse everybody
    versions.chosen(version)
    if not make_way(options, yes=yes):
        return
    if detach:
        start_detached(options)
    else:
        run(options)


def repo_and_engine(repo: str | None, engine: str | None, sources: Mapping[str, str]) -> tuple[Path | None, str | None]:
    """The repository, or None for an engine alone: its address is --repo, or no repository is here. The engine is
    given with its password."""
    alone = engine is not None and repo is None and not layout.nearest()[0].is_dir()
    if is_address(repo):
        named = parse(str(repo))
        if engine is not None and str(parse(engine)) != str(named):
            raise click.UsageError(f"--repo names the engine {named}, and --engine another one: pass one of them.")
        alone, engine = True, engine or repo
    aim_dir = None if alone else find_repo(repo, sources=sources)
    return aim_dir, None if engine is None else parse(engine).secret()


def refuse_odd_team(team: TeamOptions) -> None:
    if team and given("token"):
        raise click.UsageError("--token is one token for everybody: omit it, or omit --tokens and --auth-header.")
    if team.auth_header is None and (team.trusted_proxies or given("auth_role")):
        raise click.UsageError("--trusted-proxy and --auth-role are about a header: add --auth-header NAME.")


def given(option: str) -> bool:
    """Whether an option is on the command line, and not from a variable or its default."""
    return click.get_current_context().get_parameter_source(option) is ParameterSource.COMMANDLINE


def token_for(host: str, *, allow_run: bool) -> str | None:
    """A new token for an address that others can reach, and for a server that starts commands."""
    return secrets.token_urlsafe(24) if allow_run or not is_loopback(host) else None


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_engine_alone(options: ServerOptions) -> None:
    """What needs the files of the repository."""
    if options.team.tokens:
        raise click.UsageError(
            "--tokens are in the folder of a repository, and the engine has none: pass --auth-header behind a proxy "
            "that signs users in, or --token for everybody."
        )
    if options.allow_run:
        raise click.UsageError("--allow-run starts commands in the folder of a repository, and the engine has none.")


def refuse_to_run(options: ServerOptions) -> None:
    """Anyone who may start commands can do anything as this user."""
    if options.aim_dir is None:
        refuse_engine_alone(options)
        return
    if not options.allow_run:
        return
    if options.team and not options.team.tokens:
        raise click.UsageError(
            "--allow-run needs --tokens beside --auth-header: programs of other users on the proxy's machine can send "
            "the header, and only a user with a token can start commands."
        )
    if options.read_only:
        raise click.UsageError("--allow-run records the runs it starts, so it cannot be combined with --read-only.")
    if not is_loopback(options.host):
        raise click.UsageError(
            f"--allow-run cannot be combined with --host {options.host}: only this machine can start commands. From "
            "another machine, connect with: ssh -L 43800:localhost:43800 HOST."
        )
    if layout.why_not_write(options.aim_dir):
        raise click.UsageError(f"--allow-run records the runs it starts, and {layout.unwritable(options.aim_dir)}.")


def make_way(options: ServerOptions, *, yes: bool) -> bool:
    """End the UI that already serves this repository, if the user agrees."""
    served = servers.of_repo(options.place)
    if served is None:
        return True
    say(f"The UI of {options.name} is at {served.url or f'port {served.port} (starting)'}")
    if not agreed(
        "Aim UI is already running. Do you want to restart it?",
        yes=yes,
        instead="Aim UI is already running on this repository. Pass --restart to restart it, or stop it with: aim down",
    ):
        return False
    served.end()
    return True


def run(options: ServerOptions) -> None:
    from aim.server.serve import serve
    from aim.server.team import LOOPBACK, ProxyHeader
    from aim.server.tls import Tls

    team = options.team
    header = None
    if team.auth_header is not None:
        header = ProxyHeader(team.auth_header, team.auth_role, team.trusted_proxies or LOOPBACK)
    with (
        closing(listen(options.host, options.port)) as sock,
        servers.claimed(options.place, host=options.host, port=sock.getsockname()[1]) as mine,
    ):
        say(f"Running Aim UI on repo {options.name}")
        repo = open_repo(
            options.engine if options.aim_dir is None else str(options.aim_dir),
            read_only=options.read_only,
            sources=options.sources,
            engine=None if options.aim_dir is None else options.engine,
            partly=True,
        )
        repo.revision()
        tell_of_sources(repo)
        with sealing_when_idle(options.aim_dir) if options.aim_dir and repo.edits.writable else nullcontext():
            serve(
                repo,
                host=options.host,
                sock=sock,
                token=options.token,
                tokens=team.tokens,
                header=header,
                tls=Tls(*team.tls) if team.tls else None,
                plain=team.plain,
                allow_hosts=options.allow_hosts,
                ui_dir=versions.chosen(options.version),
                allow_run=options.allow_run,
                command=shlex.join(["aim", *options.arguments()]),
                ready=lambda port: announce(options, mine, port),
            )
        say("Shutting down...")
    say("Done")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. An error names a free port."""
    from aim.server.serve import bind

    try:
        return bind(host, port)
    except ServerError as error:
        free = next((other for other in range(port + 1, min(port + PORTS_TRIED, 65536)) if is_free(host, other)), None)
        if free is None:
            raise
        owner = servers.on_port(port)
        by = f". It belongs to the Aim UI of {owner.name}" if owner else ""
        raise ServerError(f"{error}{by}. Port {free} is free: aim up --port {free}") from None


def is_free(host: str, port: int) -> bool:
    from aim.server.serve import bind

    try:
        bind(host, port).close()
    except ServerError:
        return False
    return True


def announce(options: ServerOptions, mine: Served, port: int) -> None:
    url = address(options, port)
    servers.answers(mine, url)
    tell_where(options, url, port)
    say("Press Ctrl+C to exit")


def tell_where(options: ServerOptions, url: str, port: int) -> None:
    say(f"Open {url}")
    others = address(options, port, socket.gethostname())
    if options.host in WILDCARDS and others != url:
        say(f"From other machines: {others}")
    if options.team.tokens and options.aim_dir:
        say(tokens_of(options.aim_dir))


def tokens_of(aim_dir: Path) -> str:
    """Who has a token, or how to make one."""
    tokens = Tokens(aim_dir)
    users = sorted(
        {
            f"{token.user} ({token.role}{'' if tokens.is_ours(token) else ', from elsewhere'})"
            for token in tokens
            if not token.expired and not token.link
        }
    )
    return f"Tokens: {', '.join(users)}" if users else f"No tokens yet. Create one with: {to_paste(aim_dir, *_ADD)}"


def host_and_port(host: str, port: int) -> str:
    """As in an address: an IPv6 address has brackets."""
    return f"{f'[{host}]' if ':' in host else host}:{port}"


def address(options: ServerOptions, port: int, host: str = "") -> str:
    """The address to open in a browser. A wildcard address becomes the loopback address."""
    host = options.team.name_for(host or WILDCARDS.get(options.host, options.host))
    scheme = "http" if options.team.tls is None else "https"
    place = f"{scheme}://{host_and_port(host, port)}"
    return f"{place}/?token={options.token}" if options.token else place


def start_detached(options: ServerOptions) -> None:
    """Start the same command as a separate process, and return when it answers."""
    output = servers.output_file(options.place)
    command = [sys.executable, "-m", "aim", *options.arguments()]
    given = {"AIM_TOKEN": options.token, "AIM_ENGINE": options.engine}
    environment = {**os.environ, **{name: value for name, value in given.items() if value}}
    with open(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        # Not in this folder: `-m aim` would import a user's aim.py as the package.
        place = servers.folder()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd=place,
            env=environment,
            start_new_session=True,
        )
    try:
        served = wait_for(child, options.place)
    except BaseException:
        child.terminate()
        raise
    if served is None:
        raise ServerError(f"Aim UI did not start:\n{output.read_text(errors='replace').strip()}")
    say(f"Running Aim UI on repo {options.name}")
    tell_where(options, served.url, served.port)
    say(f"Stop it with: {shlex.join(['aim', 'down', '--repo', options.repo])}")


def wait_for(child: subprocess.Popen[bytes], place: Path) -> Served | None:
    """The server as soon as it answers; None if it ended instead."""
    while child.poll() is None:
        served = servers.of_repo(place)
        if served is not None and served.pid == child.pid and served.url:
            child.returncode = 0  # It stays running; without this, Popen warns about it.
            return served
        time.sleep(EVERY)
    return None
