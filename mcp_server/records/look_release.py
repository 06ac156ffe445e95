"""The state of a release: the checklist in the caller's clone, the commits since the last tag, the steps done."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.markdown.page import read_page
from mcp_server.kernel.markdown.steps import Step
from mcp_server.operation.context import Context
from mcp_server.records import release
from mcp_server.records.timeline import entries_in
from mcp_server.records.version import base_of, following, version_of
from mcp_server.workflow.look_own_clone import own_clone


@dataclass(frozen=True)
class Release:
    """`page` records it in the clone of `home`, and exists once it is `begun`. The commit in `draft` is that of
    origin's default branch, as of when the release was begun."""

    home: Agent
    draft: release.Draft
    steps: tuple[Step, ...]
    items: tuple[release.Item, ...]
    page: Path
    begun: bool

    @property
    def next(self) -> release.Item | None:
        """The first step that is open or failed."""
        return next((item for item in self.items if item.state in ("open", "failed")), None)

    @property
    def plan(self) -> str:
        """A digest of the next step and everything that it depends on."""
        parts = (self.draft.version, self.draft.commit, self.draft.checklist, str(self.next))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def tag_command(self) -> str:
        """The command by which a person publishes the release."""
        git, version = self.home.git, self.draft.version
        make = f"{git} tag -a {version} {self.draft.commit} -m 'Release {version}'"
        return f"{make} && {git} push origin {version}"

    @property
    def next_step(self) -> str:
        item = self.next
        if item is None:
            return f"The human or the PM publishes: {self.tag_command}"
        step = f"ops release step --version {self.draft.version} --plan {self.plan}"
        if item.check is None:
            if item.command and "git tag" in item.command:
                return f'The human or the PM publishes: {self.tag_command}. Then: {step} --done "WHAT WAS DONE"'
            return f'Do step {item.number} by hand ({shown(item.text, 80)}), then: {step} --done "WHAT WAS DONE"'
        return f"{'Correct what failed, then' if item.state == 'failed' else 'Run its check'}: {step}"


def look(ctx: Context, version: str = "") -> Release:
    """The release `version`, by default the one that follows from the last tag and the commits since.

    Raises `unavailable` if origin does not answer, `conflict` if the clone lacks commits or tags of origin, or if the
    checklist has changed since the release was begun.
    """
    home, git = own_clone(ctx), ctx.world.git
    source = home.folder / release.CHECKLIST
    steps = release.checklist(ctx.world.files.read_text(source))
    if not steps:
        step = f"Write them as a numbered list: {source}"
        raise OpsError("invalid", f"{source} has no steps", step)
    _require_fresh(ctx, home)
    tip = git.state(home.folder).tracked or ""
    tags = git.tags(home.folder, merged=tip)
    version = version or _next_version(ctx, home, tags, tip)
    if not release.is_version(version):
        raise OpsError("invalid", f"{shown(version)} is not a version", "Give one as v1.2.3")
    below = base_of(version_of(version), tags)
    base = below.tag if below else None
    commits = git.since(home.folder, base, tip)
    page = home.folder / release.FOLDER / release.page_name(version)
    draft = release.Draft(version, base, tip, release.digest(steps), release.changes(commits))
    if ctx.world.files.kind(page) == "absent":
        return Release(home, draft, steps, release.items(steps, ()), page, begun=False)
    recorded = read_page(ctx.world.files.read_text(page))
    front = recorded.front.values
    if front.get("checklist") != draft.checklist:
        problem = f"{release.CHECKLIST} has changed since {version} was begun"
        raise OpsError("conflict", problem, f"Begin again: mv {quote(str(page))} {quote(str(page))}.old")
    noted = recorded.section(release.CHANGES.removeprefix("## "))
    as_begun = replace(draft, commit=str(front.get("commit")), changes=noted)
    return Release(home, as_begun, steps, release.items(steps, entries_in(recorded)), page, begun=True)


def _next_version(ctx: Context, home: Agent, tags: frozenset[str], tip: str) -> str:
    last = base_of(None, tags)
    commits = ctx.world.git.since(home.folder, last.tag if last else None, tip)
    if found := following(tags, commits):
        return found
    some = ", ".join(sorted(tags, key=lambda tag: (version_of(tag) is not None, tag), reverse=True)[:3])
    problem = f"the tags of {home.folder} do not show which version comes next: {shown(some, 120)}"
    raise OpsError("invalid", problem, "Choose it, written as the tags are: ops release plan --version VERSION")


def _require_fresh(ctx: Context, home: Agent) -> None:
    """With outdated tags or commits the version would be wrong."""
    git = ctx.world.git
    state, tags = git.state(home.folder), git.origin_tags(home.folder)
    if tags is None or state.tracked is None:
        step = f"See why: {home.git} ls-remote origin"
        raise OpsError("unavailable", f"origin of {home.folder} does not answer: its tags are unknown", step)
    missing = sorted(tag for tag in tags - git.tags(home.folder) if version_of(tag))
    if missing or git.origin_head(home.folder, state.default_branch) != state.tracked:
        what = f"the tag {missing[-1]}" if missing else f"the last commits of {state.default_branch}"
        raise OpsError("conflict", f"{home.folder} lacks {what} of origin", f"{home.git} fetch --tags origin")
