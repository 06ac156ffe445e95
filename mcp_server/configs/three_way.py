"""The three-way comparison of one agent's config with the master, per pointer.

base      what both sides were when they were last in step, as digests (see `Base`)
desired   what the master names: ours to keep in step. Everything else in the agent's file is the agent's
observed  what stands in the agent's file now

In Claude Code's config a pointer is a top-level key, or `/mcpServers/<name>`: servers merge by name. In the other
clients' (see `config_form`) it is also a member of an object, however deep.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from mcp_server.configs.formats import CLAUDE, Form
from mcp_server.configs.live_state import holds_api_key
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.json_text import canonical
from mcp_server.kernel.pointer import ABSENT, Value, keys_of, pointer, value_at

PointerState = Literal["in_sync", "kept", "missing", "orphaned", "stale", "drifted", "conflict"]
Take = Literal["master", "agent"]
Op = Literal["add", "replace", "remove"]

ASKS: frozenset[PointerState] = frozenset({"drifted", "conflict"})
"The agent holds a value that a sync would lose: somebody has to say which side to take."
_WRITTEN: frozenset[PointerState] = frozenset({"missing", "orphaned", "stale"})
_SEVERITY: tuple[PointerState, ...] = ("in_sync", "kept", "missing", "orphaned", "stale", "drifted", "conflict")


@dataclass(frozen=True)
class Desired:
    """What the master asks for, by pointer, and what of it was left out and why."""

    values: Mapping[str, Value] = field(repr=False)
    left_out: tuple[str, ...] = ()
    form: Form = CLAUDE

    @cached_property
    def digest(self) -> str:
        """Equal for what asks for the same."""
        return digest([[at, digest(value)] for at, value in self.values.items()])


@dataclass(frozen=True)
class Base:
    """Digests by pointer of what stood in the master and in the agent's file at the last sync.

    The two are equal where the master's value was written, and differ where the agent's was kept (`take` agent).
    Digests, because that is all a comparison needs and a config holds secrets.
    """

    master: Mapping[str, str] = field(default_factory=dict[str, str])
    agent: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Difference:
    """One pointer: its state, and what stands on both sides. `digests` are those of desired and observed."""

    pointer: str
    state: PointerState
    desired: Value = field(repr=False)
    observed: Value = field(repr=False)
    digests: tuple[str, str]

    @property
    def op(self) -> Op:
        """What it takes to bring the master's side into the agent's file."""
        if self.desired is ABSENT:
            return "remove"
        return "add" if self.observed is ABSENT else "replace"


@dataclass(frozen=True)
class Choice:
    """Whose side is taken where the agent changed something: at `pointers` alone, or, for none, everywhere."""

    take: Take | None = None
    pointers: frozenset[str] = frozenset()

    def at(self, pointer: str) -> Take | None:
        return self.take if not self.pointers or pointer in self.pointers else None


@dataclass(frozen=True)
class Decision:
    """What a sync does with one file: what is written, what is left until somebody says, and the base after it."""

    writes: tuple[Difference, ...]
    held: tuple[Difference, ...]
    base: Base


def overlaid(master: Mapping[str, Json], overlay: Mapping[str, Json]) -> dict[str, Json]:
    """The master with a role's or an agent's overlay on it. `null` takes a key, or a server, of the master away."""
    whole = dict(master)
    for key, value in overlay.items():
        below = whole.get(key)
        if key == CLAUDE.servers and isinstance(value, dict) and isinstance(below, dict):
            whole[key] = overlaid(below, value)
        elif value is None:
            whole.pop(key, None)
        else:
            whole[key] = value
    return whole


def desired_of(master: Mapping[str, Json], form: Form = CLAUDE) -> Desired:
    """What of a master is ours to give; live state and Anthropic API keys are left out, with the reason."""
    values: dict[str, Value] = {}
    left_out: list[str] = []
    for at, value in _pointed(master, form):
        if form.is_live(at):
            left_out.append(f"{at} in the master is live state of each agent: left out")
        elif holds_api_key({keys_of(at)[-1]: value}):
            left_out.append(f"{at} in the master carries ANTHROPIC_API_KEY: left out, logins are by OAuth only")
        else:
            values[at] = value
    return Desired(values, tuple(left_out), form)


def compare(base: Base, desired: Desired, observed: Json) -> tuple[Difference, ...]:
    """Every pointer that the master names, or named at the last sync, in the master's order."""
    pointers = dict.fromkeys([*desired.values, *base.master])
    defaults = desired.form.defaults
    return tuple(
        _difference(at, base, desired.values.get(at, ABSENT), value_at(observed, at), defaults.get(at, ABSENT))
        for at in pointers
    )


