"""Embeddings as points in space, projected apart from the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aim.media.embedding import MAX_NUMBERS
from aim.media.projection import METHODS
from aim.server import wire
from aim.server.media import point_of, readable
from aim.server.previews import Previews
from aim.server.problems import Refused
from aim.server.route import FILE, FileContent

if TYPE_CHECKING:
    from aim.repo import Repo

# UMAP takes most of it.
SECONDS = 60.0
_projected = Previews("aim.media.projection:make", seconds=SECONDS)


def projection(repo: Repo, query: wire.ProjectionQuery) -> FileContent:
    point = point_of(repo, query.run, query.blob)
    if point.kind != "figure" or point.about.get("format") != "embedding" or point.size > 8 * MAX_NUMBERS:
        raise Refused(415, f"This {point.kind} is not an embedding.", hint="api/run/blob gives its content.")
    with readable():
        data = point.data
    made = _projected.made(data, method=METHODS.index(query.method))
    if isinstance(made, str):
        hint = "Choose PCA, or download the vectors." if query.method == "umap" else "Download the vectors."
        raise Refused(415, f"No projection of this embedding could be made: {made}.", hint=hint)
    return FileContent(made, FILE, f"embedding-{point.step}-{query.method}.bin")
