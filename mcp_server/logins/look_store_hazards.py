"""What endangers the logins in the stores themselves: copies, links, git, file modes, locks of crashed clients."""

from collections.abc import Iterator
from shlex import quote

from mcp_server.clients import claude
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Hazard
from mcp_server.logins.look_shadowing import unreadable
from mcp_server.logins.look_store import lock_age, unsavable
from mcp_server.logins.store import Store, copied
from mcp_server.logins.trouble import login_step
from mcp_server.operation.world import World

_KEEP_ONE = "Keep one of them as the runbook says: ops runbook read copied-login"


def store_hazards(world: World, stores: tuple[Store, ...]) -> Iterator[Hazard]:
    """Every hazard that the files of these stores show."""
    yield from _copies(stores)
    for store in stores:
        yield from _of_store(world, store)


def _copies(stores: tuple[Store, ...]) -> Iterator[Hazard]:
    """Copies of a Claude login become one store. Those of Codex get a login each, as it can't share a store."""
    for copies in copied(stores).values():
        agents = dict.fromkeys(name for store in copies for name in store.agents)
        paths = ", ".join(str(store.path) for store in copies[:4])
        more = f" and {len(copies) - 4} more" if len(copies) > 4 else ""
        yield Hazard(
            "copied_login",
            tuple(agents),
            f"one login is in {len(copies)} stores, whoever renews it first logs the others out: {paths}{more}",
            next((login_step(other) for other in copies[1:] if other.client != "claude"), _KEEP_ONE),
        )


def _of_store(world: World, store: Store) -> Iterator[Hazard]:
    try:
        if store.client == "claude" and world.files.kind(store.path) == "link":
            yield _linked(store)
            return
        if world.files.kind(store.path) != "file":
            return
        mode = world.files.mode(store.path)
        if mode & 0o077:
            message = f"{store.path} has mode {mode:04o}: other users can read the login"
            yield Hazard("wide_mode", store.agents, message, f"chmod 600 {quote(str(store.path))}")
        if store.generation and store.rotates and (problem := unsavable(world, store)):
            yield Hazard("renewal_unsavable", store.agents, problem.message, problem.next)
        yield from _in_git(world, store)
        yield from _dead_lock(world, store)
    except OpsError as error:
        if store.state != "unreadable":
            yield unreadable(error, store.agents)


def _linked(store: Store) -> Hazard:
    message = f"{store.path} is a symbolic link: a renewal replaces it by a file, and then two stores hold one login"
    return Hazard("symlinked_store", store.agents, message, f"Remove the link: rm {quote(str(store.path))}")


def _in_git(world: World, store: Store) -> Iterator[Hazard]:
    root = world.git.clone_root(store.path)
    if root is None or not world.git.exposed(root, store.path):
        return
    name = store.path.relative_to(root) if store.path.is_relative_to(root) else store.path
    yield Hazard(
        "store_in_git",
        store.agents,
        f"{store.path} is not ignored by git: the next `git add .` commits the login",
        f"Add /{name} to {root / '.gitignore'}; if git tracks it already: git rm --cached {quote(str(name))}",
    )


def _dead_lock(world: World, store: Store) -> Iterator[Hazard]:
    age = lock_age(world, store.folder)
    if age is None or age <= claude.LOCK_DIES_AFTER:
        return
    lock = store.folder / claude.REFRESH_LOCK
    message = f"{lock} is {int(age.total_seconds())} s old, its holder died: clients may not renew the login"
    step = f"rmdir {quote(str(lock))}" if store.state == "unreadable" else "ops token refresh"
    yield Hazard("dead_refresh_lock", store.agents, message, step)
