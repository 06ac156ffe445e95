"""What the operations need of the world, as Protocols; and what an operation is.

Adapters implement the Protocols, `wiring` puts them together. An operation sees nothing else: a test
hands it a world that refuses writes, and every READ operation must pass there.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from mcp_server.domain.compose import Mount
from mcp_server.domain.configured_login import ConfiguredLogin
from mcp_server.domain.document import Json
from mcp_server.domain.errors import OpsError
from mcp_server.domain.inventory import Agent, Fleet
from mcp_server.domain.offered import NOTHING_OFFERED, Offered
from mcp_server.domain.search import Index
from mcp_server.domain.secret import Secret

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

    def markdown(self, folder: Path, skip: Collection[str]) -> tuple[Path, ...]:
        """The markdown files below a folder in the order of their names, at most 12 folders deep.

        Names in `skip` and hidden ones are left out; linked folders are not entered.
        """
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

    def replace(
        self,
        path: Path,
        data: bytes,
        *,
        inside: Path,
        mode: int | None = None,
        around: AbstractContextManager[None] | None = None,
    ) -> None:
        """Write a whole file so that at any moment the old or the new one stands; then read it back.

        `inside` confines the write: the real folder of `path` must lie there. `mode` None keeps the old
        file's mode and owner (0600 for a new file). Missing folders are made only below the state folder.
        `around` is entered for the last step alone, the rename; who gives it reads back as well.
        """
        ...

    def room_for(self, folder: Path, size: int) -> None:
        """Prove that `size` bytes can be written in `folder`, and leave none there; `unavailable` says why not."""
        ...

    def back_up(self, path: Path, run: str) -> Path:
        """A copy (0600) of `path` in the state folder under `backups/<run>/`; returns where it lies."""
        ...

    def keep(self, path: Path, data: bytes, run: str) -> Path:
        """`back_up` of `data`, which was read from `path`."""
        ...

    def backups(self, path: Path) -> tuple[Path, ...]:
        """The backups of `path`, the newest first; the run that made one is the folder below `backups/`."""
        ...

    def prune_backups(self, path: Path, is_good: Callable[[Path], bool]) -> None:
        """Remove the backups of `path` that are too many or too old, but never the newest that `is_good`."""
        ...

    def set_aside(self, path: Path, run: str) -> Path:
        """`back_up`, and then `path` is gone. What somebody wrote there meanwhile stays: `conflict`."""
        ...

    def lock(self, name: str, wait: float = 10.0) -> AbstractContextManager[None]:
        """A lock of ours for the whole host, gone with its holder. `conflict` after `wait` seconds."""
        ...

    def config_lock(self, path: Path) -> AbstractContextManager[None]:
        """Claude Code's own lock of the file `path`: the folder `<path>.lock`, with its rule for stale ones."""
        ...

    def refresh_lock(self, folder: Path) -> AbstractContextManager[None]:
        """Claude Code's own lock of the login in `folder`; `conflict` at once while somebody else holds it."""
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


class Git(Protocol):
    def hooks(self, clone: Path) -> HookPlaces:
        """Where git looks for the hooks of this clone; `invalid` where it is none."""
        ...

    def set_hooks_path(self, clone: Path, value: str | None) -> None:
        """Set the clone's own `core.hooksPath`; None takes it away."""
        ...

    def try_hooks(self, hooks: Path, protected: str) -> Mapping[str, Proof]:
        """What git does with these hooks in a scratch repository, by the hook's name."""
        ...

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

    def last_changes(self, clone: Path, folder: Path) -> Mapping[Path, datetime]:
        """When each file below `folder` was last changed by a commit of HEAD; empty before the first commit."""
        ...


Flight = Literal["ended", "shared", "spared", "under_way"]
"""How a call of `refresh` went: its own run ended; another caller's run ended meanwhile; none was needed any more;
a run is still on."""


class ClaudeClient(Protocol):
    """The official Claude Code binary, the only one that may post a Claude login's refresh grant."""

    def version(self) -> str | None:
        """The installed version as its files tell it; None where there is no `claude`, or they do not."""
        ...

    def refresh(self, store: Path, due: Callable[[], bool]) -> Flight:
        """Let the binary renew the login in the folder `store` and wait for its end; `unavailable` without a binary.

        One flight per host and store: a caller that comes during one waits for its end and starts none. `due` is
        asked before a start, when no other flight can be on. The exit code says nothing of the outcome (it is 0
        even after a refused grant): read the store.
        """
        ...


@dataclass(frozen=True)
class Process:
    """A running process as it was started. Of its variables only these are kept, of those that shadow only names."""

    pid: int
    start: str
    "When it started, as the kernel counts: tells it apart from an earlier process of the same number."
    cwd: Path
    shadows: tuple[str, ...]
    "The variables that stand before the login, the strongest first."
    places: Mapping[str, Path]
    "Where the variables lead that name a client's folder."


class Processes(Protocol):
    def below(self, folders: Collection[Path]) -> tuple[Process, ...]:
        """This user's processes that stand in these folders, ours left out; none where the host hides them."""
        ...


