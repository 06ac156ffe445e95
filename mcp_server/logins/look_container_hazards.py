"""Containers that cannot renew the login for the other agents, or that ask for a login at each start."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from shlex import quote

from mcp_server.clients.claude import ONBOARDED
from mcp_server.fleet.look_containers import AgentContainer, compose_containers, engine_containers
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Hazard
from mcp_server.kernel.json_text import json_object
from mcp_server.logins.agent_login import AgentLogin
from mcp_server.logins.look_shadowing import unreadable
from mcp_server.logins.store import Store
from mcp_server.operation.context import Context


def container_hazards(ctx: Context, stores: tuple[Store, ...], logins: Mapping[str, AgentLogin]) -> Iterator[Hazard]:
    """The hazards of all containers. One that the compose file explains is not reported again for its container.

    With a long-lived token Claude Code does not touch the store: its mount does not matter.
    """
    no_store = {login.agent for login in logins.values() if login.kind == "long_lived"}
    try:
        as_described = compose_containers(ctx)
    except OpsError as error:
        yield unreadable(error, tuple(agent.name for agent in ctx.fleet.agents if agent.run_mode != "host"))
        as_described = ()
    for error in dict.fromkeys(each.unread for each in as_described if each.unread):
        agents = (each.agent for each in as_described if each.unread == error and ctx.fleet.agent(each.agent))
        if named := tuple(agents):
            yield unreadable(error, named)
    reported: set[tuple[str, str]] = set()
    for container in (*as_described, *engine_containers(ctx)):
        mounts = () if container.agent in no_store else _mounts(container, stores)
        for hazard in (*mounts, *_onboarding(ctx, container)):
            if (hazard.code, container.agent) not in reported:
                reported.add((hazard.code, container.agent))
                yield hazard


def _mounts(container: AgentContainer, stores: tuple[Store, ...]) -> Iterator[Hazard]:
    folders, files = {store.folder for store in stores}, {store.path for store in stores}
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
    """Whether the config that its Claude Code reads says that onboarding is done.

    The config is on the host, or else in the container that the engine made.
    """
    agent, host, made_as = ctx.fleet.agent(container.agent), container.on_host(container.config), container.container
    if agent is None or agent.client != "claude":
        return
    try:
        if host:
            config, data = str(host), ctx.world.files.read(host)
            step = f"Set {ONBOARDED} to true in {config}"
        elif made_as:
            config = f"{made_as.name}:{container.config}"
            data = ctx.world.containers.read(made_as, PurePosixPath(container.config))
            step = f"Complete it there once: docker exec -it {quote(made_as.name)} claude"
        else:
            return
        if json_object(data).get(ONBOARDED) is True:
            return
    except OpsError:
        return  # the findings about the configs name a file that is missing or cannot be read
    message = f"{container.origin} has no {ONBOARDED} in {config}: it asks for a login at each start"
    yield Hazard("no_onboarding", (agent.name,), message, step)
