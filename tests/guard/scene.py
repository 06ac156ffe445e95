"""A scene without a disk: one guarded clone at /r, and the verdict on a line that is run in it."""

from mcp_server.guard.line import Spot, check
from mcp_server.guard.policy import Actor, Verdict
from mcp_server.guard.shell.words import is_open
from mcp_server.kernel.policy import Policy


class OneClone:
    def __init__(self, branch: str) -> None:
        self._branch = branch

    def clone(self, folder: str) -> Spot | None:
        return Spot("/r", self._branch) if folder == "/r" or folder.startswith("/r/") or is_open(folder) else None

    def git_alias(self, folder: str, name: str) -> str | None:
        return {"sneak": "push origin HEAD:main"}.get(name)

    def gh_alias(self, name: str) -> str | None:
        return {"co": "pr checkout", "land": "pr merge --squash", "loop": "loop"}.get(name)


def verdict(command: str, branch: str = "ops", role: str | None = "ops", policy: Policy | None = None) -> Verdict:
    actor = Actor(f"{role}-1", role) if role else Actor()
    return check(command, "/r", OneClone(branch), actor, policy or Policy())
