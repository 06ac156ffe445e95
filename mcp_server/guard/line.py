"""A command line while it is evaluated: what its commands have done so far, and the verdicts on them."""

import posixpath
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mcp_server.guard.policy import ALLOWED, LEVELS, Action, Actor, Kind, Verdict, judge
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell
from mcp_server.guard.shell.walk import Walk
from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.policy import Policy

_VERSION: Final = lazy_pattern(
    r"(?:rel(?:ease)?[-_/]?)?v?\d+(?:[.-]\d+)*(?:[-.+]?(?:rc|alpha|beta|pre|post|dev)[\d.-]*)?"
)
"A name that looks like a version is taken for a tag."


@dataclass(frozen=True)
class Checkout:
    """The root of a guarded clone and the branch it is on (`DETACHED` for a detached head)."""

    root: str
    branch: str


class Repositories(ABC):
    """What the evaluation of a line looks up outside of the line."""

    @abstractmethod
    def checkout(self, folder: str) -> Checkout | None:
        """The guarded clone around a folder; None if the folder is in none."""

    @abstractmethod
    def is_of_fleet(self, folder: str) -> bool:
        """Whether a folder is a clone of the fleet or the one that the line starts in, and not a copy of one."""

    @abstractmethod
    def is_scratch(self, folder: str) -> bool:
        """Whether an agent made the repository at `folder` for a trial."""

    @abstractmethod
    def has_tag(self, folder: str, name: str) -> bool:
        """Whether the repository around a folder has this tag, and no branch of its name."""

    @abstractmethod
    def git_alias(self, folder: str, name: str) -> str | None:
        """What `git <name>` stands for in the configuration of that folder."""

    @abstractmethod
    def gh_alias(self, name: str) -> str | None:
        """What `gh <name>` stands for; `!...` is a shell command."""


class Line:
    """`run_call` evaluates one call and returns its output; `write_file` evaluates a write to a file."""

    def __init__(
        self,
        repositories: Repositories,
        actor: Actor,
        policy: Policy,
        run_call: "Callable[[Line, Shell, Call], Output]",
        write_file: "Callable[[Line, Shell, str, Output], None]",
    ) -> None:
        self.repositories, self.actor, self.policy = repositories, actor, policy
        self._run_call, self._write_file = run_call, write_file
        self.verdicts: list[Verdict] = []
        self.has_acted = False
        "Whether anything was judged by the policy, also if it is allowed."
        self.branches: dict[str, str] = {}
        "Branches that the line itself has switched to, by the root of the clone."
        self.new_repositories: set[str] = set()
        "Folders in which the line creates repositories; these are not guarded."
        self.remotes: dict[tuple[str, str], str] = {}
        "The addresses of the remotes that the line sets, by folder and name."
        self.tags: set[str] = set()
        "Tags that the line makes."
        self.git_aliases: dict[str, str] = {}
        self.gh_aliases: dict[str, str] = {}
        self.fetched = ""
        "The branch of the last fetch, which FETCH_HEAD stands for."
        self.walk = Walk(self.run, self.write, self._report_invalid)

    def run(self, shell: Shell, call: Call) -> Output:
        return self._run_call(self, shell, call)

    def in_subshell(self, shell: Shell, text: str) -> Output:
        """Evaluate a text in a copy of the shell."""
        return self.walk.text(shell.inner(), text)

    def source(self, shell: Shell, text: str) -> Output:
        """Evaluate a text in this shell. Unknown parts of the text are expanded like unknown variables."""
        if text.strip(w.ANY + w.MANY + " ") == "" and text.strip():
            self.record("opaque", detail="A shell text that is not known before it runs")
            return None
        return self.walk.text(shell, text.replace(w.ANY, "${__unknown}").replace(w.MANY, "$__unknown"))

    def write(self, shell: Shell, target: str, content: Output) -> None:
        self._write_file(self, shell, target, content)

    def record(self, kind: Kind, target: str = "", detail: str = "") -> None:
        """Judge an action by the policy, and keep the verdict unless it is allowed."""
        self.has_acted = True
        verdict = judge(Action(kind, target, detail), self.actor, self.policy)
        if verdict is not ALLOWED:
            self.verdicts.append(verdict)

    def _report_invalid(self, text: str) -> None:
        """A text that the grammar cannot parse matters only if it may run git or gh."""
        if any(word in text for word in ("git", "gh ", "hub ", "eval", "base64")):
            self.record("opaque", detail="A part of the line that is not valid shell")

    def verdict(self) -> Verdict:
        """The strictest verdict."""
        return max(self.verdicts, key=lambda verdict: LEVELS.index(verdict.verdict), default=ALLOWED)

    def path(self, shell: Shell, name: str) -> str:
        return posixpath.normpath(posixpath.join(shell.cwd, name))

    def branch(self, folder: str) -> str | None:
        """The branch of the guarded clone around `folder`; None outside of one, `ANY` if it is not known."""
        checkout = self.repositories.checkout(folder)
        cloned = max((root for root in self.branches if _contains(root, folder)), key=len, default="")
        made = max((root for root in self.new_repositories if _contains(root, folder)), key=len, default="")
        if len(made) > len(cloned) and not (checkout and _contains(made, checkout.root)):
            return None
        if checkout and checkout.root in self.branches:
            return self.branches[max(cloned, checkout.root, key=len)]
        if cloned:
            return self.branches[cloned]
        return checkout.branch if checkout else (w.ANY if w.is_unknown(folder) else None)

    def is_scratch_remote(self, shell: Shell, folder: str, remote: str) -> bool:
        """Whether the repository behind a remote's name or address was made for a trial."""
        address = self.remotes.get((folder, remote or "origin"), remote)
        if re.fullmatch(r"[\w-]*", address):  # a name: a repository of the line has no remotes but those it adds
            return any(_contains(root, folder) for root in self.new_repositories) and self.branch(folder) is None
        return self.is_scratch(shell, address)

    def is_scratch(self, shell: Shell, address: str) -> bool:
        """Whether an address is the path of a repository that was made for a trial."""
        place = address.removeprefix("file://")
        if w.is_unknown(place[:1]) or re.match(r"\w+://|[^/]*:", place):
            return False
        path = self.path(shell, place.replace(w.MANY, w.ANY))
        return any(_contains(root, path) for root in self.new_repositories) or self.repositories.is_scratch(path)

    def is_tag(self, folder: str, name: str) -> bool:
        """Whether a name that is pushed is a tag's: one that is there or that the line makes, or by its looks."""
        return name in self.tags or bool(_VERSION.fullmatch(name)) or self.repositories.has_tag(folder, name)

    def switch(self, folder: str, branch: str) -> None:
        """The line switches the clone around `folder` to a branch; what is not guarded stays so."""
        if self.branch(folder) is None:
            return
        checkout = self.repositories.checkout(folder)
        self.branches[checkout.root if checkout else folder] = branch


def _contains(root: str, folder: str) -> bool:
    return folder == root or folder.startswith(root + "/")
