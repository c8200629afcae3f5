"""Types of the fields of messages."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

RunId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", description="32 hex digits")]
RunIds = Annotated[list[RunId], Meta(min_length=1, max_length=20_000)]
DashboardId = Annotated[str, Meta(pattern="^[0-9a-f]{1,40}$")]
BookmarkId = Annotated[str, Meta(pattern="^[0-9a-f]{1,40}$")]
Name = Annotated[str, Meta(min_length=1, max_length=1_000)]
Number = Annotated[float | str, Meta(description="NaN, Infinity and -Infinity are sent as text")]
Axis = Annotated[str, Meta(pattern="^(step|epoch|relative|process|time|metric:.+)$")]
Cursor = Annotated[str, Meta(pattern="^[0-9a-f]{16}[.][0-9]{1,18}(-[0-9a-f]{16}[.][0-9]{1,18})*$", max_length=8_000)]
Stream = Literal["stdout", "stderr"]
Level = Literal["debug", "info", "warning", "error"]
Status = Literal["running", "finished", "failed", "stopped", "killed", "lost"]
EventKind = Literal[
    "started", "finished", "failed", "stopped", "killed", "lost", "archived", "brought back", "deleted",
    "tagged", "untagged",
    "renamed", "described", "moved", "noted", "experiment", "experiment noted", "bookmarked", "dashboard saved",
]  # fmt: skip
Value = str | int | float | bool
Argv = Annotated[list[str], Meta(max_length=2_000)]
QueueId = Annotated[str, Meta(pattern="^q[0-9a-f]{15}$")]
TemplateId = Annotated[str, Meta(pattern="^t[0-9a-f]{15}$")]
QueueState = Literal["running", "paused", "canceled"]
TrialState = Literal["waiting", "starting", "running", "finished", "failed", "killed", "stopped", "canceled"]
MediaKind = Literal["text", "html", "image", "video", "audio", "distribution", "figure", "table"]
ArtifactName = Annotated[str, Meta(min_length=1, max_length=140)]
ArtifactPath = Annotated[str, Meta(min_length=1, max_length=1_000)]
VersionId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
PreviewKind = Literal["text", "json", "table", "image", "none"]
BlobId = Annotated[str, Meta(pattern="^[0-9a-f]{16}-[0-9]{1,19}$")]
DType = Literal["f8", "i4", "i8", "u1"]
ParamName = Annotated[str, Meta(min_length=1, max_length=200)]
