"""One guarded clone at /r without a disk, and the verdict on a line that is run in it."""

from mcp_server.guard.evaluate import evaluate
from mcp_server.guard.line import Checkout, Repositories
from mcp_server.guard.policy import Actor, Verdict
from mcp_server.guard.shell.words import is_unknown
from mcp_server.kernel.policy import Policy


class OneClone(Repositories):
    def __init__(self, branch: str) -> None:
        self._branch = branch

    def checkout(self, folder: str) -> Checkout | None:
        inside = folder == "/r" or folder.startswith("/r/") or is_unknown(folder)
        return Checkout("/r", self._branch) if inside else None

    def is_of_fleet(self, folder: str) -> bool:
        return folder in ("/r", "/") or not folder.startswith(("/tmp/", "/r/"))

    def is_scratch(self, folder: str) -> bool:
        return folder.startswith("/scratch/")

    def has_tag(self, folder: str, name: str) -> bool:
        return name == "nightly"

    def git_alias(self, folder: str, name: str) -> str | None:
        return {"sneak": "push origin HEAD:main"}.get(name)

    def gh_alias(self, name: str) -> str | None:
        return {"co": "pr checkout", "land": "pr merge --squash", "loop": "loop"}.get(name)


def verdict(command: str, branch: str = "ops", role: str | None = "ops", policy: Policy | None = None) -> Verdict:
    actor = Actor(f"{role}-1", role) if role else Actor()
    return evaluate(command, "/r", OneClone(branch), actor, policy or Policy())
