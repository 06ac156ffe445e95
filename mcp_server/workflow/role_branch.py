"""The branch that an agent works on."""

from collections.abc import Collection
from fnmatch import fnmatchcase

from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.policy import Policy


def is_own(branch: str | None, role: str, policy: Policy) -> bool:
    """Whether the role may work on this branch."""
    allowed = policy.allowed(role)
    return branch is not None and branch not in policy.protected and any(fnmatchcase(branch, p) for p in allowed)


def own_branch(agent: Agent, current: str | None, known: Collection[str], policy: Policy, *, alone: bool) -> str:
    """The branch for an agent: the current one if it is its own, else one that exists, else the first it may create.

    `known` are the branches in the clone and on origin; `alone`: no other agent has the role. Git cannot have both
    `ops` and `ops/x`.
    """
    if current and is_own(current, agent.role, policy):
        return current
    name, role = agent.name, agent.role
    by_number = f"{role}/{name.rpartition('-')[2]}"
    usual = [role, name, by_number] if alone else [name, by_number]
    plain = [pattern for pattern in policy.allowed(role) if not set(pattern) & set("*?[")]
    own = [each for each in (*usual, *plain) if is_own(each, role, policy)]
    free = [each for each in own if not any(other.startswith(f"{each}/") for other in known)]
    return next((each for each in own if each in known), next(iter(free), f"{name}-work"))
