"""Params: what is kept, as what, and what is told."""

from __future__ import annotations

import argparse
import collections
import dataclasses
import datetime
import enum
import math
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np
import pytest

import aim
from aim.sdk.run import open_runs
from tests.sdk.recorded import only
from tests.sdk.tensors import Tensor


class Mode(enum.Enum):
    FAST = 1
    SLOW = "s"


class Level(enum.IntEnum):
    HIGH = 3


@dataclasses.dataclass
class Optimizer:
    name: str = "adam"
    betas: tuple[float, float] = (0.9, 0.999)
    inner: Any = None


class Config(Mapping[str, Any]):
    """As OmegaConf's DictConfig: a Mapping that is no dict, whose values are such again."""

    def __init__(self, **content: Any) -> None:
        self._content = content

    def __getitem__(self, key: str) -> Any:
        value = self._content[key]
        return Config(**value) if isinstance(value, dict) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)


class Text(str):
    def __str__(self) -> str:
        return "not own"


class Struct(msgspec.Struct):
    lr: float = 0.1
    inner: tuple[int, ...] = (1,)


class AttrsLike:
    """As a class of attrs."""

    __attrs_attrs__ = tuple(types.SimpleNamespace(name=name) for name in ("lr", "depth"))
    lr, depth, other = 0.1, 3, 4


class PydanticLike:
    """As a model of pydantic 2 that takes more fields than it declares."""

    def __init__(self) -> None:
        self.lr = 0.1

    __pydantic_extra__ = {"more": 2}

    def model_dump(self) -> dict[str, Any]:
        raise RuntimeError("a serializer of the user's may raise")


class OldPydanticLike:
    """As a model of pydantic 1."""

    __fields_set__: set[str] = set()

    def __init__(self) -> None:
        self.lr = 0.1


class ConfigLike:
    """As a ConfigDict of ml_collections: it has what dict() takes, and is no Mapping."""

    def __init__(self, **content: Any) -> None:
        self._content = content

    def keys(self) -> list[str]:
        return list(self._content)

    def __getitem__(self, key: str) -> Any:
        return self._content[key]


