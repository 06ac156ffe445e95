"""What the operations need of the world, as Protocols; and what an operation is.

Adapters implement the Protocols, `wiring` puts them together. An operation sees nothing else: a test
hands it a world that refuses writes, and every READ operation must pass there.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from mcp_server.domain.errors import OpsError
from mcp_server.domain.inventory import Agent, Fleet

PathKind = Literal["file", "folder", "link", "other", "absent"]


class Files(Protocol):
    """Files of the host. Every failure is an `OpsError` that names the path and the next step."""

    def kind(self, path: Path) -> PathKind:
        """What lies at `path` itself; a symbolic link is a `link`, wherever it points."""
        ...

    def read(self, path: Path, limit: int = 5_000_000) -> bytes:
        """The whole of a regular file of at most `limit` bytes. A link, FIFO, device or folder is refused."""
        ...

    def read_text(self, path: Path, limit: int = 5_000_000) -> str:
        """`read`, as strict UTF-8 (a leading byte-order mark is dropped)."""
        ...

    def names(self, folder: Path) -> tuple[str, ...]:
        """The names in a folder, sorted; empty where there is no such folder."""
        ...

    def mode(self, path: Path) -> int:
        """Permission bits of `path` itself, for example 0o600."""
        ...

    def modified(self, path: Path) -> datetime:
        """When `path` itself was last modified, in UTC."""
        ...

    def real(self, path: Path) -> Path:
        """`path` with every symbolic link followed; what does not exist stays as it is named."""
        ...

    def replace(self, path: Path, data: bytes, *, inside: Path, mode: int | None = None) -> None:
        """Write a whole file so that at any moment the old or the new one stands; then read it back.

        `inside` confines the write: the real folder of `path` must lie there. `mode` None keeps the old
        file's mode and owner (0600 for a new file). Missing folders are made only below the state folder.
        """
        ...

    def back_up(self, path: Path, run: str) -> Path:
        """A copy (0600) of `path` in the state folder under `backups/<run>/`; returns where it lies."""
        ...

    def lock(self, name: str, wait: float = 10.0) -> AbstractContextManager[None]:
        """A lock of ours for the whole host, gone with its holder. `conflict` after `wait` seconds."""
        ...

    def config_lock(self, path: Path) -> AbstractContextManager[None]:
        """Claude Code's own lock of the file `path`: the folder `<path>.lock`, with its rule for stale ones."""
        ...


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
    origin: str | None
    "The URL of origin, without credentials."


class Git(Protocol):
    def state(self, clone: Path) -> CloneState:
        """`invalid` where `clone` is not the root of a git work tree."""
        ...

    def clone_root(self, path: Path) -> Path | None:
        """The root of the work tree that `path` lies in."""
        ...

    def origin_head(self, clone: Path, branch: str) -> str | None:
        """Where `branch` stands on origin at this moment; None when origin cannot be asked."""
        ...

    def distance(self, clone: Path, base: str, tip: str, also: Path | None = None) -> int | None:
        """How many commits `tip` has that `base` has not; None where the clone lacks one of the two.

        With `also`, the commits of that other clone are seen too; nothing is copied.
        """
        ...

    def exposed(self, clone: Path, path: Path) -> bool:
        """Whether `git add .` would commit `path`, or has: it is tracked, or there and not ignored."""
        ...


Flight = Literal["ended", "shared", "spared", "under_way"]
"""How a call of `refresh` went: its own run ended; another caller's run ended meanwhile; none was needed any more;
a run is still on."""


class ClaudeClient(Protocol):
    """The official Claude Code binary, the only one that may post a Claude login's refresh grant."""

    def version(self) -> str | None:
        """The installed version, None where there is no `claude` to be found."""
        ...

    def refresh(self, store: Path, due: Callable[[], bool]) -> Flight:
        """Let the binary renew the login in the folder `store` and wait for its end; `unavailable` without a binary.

        One flight per host and store: a caller that comes during one waits for its end and starts none. `due` is
        asked before a start, when no other flight can be on. The exit code says nothing of the outcome (it is 0
        even after a refused grant): read the store.
        """
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC."""
        ...


@dataclass(frozen=True)
class World:
    """Everything outside this process that an operation may touch."""

    files: Files
    git: Git
    claude: ClaudeClient
    clock: Clock
    environment: Mapping[str, str]
    cwd: Path
    home: Path
    state: Path
    "`OPS_HOME`: locks, last-applied configs, backups, logs."
    pack: Path
    "The root of this plugin: `runbooks/` lies there."


@dataclass(frozen=True)
class Context:
    """One call: the world, the fleet it is about, and who calls."""

    world: World
    locate: Callable[[], Fleet]
    caller: str | None = None
    "The agent's name as given (`--agent`, AGENT_NAME)."

    @cached_property
    def fleet(self) -> Fleet:
        """The fleet; `not_found` when there is none here."""
        return self.locate()

    def agents(self, names: tuple[str, ...] | list[str]) -> tuple[Agent, ...]:
        """The named agents, all of them for no names."""
        if not names:
            return self.fleet.agents
        return tuple(self.agent(name) for name in dict.fromkeys(names))

    def agent(self, name: str) -> Agent:
        found = self.fleet.agent(name)
        if found is None:
            known = ", ".join(a.name for a in self.fleet.agents)
            raise OpsError("not_found", f"no agent {name[:60]!r} in {self.fleet.root}", f"Name one of: {known}")
        return found


class Effect(Enum):
    READ = "read"
    WRITE = "write"


class Params(BaseModel):
    """The parameters of an operation: flat, strict, each with a description, nothing unknown accepted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


@dataclass(frozen=True)
class Operation:
    """One capability: the MCP tool `name` and the command `ops <noun> <verb>` are made from it.

    `run` takes the context and an instance of `params` and returns a frozen dataclass, which
    `domain.document.as_json` turns into the answer; `text` says the same to a person; `ok` tells
    whether the answer is yes (exit code 0) or no (1).
    """

    name: str
    title: str
    summary: str
    effect: Effect
    params: type[Params]
    run: Callable[[Context, Any], Any]
    text: Callable[[Any], str]
    ok: Callable[[Any], bool]
    positional: tuple[str, ...] = ()
    "Parameters that the command line takes by position, in order; a list takes the rest."
    shell_only: frozenset[str] = frozenset()
    "Parameters that only the command line offers: the tool's schema leaves them out."
    from_file: frozenset[str] = frozenset()
    "Text parameters for which the command line takes a file's path (`-` for standard input)."
    destructive: bool = False
    idempotent: bool = True
    open_world: bool = False

    @property
    def noun(self) -> str:
        return self.name.split("_")[0]

    @property
    def verb(self) -> str:
        return self.name.split("_", 1)[1]
