"""Names of the files that media are saved to."""

from __future__ import annotations

import pytest

from aim.media.filenames import FileNames, ending_of, safe_name


@pytest.mark.parametrize("text", ["..", ".", "", "/", "a/b", "a b", "x" * 500, "\0", "über", "-rf", "con\n", "\ud800"])
def test_a_safe_name(text: str) -> None:
    name = safe_name(text)
    assert name and name not in (".", "..") and "/" not in name and "\0" not in name and len(name) <= 100
    assert safe_name("plain-1.0=x") == "plain-1.0=x" and safe_name("a b") != safe_name("a_b")


def test_every_value_has_a_name_of_its_own() -> None:
    names = FileNames()
    given = [names.of("r", "samples", {"subset": "val"}, 3, place) for place in (0, 0, 1, 0)]
    folder = f"r/{safe_name('samples subset=val')}"
    assert given == [f"{folder}/3-0", f"{folder}/3-0-2", f"{folder}/3-1", f"{folder}/3-0-3"]
    assert [ending_of(format) for format in ("png", "text", "jpeg", None)] == ["png", "txt", "jpg", "bin"]
