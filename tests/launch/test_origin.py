"""A repository can come from a stranger: what is in it starts, resumes and replaces nothing until a person agrees."""

from __future__ import annotations

import hmac
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aim import layout
from aim.errors import LaunchError
from aim.launch import queue as queues
from aim.launch import runner, supervisor
from aim.launch.command import Template, to_record
from aim.launch.origin import Origin
from aim.launch.queue import Finding
from aim.launch.records import Records
from aim.launch.runner import Spec
from aim.launch.schedule import Schedule
from aim.log import edits, status
from aim.log.edits import Edit
from aim.repo import Repo
from tests.commands import answer
from tests.launch.commands import python, text_in
from tests.launch.queues import BY, TEMPLATE
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="queues need process groups and signals")

EVIL = Template(argv=("sh", "-c", "touch hit"), name="evil")
HERE = status.hostname()
LATER = 60_000_000


class Place:
    """A repository with a template, a paused queue with one trial, and a queue whose only trial could not start."""

    def __init__(self, folder: Path) -> None:
        layout.create(folder / ".aim")
        self.folder = folder
        self.aim_dir = folder / ".aim"
        self.records = Records(self.aim_dir, BY)
        self.template = self.records.save_template(replace(TEMPLATE, argv=("true", "{lr}")))
        self.paused = self.records.create(self.template, [{"lr": 1}], paused=True, name="paused")
        self.ended = self.records.create(self.template, [{"lr": 2}], name="ended")
        run = self.ended.trials[0].run
        self.records.note(self.ended.id, 1, Finding(run, 1.0, 2.0, "failed", "no program", 0))

    def edit(self, field: str) -> Edit:
        return edits.latest(self.aim_dir)[None, field]

    def shown(self) -> tuple[Any, ...]:
        """What a person sees of the templates and queues of this user."""
        own = [queue for queue in queues.read(self.aim_dir) if queue.own]
        return [template for template in queues.templates(self.aim_dir) if template.own], [
            (mine, mine.slots, mine.state) for mine in own
        ]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "mine")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Spec]:
    """What a supervisor in this process starts."""
    specs: list[Spec] = []
    monkeypatch.setattr(runner, "start_detached", lambda root, spec: specs.append(spec))
    return specs


Record = tuple[str, Any, Any]
Attack = Callable[[Place], Iterator[Record]]
"""Yields field, value and bond of the records that a stranger, who has a copy of the repository, writes."""


def hostile_queue(place: Place, id: str = "qevil") -> dict[str, Any]:
    return {"name": "x", "template": to_record(EVIL), "trials": [{}], "gpus": [], "rules": {}, "by": {}, "created": 1.0}


def state(word: str = "running", **more: Any) -> dict[str, Any]:
    return {"state": word, "by": BY, **more}


def without_a_host(place: Place) -> Iterator[Record]:
    yield "queue:qevil", hostile_queue(place), None
    yield "queue_state:qevil", state(), None


def with_the_name_of_this_host(place: Place) -> Iterator[Record]:
    yield "queue:qevil", hostile_queue(place), None
    yield "queue_state:qevil", state(host=HERE), None


def with_the_code_of_another_record(place: Place) -> Iterator[Record]:
    bond = place.edit(f"queue:{place.paused.id}").bond
    yield "queue:qevil", hostile_queue(place), bond
    yield "queue_state:qevil", state(host=HERE), place.edit(f"queue_state:{place.ended.id}").bond


def with_nonsense_for_a_code(place: Place) -> Iterator[Record]:
    yield "queue:qevil", hostile_queue(place), {"host": HERE, "mac": "0" * 64}
    for bond in (1, "x", [], {"host": 1}, {"host": HERE, "mac": "ü"}, {"mac": ["x"]}, {"host": "\ud800", "mac": ""}):
        yield "queue_state:qevil", state(host=HERE), bond


def another_command_under_a_known_id(place: Place) -> Iterator[Record]:
    for queue in (place.paused, place.ended):
        yield f"queue:{queue.id}", hostile_queue(place), place.edit(f"queue:{queue.id}").bond
        yield f"queue_state:{queue.id}", state(host=HERE), None


def a_template_under_a_known_id(place: Place) -> Iterator[Record]:
    yield f"template:{place.template.id}", to_record(replace(EVIL, name="train")), None