def worst(differences: tuple[Difference, ...]) -> PointerState:
    """The state of a whole file; a kept difference was agreed to, so it counts as in step."""
    states: list[PointerState] = ["in_sync", *(d.state for d in differences)]
    found = max(states, key=_SEVERITY.index)
    return "in_sync" if found == "kept" else found


def decide(differences: tuple[Difference, ...], base: Base, choice: Choice) -> Decision:
    """What a sync writes.

    Where nothing is chosen, what the agent changed is held: neither written nor agreed to. `master`: the master's
    side wins, also over values kept before. `agent`: the agent's side is kept, and no longer reported until either
    side changes again.
    """
    writes = tuple(d for d in differences if is_written(d.state, choice.at(d.pointer)))
    held = tuple(d for d in differences if d.state in ASKS and choice.at(d.pointer) is None)
    master, agent = dict[str, str](), dict[str, str]()
    for d in differences:
        if d in held:
            sides = base.master.get(d.pointer, ""), base.agent.get(d.pointer, "")
        else:
            sides = d.digests[0], d.digests[0 if d in writes else 1]
        if sides[0]:  # what the master does not name is not ours
            master[d.pointer], agent[d.pointer] = sides
    return Decision(writes, held, Base(master, agent))


def is_written(state: PointerState, take: Take | None) -> bool:
    """Whether a sync brings the master's side into the agent's file."""
    return state in _WRITTEN or (take == "master" and state != "in_sync")


def digest(value: Value) -> str:
    """Equal for equal values, however they are spelled; empty for nothing."""
    return "" if value is ABSENT else hashlib.sha256(canonical(value).encode()).hexdigest()


def _pointed(members: Mapping[str, Json], form: Form, *above: str) -> Iterator[tuple[str, Json]]:
    for key, value in members.items():
        if key == form.servers and not above:
            yield from _servers(value, form)
        elif form.deep and isinstance(value, dict) and value:
            yield from _pointed(value, form, *above, key)
        else:
            yield pointer(*above, key), value


def _servers(servers: Json, form: Form) -> Iterator[tuple[str, Json]]:
    if not isinstance(servers, dict):
        raise OpsError("invalid", f"{form.servers} in the master is not an object", "Make it {name: server, ...}")
    for name, server in servers.items():
        if not isinstance(server, dict):
            problem = f"the MCP server {shown(name)} in the master is not an object"
            raise OpsError("invalid", problem, "Give it a command or a url, or take it out of the master")
        yield pointer(form.servers, name), server


def _difference(at: str, base: Base, desired: Value, observed: Value, default: Value) -> Difference:
    # Claude Code leaves out what equals its default when it writes: absent and the default are the same to it.
    digests = digest(desired), digest(default if observed is ABSENT else observed)
    return Difference(at, _state(at, base, digests, observed is ABSENT), desired, observed, digests)


def _state(at: str, base: Base, digests: tuple[str, str], absent: bool) -> PointerState:
    desired, observed = digests
    if desired == observed or (not desired and absent):
        return "in_sync"
    if at not in base.master:
        return "missing" if absent else "conflict"
    written = base.master[at] == base.agent.get(at, "")
    master_changed, agent_changed = desired != base.master[at], observed != base.agent.get(at, "")
    if agent_changed:
        return "conflict" if master_changed else "drifted"
    if not master_changed:
        return "kept"
    if not desired:
        return "orphaned" if written else "in_sync"  # what was kept is the agent's own
    return "stale" if written else "conflict"
