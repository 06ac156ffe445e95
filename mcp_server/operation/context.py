"""One call: the world, the fleet it is about, and who calls."""

import hashlib
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent, Fleet
from mcp_server.kernel.known_commands import NO_COMMANDS, KnownCommands
from mcp_server.kernel.policy import Policy
from mcp_server.operation.world import World
from mcp_server.system.containers import Container
from mcp_server.system.processes import Process

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
    known_commands: KnownCommands = NO_COMMANDS
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
