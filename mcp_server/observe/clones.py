"""The clones of the fleet as they are, and how far they really are from their origin.

A clone knows of origin what its last fetch brought, which may be old. So each origin is asked once where its branch
stands now, and commits that a clone has not fetched are counted with the objects of a fellow that has.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mcp_server.domain.errors import OpsError
from mcp_server.domain.inventory import Agent
from mcp_server.ports import CloneState, Git

PRIVATE = (".env", ".claude.json")
"Files of an agent's folder that must never be committed."
_WORKERS = 8

Origin = tuple[str, str]
"The URL of an origin and its default branch."


@dataclass(frozen=True)
class Clone:
    """One clone. `ahead`, `behind` and `protected_ahead` count against origin as it stands now; None: unknown."""

    state: CloneState
    exposed: tuple[str, ...]
    "Those of `PRIVATE` that `git add .` would commit, or that are committed."
    head_of_origin: str | None = None
    ahead: int | None = None
    behind: int | None = None
    protected_ahead: int | None = None

    @property
    def unfetched(self) -> bool:
        """Origin has moved since the last fetch."""
        return self.head_of_origin is not None and self.head_of_origin != self.state.tracked


Look = Clone | OpsError


def look_at_clones(git: Git, agents: Sequence[Agent]) -> Mapping[str, Look]:
    """Each agent's clone by the agent's name, or why it could not be looked at. Nothing is written or fetched."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        looks = dict(zip(agents, pool.map(partial(_look, git), agents), strict=True))
        clones = {agent.folder: look for agent, look in looks.items() if isinstance(look, Clone)}
        one_of_each = {origin: folder for folder, clone in clones.items() if (origin := _origin(clone.state))}
        answers = pool.map(git.origin_head, one_of_each.values(), (branch for _, branch in one_of_each))
        heads = dict(zip(one_of_each, answers, strict=True))
        measured = dict(zip(clones, pool.map(partial(_measured, git, heads, clones), clones), strict=True))
    return {agent.name: measured.get(agent.folder, look) for agent, look in looks.items()}


def silent_origins(looks: Mapping[str, Look]) -> Mapping[str, tuple[str, ...]]:
    """The origins that did not answer, and the agents that this leaves uncertain."""
    found: dict[str, tuple[str, ...]] = {}
    for name, look in looks.items():
        if isinstance(look, Clone) and look.state.origin and look.head_of_origin is None:
            found[look.state.origin] = (*found.get(look.state.origin, ()), name)
    return found


def _look(git: Git, agent: Agent) -> Look:
    """One clone that cannot be looked at never stops the others."""
    try:
        state = git.state(agent.folder)
        return Clone(state, tuple(name for name in PRIVATE if git.exposed(agent.folder, agent.folder / name)))
    except OpsError as error:
        return error


def _origin(state: CloneState) -> Origin | None:
    return (state.origin, state.default_branch) if state.origin else None


def _measured(git: Git, heads: Mapping[Origin, str | None], clones: Mapping[Path, Clone], folder: Path) -> Look:
    clone = clones[folder]
    state, origin = clone.state, _origin(clone.state)
    head = heads[origin] if origin else None
    seen = replace(clone, head_of_origin=head)
    if head is None or state.head is None:
        return seen
    if head == state.tracked:
        return replace(seen, ahead=state.ahead, behind=state.behind, protected_ahead=state.protected_ahead)
    fellow = next((path for path, other in clones.items() if head in (other.state.tracked, other.state.head)), None)
    if fellow is None:
        return seen
    own = f"refs/heads/{state.default_branch}"
    try:
        return replace(
            seen,
            ahead=git.distance(folder, head, state.head, fellow),
            behind=git.distance(folder, state.head, head, fellow),
            protected_ahead=git.distance(folder, head, own, fellow),
        )
    except OpsError as error:
        return error
