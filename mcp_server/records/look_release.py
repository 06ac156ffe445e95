"""A release as it stands: the checklist of the caller's clone, the commits since a tag, what was done so far."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.front_matter import front_matter_of
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.steps import Step
from mcp_server.operation.context import Context
from mcp_server.records.release import (
    CHANGES,
    CHECKLIST,
    FOLDER,
    Draft,
    Item,
    changes,
    checklist,
    digest,
    is_version,
    items,
    next_version,
)
from mcp_server.records.timeline import entries_in
from mcp_server.workflow.look_own_clone import own_clone


@dataclass(frozen=True)
class Release:
    """`page` is where it is recorded, in the clone of `home`; `begun` whether it is there. What `draft` calls the
    commit is where origin's default branch stands, or stood when the release was begun."""

    home: Agent
    draft: Draft
    steps: tuple[Step, ...]
    items: tuple[Item, ...]
    page: Path
    begun: bool

    @property
    def next(self) -> Item | None:
        """The first step that did not pass and was not done."""
        return next((item for item in self.items if item.state in ("open", "failed")), None)

    @property
    def plan(self) -> str:
        """What is looked at before the next step is taken: all that it depends on."""
        told = (self.draft.version, self.draft.commit, self.draft.checklist, str(self.next))
        return hashlib.sha256("\0".join(told).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def look(ctx: Context, version: str = "") -> Release:
    home, git = own_clone(ctx), ctx.world.git
    source = home.folder / CHECKLIST
    steps = checklist(ctx.world.files.read_text(source))
    if not steps:
        step = f"Write them as a numbered list: {source}"
        raise OpsError("invalid", f"{source} has no steps", step)
    _require_fresh(ctx, home)
    tip = git.state(home.folder).tracked or ""
    base, commits = git.since_tag(home.folder, tip)
    version = version or next_version(base, commits)
    if not is_version(version):
        raise OpsError("invalid", f"{shown(version)} is no version", "Give one as v1.2.3")
    page = home.folder / FOLDER / f"{version}.md"
    draft = Draft(version, base, tip, digest(steps), changes(commits))
    if ctx.world.files.kind(page) == "absent":
        return Release(home, draft, steps, items(steps, ()), page, begun=False)
    text = ctx.world.files.read_text(page)
    front = front_matter_of(text).values
    if front.get("checklist") != draft.checklist:
        problem = f"{CHECKLIST} is not what it was when {version} was begun"
        raise OpsError("conflict", problem, f"Begin anew: mv {quote(str(page))} {quote(str(page))}.old")
    changed = text.partition(f"\n{CHANGES}\n")[2].strip()
    as_begun = replace(draft, commit=str(front.get("commit")), changes=changed)
    return Release(home, as_begun, steps, items(steps, entries_in(text)), page, begun=True)


def _require_fresh(ctx: Context, home: Agent) -> None:
    """A version that follows from old tags or old commits would be a wrong one."""
    git, folder = ctx.world.git, quote(str(home.folder))
    state, tags = git.state(home.folder), git.origin_tags(home.folder)
    if tags is None or state.tracked is None:
        step = f"See why: git -C {folder} ls-remote origin"
        raise OpsError("unavailable", f"origin of {home.folder} does not answer: its tags are unknown", step)
    missing = sorted(tags - git.tags(home.folder))
    if missing or git.origin_head(home.folder, state.default_branch) != state.tracked:
        what = f"the tag {missing[-1]}" if missing else f"the last commits of {state.default_branch}"
        raise OpsError("conflict", f"{home.folder} lacks {what} of origin", f"git -C {folder} fetch --tags origin")
