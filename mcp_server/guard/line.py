"""One command line judged: what each of its commands would do, and the worst verdict on that."""

import posixpath
from dataclasses import dataclass
from typing import Final, Protocol

from mcp_server.guard.policy import ALLOWED, Action, Actor, Kind, Verdict, judge
from mcp_server.guard.programs.table import run
from mcp_server.guard.programs.writes import judge_write
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell
from mcp_server.guard.shell.walk import Walk
from mcp_server.kernel.policy import Policy

_WORST: Final = ("deny", "ask", "allow")


@dataclass(frozen=True)
class Spot:
    """The clone that a folder lies in, and the branch it is on (`DETACHED` for none)."""

    root: str
    branch: str


class Scene(Protocol):
    """What can be looked up while a line is judged."""

    def clone(self, folder: str) -> Spot | None:
        """The guarded clone around a folder; None where there is none."""
        ...

    def git_alias(self, folder: str, name: str) -> str | None:
        """What `git <name>` stands for by the configuration there."""
        ...

    def gh_alias(self, name: str) -> str | None:
        """What `gh <name>` stands for; `!...` is a shell's text."""
        ...


class Line:
    """The line being judged: what it did so far, and the findings."""

    def __init__(self, scene: Scene, actor: Actor, policy: Policy) -> None:
        self.scene, self.actor, self.policy = scene, actor, policy
        self.found: list[Verdict] = []
        self.branches: dict[str, str] = {}
        "Where the line itself has put a clone, by its root."
        self.fresh: set[str] = set()
        "Folders that the line makes into repositories of their own."
        self.files: dict[str, Output] = {}
        "What the line wrote, by path."
        self.git_aliases: dict[str, str] = {}
        self.gh_aliases: dict[str, str] = {}
        self.fetched = ""
        self.walk = Walk(self.run, self.wrote, self.unread)

    def run(self, shell: Shell, call: Call) -> Output:
        return run(self, shell, call)

    def source(self, shell: Shell, text: str) -> Output:
        """Run a text as shell; where it holds unknown parts they can only be seen as words of their own."""
        if text.strip(w.ANY + w.MANY + " ") == "" and text.strip():
            self.did("opaque", detail="A shell text made while it runs")
            return None
        return self.walk.text(shell, text.replace(w.ANY, "${__unknown}").replace(w.MANY, "$__unknown"))

    def did(self, kind: Kind, target: str = "", detail: str = "") -> None:
        verdict = judge(Action(kind, target, detail), self.actor, self.policy)
        if verdict is not ALLOWED:
            self.found.append(verdict)

    def unread(self, text: str) -> None:
        """A text that the grammar cannot read matters only where it may reach what is guarded."""
        if any(word in text for word in ("git", "gh ", "hub ", "eval", "base64")):
            self.did("opaque", detail="A part of the line that is no valid shell")

    def verdict(self) -> Verdict:
        return min(self.found, key=lambda verdict: _WORST.index(verdict.verdict), default=ALLOWED)

    def path(self, shell: Shell, name: str) -> str:
        return posixpath.normpath(posixpath.join(shell.cwd, name))

    def branch(self, folder: str) -> str | None:
        """The branch of the clone around `folder`; None where there is no guarded clone; `ANY` where unknown."""
        if any(folder == made or folder.startswith(made + "/") for made in self.fresh):
            return None
        spot = self.scene.clone(folder)
        if spot and spot.root in self.branches:
            return self.branches[spot.root]
        for root in sorted(self.branches, key=len, reverse=True):
            if folder == root or folder.startswith(root + "/"):
                return self.branches[root]
        return spot.branch if spot else (w.ANY if w.is_open(folder) else None)

    def switch(self, folder: str, branch: str) -> None:
        spot = self.scene.clone(folder)
        self.branches[spot.root if spot else folder] = branch

    def wrote(self, shell: Shell, target: str, content: Output) -> None:
        self.files[self.path(shell, target)] = content
        judge_write(self, shell, target, content)


def check(command: str, cwd: str, scene: Scene, actor: Actor, policy: Policy) -> Verdict:
    """The verdict on a command line that an agent is about to run in `cwd`."""
    line = Line(scene, actor, policy)
    try:
        line.walk.text(Shell(cwd), command)
    except (RecursionError, LookupError, ValueError) as error:  # a defect of ours must not let a line through
        line.did("opaque", detail=f"A line that the guard fails on ({type(error).__name__})")
    return line.verdict()
