"""The pull request that the caller's own branch would make, from its clone and its origin."""

from dataclasses import dataclass

from mcp_server.fleet.look_env import env_of
from mcp_server.kernel.caller_text import line
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.humanize import plural
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.secret import Secret
from mcp_server.operation.context import Context
from mcp_server.workflow.approval import Proposal, repository_of
from mcp_server.workflow.look_own_clone import own_branch_of

_MOST_COMMITS = 20
_COMMIT_FIRST = "Commit first: ops commit PATH... --message 'what was done'"


@dataclass(frozen=True)
class Draft:
    """`commits` are those that it would contain, newest first; `left_out` counts the uncommitted files."""

    home: Agent
    proposal: Proposal
    commits: tuple[str, ...]
    left_out: int | None

    @property
    def description(self) -> str:
        """What the human is asked to approve."""
        it, more = self.proposal, len(self.commits) - _MOST_COMMITS
        lines = [f"{it.repository}: {it.head} -> {it.base}, at {it.commit[:12]}", f"Title: {it.title}"]
        lines += [f"  {commit}" for commit in self.commits[:_MOST_COMMITS]]
        lines += [f"  and {more} more"] if more > 0 else []
        lines += [f"Not in it: {plural(self.left_out, 'uncommitted file')}"] if self.left_out else []
        lines += ["Uncommitted files: unknown"] if self.left_out is None else []
        return "\n".join(lines)


def draft_as_fetched(ctx: Context, title: str) -> Draft:
    """The pull request with this title, by default the first line of the newest commit.

    It is compared with origin as last fetched. The role is put in front of a title that does not begin with it.
    """
    home, state = own_branch_of(ctx)
    repository, git = repository_of(state.origin), ctx.world.git
    if state.head is None or state.tracked is None or state.branch is None:
        raise OpsError("invalid", f"{home.folder} has no commit to propose", _COMMIT_FIRST)
    commits = git.commits(home.folder, state.tracked, state.head)
    if not commits:
        raise OpsError("invalid", f"{state.branch} has no commit that {state.default_branch} lacks", _COMMIT_FIRST)
    title = line(title) or line(commits[0][1])
    title = title if title.startswith(f"{home.role}: ") else f"{home.role}: {title}"
    proposal = Proposal(repository, state.branch, state.default_branch, state.head, title)
    return Draft(home, proposal, tuple(f"{commit[:12]} {line(subject)}" for commit, subject in commits), state.dirty)


def token_of(ctx: Context, home: Agent) -> Secret | None:
    """The agent's own GH_TOKEN from its `.env`; without one, gh uses the login that it finds itself."""
    return env_of(ctx.world, home).get("GH_TOKEN")
