"""What a pull request from the caller's own branch would be, as its clone and its origin stand now."""

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from mcp_server.fleet.look_env import env_of
from mcp_server.kernel.caller_text import line
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.secret import Secret
from mcp_server.operation.context import Context
from mcp_server.workflow.approval import Proposal, repository_of
from mcp_server.workflow.look_own_clone import own_branch_of

_MOST_COMMITS = 20
_FIRST = "Commit first: ops commit PATH... --message 'what was done'"


@dataclass(frozen=True)
class Draft:
    """`commits` are those that would be in it, newest first; `left_out` counts changed files that are in none."""

    home: Agent
    proposal: Proposal
    commits: tuple[str, ...]
    left_out: int

    def told(self) -> str:
        """For the human who is asked."""
        it, more = self.proposal, len(self.commits) - _MOST_COMMITS
        lines = [f"{it.repository}: {it.head} -> {it.base}, at {it.commit[:12]}", f"Title: {it.title}"]
        lines += [f"  {commit}" for commit in self.commits[:_MOST_COMMITS]]
        lines += [f"  and {more} more"] if more > 0 else []
        lines += [f"{self.left_out} changed files are in no commit, and so not in it"] if self.left_out else []
        return "\n".join(lines)


def draft(ctx: Context, title: str) -> Draft:
    """`title` empty: the first line of the newest commit. The role is put before a title that does not have it."""
    home, before = own_branch_of(ctx)
    repository = repository_of(before.origin)
    git = ctx.world.git
    if not git.fetch(home.folder):
        raise OpsError(
            "unavailable", f"{repository} does not answer", f"git -C {quote(str(home.folder))} fetch origin"
        )
    state = git.state(home.folder)
    if state.head is None or state.tracked is None or state.branch is None:
        raise OpsError(
            "invalid", f"{home.folder} has no commit to show", "Commit first: ops commit PATH... --message M"
        )
    commits = git.commits(home.folder, state.tracked, state.head)
    if not commits:
        raise OpsError("invalid", f"{state.branch} has nothing that {state.default_branch} lacks", _FIRST)
    words = line(title) or line(commits[0][1])
    words = words if words.startswith(f"{home.role}: ") else f"{home.role}: {words}"
    proposal = Proposal(repository, state.branch, state.default_branch, state.head, words)
    return Draft(home, proposal, _shown(commits), state.dirty)


def token_of(ctx: Context, home: Agent) -> Secret | None:
    """The agent's own GH_TOKEN, from its `.env`; where it has none, gh takes the login that it has."""
    return env_of(ctx.world, home).get("GH_TOKEN")


def _shown(commits: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(f"{commit[:12]} {line(subject)}" for commit, subject in commits)