def a_removal_of_what_is_mine(place: Place) -> Iterator[Record]:
    for field in (f"template:{place.template.id}", f"queue:{place.paused.id}", f"queue:{place.ended.id}"):
        yield field, {"removed": 1.0, "by": BY}, place.edit(field).bond


def a_resume_of_a_paused_queue(place: Place) -> Iterator[Record]:
    yield f"queue_state:{place.paused.id}", state(host=HERE), None


def the_running_of_another_queue(place: Place) -> Iterator[Record]:
    edit = place.edit(f"queue_state:{place.ended.id}")
    yield f"queue_state:{place.paused.id}", edit.value, edit.bond


def a_retry(place: Place) -> Iterator[Record]:
    yield f"trial_wish:{place.ended.id}/1", {"cancelled": False, "tries": 2, "by": BY}, None


def a_trial_that_never_began(place: Place) -> Iterator[Record]:
    yield f"trial:{place.ended.id}/1", {"run": f"{place.ended.id}-1", "state": "starting", "started": 1.0}, None
    yield f"trial:{place.ended.id}/1", None, place.edit(f"trial:{place.ended.id}/1").bond


def more_slots_and_another_order(place: Place) -> Iterator[Record]:
    yield f"queue_slots:{place.paused.id}", 200, None
    yield f"queue_order:{place.paused.id}", [1, 1], None


ATTACKS: list[Attack] = [
    without_a_host, with_the_name_of_this_host, with_the_code_of_another_record, with_nonsense_for_a_code,
    another_command_under_a_known_id, a_template_under_a_known_id, a_removal_of_what_is_mine,
    a_resume_of_a_paused_queue, the_running_of_another_queue, a_retry, a_trial_that_never_began,
    more_slots_and_another_order,
]  # fmt: skip


def write(aim_dir: Path, records: list[Record]) -> None:
    layout.create(aim_dir)
    editor = edits.Editor(aim_dir)
    for field, value, bond in records:
        newest = max((edit.stamp for edit in edits.latest(aim_dir).values()), default=0)
        editor.edit_many(
            [(None, field, value)],
            seen=max(newest, edits.next_stamp(0) + LATER),
            bond=None if bond is None else lambda *_, bond=bond: bond,
        )
    editor.close()


@pytest.mark.parametrize("way", ["merged", "beside", "with a key of another user"])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_records_of_others_start_resume_and_replace_nothing(
    place: Place, begun: list[Spec], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attack: Attack, way: str
) -> None:
    before, records = place.shown(), list(attack(place))
    target = place.aim_dir if way == "beside" else tmp_path / "theirs" / ".aim"
    if way == "with a key of another user":
        with monkeypatch.context() as other:
            other.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
            bond = Origin(place.aim_dir).bond
            made = [(field, value, bond(edits.next_stamp(0) + LATER, field, value)) for field, value, _ in records]
            records = made
    write(target, records)
    if way != "beside":
        Repo(place.folder).merge(tmp_path / "theirs")
    Schedule(place.aim_dir).step()
    assert begun == []
    assert place.shown() == before
    there = [queue for queue in queues.read(place.aim_dir) if not queue.own]
    assert [queue.state for queue in there] == ["paused"] * len(there)


def test_a_record_written_again_is_believed_only_with_its_own_time(place: Place, begun: list[Spec]) -> None:
    """The queue was running, then paused: who copies the first record with a later time does not resume it."""
    place.records.set_state(place.paused, "running")
    running = place.edit(f"queue_state:{place.paused.id}")
    place.records.set_state(place.paused, "paused")
    write(place.aim_dir, [(running.field, running.value, running.bond)])
    Schedule(place.aim_dir).step()
    assert begun == [] and place.records.queue(place.paused.id).state == "paused"


def test_the_records_of_one_repository_start_nothing_in_another(
    place: Place, begun: list[Spec], tmp_path: Path
) -> None:
    place.records.set_state(place.paused, "running")
    layout.create(tmp_path / "other" / ".aim")
    other = Repo(tmp_path / "other")
    other.merge(place.folder)
    Schedule(other.aim_dir).step()
    assert begun == []
    assert {(queue.own, queue.state) for queue in queues.read(other.aim_dir)} == {(False, "paused")}
    assert [template.own for template in queues.templates(other.aim_dir)] == [False]
    Schedule(place.aim_dir).step()
    assert {spec.queue for spec in begun} == {place.paused.id}, "it runs where it was made"


