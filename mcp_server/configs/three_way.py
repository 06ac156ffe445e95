"""Three-way comparison of one agent's config with its master, per JSON pointer.

base      both sides when they were last in sync, as digests (see `Base`)
desired   what the master names; everything else in the agent's config is the agent's own
observed  what the agent's config holds now

A pointer names a value that is not an object, at any depth; or an empty object, which asks only that there is one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from mcp_server.configs.desired import Desired, digest
from mcp_server.kernel.document import Json
from mcp_server.kernel.pointer import ABSENT, Value, keys_of

PointerState = Literal["in_sync", "kept", "missing", "orphaned", "stale", "drifted", "conflict"]
Take = Literal["master", "agent"]
Op = Literal["add", "replace", "remove"]

UNDECIDED: frozenset[PointerState] = frozenset({"drifted", "conflict"})
"A sync would lose a value of the agent: a person has to choose which side to take."
_WRITTEN: frozenset[PointerState] = frozenset({"missing", "orphaned", "stale"})
SEVERITY: tuple[PointerState, ...] = ("in_sync", "kept", "missing", "orphaned", "stale", "drifted", "conflict")


_AN_OBJECT: Final = digest({})


@dataclass(frozen=True)
class Base:
    """Digests, by pointer, of the values in the master and in the agent's config at the last sync.

    They are equal where the master's value was written, and differ where the agent's was accepted (`take` agent).
    The values themselves are not stored, because a config holds secrets.
    """

    master: Mapping[str, str] = field(default_factory=dict[str, str])
    agent: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Difference:
    """The state of one pointer, its value on both sides, and their digests (desired, observed)."""

    pointer: str
    state: PointerState
    desired: Value = field(repr=False)
    observed: Value = field(repr=False)
    digests: tuple[str, str]

    @property
    def op(self) -> Op:
        """The change that brings the desired value into the agent's config."""
        if self.desired is ABSENT:
            return "remove"
        return "add" if self.observed is ABSENT else "replace"


@dataclass(frozen=True)
class Choice:
    """Which side to take where the agent changed something: at and below `pointers`, or everywhere without any."""

    take: Take | None = None
    pointers: frozenset[str] = frozenset()

    def at(self, pointer: str) -> Take | None:
        named = not self.pointers or any(f"{pointer}/".startswith(f"{at}/") for at in self.pointers)
        return self.take if named else None


@dataclass(frozen=True)
class Decision:
    """What a sync does with one config: what it writes, what it holds for a person's choice, and the next base."""

    writes: tuple[Difference, ...]
    held: tuple[Difference, ...]
    base: Base


def compare(base: Base, desired: Desired, observed: Json) -> tuple[Difference, ...]:
    """Every pointer that the master names, or named at the last sync, in the master's order."""
    defaults = desired.dialect.defaults
    named = (
        _difference(at, base, value, seen(observed, at, value), defaults.get(at, ABSENT))
        for at, value in desired.values.items()
    )
    dropped = (
        _difference(at, base, ABSENT, seen(observed, at, ABSENT), defaults.get(at, ABSENT))
        for at, before in base.master.items()
        if at not in desired.values and before != _AN_OBJECT  # which asked for nothing of its own
    )
    return (*named, *dropped)


def seen(observed: Json, at: str, desired: Value) -> tuple[Value, str]:
    """What the agent has at a pointer, or what is in its way (replacing that would lose it, too), and its digest."""
    value: Value = observed
    for key in keys_of(at):
        if not isinstance(value, dict):
            if value in (None, []) or desired is ABSENT:
                return ABSENT, ""
            return value, digest({"in the way": value})
        if (value := value.get(key, ABSENT)) is ABSENT:
            return ABSENT, ""
    return value, digest({} if desired == {} and isinstance(value, dict) else value)


def worst(differences: tuple[Difference, ...]) -> PointerState:
    """The state of a whole config; an accepted difference counts as in sync."""
    states: list[PointerState] = ["in_sync", *(d.state for d in differences)]
    found = max(states, key=SEVERITY.index)
    return "in_sync" if found == "kept" else found


def decide(differences: tuple[Difference, ...], base: Base, choice: Choice) -> Decision:
    """What a sync writes.

    Without a choice, what the agent changed is held: neither overwritten nor accepted. `master`: the master's side
    wins, also over values accepted before. `agent`: the agent's side is accepted, and not reported again until either
    side changes.
    """
    writes = tuple(d for d in differences if is_written(d.state, choice.at(d.pointer)))
    held = tuple(d for d in differences if d.state in UNDECIDED and choice.at(d.pointer) is None)
    master, agent = dict[str, str](), dict[str, str]()
    for d in differences:
        if d in held:
            sides = base.master.get(d.pointer, ""), base.agent.get(d.pointer, "")
        else:
            sides = d.digests[0], d.digests[0 if d in writes else 1]
        if sides[0]:  # what the master does not name is the agent's own
            master[d.pointer], agent[d.pointer] = sides
    return Decision(writes, held, Base(master, agent))


def is_written(state: PointerState, take: Take | None) -> bool:
    """Whether a sync writes the desired value at a pointer in this state."""
    return state in _WRITTEN or (take == "master" and state != "in_sync")


def _difference(at: str, base: Base, desired: Value, found: tuple[Value, str], default: Value) -> Difference:
    # Claude Code leaves out what equals its default when it writes: absent and the default are the same to it.
    observed = found[0]
    digests = digest(desired), digest(default) if observed is ABSENT else found[1]
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
        return "orphaned" if written else "in_sync"  # what was accepted is the agent's own
    return "stale" if written else "conflict"
