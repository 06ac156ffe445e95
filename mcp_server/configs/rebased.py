"""The base of an earlier sync, told in the pointers that the master names today.

A master may name a member of what it named as a whole before, and the other way round. What is known of the one
holds for the other if a side has not changed since. Nothing else is: a person is asked before a value is lost.
"""

from mcp_server.configs.desired import Desired, digest, leaves
from mcp_server.configs.three_way import Base, seen
from mcp_server.kernel.document import Json
from mcp_server.kernel.pointer import keys_of, value_at, with_value


def rebased(base: Base, desired: Desired, observed: dict[str, Json]) -> Base:
    """The base without pointers above or below those of the master, and with what follows from them."""
    whole = {at for at, value in desired.values.items() if value != {}}
    master, agent = dict(base.master), dict(base.agent)
    for at in base.master:
        below = [name for name in desired.values if name.startswith(f"{at}/")]
        if at not in desired.values and (below or _above(at) & whole):
            del master[at], agent[at]
            ours, theirs = _told_below(at, below, base, desired, observed)
            master, agent = {**ours, **master}, {**theirs, **agent}
    for at in whole:
        old = {name: each for name, each in base.agent.items() if name.startswith(f"{at}/")}
        if old and base.master.items() >= old.items() and old == _digests(at, desired, observed):
            master[at] = agent[at] = digest(value_at(observed, at))
    return Base(master, agent) if master != base.master else base


def _told_below(
    at: str, below: list[str], base: Base, desired: Desired, observed: dict[str, Json]
) -> tuple[dict[str, str], dict[str, str]]:
    """Digests of the master's and the agent's values below a pointer of the base, as far as they are known."""
    asked: dict[str, Json] = {}
    for name in below:
        asked = with_value(asked, name, desired.values[name])
    ours = {name: digest(desired.values[name]) for name in below}
    written = base.master[at] == base.agent.get(at)
    same_master = base.master[at] == digest(value_at(asked, at))
    if base.agent.get(at) == digest(value_at(observed, at)):
        theirs = {name: seen(observed, name, desired.values[name])[1] for name in below}
        theirs |= _digests(at, desired, observed)
        return (theirs, theirs) if written else (ours, theirs) if same_master else ({}, {})
    return (ours, ours) if written and same_master else ({}, {})


def _digests(at: str, desired: Desired, observed: dict[str, Json]) -> dict[str, str]:
    value = value_at(observed, at)
    found = leaves(value, desired.dialect, *keys_of(at)) if isinstance(value, dict) else ()
    return {name: digest(each) for name, each in found}


def _above(at: str) -> set[str]:
    return {at[:end] for end, letter in enumerate(at) if letter == "/" and end}