def test_a_queue_from_elsewhere_starts_after_a_person_agreed_to_what_was_shown(place: Place, begun: list[Spec]) -> None:
    value = {**hostile_queue(place), "trials": [{"n": 1}, {"n": 2}, {"n": 3}], "template": to_record(
        Template(argv=("true", "{n}"), name="other")
    )}  # fmt: skip
    write(place.aim_dir, [
        ("queue:qa", value, None), ("queue_state:qa", state(), None), ("queue_slots:qa", 3, None),
        ("queue_order:qa", [3, 1, 2], None), ("trial_wish:qa/2", {"cancelled": True, "tries": 1}, None),
    ])  # fmt: skip
    shown = place.records.queue("qa")
    with pytest.raises(LaunchError, match="came from elsewhere; look at its command first: aim queue resume qa"):
        place.records.set_state(shown, "running")
    write(place.aim_dir, [("queue:qa", {**value, "template": to_record(EVIL), "trials": [{}]}, None)])
    changed = place.records.queue("qa")
    with pytest.raises(LaunchError, match="queue qa has changed since it was shown"):
        place.records.agree(changed, shown.digest)
    place.records.agree(shown, shown.digest)
    agreed = place.records.queue("qa")
    assert (agreed.own, agreed.state, agreed.host, agreed.slots) == (True, "running", HERE, 3)
    Schedule(place.aim_dir).step()
    assert [spec.argv[1:] for spec in begun[:2]] == [["3"], ["1"]], "in its order, without the trial that was canceled"


def test_a_name_means_what_this_user_made(place: Place) -> None:
    write(place.aim_dir, [("template:ta", to_record(replace(EVIL, name="train")), None)])
    write(place.aim_dir, [("queue:qzzz", {**hostile_queue(place), "name": "paused"}, None)])
    assert place.records.template("train") == place.template
    assert place.records.queue("paused") == place.paused
    assert not place.records.template("ta").own
    assert place.records.save_template(replace(place.template, env={"A": "b"})).id == place.template.id
    taken = place.records.save_template(Template(argv=("p",), name="new", id="ta"))
    assert taken.own and place.records.template("new").own, "who saves a template has read it"


def test_a_template_from_elsewhere_with_the_name_of_ones_own_gets_a_number(place: Place) -> None:
    for id in ("ta", "tb"):
        write(place.aim_dir, [(f"template:{id}", to_record(replace(EVIL, argv=("true", "{x}"), name="train")), None)])
        done = answer(place.folder, "queue", "add", id, "x=1", "--trust", "--paused")
        assert f"this one is now called train {place.records.template(id).name[-1]}" in done.stdout
    own = {template.id: template.name for template in queues.templates(place.aim_dir) if template.own}
    assert own == {place.template.id: "train", "ta": "train 2", "tb": "train 3"}
    assert place.records.template("train") == place.template


def test_a_merge_while_a_queue_works_starts_none_of_the_other_side(tmp_path: Path, place: Place) -> None:
    theirs = tmp_path / "theirs" / ".aim"
    write(theirs, [("queue:qevil", hostile_queue(place), None), ("queue_state:qevil", state(host=HERE), None)])
    code = "import os, time\nopen('began', 'w').close()\nwhile not os.path.exists('go'): time.sleep(0.02)"
    template = Template(argv=tuple(python(code, "{n}")), name="work")
    queue = place.records.create(template, [{"n": 1}, {"n": 2}], slots=1)
    supervisor.ensure(place.folder)
    until((place.folder / "began").exists)
    answer(place.folder, "merge", place.folder, theirs.parent)
    (place.folder / "go").touch()
    repo = Repo(place.folder)
    until(lambda: [run.status for run in queues.seen(repo, [queue]).values()] == ["finished"] * 2)
    assert "hit" not in os.listdir(place.folder)


ASKED = [
    (("queue", "resume", "qevil"), "pass --trust"),
    (("queue", "resume", "qevil", "--slots", "3"), "pass --trust"),
    (("queue", "add", "evil", "--yes"), "pass --trust"),
    (("queue", "add", "ta", "--yes"), "pass --trust"),
]


