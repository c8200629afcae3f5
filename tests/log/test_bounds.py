"""Values of records are read as JSON says, within limits."""

from __future__ import annotations

import json

import pytest

from aim.log import bounds

TEXTS = ["{}", ' {"a": 1}', '{"a":[1,2.5,null]} \t\r\n', "5", '"\u00fc"  ', "NaN", "-0.0", '{"a":1,"a":2}']
INVALID = ["", " ", "{}x", "{}\x0b", "{}\u00a0", '{"a"', "{'a':1}", "[1,]", "nul"]


@pytest.mark.parametrize("text", TEXTS)
def test_json_is_decoded_as_by_the_standard_library(text: str) -> None:
    assert repr(bounds.decode(text)) == repr(json.loads(text))


@pytest.mark.parametrize("text", INVALID)
def test_invalid_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"line 1"):
        bounds.decode(text)
