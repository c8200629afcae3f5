"""A repository is input. Each place that opens, lists, makes, moves or removes files, starts a process, connects, reads
code, JSON or numbers from data, inflates, or prints is in tests/places.txt: its file, its function, and a word of
GUARDS that says why it is safe. A new one fails this test: use `aim/regular.py` for files of a repository, or add it
there. `*` stands for all functions of a file whose numbers are of columns, of bytes that are there, or computed."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import aim
from aim.cli import bundle
from aim.errors import BundleError, LaunchError, RemoteError
from aim.launch import space
from aim.log import output
from aim.query import dates, regex
from aim.remote import address
from aim.server import content

PACKAGE = Path(aim.__file__).parent
TESTS = Path(__file__).parent


class Guard(NamedTuple):
    """Why a place is safe, and tests of it; none where nothing of others arrives."""

    why: str
    tests: tuple[str, ...] = ()


GUARDS = {
    "door": Guard(
        "what the others go through: regular files only, never through a link, and without holes",
        ("test_it_stops_no_reader_and_is_named", "test_a_file_that_appears_in_between_is_not_read"),
    ),
    "flags": Guard(
        "opened with regular.FLAGS, and refused unless it is a regular file",
        ("test_files_of_the_processes_are_never_opened_through_links", "test_nothing_stops"),
    ),
    "inside": Guard(
        "in a folder of a repository that is not a link, under a name with a pattern",
        (
            "test_nothing_is_deleted_or_sealed_through_a_link",
            "test_nothing_is_written_through_the_link_of_a_run_folder",
            "test_nothing_is_written_to_a_linked_folder_of_a_repository",
        ),
    ),
    "listed": Guard(
        "what a listing has: no link is followed, and what cannot be read is left out",
        ("test_it_stops_no_reader_and_is_named", "test_the_disk_usage_where_a_link_leads_to_the_whole_disk"),
    ),
    "new": Guard("a new file, or a temporary folder of its own", ("test_the_key_is_private_and_created_once",)),
    "own": Guard(
        "in a folder that only this user can write to",
        (
            "test_a_private_folder_that_others_can_write_is_not_used",
            "test_a_bundle_that_others_can_write_is_not_served",
        ),
    ),
    "system": Guard("of the system: /proc, /dev, sys.path, the terminal, facts of this process"),
    "given": Guard("what this user names or configures, or a value of their program"),
    "memory": Guard("bytes in memory"),
    "apart": Guard(
        "of media of others, in a process of its own with limits of pixels or samples, memory and time",
        ("test_hostile_images_harm_nothing", "test_hostile_sounds_harm_nothing", "test_damaged_bytes_harm_nothing"),
    ),
    "agreed": Guard("a command that this user agreed to", ("test_records_of_others_start_resume_and_replace_nothing",)),
    "ours": Guard(
        "a process of ours, started outside the repository, and what it says",
        ("test_a_git_in_the_working_folder_is_not_run",),
    ),
    "git": Guard(
        "git with a config of ours",
        ("test_no_program_that_a_config_names_is_run", "test_nothing_is_fetched_for_a_file_that_is_missing"),
    ),
    "known": Guard(
        "a signal to a process that is still the recorded one",
        ("test_records_that_name_another_program_stop_nothing",),
    ),
    "fixed": Guard("the text is in the source"),
    "array": Guard(
        "a number of columns, whose values were bounded when they were read", ("test_lists_have_the_sound_run",)
    ),
    "engine": Guard(
        "of an answer of the engine that the user named, with the types that were asked for",
        ("test_every_answer_ends_in_a_clear_error", "test_a_number_that_is_no_number_is_refused"),
    ),
    "keyed": Guard(
        "read after its code, which was made with the key of this user",
        ("test_a_manifest_that_this_user_did_not_write_is_not_believed",),
    ),
    "bytes": Guard(
        "the length is compared with what is there, and what does not fit is refused",
        (
            "test_a_seal_damaged_at_any_byte_is_refused_by_name",
            "test_random_bytes_are_frames_or_an_error",
            "test_any_bytes_after_a_known_beginning",
            "test_a_truncated_record_is_not_read",
        ),
    ),
    "digits": Guard("a pattern limits the digits", ("test_a_number_of_thousands_of_digits_is_refused_or_a_text",)),
    "bounded": Guard(
        "bounded by aim/log/bounds.py, or checked for kind and size",
        ("test_lists_have_the_sound_run", "test_a_check_names_each_record_that_is_invalid"),
    ),
    "query": Guard(
        "of a query: digits and bits are limited, and what is impossible is an error of the query",
        ("test_a_query_that_would_take_minutes_is_refused",),
    ),
    "computed": Guard("computed here"),
    "told": Guard(
        "what is invalid, nested, endless or of another kind is caught, and reported or left out",
        (
            "test_nothing_stops",
            "test_odd_numbers_stop_nothing",
            "test_an_invalid_answer_for_a_frame_is_an_error",
            "test_a_chart_is_checked",
        ),
    ),
    "column": Guard(
        "JSON that Aim wrote into a column of bounded records; odd texts of an engine were replaced",
        ("test_lists_have_the_sound_run", "test_texts_of_others_break_no_page_and_their_runs_are_damaged"),
    ),
    "limited": Guard(
        "no more than a limit, or than the size of the file permits",
        ("test_a_seal_that_claims_too_much_is_refused", "test_a_bomb_is_refused_before_it_unfolds"),
    ),
    "escaped": Guard(
        "control characters are shown as escapes",
        ("test_no_text_acts_on_the_terminal", "test_only_the_printer_prints"),
    ),
    "server": Guard(
        "a server that this user named, within limits of time and size",
        ("test_every_answer_ends_in_a_clear_error", "test_an_error_is_a_bounded_text"),
    ),
    "clients": Guard("connections within limits", ("test_2000_silent_connections_do_not_block_others",)),
}

_CONSTANTS = "DEVNULL|PIPE|STDOUT|TimeoutExpired|CompletedProcess"
KINDS = {
    "opens a file": (
        r"open|os\.(open|fdopen|mkfifo|mknod|openpty)|io\.(open|FileIO|open_code)|mmap\.\w+|wave\.open"
        r"|(zipfile|tarfile)\.\w*File|tempfile\.(mk\w+|\w*Temp\w+)|numpy\.(load|save\w*|memmap|fromfile|loadtxt)"
        r"|(?!regular\.|row\.|channel\.|self\.(_\w+\.)?(open|read_text)$|run\.|disks\.).*"
        r"\.(open|read_text|read_bytes|write_text|write_bytes|load_cert_chain|load_verify_locations|tofile)"
        r"|configparser\.\w*Parser"
    ),
    "lists a folder": r"os\.(scandir|listdir|walk|fwalk)|glob\.\w+|.*\.(iterdir|glob|rglob)",
    "makes or moves": (
        r"os\.(replace|rename|renames|link|symlink|makedirs|mkdir|chmod|chown|utime)|shutil\.(copy\w*|move|chown)"
        r"|(?!change\.|repo\.).*\.(rename|symlink_to|hardlink_to|mkdir|chmod)"
    ),
    "removes": r"os\.(unlink|remove|rmdir|removedirs|truncate|ftruncate)|shutil\.rmtree|.*\.(unlink|rmdir|truncate)",
    "starts or signals a process": (
        rf"subprocess\.(?!{_CONSTANTS})\w+|multiprocessing\.\w+|pty\.\w+|signal\.(pidfd_send_signal|pthread_kill)"
        r"|os\.(exec\w+|spawn\w+|posix_spawnp?|popen|fork|forkpty|system|kill|killpg|pidfd_open|startfile)"
    ),
    "connects": (
        r"http\.client\.HTTPS?Connection|urllib\.request\.\w+|(requests|httpx|ftplib|smtplib)\.\w+"
        r"|socket\.(socket|socketpair|create_\w+|fromfd)|asyncio\.(open|start)_\w+"
    ),
    "reads code": (
        r"eval|exec|compile|__import__|(pickle|marshal|shelve|dill|joblib|cloudpickle|yaml|sqlite3|runpy|codeop|xml|"
        r"plistlib|tomllib)\.\w+|ast\.literal_eval|importlib\.(import_module|reload|util\.\w+)|ctypes\.(CDLL|\w*dll)"
        r"|.*\.(exec_module|find_spec)"
    ),
    "reads JSON": r"(json|orjson|msgspec\.json)\.(loads?|decode|JSONDecoder|Decoder)|.*\.raw_decode",
    "makes a number": r"int|float|complex|decimal\.\w+|fractions\.\w+",
    "reads numbers from bytes": r".*\.(frombuffer|unpack|unpack_from|iter_unpack|from_bytes|fromstring)",
    "inflates": r"(lzma|zlib|gzip|bz2|zstandard|brotli)\.(?!\w*32$|\w*[Ee]rror|[A-Z0-9_]+$)\w+|.*\.decompress",
    "prints": r"print|click\.\w*echo|.*sys\.(stdout|stderr)(\.buffer)?\.write(lines)?",
}
BUILTINS = {"open", "int", "float", "complex", "print", "eval", "exec", "compile", "__import__"}
ASKS = {"isinstance", "issubclass", "cast"}
Site = tuple[str, str, str]


def places_in(text: str) -> Iterator[tuple[str, str, str]]:
    """The function, the kind and the line of each place of a source, also where a function is handed over uncalled."""
    tree = ast.parse(text)
    for function, name, line in _names(tree, "<module>", _origins(tree)):
        for kind in kinds_of(name):
            yield function, kind, f"{line}: {name}"


@cache
def kinds_of(name: str) -> list[str]:
    return [kind for kind, pattern in KINDS.items() if re.fullmatch(pattern, name)]


def _origins(tree: ast.AST) -> dict[str, str]:
    """What imported names stand for."""
    origins: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            origins |= {name.asname: name.name for name in node.names if name.asname}
        elif isinstance(node, ast.ImportFrom):
            origins |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
    return origins


def _names(node: ast.AST, function: str, origins: dict[str, str]) -> Iterator[tuple[str, str, int]]:
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.Attribute):
                head, _, rest = _dotted(part).partition(".")
                yield function, f"{origins.get(head, head)}.{rest}".removeprefix("aim."), part.lineno
            elif isinstance(part, ast.Name) and (part.id in origins or _is_given(part, field, node)):
                yield function, origins.get(part.id, part.id), part.lineno
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield from _names(part, f"{function}.{part.name}".removeprefix("<module>."), origins)
            elif isinstance(part, ast.AST):
                yield from _names(part, function, origins)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else f"({type(node).__name__})"


def _is_given(name: ast.Name, field: str, parent: ast.AST) -> bool:
    """Whether a builtin is called, or handed to a function that may call it."""
    if name.id not in BUILTINS or not isinstance(parent, ast.Call):
        return False
    return field == "func" or (field == "args" and ast.unparse(parent.func) not in ASKS)


def there() -> dict[Site, list[str]]:
    places: dict[Site, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        file = path.relative_to(PACKAGE).as_posix()
        for function, kind, line in places_in(path.read_text(encoding="utf-8")):
            places.setdefault((kind, file, function), []).append(f"aim/{file}:{line} in {function}")
    return places


def known() -> dict[Site, str]:
    """Of tests/places.txt: a line for each kind, and below it `FILE  GUARD: FUNCTION, FUNCTION; GUARD: FUNCTION`."""
    places: dict[Site, str] = {}
    kind = ""
    for line in (TESTS / "places.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            kind = line
            continue
        file, guards = line.split(maxsplit=1)
        for guard, _, functions in (part.partition(": ") for part in guards.split("; ")):
            places |= {(kind, file, function): guard for function in functions.split(", ")}
    return places


def test_every_place_is_known() -> None:
    seen, listed = there(), known()
    anywhere = {site[:2] for site in listed if site[2] == "*"}
    seen = {(*site[:2], "*") if site[:2] in anywhere else site: lines for site, lines in seen.items()}
    new = [f"{site[0]}: {line}" for site, lines in seen.items() if site not in listed for line in lines]
    assert not new, "say in tests/places.txt why these are safe"
    assert not set(listed) - set(seen), "places in tests/places.txt that are gone"
    assert {kind for kind, _, _ in listed} == set(KINDS)


def test_every_reason_is_one_of_few_and_has_its_tests() -> None:
    assert set(known().values()) == set(GUARDS)
    sources = "\n".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    named = {name for guard in GUARDS.values() for name in guard.tests}
    assert named <= set(re.findall(r"def (test_\w+)\(", sources))


MANY = "9" * 5_000  # More than int() takes, and too much for a float.


@pytest.mark.parametrize(
    ("read", "errors"),
    [
        (lambda: bundle.order(f"1.{MANY}"), BundleError),
        (lambda: bundle.order(f"1.0.post{MANY}"), BundleError),
        (lambda: content.within(f"bytes=0-{MANY}", 10), ()),
        (lambda: content.within(f"bytes=-{MANY}", 10), ()),
        (lambda: space.value(MANY), ()),
        (lambda: space.parse("lr", f"0..{MANY}:1"), LaunchError),
        (lambda: space.parse("lr", f"uniform(0..{MANY})"), LaunchError),
        (lambda: space.parse("lr", f"log(1..{MANY}:{MANY})"), LaunchError),
        (lambda: output.read_cursor(f"{'0' * 16}.{MANY}"), ValueError),
        (lambda: address.parse(f"aim://here:{MANY}"), RemoteError),
        (lambda: dates.period_of(f"{MANY}-01-01"), ()),
        (lambda: regex.compile_pattern(f"a{{{MANY}}}"), ValueError),
    ],
)
def test_a_number_of_thousands_of_digits_is_refused_or_a_text(
    read: Callable[[], object], errors: type[Exception] | tuple[()]
) -> None:
    with suppress(errors):
        assert read() in (None, MANY, (0, 10))
        return
    assert errors


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("open(path)", "opens a file"),
        ("path.open('rb')", "opens a file"),
        ("os.open(path, 0)", "opens a file"),
        ("Path(a, b).read_text()", "opens a file"),
        ("import numpy as np\nnp.load(path)", "opens a file"),
        ("from mmap import mmap\nmmap(fd, 0)", "opens a file"),
        ("zipfile.ZipFile(path)", "opens a file"),
        ("tarfile.TarFile(path)", "opens a file"),
        ("os.scandir(folder)", "lists a folder"),
        ("folder.rglob('*')", "lists a folder"),
        ("from glob import glob\nglob('*')", "lists a folder"),
        ("os.replace(a, b)", "makes or moves"),
        ("path.rename(other)", "makes or moves"),
        ("shutil.copyfile(a, b)", "makes or moves"),
        ("shutil.rmtree(folder)", "removes"),
        ("path.unlink()", "removes"),
        ("from os import remove as drop\ndrop(path)", "removes"),
        ("subprocess.run(argv)", "starts or signals a process"),
        ("os.execvp(a, b)", "starts or signals a process"),
        ("os.kill(pid, 9)", "starts or signals a process"),
        ("from urllib.request import urlopen\nurlopen(address)", "connects"),
        ("import http.client\nhttp.client.HTTPConnection(host)", "connects"),
        ("eval(text)", "reads code"),
        ("from pickle import loads\nloads(data)", "reads code"),
        ("sqlite3.connect(path)", "reads code"),
        ("xml.etree.ElementTree.parse(path)", "reads code"),
        ("importlib.import_module(name)", "reads code"),
        ("json.loads(text)", "reads JSON"),
        ("decode = json.loads", "reads JSON"),
        ("msgspec.json.decode(data)", "reads JSON"),
        ("int(text)", "makes a number"),
        ("list(map(float, texts))", "makes a number"),
        ("np.frombuffer(data)", "reads numbers from bytes"),
        ("head.unpack_from(data)", "reads numbers from bytes"),
        ("zlib.decompress(data)", "inflates"),
        ("lzma.LZMADecompressor()", "inflates"),
        ("print(text)", "prints"),
        ("click.echo(text)", "prints"),
        ("sys.stderr.write(text)", "prints"),
    ],
)
def test_a_new_place_would_be_noticed(code: str, kind: str) -> None:
    assert kind in {seen for _, seen, _ in places_in(code)}


def test_a_place_has_the_name_of_its_function() -> None:
    source = (
        "class Log:\n    def read(self, size: int) -> float:\n        def part() -> bytes:\n            open(self.path)"
    )
    assert [(function, kind) for function, kind, _ in places_in(source)] == [("Log.read.part", "opens a file")]