@pytest.mark.parametrize(("words", "refusal"), ASKED, ids=lambda value: " ".join(value[:3]))
def test_the_command_line_shows_what_came_from_elsewhere_before_it_starts(
    place: Place, words: tuple[str, ...], refusal: str
) -> None:
    evil = {**to_record(EVIL), "env": {"LD_PRELOAD": "x.so"}}
    many = [{"n": number} for number in range(1, 31)]
    spread = {**evil, "argv": ["sh", "-c", "touch hit; exit {n}"]}
    write(place.aim_dir, [
        ("template:ta", evil, None), ("queue_state:qevil", state(host=HERE), None),
        ("queue:qevil", {**hostile_queue(place), "template": spread, "trials": many}, None),
    ])  # fmt: skip
    refused = answer(place.folder, *words, code=1)
    assert refusal in refused.stderr
    for shown in ("program     /", f"folder      {place.folder}", "variable    LD_PRELOAD=x.so", "touch hit"):
        assert shown in refused.stdout
    if "resume" in words:
        assert "touch hit; exit 30" in refused.stdout, "every trial, because one of them could do something else"
    assert "hit" not in os.listdir(place.folder)
    answer(place.folder, *words, "--trust")
    until(lambda: "hit" in os.listdir(place.folder))


def test_a_queue_too_deep_to_show_cannot_be_agreed_to(place: Place) -> None:
    deep: Any = {}
    for _ in range(3_000):
        deep = {"x": deep}
    shown = replace(place.paused, record={"trials": [{}], "x": deep}, own=False)
    assert shown.digest == ""
    with pytest.raises(LaunchError, match="has changed since it was shown"):
        place.records.agree(shown, shown.digest)


def test_lists_say_what_came_from_elsewhere(place: Place) -> None:
    write(place.aim_dir, [("template:ta", to_record(EVIL), None), ("queue:qevil", hostile_queue(place), None)])
    lines = answer(place.folder, "queue", "ls").stdout.splitlines()
    assert [line for line in lines if "from elsewhere" in line] == [line for line in lines if "qevil" in line]
    assert "from elsewhere" in answer(place.folder, "queue", "show", "qevil").stdout
    listed = answer(place.folder, "template", "ls").stdout.splitlines()
    assert [line.split()[-1] for line in listed if "evil" in line or "train" in line] == ["elsewhere", "here"]
    assert '"own": false' in answer(place.folder, "template", "ls", "--json").stdout
    canceled = answer(place.folder, "queue", "cancel", "qevil")
    assert "running trials continue; stop one with: aim stop RUN" in canceled.stdout
    assert place.records.queue("qevil").state == "canceled"


# The key

KEY = Path("aim", "launch.key")


def test_the_key_is_private_and_created_once(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "fresh"))
    code = (
        "import sys; from pathlib import Path; from aim.launch.origin import Origin; "
        "print(Origin(Path(sys.argv[1])).bond(1, 'queue:q', {'a': [1.5, None]})['mac'])"
    )
    started = [subprocess.Popen(python(code, str(place.aim_dir)), stdout=subprocess.PIPE, text=True) for _ in range(6)]
    assert len({process.communicate()[0] for process in started}) == 1
    key = tmp_path / "fresh" / KEY
    assert (stat.S_IMODE(key.stat().st_mode), key.stat().st_size) == (0o600, 32)
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert os.listdir(key.parent) == ["launch.key"], "no draft stays behind"


def read_by_others(key: Path) -> None:
    key.chmod(0o640)


def a_link(key: Path) -> None:
    key.rename(key.with_name("other"))
    key.symlink_to(key.with_name("other"))


def of_another_length(key: Path) -> None:
    key.write_bytes(b"")


def a_fifo(key: Path) -> None:
    key.unlink()
    os.mkfifo(key, 0o600)


def a_folder(key: Path) -> None:
    key.unlink()
    key.mkdir()


