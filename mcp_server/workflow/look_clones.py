"""The state of the fleet's clones, and how far each is ahead of and behind its origin.

What a clone last fetched may be old. So each is compared with the newest commit that any clone of the same origin has
fetched, using the objects of that clone; with `ask`, each origin is asked once for its current commit instead.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from mcp_server.clients.claude import CONFIG_FILE
from mcp_server.guard.look_installed import HooksOf
from mcp_server.kernel.cancellation import in_same_call
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.system.git.git import Git
from mcp_server.system.git.state import CloneState

PRIVATE = (".env", CONFIG_FILE)
"Files of an agent's folder that must never be committed."
_WORKERS = 8

Origin = tuple[str, str]
"The URL of an origin and its default branch."
Head = tuple[str | None, Path | None]
"A commit, and a repository that contains it."


@dataclass(frozen=True)
class Clone:
    """One clone. `ahead`, `behind` and `protected_ahead` count against `head_of_origin`; None: unknown."""

    folder: Path
    state: CloneState
    exposed: tuple[str, ...]
    "The files of `PRIVATE` that are committed, or that `git add .` would commit."
    head_of_origin: str | None = None
    "The commit of origin's branch, if it was asked; else the newest that any clone has fetched."
    ahead: int | None = None
    behind: int | None = None
    protected_ahead: int | None = None
    default_gone: bool = False
    "The remote was asked, and no longer has its default branch."
    linked: Mapping[Path, CloneState | OpsError] = field(default_factory=dict["Path", "CloneState | OpsError"])
    "Its linked work trees, without those that are the folders of other agents."

    @property
    def hooks(self) -> HooksOf:
        """Where git looks for the hooks of the clone and of its linked work trees."""
        linked = {path: state.hooks for path, state in self.linked.items() if isinstance(state, CloneState)}
        return HooksOf(self.state.common, {self.folder: self.state.hooks, **linked})

    @property
    def unfetched(self) -> bool:
        """Origin has moved since the last fetch."""
        return self.head_of_origin is not None and self.head_of_origin != self.state.tracked


Look = Clone | OpsError


def is_present(look: Look) -> bool:
    """Whether the agent's folder exists, even if it cannot be read as a clone."""
    return isinstance(look, Clone) or look.kind != "not_found"


def look_at_clones(
    git: Git, agents: Sequence[Agent], *, ask: bool, step: Callable[[], None] = lambda: None
) -> Mapping[str, Look]:
    """Each agent's clone by the agent's name, or why it could not be read. No clone is changed.

    With `ask` each origin is asked, and commits that no clone has are fetched to a temporary folder; otherwise the
    network is not used. `step` is called before each clone is read.
    """

    folders = {agent.folder.resolve() for agent in agents}

    def look(agent: Agent) -> Look:
        step()
        return _look(git, agent, folders)

    with ThreadPoolExecutor(_WORKERS) as pool, TemporaryDirectory(prefix="ops-origin-") as aside:
        looks = dict(zip(agents, pool.map(in_same_call(look), agents), strict=True))
        clones = {agent.folder: look for agent, look in looks.items() if isinstance(look, Clone)}
        origins: dict[Origin, dict[Path, Clone]] = {}
        for folder, clone in clones.items():
            if origin := _origin(clone.state):
                origins.setdefault(origin, {})[folder] = clone
        how = partial(_ask_origin, git, Path(aside)) if ask else partial(_newest, git)
        heads = dict(zip(origins, pool.map(in_same_call(how), origins.items()), strict=True))
        measure = in_same_call(partial(_measured, git, heads, clones))
        measured = dict(zip(clones, pool.map(measure, clones), strict=True))
    return {agent.name: measured.get(agent.folder, look) for agent, look in looks.items()}


def hooks_of(looks: Mapping[str, Look]) -> Mapping[str, HooksOf]:
    """Where git looks for hooks, by agent name, for each clone that could be read."""
    return {name: look.hooks for name, look in looks.items() if isinstance(look, Clone)}


def silent_origins(looks: Mapping[str, Look]) -> Mapping[str, tuple[str, ...]]:
    """The origins that did not answer, each with the agents whose clones come from it."""
    found: dict[str, tuple[str, ...]] = {}
    for name, look in looks.items():
        if isinstance(look, Clone) and _origin(look.state) and not (look.head_of_origin or look.default_gone):
            url = look.state.shared or ""
            found[url] = (*found.get(url, ()), name)
    return found


def _look(git: Git, agent: Agent, folders: Collection[Path]) -> Look:
    """An error is returned: one unreadable clone never stops the others."""
    try:
        state = git.state(agent.folder)
        private = git.exposed(agent.folder, *(agent.folder / name for name in PRIVATE), state=state)
        linked = {path: _state(git, path) for path in state.linked if _is_own(path.resolve(), agent, folders)}
        return Clone(agent.folder, state, tuple(path.name for path in private), linked=linked)
    except OpsError as error:
        return error


def _is_own(worktree: Path, agent: Agent, folders: Collection[Path]) -> bool:
    """Whether a linked work tree is the agent's: in its folder, or in none while the agent has the repository."""
    holder = next((folder for folder in (worktree, *worktree.parents) if folder in folders), None)
    if holder is None:
        return (agent.folder / ".git").is_dir()
    return holder == agent.folder.resolve() != worktree


def _state(git: Git, worktree: Path) -> CloneState | OpsError:
    try:
        return git.state(worktree)
    except OpsError as error:
        return error


def _origin(state: CloneState) -> Origin | None:
    return (state.shared, state.default_branch) if state.shared and state.default_from != "nothing" else None


def _newest(git: Git, origin: tuple[Origin, Mapping[Path, Clone]]) -> Head:
    """The newest commit of its branch that the clones of one origin have fetched, and a clone that has it."""
    by_commit = {clone.state.tracked: folder for folder, clone in origin[1].items() if clone.state.tracked}
    folders = list(by_commit.values())
    head = git.newest(folders[0], by_commit, folders[1:]) if len(folders) > 1 else next(iter(by_commit), None)
    return head, by_commit.get(head or "")


def _ask_origin(git: Git, aside: Path, origin: tuple[Origin, Mapping[Path, Clone]]) -> Head:
    """The current commit of origin's branch, and a repository that has it: a clone, or one fetched into `aside`."""
    (_, branch), clones = origin
    folder, clone = next(iter(clones.items()))
    head = git.remote_head(folder, branch, clone.state.remote)
    holder = next((path for path, c in clones.items() if head and head in (c.state.tracked, c.state.head)), None)
    if head and holder is None:
        holder = Path(mkdtemp(dir=aside))
        return head, holder if git.fetch_aside(folder, branch, holder, clone.state.remote) else None
    return head, holder


def _measured(git: Git, heads: Mapping[Origin, Head], clones: Mapping[Path, Clone], folder: Path) -> Look:
    clone = clones[folder]
    state, origin = clone.state, _origin(clone.state)
    head, holder = heads[origin] if origin else (None, None)
    known = replace(clone, head_of_origin=head or None, default_gone=head == "")
    if not head or state.head is None:
        return known
    if head == state.tracked:
        return replace(known, ahead=state.ahead, behind=state.behind, protected_ahead=state.protected_ahead)
    if holder is None:
        return known
    own = f"refs/heads/{state.default_branch}"
    try:
        return replace(
            known,
            ahead=git.distance(folder, head, state.head, holder),
            behind=git.distance(folder, state.head, head, holder),
            protected_ahead=git.distance(folder, head, own, holder),
        )
    except OpsError as error:
        return error