@dataclass(frozen=True)
class Container:
    """One container as its engine made it, running or not. Mounts are those of folders and files of the host."""

    name: str
    service: str
    "Its service in a compose file; empty for one started by hand."
    compose: tuple[Path, ...]
    mounts: tuple[Mount, ...]
    environment: Mapping[str, Secret]
    running: bool


class Containers(Protocol):
    def all(self) -> tuple[Container, ...]:
        """Every container of this host's engine; `unavailable` where none answers in time."""
        ...

    def up(self, compose: Path, service: str) -> None:
        """Have the service's container run; it is made first where need be."""
        ...

    def read(self, container: Container, path: PurePosixPath) -> bytes:
        """The whole of a plain file in the container, running or not; `not_found` where there is none."""
        ...

    def replace(self, container: Container, path: PurePosixPath, data: bytes) -> None:
        """Write a file that is there, with its owner and mode; read back. In a running container by a rename."""
        ...

    def config_lock(self, container: Container, path: PurePosixPath) -> AbstractContextManager[None]:
        """`Files.config_lock` in a running container; in another one nobody writes."""
        ...


@dataclass(frozen=True)
class PageFolder:
    """Markdown below `path` to be searched: a page is named `prefix` and its path from `root`.

    `skip` are names left out and `seen_before` marks incidents. Where a folder `yields`, a page of the same problem
    in another goes before its own. The rows of a folder's INDEX.md give their pages symptoms and commands.
    """

    root: Path
    path: Path
    skip: frozenset[str]
    prefix: str = ""
    seen_before: bool = False
    yields: bool = False


@dataclass(frozen=True)
class Searched:
    """`unread` says of each page or folder that could not be read which and why."""

    index: Index
    unread: tuple[str, ...]


class PageIndexes(Protocol):
    def index(self, folders: Sequence[PageFolder]) -> Searched:
        """The index of the pages in these folders as they are now."""
        ...


@dataclass(frozen=True)
class Reply:
    """What a server answered; `status` is None where it was sent something and no answer came."""

    status: int | None
    body: bytes


class Http(Protocol):
    def post(self, url: Secret, *, form: Mapping[str, Secret] | None = None, document: Json = None) -> Reply:
        """Send a form or a JSON document; `invalid` for an address without TLS, `unavailable` if it got nowhere."""
        ...


class Grants(Protocol):
    def refresh(self, login: ConfiguredLogin, due: Callable[[], bool]) -> Flight:
        """Renew a login that `fleet.toml` describes, one flight per host and store; the store is written before
        anything else. `denied` where only a human can help, `unavailable` where nothing is changed."""
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
    processes: Processes
    containers: Containers
    indexes: PageIndexes
    http: Http
    grants: Grants
    clock: Clock
    become: Callable[[Sequence[str], Mapping[str, str], Path], None]
    "Replace this process by a command, with that environment alone, in that folder; returns only by an `OpsError`."
    environment: Mapping[str, str]
    cwd: Path
    home: Path
    state: Path
    "`OPS_HOME`: locks, last-applied configs, backups, logs."
    pack: Path
    "The root of this plugin: `runbooks/` lies there."
    terminal: bool = False
    "Whether a person sits at our standard input."


@dataclass(frozen=True)
class Context:
    """One call: the world, the fleet it is about, and who calls."""

    world: World
    locate: Callable[[], Fleet]
    caller: str | None = None
    "The agent's name as given (`--agent`, AGENT_NAME)."
    offered: Offered = NOTHING_OFFERED
    "What tools and calls there are, for who checks a page that names them."

    @cached_property
    def fleet(self) -> Fleet:
        """The fleet; `not_found` when there is none here."""
        return self.locate()

    @cached_property
    def running(self) -> Mapping[str, tuple[Process, ...]]:
        """What runs in the folders of the host's agents, by the agent's name; looked at once for a call."""
        folders = {self.world.files.real(a.folder): a.name for a in self.fleet.agents if a.run_mode == "host"}
        found: dict[str, tuple[Process, ...]] = {}
        for process in self.world.processes.below(folders):
            name = next(folders[place] for place in (process.cwd, *process.cwd.parents) if place in folders)
            found[name] = (*found.get(name, ()), process)
        return found

    @cached_property
    def engine(self) -> tuple[Container, ...] | OpsError:
        """The containers as the engine knows them, or why it cannot be asked; only a fleet that has some asks it."""
        if all(agent.run_mode == "host" for agent in self.fleet.agents):
            return ()
        try:
            return self.world.containers.all()
        except OpsError as error:
            return error

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
    repeated: frozenset[str] = frozenset()
    "Lists whose members may hold commas: the command line takes the option once for each."
    each: tuple[str, Callable[[Context, Any, Iterable[str]], Iterable[Any]]] | None = None
    "An option of the command line that takes a file, and what answers each of its lines."
    flag_of: str | None = None
    "The operation that the command line offers this one as an option of: `docs_fix` is `ops docs check --fix`."
    destructive: bool = False
    idempotent: bool = True
    open_world: bool = False

    @property
    def noun(self) -> str:
        return self.name.split("_")[0]

    @property
    def verb(self) -> str:
        return self.name.split("_", 1)[1]
