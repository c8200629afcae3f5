"""A repository is input. Each call that opens a file, starts a process, removes something, reads code, JSON or numbers
from data, or prints is in a table here, with what makes it safe. A new one fails this test: use `aim/regular.py` for
files of a repository, or add a row that says why the call needs no guard."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

import aim

PACKAGE = Path(aim.__file__).parent

OWN = "a file of this user, in a folder that only they can write to"
NEW = "a new file, which may not exist before"
SYSTEM = "a file of the system"
GIVEN = "a file that the caller of the method names"
NO_FILE = "another function: a text of the index"

OPENS = {
    "cli/bundle.py": f"{OWN}; a wheel by aim/regular.py, within a limit; the folder that a packer names",
    "cli/servers.py": OWN,
    "cli/up.py": OWN,
    "index/folding.py": "regular.FLAGS, in a folder that only this user can open",
    "index/shared.py": "a source of runs, which opens files by aim/regular.py",
    "index/cache_folder.py": "regular.FLAGS, or O_EXCL",
    "key.py": NEW,
    "launch/detached.py": "regular.FLAGS, a check of the open file, and pipes",
    "launch/kept.py": "regular.FLAGS",
    "launch/streams.py": "the terminal of this process",
    "launch/supervisor.py": "regular.FLAGS",
    "launch/watch.py": "/dev/null and /dev/tty",
    "log/status.py": SYSTEM,
    "log/writer.py": "O_NOFOLLOW and O_EXCL or a check of the open file; folders for fsync",
    "media/audio.py": "bytes in memory",
    "media/image.py": "bytes in memory",
    "media/media.py": GIVEN,
    "processes.py": "/dev/null, a pipe, and files of the system",
    "query/runs.py": NO_FILE,
    "regular.py": "the door itself",
    "remote/address.py": f"{OWN}, or the one that AIM_TOKEN_FILE names, within a limit",
    "remote/ship.py": SYSTEM,
    "remote/spool.py": "regular.FLAGS",
    "sdk/attempt.py": "a folder, by O_DIRECTORY, and nothing but its lock",
    "sdk/gitfiles.py": "a limit of bytes, O_NONBLOCK and a check of the open file",
    "sdk/machine.py": SYSTEM,
    "sdk/ranks.py": SYSTEM,
    "sdk/tree.py": SYSTEM,
    "server/arrivals.py": "a folder and a file in it, neither through a link; names by strict patterns",
    "server/boot.py": "regular.FLAGS, in a folder that only this user can open",
    "server/runs.py": NO_FILE,
    "server/static.py": "files of the listing of the UI",
    "server/tls.py": "the certificate and key that the user names",
    "server/tokens.py": "regular.FLAGS",
}

PROCESSES = {
    "cli/sealing.py": "this Python, in a folder of this user",
    "cli/servers.py": "ps; a signal to a process with the recorded start time",
    "cli/up.py": "this Python, in a folder of this user",
    "cli/versions.py": "pip of this Python, in an empty folder, which downloads and runs nothing",
    "launch/child.py": "the command that this user agreed to",
    "launch/detached.py": "this Python, in /",
    "launch/watch.py": "whether a process is there",
    "processes.py": "this Python with -I, in /",
    "sdk/beside.py": "this Python with -I -S, in /",
    "sdk/shipping.py": "this Python with -I -S, in /",
    "sdk/git.py": "git with a config of ours",
    "sdk/tee.py": "SIGWINCH to the parent of this process",
    "sdk/tree.py": "a signal to a process with the recorded start time",
}

REMOVALS = {
    "cli/moving.py": "a draft; what stands in the place of a seal of a deleted run, in a run folder that is no link",
    "cli/sealing.py": "a log in a run folder that is no link, after its seal was compared",
    "cli/servers.py": OWN,
    "cli/versions.py": "a temporary folder of its own",
    "files.py": "writers' files of deleted runs, not through links",
    "importers/convert.py": "a temporary folder of its own",
    "index/cache_folder.py": "files with names of the cache, not through links",
    "index/elsewhere.py": "a temporary folder of its own",
    "key.py": "a draft",
    "log/seal.py": "a log after its seal was compared",
    "log/writer.py": "a draft",
    "regular.py": "its own draft",
    "remote/shipper.py": "a file of the spool, after the server has it",
    "repo/repo.py": "what the user asked to remove: init --reinitialize, not through links",
    "server/arrivals.py": "a seal that is arriving; a log after its seal was compared; an empty log of a deleted run",
    "server/boot.py": "its own marker; a log behind the bytes that a crash of the system left",
}

ARRAY = "a number of an array: of columns of the index, whose values were bounded when they were read"
ENGINE = "of an answer of the engine that the user named"
KEYED = "of the index, which carries a code of this user"
BYTES = "of a fixed number of bytes"
DIGITS = "a pattern limits the digits"
BOUNDED = "of records: by aim/log/bounds.py, or checked for size and kind"
QUERY = "of a query: digits and bits are limited, and what is impossible is an error of the query"
MEASURED = "numbers of the system"
USER = "of this user's own program, options or variables; what is not a number is refused or reported"
COMPUTED = "computed here"
# Numbers of texts, records and files: 10^400 is not a float, 1e999 not an integer, texts have any length.
NUMBERS = {
    "engine.py": "numbers of series, of columns of the index, and never none of them",
    "cli/bundle.py": DIGITS,
    "cli/progress.py": COMPUTED,
    "cli/query.py": ARRAY,
    "cli/servers.py": COMPUTED,
    "cli/table.py": BOUNDED,
    "clickhouse/database.py": ENGINE,
    "clickhouse/table.py": ENGINE,
    "clickhouse/texts.py": "the number of a run, of a column of 64 bits",
    "clickhouse/schema.py": "the version of our own tables",
    "demo.py": COMPUTED,
    "importers/convert.py": ARRAY,
    "index/catalog.py": ARRAY,
    "index/compact.py": ARRAY,
    "index/content.py": ARRAY,
    "index/distant.py": ENGINE,
    "index/filling.py": COMPUTED,
    "index/fold.py": ARRAY,
    "index/folders.py": KEYED,
    "index/parse.py": ARRAY,
    "index/partition.py": KEYED,
    "index/restarts.py": ENGINE,
    "index/segment.py": ARRAY,
    "index/series.py": ARRAY,
    "index/shared.py": ENGINE,
    "index/sources/logs.py": ARRAY,
    "index/sources/tensorboard/crc32c.py": ARRAY,
    "index/sources/tensorboard/events.py": "columns, and sizes in a table of types",
    "index/sources/tensorboard/hparams.py": "a float below 2^53",
    "index/sources/tensorboard/protobuf.py": BYTES,
    "index/sources/tensorboard/source.py": ARRAY,
    "index/waiting.py": ENGINE,
    "index/sources/tensorboard/tfrecord.py": ARRAY,
    "index/state.py": BOUNDED,
    "index/cache_folder.py": KEYED,
    "index/sweep.py": COMPUTED,
    "integrations/keras.py": f"{USER}; harmless() around it",
    "integrations/pytorch.py": COMPUTED,
    "integrations/sklearn.py": f"{DIGITS}; harmless() around it",
    "launch/command.py": USER,
    "launch/processes.py": BOUNDED,
    "launch/records.py": COMPUTED,
    "launch/schedule.py": BOUNDED,
    "launch/signals.py": MEASURED,
    "launch/space.py": DIGITS,
    "launch/verdicts.py": ARRAY,
    "log/bounds.py": BOUNDED,
    "log/output.py": DIGITS,
    "log/seal.py": BYTES,
    "log/status.py": MEASURED,
    "log/writer.py": COMPUTED,
    "media/distribution.py": USER,
    "media/pictures.py": BYTES,
    "query/aggregate.py": QUERY,
    "query/columns.py": ARRAY,
    "query/dates.py": DIGITS,
    "query/evaluate.py": QUERY,
    "query/execute.py": ARRAY,
    "query/functions.py": QUERY,
    "query/group.py": ARRAY,
    "processes.py": f"{MEASURED}; {DIGITS}",
    "query/media.py": ARRAY,
    "query/order.py": ARRAY,
    "query/regex.py": DIGITS,
    "query/result.py": ARRAY,
    "query/sample.py": ARRAY,
    "query/select.py": ARRAY,
    "query/smooth.py": ARRAY,
    "query/shapes.py": QUERY,
    "query/shown.py": BOUNDED,
    "query/tokens.py": QUERY,
    "remote/address.py": DIGITS,
    "remote/ask.py": "numbers in an answer of a server; any error of them is told",
    "remote/client.py": "numbers in an answer of a server; any text is caught",
    "remote/frames.py": BYTES,
    "remote/ship.py": COMPUTED,
    "remote/spool.py": DIGITS,
    "repo/runs.py": ARRAY,
    "sdk/arguments.py": USER,
    "sdk/git.py": COMPUTED,
    "sdk/machine.py": MEASURED,
    "sdk/notebook.py": MEASURED,
    "sdk/ranks.py": BOUNDED,
    "sdk/recording.py": USER,
    "sdk/scalar.py": USER,
    "sdk/shipping.py": USER,
    "sdk/system.py": MEASURED,
    "sdk/tree.py": MEASURED,
    "server/activity.py": ARRAY,
    "server/arrivals.py": COMPUTED,
    "server/content.py": DIGITS,
    "server/door.py": MEASURED,
    "server/ended.py": f"{DIGITS}; what is no small integer is damage",
    "server/experiments.py": ARRAY,
    "server/launch.py": COMPUTED,
    "server/messages.py": "the HTTP parser limits the digits of a length",
    "server/media.py": DIGITS,
    "server/series.py": ARRAY,
    "server/sessions.py": DIGITS,
    "server/table.py": ARRAY,
    "server/throttle.py": COMPUTED,
}

# JSON of texts may be nested deeper than Python recurses, and of another kind than expected.
TOLD = "JSON that is invalid, nested or of another kind is caught, and reported or left out"
DOCUMENT = (
    "a column of the index: JSON that Aim wrote, with a code of this user, of records within bounds; of an engine, "
    "clickhouse/texts.py replaces what is none, or the question ends with an error"
)
ORDER = "written by the process that started this one"
DOCUMENTS = {
    "query/vocabulary.py": DOCUMENT,
    "server/encoding.py": DOCUMENT,
    "cli/bundle.py": TOLD,
    "cli/run.py": USER,
    "cli/servers.py": TOLD,
    "importers/convert.py": "a description that Aim made",
    "index/catalog.py": DOCUMENT,
    "index/compact.py": DOCUMENT,
    "index/state.py": DOCUMENT,
    "index/cache_folder.py": f"{TOLD}; read after its code",
    "integrations/xgboost.py": "the settings of a model of this user; harmless() around it",
    "index/sweep.py": TOLD,
    "launch/detached.py": ORDER,
    "launch/origin.py": COMPUTED,
    "layout.py": TOLD,
    "log/bounds.py": "the door itself: a limit of depth",
    "media/figure.py": "a figure of this user",
    "processes.py": f"{ORDER}; the answer of a process of ours",
    "query/aggregate.py": DOCUMENT,
    "query/beside.py": DOCUMENT,
    "query/columns.py": DOCUMENT,
    "query/find.py": DOCUMENT,
    "query/logged.py": DOCUMENT,
    "query/media.py": DOCUMENT,
    "query/runs.py": DOCUMENT,
    "query/select.py": DOCUMENT,
    "query/users.py": DOCUMENT,
    "remote/answers.py": TOLD,
    "remote/ask.py": f"{ORDER}; the answer of a server: {TOLD}",
    "remote/spool.py": TOLD,
    "repo/tags.py": DOCUMENT,
    "sdk/context.py": COMPUTED,
    "sdk/shipping.py": "the answer of a process of ours",
    "sdk/tee.py": ORDER,
    "server/boot.py": TOLD,
    "server/ended.py": f"{TOLD}; then everybody signs in again",
    "server/frames.py": TOLD,
    "server/messages.py": TOLD,
    "server/table.py": f"{DOCUMENT}; of a request: {TOLD}",
    "server/tokens.py": TOLD,
}

CUT = "whole items of the bytes that are there"
CHECKED = "the length is compared with what its head states"
SHORT = "bytes that are too few are caught, and it is not of that format"
BYTES_READ = {
    "cli/versions.py": "another function: it unpacks a wheel within limits",
    "clickhouse/native.py": ENGINE,
    "index/bulk.py": f"{CUT}: logs of another length are read alone",
    "index/parse.py": CUT,
    "index/sources/tensorboard/media.py": CHECKED,
    "index/sources/tensorboard/protobuf.py": "a field of eight bytes",
    "index/sources/tensorboard/tfrecord.py": CUT,
    "log/objects.py": CHECKED,
    "log/output.py": CHECKED,
    "log/record.py": CHECKED,
    "log/seal.py": CHECKED,
    "log/stored.py": CHECKED,
    "media/distribution.py": CHECKED,
    "media/flac.py": SHORT,
    "media/pictures.py": SHORT,
    "media/sounds.py": SHORT,
    "remote/frames.py": CHECKED,
    "sdk/history.py": CUT,
}

PRINTS = {
    "cli/printer.py": "the printer: control characters are shown as escapes",
    "layout.py": "visible(): control characters are shown as escapes",
    "launch/detached.py": "the answer of a process of ours, to the process that started it",
    "remote/ask.py": "JSON in ASCII, to the process that started it",
    "sdk/trouble.py": "visible(): control characters are shown as escapes",
    "server/wire/__main__.py": "types for the UI, made from the source",
}

FIXED = "the names of modules are in the source"
# Reads code or objects from data. `compile` of aim.query is another function: it compiles plans.
CODE = {
    "__init__.py": FIXED,
    "cli/main.py": FIXED,
    "media/__init__.py": FIXED,
    "media/image.py": FIXED,
    "processes.py": FIXED,
    "pytorch_lightning.py": FIXED,
    "remote/ask.py": FIXED,
    "remote/ship.py": FIXED,
    "sdk/tee.py": FIXED,
}


@cache
def calls(path: Path) -> tuple[tuple[str, str, int], ...]:
    """The name of each function that is called, with the part before the dot."""
    return tuple(_calls(path))


def _calls(path: Path) -> Iterator[tuple[str, str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield "", node.func.id, node.lineno
            elif isinstance(node.func, ast.Attribute):
                yield ast.unparse(node.func.value), node.func.attr, node.lineno


def opens(of: str, name: str) -> bool:
    if of == "" or of in ("io", "os", "builtins"):
        return name in ("open", "fdopen", "mkfifo", "mknod")
    if of.split(".")[0] in ("regular", "row"):  # the door, and the source of a row
        return False
    by_paths = ("open", "read_text", "read_bytes", "write_text", "write_bytes")
    return name in (*by_paths, "fromfile", "memmap", "loadtxt", "ZipFile", "load_cert_chain")


def starts(of: str, name: str) -> bool:
    by_os = of == "os" and (
        name.startswith(("exec", "spawn", "posix_spawn", "popen")) or name in ("system", "kill", "killpg")
    )
    return of in ("subprocess", "multiprocessing", "pty") or by_os or name in ("Popen", "pidfd_send_signal")


def removes(of: str, name: str) -> bool:
    return name in ("rmtree", "unlink", "rmdir", "removedirs") or (of == "os" and name in ("remove", "truncate"))


def makes_a_number(of: str, name: str) -> bool:
    return of == "" and name in ("int", "float")


def evaluates(of: str, name: str) -> bool:
    modules = (
        "pickle",
        "marshal",
        "shelve",
        "dill",
        "joblib",
        "yaml",
        "tarfile",
        "sqlite3",
        "runpy",
        "ctypes.cdll",
    )
    builtin = of == "" and name in ("eval", "exec", "execfile", "__import__")
    return builtin or of in modules or name in ("literal_eval", "import_module", "exec_module", "find_spec")


def reads_json(of: str, name: str) -> bool:
    return (
        of.split(".")[-1] in ("json", "orjson")
        and name in ("loads", "load", "decode", "JSONDecoder")
        or name == "raw_decode"
    )


def reads_bytes(of: str, name: str) -> bool:
    return name in ("frombuffer", "unpack", "unpack_from", "iter_unpack")


def prints(of: str, name: str) -> bool:
    of_a_stream = of.startswith(("sys.stdout", "sys.stderr")) and name in ("write", "writelines")
    return (of == "" and name == "print") or name in ("echo", "secho") or of_a_stream


KINDS: dict[str, tuple[Callable[[str, str], bool], dict[str, str]]] = {
    "opens a file": (opens, OPENS),
    "starts or signals a process": (starts, PROCESSES),
    "removes a file": (removes, REMOVALS),
    "reads code or objects from data": (evaluates, CODE),
    "makes a number": (makes_a_number, NUMBERS),
    "reads JSON": (reads_json, DOCUMENTS),
    "reads numbers from bytes": (reads_bytes, BYTES_READ),
    "prints": (prints, PRINTS),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_place_is_known(kind: str) -> None:
    applies, known = KINDS[kind]
    there: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        file = path.relative_to(PACKAGE).as_posix()
        for of, name, line in calls(path):
            if applies(of, name):
                there.setdefault(file, []).append(f"{file}:{line} calls {f'{of}.{name}'.lstrip('.')}")
    new = [call for file, lines in there.items() if file not in known for call in lines]
    assert not new, f"{kind}; say in this test why it needs no guard"
    assert set(known) == set(there), "a row of a file that does so no more"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("open(path)", "opens a file"),
        ("path.open('rb')", "opens a file"),
        ("os.open(path, 0)", "opens a file"),
        ("Path(a, b).read_text()", "opens a file"),
        ("np.fromfile(path)", "opens a file"),
        ("subprocess.run(argv)", "starts or signals a process"),
        ("os.execvp(a, b)", "starts or signals a process"),
        ("os.kill(pid, 9)", "starts or signals a process"),
        ("shutil.rmtree(folder)", "removes a file"),
        ("path.unlink()", "removes a file"),
        ("os.remove(path)", "removes a file"),
        ("int(text)", "makes a number"),
        ("float(value)", "makes a number"),
        ("json.loads(text)", "reads JSON"),
        ("msgspec.json.decode(data)", "reads JSON"),
        ("np.frombuffer(data)", "reads numbers from bytes"),
        ("head.unpack_from(data)", "reads numbers from bytes"),
        ("print(text)", "prints"),
        ("click.echo(text)", "prints"),
        ("sys.stderr.write(text)", "prints"),
        ("eval(text)", "reads code or objects from data"),
        ("pickle.loads(data)", "reads code or objects from data"),
        ("yaml.load(file)", "reads code or objects from data"),
        ("importlib.import_module(name)", "reads code or objects from data"),
        ("zipfile.ZipFile(path)", "opens a file"),
    ],
)
def test_a_new_place_would_be_noticed(tmp_path: Path, code: str, kind: str) -> None:
    (tmp_path / "new.py").write_text(code)
    [(of, name, _)] = [call for call in calls(tmp_path / "new.py") if call[1] != "Path"]
    assert KINDS[kind][0](of, name)
