"""The world as a whole, one call of it, and what an operation is."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from mcp_server.domain.errors import OpsError
from mcp_server.domain.guard.policy import Policy
from mcp_server.domain.inventory import Agent, Fleet
from mcp_server.domain.offered import NOTHING_OFFERED, Offered
from mcp_server.domain.secret import Secret
from mcp_server.ports.files import Files
from mcp_server.ports.hub import Hub
from mcp_server.ports.logins import ClaudeClient, Grants, Http
from mcp_server.ports.pages import PageIndexes
from mcp_server.ports.processes import Consulted, Container, Containers, Disk, Process, Processes
from mcp_server.ports.repository import Git
from mcp_server.ports.research import Researcher


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC."""
        ...


@dataclass(frozen=True)
class World:
    """Everything outside this process that an operation may touch."""

    files: Files
    git: Git
    hub: Hub
    claude: ClaudeClient
    processes: Processes
    disk: Disk
    containers: Containers
    indexes: PageIndexes
    http: Http
    grants: Grants
    research: Researcher
    clock: Clock
    become: Callable[[Sequence[str], Mapping[str, str], Path], None]
    "Replace this process by a command, with that environment alone, in that folder; returns only by an `OpsError`."
    consult: Callable[[Sequence[str], str, Path], Consulted]
    "Run a command to its end in a folder, with that text on its standard input; for half a minute at most."
    version: Callable[[str], str | None]
    "Of a client (`codex`, `gemini`) that is installed here, without starting it; None where its files do not tell."
    check: Callable[[str, Path], tuple[int, str]]
    "Run a check that a page names, in that folder: exit code and the end of its output."
    secret: Callable[[str], Secret | None]
    "What the operator keeps under this name in the environment or in the keyring."
    ask: Callable[[str], str]
    "Ask the person at this process's own terminal, and return the line that was typed; `denied` where there is none."
    environment: Mapping[str, str]
    cwd: Path
    home: Path
    state: Path
    "`OPS_HOME`: locks, last-applied configs, backups, logs."
    pack: Path
    "The root of this plugin: `runbooks/` lies there."
    etc: Path = Path("/etc")
    "Where the host's own settings lie, which reach all users."
    terminal: bool = False
    "Whether a person sits at our standard input."


Watch = Callable[[int, int, str], None]
"""Told how far a long operation is: steps done, of how many, what they are. Raises `CancelledCallError` where whoever
called wants no more."""


@dataclass(frozen=True)
class Context:
    """One call: the world, the fleet it is about, and who calls."""

    world: World
    locate: Callable[[], Fleet]
    caller: str | None = None
    "The agent's name as given (`--agent`, AGENT_NAME)."
    offered: Offered = NOTHING_OFFERED
    "What tools and calls there are, for who checks a page that names them."
    remote: bool = False
    "Whether the caller may be on another host: a folder that it names is none of its own."
    watch: Watch = lambda _done, _total, _what: None

    def steps(self, total: int, what: str) -> Callable[[], None]:
        """To be called before each of `total` like steps, by any thread: a call may be cut short between two."""
        done = itertools.count()
        return lambda: self.watch(next(done), total, what)

    @cached_property
    def fleet(self) -> Fleet:
        """The fleet; `not_found` when there is none here."""
        return self.locate()

    @property
    def fleet_here(self) -> Fleet | None:
        """The fleet, None where there is none; a fleet.toml that cannot be read is an error."""
        try:
            return self.fleet
        except OpsError as error:
            if error.kind != "not_found":
                raise
            return None

    @property
    def policy(self) -> Policy:
        """The fleet's, the default one where there is none."""
        return here.policy if (here := self.fleet_here) else Policy()

    @cached_property
    def key(self) -> str:
        """The fleet's name in the state folder: the same for every way to write its root."""
        root = self.world.files.real(self.fleet.root)
        return f"{root.name}-{hashlib.sha256(json.dumps([str(root)]).encode()).hexdigest()[:12]}"

    @cached_property
    def running(self) -> Mapping[str, tuple[Process, ...]]:
        """What runs in the folder of each of the host's agents, looked at once for a call; empty where nobody can."""
        hosted = [agent for agent in self.fleet.agents if agent.run_mode == "host"]
        places = self.world.files.all_real(agent.folder for agent in hosted)
        folders = {str(place): agent.name for place, agent in zip(places, hosted, strict=True)}
        found: dict[str, tuple[Process, ...]] = dict.fromkeys(folders.values(), ())
        try:
            processes = self.world.processes.below(folders)
        except OpsError:
            return {}
        for process in processes:
            name = next(folders[at] for at in map(str, (process.cwd, *process.cwd.parents)) if at in folders)
            found[name] = (*found[name], process)
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
    """The parameters of an operation: flat, strict, each with a description, nothing unknown accepted. As it stands,
    those of one that takes none: it is about the whole fleet, or about who calls."""

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
    ok: Callable[[Any], bool] = lambda _: True
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
    coloured: Callable[[Any], str] | None = None
    "`text` with the colours of a terminal."
    grows: bool = False
    "Whether its work grows with the fleet: a server gives a large one a process of its own."
    human_only: bool = False
    "Whether a client must have a human confirm each call, whatever it was allowed."
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
        """Empty for the rare capability that is a noun alone: `ops role`."""
        return self.name.partition("_")[2]
