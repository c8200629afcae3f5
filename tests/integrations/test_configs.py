"""Configs of real libraries as params: entry by entry, and what cannot be read costs only itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework

KEPT = {"lr": 0.1, "layers": [{"width": 3}, {"width": 5}]}


def omegaconf() -> Any:
    return framework("omegaconf").OmegaConf.create(
        {
            "lr": 0.1,
            "layers": [{"width": 3}, {"width": "${five}"}],
            "root": "???",
            "home": "${oc.env:NOT_SET}",
            "five": 5,
        }
    )


def omegaconf_list() -> Any:
    return {"lr": 0.1, "layers": framework("omegaconf").OmegaConf.create([{"width": 3}, {"width": 5, "root": "???"}])}


def ml_collections() -> Any:
    library = framework("ml_collections")
    config = library.ConfigDict({"lr": 0.1, "layers": [{"width": 3}, {"width": 5}]})
    config.root = library.config_dict.required_placeholder(int)
    return config


def frozen_ml_collections() -> Any:
    library = framework("ml_collections")
    return {"lr": 0.1, "layers": [library.FrozenConfigDict({"width": width}) for width in (3, 5)]}


def pydantic() -> Any:
    library = framework("pydantic")
    layer = library.create_model("Layer", width=(int, ...))
    config = library.create_model("Config", lr=(float, 0.1), layers=(list[layer], ...))
    return config(layers=[{"width": 3}, {"width": 5}])


def pydantic_1() -> Any:
    library = framework("pydantic.v1")
    layer = library.create_model("Layer", width=(int, ...))
    config = library.create_model("Config", lr=(float, 0.1), layers=(list[layer], ...))
    return config(layers=[{"width": 3}, {"width": 5}])


def attrs() -> Any:
    library = framework("attrs")
    layer = library.make_class("Layer", ["width"])
    config = library.make_class(
        "Config", {"layers": library.field(), "lr": library.field(default=0.1), "late": library.field(init=False)}
    )
    return config([layer(3), layer(5)])


def msgspec() -> Any:
    library = framework("msgspec")
    layer = library.defstruct("Layer", [("width", int)])
    return library.defstruct("Config", [("lr", float), ("layers", list)])(0.1, [layer(3), layer(5)])


CONFIGS: list[Callable[[], Any]] = [
    omegaconf, omegaconf_list, ml_collections, frozen_ml_collections, pydantic, pydantic_1, attrs, msgspec
]  # fmt: skip


@pytest.mark.parametrize("make", CONFIGS)
def test_a_config(make: Callable[[], Any], tmp_path: Path) -> None:
    config = make()
    with aim.Run(repo=tmp_path) as run:
        run["hparams"] = config
        run["last"] = 1
    (recorded,) = aim.select_runs(None, tmp_path)
    assert {key: recorded.params["hparams"][key] for key in recorded.params["hparams"] if key != "five"} == KEPT
    assert recorded.params["last"] == 1


def test_secrets_of_pydantic_stay_masked(tmp_path: Path) -> None:
    library = framework("pydantic")
    config = library.create_model("Config", key=(library.SecretStr, library.SecretStr("hush")))
    with aim.Run(repo=tmp_path) as run:
        run["hparams"] = config()
    assert aim.select_runs(None, tmp_path)[0].params == {"hparams": {"key": "**********"}}
