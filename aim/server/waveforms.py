"""Outlines of sounds, so that a page can draw many without loading them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aim.server import wire
from aim.server.media import point_of, readable
from aim.server.previews import Previews
from aim.server.problems import Refused
from aim.server.route import FILE, FileContent

if TYPE_CHECKING:
    from aim.repo import Repo

_outlines = Previews("aim.media.waveform:make")


def waveform(repo: Repo, query: wire.WaveformQuery) -> FileContent:
    point = point_of(repo, query.run, query.blob)
    if point.kind != "audio":
        raise Refused(415, f"This {point.kind} is not a sound.", hint="api/run/blob gives its content.")
    with readable():
        data = point.data
    outline = _outlines.made(data, bins=query.bins)
    if isinstance(outline, str):
        raise Refused(415, f"No waveform of this sound could be made: {outline}.", hint="Play it, or download it.")
    return FileContent(outline, FILE, f"audio-{point.step}-{query.bins}.bin")
