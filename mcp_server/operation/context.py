"""One call of an operation: the world, the fleet it is about, and the caller."""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent, Fleet
from mcp_server.kernel.known_commands import NO_COMMANDS, KnownCommands
from mcp_server.kernel.policy import Policy
from mcp_server.system.git.worktrees import main_of

if TYPE_CHECKING:
    from mcp_server.operation.world import World
    from mcp_server.system.containers import Container
    from mcp_server.system.processes import Process

Watch = Callable[[int, int, str], None]
"""Receives the progress of a long operation: steps done, their total, and what they are. Raises `CancelledCallError`
if the caller has cancelled."""


@dataclass(frozen=True)
class Context:
    """One call of an operation: the world, the fleet it is about, and the caller."""

    world: "World"
    locate: Callable[[], Fleet]
    caller: str | None = None
    "The agent's name as given (`--agent`, AGENT_NAME)."
    known_commands: KnownCommands = NO_COMMANDS
    "The existing tools and commands, for checks of pages that name them."
    remote: bool = False
    "Whether the caller may be on another host, where the folders that it names would be others."
    watch: Watch = lambda _done, _total, _what: None
    whole: bool = False
    "Whether the answer is for a shell: a model's is bounded."

    def steps(self, total: int, what: str) -> Callable[[], None]:
        """A function to call before each of `total` similar steps, in any thread; the call may be cancelled there."""
        done = itertools.count()
        return lambda: self.watch(next(done), total, what)

    @cached_property
    def fleet(self) -> Fleet:
        """The fleet; `not_found` if there is none here."""
        return self.locate()

    @property
    def fleet_here(self) -> Fleet | None:
        """The fleet, if there is one here; a fleet.toml that cannot be read is an error."""
        try:
            return self.fleet
        except OpsError as error:
            if error.kind != "not_found":
                raise
            return None

    @property
    def policy(self) -> Policy:
        """The policy of the fleet; the default one without a fleet."""
        return here.policy if (here := self.fleet_here) else Policy()

    @cached_property
    def key(self) -> str:
        """The fleet's name in the state folder: the same for every spelling of its root."""
        import hashlib  # noqa: PLC0415  many commands need no key

        root = self.world.files.real(self.fleet.root)
        return f"{root.name}-{hashlib.sha256(json.dumps([str(root)]).encode()).hexdigest()[:12]}"

    @cached_property
    def running(self) -> "Mapping[str, tuple[Process, ...]]":
        """The processes in the folder of each agent on this host, read once; empty if they cannot be listed."""
        hosted = [agent for agent in self.fleet.agents if agent.run_mode != "docker"]
        roots = self.world.files.all_real(agent.folder for agent in hosted)
        folders = {str(root): agent.name for root, agent in zip(roots, hosted, strict=True)}
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
    def engine(self) -> "tuple[Container, ...] | OpsError":
        """The containers of the engine, or why it did not answer; not asked for a fleet that has none."""
        if all(agent.run_mode == "host" for agent in self.fleet.agents):
            return ()
        try:
            return self.world.containers.all()
        except OpsError as error:
            return error

    def most(self, count: int) -> int | None:
        """How many items an answer may have: `count` for a model, any number in a shell."""
        return None if self.whole else count

    def holding(self, path: Path) -> Agent | None:
        """The agent whose clone, or a linked work tree of it, contains `path`, whatever links lead there."""
        real, agents = self.world.files.real(path), self.fleet.agents
        roots = dict(zip(self.world.files.all_real(agent.folder for agent in agents), agents, strict=True))
        around = (real, *real.parents)
        found = next((roots[folder] for folder in around if folder in roots), None)
        return found or next((roots[main] for folder in around if (main := main_of(folder)) in roots), None)

    def agents(self, names: tuple[str, ...] | list[str]) -> tuple[Agent, ...]:
        """The named agents; all of them without names."""
        if not names:
            return self.fleet.agents
        return tuple(self.agent(name) for name in dict.fromkeys(names))

    def agent(self, name: str) -> Agent:
        """The agent of this name; `not_found` if there is none."""
        found = self.fleet.agent(name)
        if found is None:
            known = ", ".join(a.name for a in self.fleet.agents)
            raise OpsError("not_found", f"no agent {name[:60]!r} in {self.fleet.root}", f"Name one of: {known}")
        return found