KEPT: list[tuple[Any, Any]] = [
    ({"a": 1, "b": 0.5, "c": "x", "d": True, "e": None}, {"a": 1, "b": 0.5, "c": "x", "d": True, "e": None}),
    ({"a": {"b": {"c": [1, {"d": 2}]}}}, {"a": {"b": {"c": [1, {"d": 2}]}}}),
    ({"bad key": 1, "1x": 2, "": 3, 5: 4, (1, 2): 5, None: 6},
     {"bad key": 1, "1x": 2, "": 3, "5": 4, "(1, 2)": 5, "None": 6}),
    ({"t": (1, 2), "s": {3}, "f": frozenset(["x"]), "q": collections.deque([1]), "r": range(3)},
     {"t": [1, 2], "s": [3], "f": ["x"], "q": [1], "r": [0, 1, 2]}),
    (Optimizer(inner=Optimizer("sgd")), {"name": "adam", "betas": [0.9, 0.999],
                                         "inner": {"name": "sgd", "betas": [0.9, 0.999], "inner": None}}),
    (argparse.Namespace(lr=0.1, layers=[1, 2]), {"lr": 0.1, "layers": [1, 2]}),
    (Config(model={"depth": 3}, lr=0.1), {"model": {"depth": 3}, "lr": 0.1}),
    (MappingProxyType({"a": 1}), {"a": 1}),
    (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    ({"m": Mode.FAST, "n": Mode.SLOW, "l": Level.HIGH}, {"m": "FAST", "n": "SLOW", "l": 3}),
    ({"p": Path("a/b"), "b": b"raw", "s": Text("own")}, {"p": "a/b", "b": "raw", "s": "own"}),
    ({"ma": np.ma.array([1.0, 2.0], mask=[True, False]), "mm": np.ma.masked, "mo": np.ma.array([5.0], mask=[True])},
     {"ma": [None, 2.0], "mm": None, "mo": None}),
    ({"ns": types.SimpleNamespace(lr=0.1, inner=types.SimpleNamespace(k=1)), "ms": Struct()},
     {"ns": {"lr": 0.1, "inner": {"k": 1}}, "ms": {"lr": 0.1, "inner": [1]}}),
    ({"as": AttrsLike(), "cd": ConfigLike(lr=0.1, inner=ConfigLike(k=1))},
     {"as": {"lr": 0.1, "depth": 3}, "cd": {"lr": 0.1, "inner": {"k": 1}}}),
    ({"py": PydanticLike(), "v1": OldPydanticLike()}, {"py": {"lr": 0.1, "more": 2}, "v1": {"lr": 0.1}}),
    ({Mode.FAST: 1, Level.HIGH: 2, Text("own"): 3, np.int64(7): 4}, {"FAST": 1, "3": 2, "own": 3, "7": 4}),
    ({"i": np.int64(3), "f": np.float32(0.5), "b": np.bool_(True), "s": np.str_("x")},
     {"i": 3, "f": 0.5, "b": True, "s": "x"}),
    ({"a": np.array([1, 2]), "m": np.eye(2), "z": np.array(7), "o": np.array([5])},
     {"a": [1, 2], "m": [[1.0, 0.0], [0.0, 1.0]], "z": 7, "o": 5}),
    ({"t": Tensor(0.5)}, {"t": 0.5}),
    ({"big": 10**30, "inf": math.inf, "low": -math.inf}, {"big": 10**30, "inf": math.inf, "low": -math.inf}),
    ({"unicode": "损失 🌱", "file": "x\udc80"}, {"unicode": "损失 🌱", "file": "x\udc80"}),
]  # fmt: skip


@pytest.mark.parametrize(("value", "kept"), KEPT, ids=range(len(KEPT)))
def test_kept_params(here: Path, capfd: pytest.CaptureFixture[str], value: Any, kept: Any) -> None:
    run = aim.Run()
    run.set_params(value, name="hparams")
    run["again"] = value
    run.close()
    assert only(here).params == {"hparams": kept, "again": kept}
    assert run["hparams"] == kept
    assert capfd.readouterr().err.splitlines() == [f"aim: recording to {here / '.aim'}"], "nothing to tell"


def test_nan_is_kept(here: Path) -> None:
    run = aim.Run()
    run["lr"] = math.nan
    run.close()
    assert math.isnan(only(here).params["lr"])


def test_without_a_name_params_go_to_default(here: Path) -> None:
    run = aim.Run()
    run.set_params({"lr": 0.1})
    run["batch"] = 32
    run["net", "depth"] = 3
    run.close()
    assert only(here).params == {"default": {"lr": 0.1}, "batch": 32, "net": {"depth": 3}}


@pytest.mark.parametrize(
    "value", [3, None, "text", [1, 2], (1,), {1}, np.array([1, 2]), b"x", object(), np.float64(1), Mode.FAST]
)
def test_a_value_without_a_name_is_no_group_of_params(
    here: Path, capfd: pytest.CaptureFixture[str], value: Any
) -> None:
    run = aim.Run()
    run.set_params({"lr": 0.1})
    for _ in range(2):
        run.set_params(value)
    run.set_params(value, name="named")
    run.close()
    params = only(here).params
    assert params["default"] == {"lr": 0.1} and "named" in params and run.lost == 2
    told = capfd.readouterr().err
    assert told.count("set_params() recorded nothing: params must be a mapping, dataclass or Namespace, not") == 1
    assert "or run['name'] = value" in told


@pytest.mark.parametrize("call", [aim.set_params, lambda value: aim.Session().set_params(value)])
def test_the_functions_of_aim_2_refuse_it_too(
    here: Path, capfd: pytest.CaptureFixture[str], call: Callable[[Any], None]
) -> None:
    call(3)
    assert "params must be a mapping, dataclass or Namespace, not int 3" in capfd.readouterr().err
    for run in open_runs():
        run.close()
    assert only(here).params == {}


def test_repeated_calls_add_up_deeply_and_later_ones_win(here: Path) -> None:
    run = aim.Run()
    run.set_params({"a": 1, "n": {"x": 1, "y": {"z": 1}}, "list": [1, 2], "to_dict": 1, "to_scalar": {"k": 1}})
    run.set_params({"b": 2, "n": {"x": 9, "y": {"w": 2}}, "list": [3], "to_dict": {"k": 1}, "to_scalar": 1})
    run.close()
    added = {
        "a": 1, "b": 2, "n": {"x": 9, "y": {"z": 1, "w": 2}}, "list": [3], "to_dict": {"k": 1}, "to_scalar": 1,
    }  # fmt: skip
    assert only(here).params == {"default": added}
    assert run["default"] == added and run["default", "n", "x"] == 9
    with pytest.raises(KeyError):
        run["default", "nothing"]


def test_later_changes_of_passed_params_do_not_change_the_run(here: Path) -> None:
    run, config = aim.Run(), {"a": {"b": [1]}}
    run["c"] = config
    config["a"]["b"].append(2)
    run.close()
    assert run["c"] == {"a": {"b": [1]}} == only(here).params["c"]


class Model:
    def __str__(self) -> str:
        return "Model(3 layers)"


TOLD: list[tuple[Any, Any, str]] = [
    ({"m": Model()}, {"m": "Model(3 layers)"}, "'c.m' is a Model and is kept as text"),
    ({"f": len}, {"f": "<built-in function len>"}, "'c.f' is a builtin_function_or_method"),
    ({"d": datetime.date(2026, 1, 2)}, {"d": "2026-01-02"}, "'c.d' is a date"),
    ({"l": [1, Model()]}, {"l": [1, "Model(3 layers)"]}, "'c.l[1]' is a Model"),
    ({"z": 1 + 2j}, {"z": "(1+2j)"}, "'c.z' is a complex"),
    ({"type": Optimizer}, {"type": str(Optimizer)}, "'c.type' is a type"),
]


@pytest.mark.parametrize(("value", "kept", "says"), TOLD, ids=range(len(TOLD)))
def test_params_kept_only_as_text_are_named_once(
    here: Path, capfd: pytest.CaptureFixture[str], value: Any, kept: Any, says: str
) -> None:
    run = aim.Run()
    for _ in range(3):
        run["c"] = value
    run.close()
    assert capfd.readouterr().err.count(says) == 1
    assert only(here).params == {"c": kept}
    assert run.lost == 0


class Config2(Config):
    """As OmegaConf's with `lr: ???`: reading that key raises."""

    def __getitem__(self, key: str) -> Any:
        if self._content[key] == "???":
            raise KeyError(f"Missing mandatory value: {key}")
        return super().__getitem__(key)


class Row(Sequence[Any]):
    """As OmegaConf's ListConfig: going over it raises where an item is missing."""

    def __getitem__(self, place: Any) -> Any:
        if place == 1:
            raise ValueError("missing")
        if place > 2:
            raise IndexError
        return place

    def __len__(self) -> int:
        return 3


@dataclasses.dataclass
class Unset:
    lr: float = 0.1
    late: int = dataclasses.field(init=False)
    depth: int = 3


class Broken:
    def __str__(self) -> str:
        raise ZeroDivisionError("text")


class Shapeless(Broken):
    @property
    def shape(self) -> Any:
        raise ZeroDivisionError("shape")

    @property
    def item(self) -> Any:
        raise ZeroDivisionError("item")


class NoKeys(dict[str, Any]):
    def __iter__(self) -> Iterator[str]:
        raise ZeroDivisionError("keys")


class NoItems(list[Any]):
    def __iter__(self) -> Iterator[Any]:
        raise ZeroDivisionError("items")


class Nowhere:
    def __fspath__(self) -> str:
        raise ZeroDivisionError("path")


class Nobody:
    @property
    def __class__(self) -> Any:  # type: ignore[override]
        raise ZeroDivisionError("class")


# A value among others, what is kept in its place, and what is said; `...` is a value that is absent.
UNREADABLE: list[tuple[Any, Any, str]] = [
    (Config2(lr=0.1, root="???"), {"lr": 0.1}, "'c.bad.root' cannot be read and is not kept (KeyError"),
    (Row(), [0, None, 2], "'c.bad[1]' cannot be read and is not kept (ValueError: missing)"),
    (Unset(), {"lr": 0.1, "depth": 3}, "'c.bad.late' cannot be read and is not kept (AttributeError"),
    (Broken(), "Broken", "'c.bad' has no text (ZeroDivisionError: text); the name of its type is kept"),
    (Shapeless(), "Shapeless", "'c.bad' has no text"),
    (NoKeys(a=1), ..., "'c.bad' cannot be read and is not kept (ZeroDivisionError: keys)"),
    (NoItems([1, 2]), [1, 2], ""),
    (Nowhere(), ..., "'c.bad' cannot be read and is not kept (ZeroDivisionError: path)"),
    (Nobody(), ..., "'c.bad' cannot be read and is not kept (ZeroDivisionError: class)"),
    (10**5000, hex(10**5000), "'c.bad' is an integer of 16,610 bits and is kept as hexadecimal text"),
    ({1: "a", "1": "b"}, {"1 (int)": "a", "1": "b"}, "'c.bad.1' is the text of keys of several types"),
    ({Broken(): 1, "Broken": 2}, {"Broken (Broken)": 1, "Broken": 2}, "'c.bad.Broken' is the text of keys"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "kept", "says"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_one_bad_value_costs_that_value_and_is_named_once(
    here: Path, capfd: pytest.CaptureFixture[str], value: Any, kept: Any, says: str
) -> None:
    run = aim.Run()
    for _ in range(2):
        run["c"] = {"before": 1, "bad": value, "after": 2}
    run.close()
    assert only(here).params == {"c": {"before": 1, **({} if kept is ... else {"bad": kept}), "after": 2}}
    told = capfd.readouterr().err
    assert says in told and told.count("param ") == bool(says)
    assert (run.lost > 0) == ("not kept" in says)


def test_a_value_that_cannot_be_read_leaves_the_earlier_one(here: Path) -> None:
    run = aim.Run()
    run["c"] = 1
    run["c"] = Nobody()
    run.close()
    assert only(here).params == {"c": 1} and run.lost == 1


def test_params_that_contain_themselves(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run, cycle = aim.Run(), {"a": 1}
    cycle["self"] = cycle  # type: ignore[assignment]
    run["c"] = cycle
    row: list[Any] = []
    row.append(row)
    run["l"] = row
    run["after"] = 1
    run.close()
    told = capfd.readouterr().err
    assert "'c.self' contains itself" in told and "'l[0]' contains itself" in told
    assert only(here).params == {"after": 1, "c": {"a": 1, "self": "dict …"}, "l": ["list …"]}


def test_params_of_endless_depth_or_width_take_bounded_time(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run()
    doubled: Any = 1
    for _ in range(18):
        doubled = {"left": doubled, "right": doubled}
    deep: Any = 1
    for _ in range(10_000):
        deep = [deep]
    run["doubled"] = doubled
    run["deep"] = deep
    run["wide"] = {"range": range(10**12), "array": np.broadcast_to(np.float32(0), (10**6, 10**6)), "k": 1}
    run["after"] = 1
    run.close()
    told = capfd.readouterr().err
    assert "more than 131,072 values" in told and "nested deeper than 64 levels" in told
    params = only(here).params
    assert params["after"] == 1 and params["wide"] == {"range": "range …", "array": "ndarray …", "k": 1}


def test_a_value_too_large_for_a_record_is_named_and_the_others_kept(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = aim.Run()
    run["c"] = {"lr": 0.1, "weights": "x" * (2 << 20), "deep": {"w": ["x" * 100] * 20_000, "k": 1}}
    run.close()
    told = capfd.readouterr().err
    assert told.count("'c.weights'") == 1 and "2,097,15" in told and "'c.deep.w'" in told
    assert only(here).params == {"c": {"lr": 0.1, "deep": {"k": 1}}}
    assert run.lost == 2


def test_many_params_that_together_are_too_large_for_a_record_are_all_kept(here: Path) -> None:
    run = aim.Run()
    content = {f"layer_{number}": {"weights": "x" * 50_000} for number in range(60)}
    run["c"] = content
    run.close()
    assert only(here).params == {"c": content}


def test_an_object_of_any_other_class_is_kept_as_text(here: Path) -> None:
    class Settings:
        def __init__(self) -> None:
            self.lr = 0.1

        def __repr__(self) -> str:
            return "Settings(lr=0.1)"

    run = aim.Run()
    run["c"] = Settings()
    run.close()
    assert only(here).params == {"c": "Settings(lr=0.1)"}


# Fields and tags


def test_fields_and_tags_are_kept_and_can_be_read_back(here: Path) -> None:
    run = aim.Run(experiment="vision")
    run.name, run.description, run.archived = "Baseline", "the *first* one", True
    run.add_tag("good")
    run.add_tag("größe")
    run.remove_tag("good")
    assert (run.name, run.description, run.archived, run.experiment) == ("Baseline", "the *first* one", True, "vision")
    assert run.tags == ("größe",)
    run.experiment = "other"
    run.close()
    assert only(here).fields == {
        "name": "Baseline", "description": "the *first* one", "archived": True, "tag:good": False, "tag:größe": True,
        "experiment": "other",
    }  # fmt: skip
    assert only(here).start["experiment"] == "vision"


@pytest.mark.parametrize("tag", ["", "  ", 5, "x" * 600, "a\nb"])
def test_an_invalid_tag_is_refused_by_name(here: Path, capfd: pytest.CaptureFixture[str], tag: Any) -> None:
    run = aim.Run()
    run.add_tag(tag)
    run.close()
    assert "tag" in capfd.readouterr().err and run.tags == ()
    assert only(here).fields == {}


def test_a_description_too_long_for_a_record_is_reported(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = aim.Run()
    run.description = "x" * (2 << 20)
    run.description = "short"
    run.close()
    assert "do not fit in one record" in capfd.readouterr().err
    assert only(here).fields == {"description": "short"} and run.description == "short"