@pytest.mark.parametrize("spoil", [read_by_others, a_link, of_another_length, a_fifo, a_folder])
def test_a_key_that_others_may_know_proves_nothing(
    place: Place, begun: list[Spec], spoil: Callable[[Path], None]
) -> None:
    place.records.set_state(place.paused, "running")
    spoil(Path(os.environ["XDG_STATE_HOME"]) / KEY)
    Schedule(place.aim_dir).step()
    assert begun == [] and not any(queue.own for queue in queues.read(place.aim_dir))
    with pytest.raises(LaunchError, match="queues need a key of yours: the key file"):
        Records(place.aim_dir, BY).create(TEMPLATE, [{"lr": 1}])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"HOME": "", "XDG_STATE_HOME": ""}, "set XDG_STATE_HOME to a folder that only you can write to"),
        ({"HOME": "/proc/none", "XDG_STATE_HOME": ""}, "set XDG_STATE_HOME to a folder that only you can write to"),
        ({"HOME": "/proc/none", "XDG_STATE_HOME": "relative"}, "set XDG_STATE_HOME"),
        ({"XDG_STATE_HOME": "{aim_dir}"}, "outside the repository"),
    ],
    ids=["no home", "a home that cannot be written", "a relative folder", "a folder in the repository"],
)
def test_without_a_place_for_the_key_queues_do_not_start(
    place: Place, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], words: str
) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: str(path).replace("~", os.environ["HOME"] or "~"))
    for name, value in settings.items():
        monkeypatch.setenv(name, value.format(aim_dir=place.aim_dir))
    records = Records(place.aim_dir, BY)
    with pytest.raises(LaunchError, match=words):
        records.create(TEMPLATE, [{"lr": 1}])
    with pytest.raises(LaunchError, match=words):
        records.set_state(place.paused, "running")
    assert not records.save_template(Template(argv=("p",), name="kept")).id == ""
    assert {queue.own for queue in queues.read(place.aim_dir)} == {False}


WITHOUT_KEY = [
    ("queue", "add", "train", "lr=1", "--trust"),
    ("queue", "add", "train", "lr=1", "--yes"),
    ("queue", "resume", "paused"),
]


@pytest.mark.parametrize("words", WITHOUT_KEY, ids=" ".join)
def test_a_queue_that_cannot_start_without_a_home_says_why(
    place: Place, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "/proc/none")
    assert "set XDG_STATE_HOME" in answer(place.folder, *words, code=1).stderr
    assert [queue.name for queue in queues.read(place.aim_dir)] == ["paused", "ended"]


@pytest.mark.parametrize(
    "value",
    [None, 1, -0.0, 1e300, 10**40, "\ud800 ü", {"b": 1, "a": [float("inf"), {"x": None}]}, {"1": True}],
    ids=repr,
)
def test_a_written_record_is_trusted(place: Place, value: Any) -> None:
    editor = edits.Editor(place.aim_dir)
    editor.edit_many([(None, "queue:q", value)], bond=Origin(place.aim_dir).bond)
    assert Origin(place.aim_dir).made(place.edit("queue:q"))
    for other in ({"stamp": 1}, {"field": "queue:r"}, {"value": [value]}, {"bond": None}):
        assert not Origin(place.aim_dir).made(place.edit("queue:q")._replace(**other))


def test_the_code_is_that_of_the_format_page(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = tmp_path / "known" / KEY
    key.parent.mkdir(parents=True)
    key.touch(0o600)
    key.write_bytes(bytes(range(32)))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "known"))
    value = {"b": [1, 2.5, None], "a": "ü"}
    covered = (
        f'["aim launch record 1","{os.getuid()}","{HERE}","{os.path.realpath(place.aim_dir)}",7,"queue:q",'
        '{"a":"\\u00fc","b":[1,2.5,null]}]'
    )
    mac = hmac.new(bytes(range(32)), covered.encode(), "sha256").hexdigest()
    assert Origin(place.aim_dir).bond(7, "queue:q", value) == {"host": HERE, "mac": mac}


def test_a_link_to_the_repository_is_the_same_repository(place: Place, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(place.folder)
    assert all(queue.own for queue in queues.read(tmp_path / "link" / ".aim"))


def test_files_of_the_processes_are_never_opened_through_links(place: Place, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"x" * (2 << 20))
    folder = layout.launch_dir(place.aim_dir)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{os.getuid()}-messages.log").symlink_to(precious)
    assert runner.start_detached(place.folder, Spec([sys.executable, "-c", ""]))
    assert len(text_in(precious)) == 2 << 20
    (folder / f"{os.getuid()}-supervisor").symlink_to(tmp_path / "made")
    with pytest.raises(LaunchError):
        supervisor.ensure(place.folder)
    assert not (tmp_path / "made").exists()
