"""Tags with their style."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from aim.server import wire
from aim.server.runs import EVERY

if TYPE_CHECKING:
    from aim.repo import Repo


def list_tags(repo: Repo) -> wire.Tags:
    tags = repo.table.fields(EVERY, ["tags"]).fields["tags"].tolist()
    runs = Counter(tag for some in tags for tag in some)
    return wire.Tags(tags=[wire.Tag(**tag._asdict(), runs=runs[tag.name]) for tag in repo.tags])


def save(repo: Repo, tag: wire.TagRequest) -> wire.Changed:
    repo.tags.save(tag.name, color=tag.color, comment=tag.comment, archived=tag.archived, was=tag.was or "")
    return wire.Changed(changed=1)


def delete(repo: Repo, tag: wire.TagName) -> wire.Changed:
    return wire.Changed(changed=repo.tags.remove(tag.name))
