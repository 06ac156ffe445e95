"""Git clones, and the hooks in them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from mcp_server.kernel.commit_message import Commit


@dataclass(frozen=True)
class CloneState:
    """One clone as git itself describes it. Commits are full hashes; None is what git could not tell."""

    branch: str | None
    "None when the head is detached."
    head: str | None
    "None in a clone without a commit."
    default_branch: str
    "The branch that origin's HEAD names; `main` where the clone does not know."
    tracked: str | None
    "Where `origin/<default_branch>` stood at the last fetch."
    ahead: int | None
    behind: int | None
    "Commits of HEAD against `tracked`."
    protected_ahead: int
    "Commits on the local default branch that `tracked` does not have."
    dirty: int
    "Changed, staged and untracked paths that are not ignored."
    untracked: frozenset[str]
    "The untracked ones of these, a folder of such files as one, with a slash at its end."
    unpushed: int | None
    "Commits of HEAD and of any branch here that no branch of origin had at the last fetch."
    origin: str | None
    "The URL of origin, without credentials."


@dataclass(frozen=True)
class Change:
    """The lines of one file that a change adds and removes; `path` is the one in the repository."""

    path: str
    added: str
    removed: str


Proof = Literal["blocks", "inert", "unknown"]
"""What was seen when something was tried that a layer of the guard must refuse."""


@dataclass(frozen=True)
class HookPlaces:
    """Where the hooks of a clone lie. `local` is its own `core.hooksPath`, `said` the one in force from any file."""

    common: Path
    "The repository's folder, shared by its work trees."
    local: str | None
    effective: Path
    said: str | None


Part = Callable[[bytes | None], bytes | None]
"""What a commit makes of a file's content, None for a file that is not there; it may be asked of several versions."""


class CloneChanges(Protocol):
    """What is done in an agent's own clone, with its hooks. `denied` where a hook refuses, `conflict` where git does;
    then the clone is as it was. Nothing here discards a commit or a change."""

    def follow(self, clone: Path, branch: str) -> None:
        """Bring the local `branch` forward to origin's as last fetched, where it is not checked out."""
        ...

    def switch(self, clone: Path, branch: str, start: str | None = None) -> None:
        """Stand on `branch`; with `start` it is a new one from there."""
        ...

    def rename(self, clone: Path, old: str, new: str) -> None:
        """Give a local branch another name."""
        ...

    def merge(self, clone: Path, commit: str) -> None:
        """Bring `commit` into the branch checked out, by fast-forward where that is possible."""
        ...

    def take_over(self, clone: Path, commit: str) -> None:
        """A merge of `commit` whose files are those of `commit`: for a branch whose changes are all there already."""
        ...

    def commit(
        self, clone: Path, paths: Sequence[str], message: str, parts: Mapping[str, Part] | None = None
    ) -> tuple[str, ...]:
        """Commit these files of the clone and nothing else, whatever is staged; returns what the commit changed.

        Paths count from the clone's root; a file that is gone is committed as removed. Of a file in `parts` only
        what its function makes of HEAD's version goes along, and what is staged of it is kept so, with the same done
        to it. Where HEAD holds all of it nothing is committed.
        """
        ...

    def push(self, clone: Path, branch: str) -> None:
        """Push `branch` to origin's of the same name, never by force."""
        ...

    def has_all(self, clone: Path, base: str, tip: str) -> bool:
        """Whether `base` has every change of `tip`, be it in other commits (a squash merge, a rebase)."""
        ...


class Git(Protocol):
    @property
    def change(self) -> CloneChanges: ...

    def hooks(self, clone: Path) -> HookPlaces:
        """Where git looks for the hooks of this clone; `invalid` where it is none."""
        ...

    def set_hooks_path(self, clone: Path, value: str | None) -> None:
        """Set the clone's own `core.hooksPath`; None takes it away."""
        ...

    def try_hooks(self, hooks: Path, protected: str) -> Mapping[str, Proof]:
        """What git does with these hooks in a scratch repository, by the hook's name."""
        ...

    def committed(self, clone: Path, path: str) -> bytes | None:
        """The content of a file in HEAD, `path` from the clone's root; None where it is not there."""
        ...

    def state(self, clone: Path) -> CloneState:
        """`invalid` where `clone` is not the root of a git work tree."""
        ...

    def refs(self, clone: Path) -> Mapping[str, str]:
        """The commits of the branches here, `refs/heads/..`, and of origin's as fetched, `refs/remotes/origin/..`;
        of a symbolic one (origin's HEAD) the name that it stands for.
        """
        ...

    def commits(self, clone: Path, base: str, tip: str) -> tuple[tuple[str, str], ...]:
        """Hash and first line of the commits that `tip` has and `base` has not, the newest first."""
        ...

    def clone_root(self, path: Path) -> Path | None:
        """The root of the work tree that `path` lies in."""
        ...

    def origin_head(self, clone: Path, branch: str) -> str | None:
        """Where `branch` stands on origin at this moment; None when origin cannot be asked."""
        ...

    def newest(self, clone: Path, commits: Collection[str], also: Collection[Path]) -> str | None:
        """The one of these commits that descends from the others, with the commits of the clones `also` seen too."""
        ...

    def fetch_aside(self, clone: Path, branch: str, aside: Path) -> bool:
        """Fetch origin's `branch` into a bare repository, made at `aside`; in the clone not even a ref changes."""
        ...

    def distance(self, clone: Path, base: str, tip: str, also: Path | None = None) -> int | None:
        """How many commits `tip` has that `base` has not; None where the clone lacks one of the two.

        With `also`, the commits of that other clone are seen too; nothing is copied.
        """
        ...

    def exposed(self, clone: Path, *paths: Path, state: CloneState | None = None) -> tuple[Path, ...]:
        """Those that `git add .` would commit, or has: they are tracked, or there and not ignored.

        With the clone's `state` it costs no process where that and the index hold none of them.
        """
        ...

    def unignored(self, clone: Path, names: Collection[str]) -> tuple[str, ...]:
        """Which of these paths in `clone`, there or not, git would take: tracked, or covered by no ignore rule."""
        ...

    def fetch(self, clone: Path) -> bool:
        """Bring `origin/*` up to date with every branch of origin; False where origin does not answer in time."""
        ...

    def names_ever(self, clone: Path, folder: str) -> frozenset[str]:
        """The names of the files that any commit of any branch changed in `folder`, a path in the repository."""
        ...

    def attribute(self, clone: Path, path: Path, name: str) -> str:
        """What `.gitattributes` says of `path`, which need not exist: a value, `set`, `unset` or `unspecified`."""
        ...

    def changes(self, clone: Path) -> tuple[Change, ...]:
        """What its branch and its working tree change since they left origin's default branch, file by file;
        `unavailable` where origin's branch is not known. Untracked files are not seen."""
        ...

    def last_changes(self, clone: Path, folder: Path) -> Mapping[Path, datetime]:
        """When each file below `folder` was last changed by a commit of HEAD; empty before the first commit."""
        ...

    def origin_tags(self, clone: Path) -> frozenset[str] | None:
        """The names of origin's tags that are versions (v1.2.3), at this moment; None when it cannot be asked."""
        ...

    def tags(self, clone: Path) -> frozenset[str]:
        """The names of the clone's own tags that are versions."""
        ...

    def since_tag(self, clone: Path, tip: str) -> tuple[str | None, tuple[Commit, ...]]:
        """The last version's tag before `tip`, None for none, and the commits since, newest first, without merges."""
        ...
