"""What endangers the logins of a fleet, seen in its stores: copies, links, git, modes, dead locks, mounts."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from shlex import quote

from mcp_server.clients.claude import LOCK_DIES_AFTER, REFRESH_LOCK
from mcp_server.fleet.look_containers import AgentContainer, compose_containers, engine_containers
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Hazard
from mcp_server.kernel.json_text import json_object
from mcp_server.logins.findings import login_step
from mcp_server.logins.look_session_hazards import session_hazards
from mcp_server.logins.look_shadowing import shadow_hazards, unreadable
from mcp_server.logins.look_stores import StoreLook, lock_age
from mcp_server.logins.other_login import OTHERS
from mcp_server.operation.context import Context
from mcp_server.operation.world import World

_KEEP_ONE = "Keep one of them as the runbook says: ops runbook read copied-login"
_NOT_ROTATING = {other.client for other in OTHERS if not other.rotates}


def hazards(ctx: Context, looks: tuple[StoreLook, ...]) -> tuple[Hazard, ...]:
    """Every hazard of these stores, and what shadows them. What could not be looked at is one too."""
    of_stores = (hazard for look in looks for hazard in _of_store(ctx.world, look))
    live = (*_containers(ctx, looks), *session_hazards(ctx, looks))
    return (*_copies(ctx.world, looks), *of_stores, *live, *shadow_hazards(ctx, looks))


def copied(looks: tuple[StoreLook, ...]) -> dict[str, tuple[StoreLook, ...]]:
    """Generations that stand in more than one store, and those stores: a renewal in one ends all the others."""
    by_generation: dict[str, list[StoreLook]] = {}
    for look in looks:
        if look.generation and look.client not in _NOT_ROTATING:
            by_generation.setdefault(look.generation, []).append(look)
    return {generation: tuple(found) for generation, found in by_generation.items() if len(found) > 1}


def _copies(world: World, looks: tuple[StoreLook, ...]) -> Iterator[Hazard]:
    """Claude Code's become one store. Codex renews the same login once for each process (seen on 0.169.0), in one
    store too: there each store gets a login of its own."""
    for stores in copied(looks).values():
        agents = dict.fromkeys(name for store in stores for name in store.agents)
        paths = ", ".join(str(store.path) for store in stores[:4])
        more = f" and {len(stores) - 4} more" if len(stores) > 4 else ""
        yield Hazard(
            "copied_login",
            tuple(agents),
            f"one login lies in {len(stores)} stores, whoever renews it first logs the others out: {paths}{more}",
            next((login_step(world, other) for other in stores[1:] if other.client != "claude"), _KEEP_ONE),
        )


def _of_store(world: World, look: StoreLook) -> Iterator[Hazard]:
    try:
        if world.files.kind(look.path) == "link":
            yield _linked(look)
            return
        if world.files.kind(look.path) != "file":
            return
        mode = world.files.mode(look.path)
        if mode & 0o077:
            message = f"{look.path} has mode {mode:04o}: other users can read the login"
            yield Hazard("wide_mode", look.agents, message, f"chmod 600 {quote(str(look.path))}")
        yield from _in_git(world, look)
        yield from _dead_lock(world, look)
    except OpsError as error:
        if look.state != "unreadable":
            yield unreadable(error, look.agents)


def _linked(look: StoreLook) -> Hazard:
    message = f"{look.path} is a symbolic link: a renewal replaces it by a file, and then two stores hold one login"
    return Hazard("symlinked_store", look.agents, message, f"Remove the link: rm {quote(str(look.path))}")


def _in_git(world: World, look: StoreLook) -> Iterator[Hazard]:
    root = world.git.clone_root(look.path)
    if root is None or not world.git.exposed(root, look.path):
        return
    name = look.path.relative_to(root) if look.path.is_relative_to(root) else look.path
    yield Hazard(
        "store_in_git",
        look.agents,
        f"{look.path} is not ignored by git: the next `git add .` commits the login",
        f"Add /{name} to {root / '.gitignore'}; if git tracks it already: git rm --cached {quote(str(name))}",
    )


def _dead_lock(world: World, look: StoreLook) -> Iterator[Hazard]:
    age = lock_age(world, look.folder)
    if age is None or age <= LOCK_DIES_AFTER:
        return
    lock = look.folder / REFRESH_LOCK
    message = f"{lock} is {int(age.total_seconds())} s old, its holder died: clients may not renew the login"
    step = f"rmdir {quote(str(lock))}" if look.state == "unreadable" else "ops token refresh"
    yield Hazard("dead_refresh_lock", look.agents, message, step)


def _containers(ctx: Context, looks: tuple[StoreLook, ...]) -> Iterator[Hazard]:
    """Containers that cannot renew the login for everybody, or ask for onboarding.

    What the engine made is told only where it is not told of the compose file.
    """
    try:
        as_described = compose_containers(ctx)
    except OpsError as error:
        yield unreadable(error, tuple(a.name for a in ctx.fleet.agents if a.run_mode == "docker"))
        as_described = ()
    told: set[tuple[str, str]] = set()
    for container in (*as_described, *engine_containers(ctx)):
        for hazard in (*_mounts(container, looks), *_onboarding(ctx, container)):
            if (hazard.code, container.agent) not in told:
                told.add((hazard.code, container.agent))
                yield hazard


def _mounts(container: AgentContainer, looks: tuple[StoreLook, ...]) -> Iterator[Hazard]:
    folders, files = {look.folder for look in looks}, {look.path for look in looks}
    for mount in container.mounts:
        source = Path(mount.source)
        if source in files:
            message = f"{container.origin} mounts the single file {source}: after a renewal it keeps the old login"
            step = f"Mount the folder, read-write, {container.remedy}"
            yield Hazard("single_file_mount", (container.agent,), message, step)
        elif source in folders and mount.read_only:
            message = f"{container.origin} mounts {source} read-only: a renewal there cannot be saved and is lost"
            step = f"Mount it read-write {container.remedy}"
            yield Hazard("read_only_mount", (container.agent,), message, step)


def _onboarding(ctx: Context, container: AgentContainer) -> Iterator[Hazard]:
    """Of the config that its Claude Code reads: on the host or, where the engine made it, in the container."""
    agent, host, made_as = ctx.fleet.agent(container.agent), container.on_host(container.config), container.container
    if agent is None or agent.client != "claude":
        return
    try:
        if host:
            place, data = str(host), ctx.world.files.read(host)
            step = f"Set hasCompletedOnboarding to true in {place}"
        elif made_as:
            place = f"{made_as.name}:{container.config}"
            data = ctx.world.containers.read(made_as, PurePosixPath(container.config))
            step = f"Complete it there once: docker exec -it {quote(made_as.name)} claude"
        else:
            return
        if json_object(data).get("hasCompletedOnboarding") is True:
            return
    except OpsError:
        return  # what is missing or cannot be read, the look at the configs names
    message = f"{container.origin} has no hasCompletedOnboarding in {place}: it asks for a login at each start"
    yield Hazard("no_onboarding", (agent.name,), message, step)
