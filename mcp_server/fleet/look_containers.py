"""The containers of the fleet's agents: as the compose file describes them, and as the engine has them."""

import hashlib
import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from mcp_server import __version__
from mcp_server.clients.claude import CONFIG_DIR, CONFIG_FILE, OWN_ADDRESSES
from mcp_server.fleet.compose import Service, services_in
from mcp_server.fleet.look_compose import ComposeReader, compose_files, harmless
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.mount import Mount
from mcp_server.kernel.placeholder import PLACEHOLDER
from mcp_server.kernel.secret import Secret
from mcp_server.operation.context import Context
from mcp_server.system.cache import Cache
from mcp_server.system.containers import Container

_HARMLESS = {"", "0", "1", "true", "false", "yes", "no", "on", "off", *OWN_ADDRESSES}


@dataclass(frozen=True)
class AgentContainer:
    """An agent's container. `origin` names it in a message; `remedy` ends a step that changes it."""

    agent: str
    origin: str
    remedy: str
    mounts: tuple[Mount, ...]
    "With real paths of the host as sources."
    environment: Mapping[str, Secret]
    container: Container | None = None
    "The container of the engine; None if it is described by the compose file only."
    environment_files: tuple[Path, ...] = ()
    "The files that the compose file names as `env_file`."
    unread: OpsError | None = None
    "Why a part of its description could not be read."
    open: frozenset[str] = frozenset()
    "The variables that whoever starts it may set; see `Service`."

    def on_host(self, inside: str) -> Path | None:
        """The host's path of a path in the container; None if it is not mounted."""
        path = PurePosixPath(inside)
        around = [mount for mount in self.mounts if path.is_relative_to(mount.target)]
        if not around:
            return None
        nearest = max(around, key=lambda mount: len(PurePosixPath(mount.target).parts))
        return Path(nearest.source) / path.relative_to(nearest.target)

    @property
    def config(self) -> str:
        """The path in the container of Claude Code's config; HOME is /root unless it is set."""
        return f"{self.folder((CONFIG_DIR, 'HOME')) or '/root'}/{CONFIG_FILE}"

    def folder(self, variables: Collection[str]) -> str | None:
        """The value of the first of these variables that is set."""
        return next((value.reveal() for name in variables if (value := self.environment.get(name))), None)


def compose_options(ctx: Context) -> tuple[str, ...]:
    """Compose's options that name the fleet's compose file, and the override file that it reads as well."""
    compose = ctx.fleet.compose
    if compose is None:
        return ()
    return tuple(part for path in compose_files(ctx.world.files, compose) for part in ("--file", str(path)))


def compose_containers(ctx: Context) -> tuple[AgentContainer, ...]:
    """The containers that the compose file describes, none without a file; raises `OpsError` if it cannot be read."""
    compose = ctx.fleet.compose
    if compose is None:
        return ()
    return tuple(
        AgentContainer(
            service.name,
            f"{compose}, service {service.name}",
            f"in {compose}, then recreate the container",
            _real(ctx, compose.parent, service.mounts),
            service.environment,
            environment_files=service.environment_files,
            unread=service.unread,
            open=service.open,
        )
        for service in _services(ctx, compose)
    )


def _services(ctx: Context, compose: Path) -> tuple[Service, ...]:
    """The services as Compose itself reads them, where it is here; else, or if it refuses them, as ops does.

    ops reads the files first in any case: all that they name must be plain files of this host. What Compose made of
    them is kept by their digests, without the value of any variable that is not a folder or a switch.
    """
    files, environment = ctx.world.files, harmless(ctx.world.environment)
    reader = ComposeReader(files, str(ctx.world.home), environment)
    try:
        read = reader.services(compose)
    except OpsError as error:
        about = error.message if str(compose) in error.message else f"{compose}: {error.message}"
        raise OpsError(error.kind, about, error.next) from None
    if not reader.is_complete or any(service.unread for service in read):
        return read
    cache, key = Cache(files, ctx.world.state), _digest(ctx.world.environment.get("PATH", ""), reader, environment)
    known = _kept(cache.read(f"compose-{ctx.key}"), key)
    if known is not None:
        return _joined(known, read)
    try:
        answer = ctx.world.containers.described(compose_files(files, compose), environment)
    except OpsError as error:
        return tuple(replace(service, unread=error) for service in read)
    if answer is None:
        return read
    services = tuple(replace(s, environment=_switches(s.environment)) for s in services_in(json.loads(answer)))
    cache.replace(f"compose-{ctx.key}", _stored(services, key))
    return _joined(services, read)


def _joined(services: tuple[Service, ...], read: tuple[Service, ...]) -> tuple[Service, ...]:
    """What Compose said, with the values and the files that ops has read."""
    own = {service.name: service for service in read}
    return tuple(replace(s, **_of(s, own[s.name])) if s.name in own else s for s in services)


def _of(service: Service, read: Service) -> dict[str, Any]:
    values = {name: read.environment.get(name) or value for name, value in service.environment.items() if value}
    return {
        "environment": {**service.environment, **values},
        "environment_files": read.environment_files,
        "open": read.open,
    }


def _digest(path: str, reader: ComposeReader, environment: Mapping[str, str]) -> str:
    """Of all that the answer depends on: the files that were read, and the variables."""
    document = [__version__, path, {str(at): text for at, text in reader.texts.items()}, sorted(environment.items())]
    return hashlib.sha256(json.dumps(document).encode(errors="surrogateescape")).hexdigest()


def _switches(environment: Mapping[str, Secret]) -> dict[str, Secret]:
    """The variables, of which only folders, switches and Anthropic's own address keep their value."""
    return {
        name: value
        if name.endswith(("DIR", "HOME")) or value.reveal().strip().rstrip("/").lower() in _HARMLESS
        else Secret(PLACEHOLDER)
        for name, value in environment.items()
    }


def _stored(services: tuple[Service, ...], key: str) -> bytes:
    rows = [
        [s.name, [list(astuple(mount)) for mount in s.mounts], {n: v.reveal() for n, v in s.environment.items()}]
        for s in services
    ]
    return json.dumps({"key": key, "services": rows}).encode()


def _kept(data: bytes | None, key: str) -> tuple[Service, ...] | None:
    """The services that were stored for this key."""
    try:
        document = json.loads(data or b"{}")
        if document["key"] != key:
            return None
        return tuple(
            Service(name, tuple(Mount(*mount) for mount in mounts), {n: Secret(v) for n, v in variables.items()})
            for name, mounts, variables in document["services"]
        )
    except (ValueError, KeyError, TypeError):
        return None


def engine_containers(ctx: Context) -> tuple[AgentContainer, ...]:
    """The engine's containers of the fleet's agents; none if it cannot be asked (see `Context.engine`)."""
    if isinstance(ctx.engine, OpsError):
        return ()
    return tuple(
        AgentContainer(
            name,
            f"the container {container.name}",
            f"by recreating the container {container.name}",
            _real(ctx, ctx.fleet.root, container.mounts),
            container.environment,
            container,
        )
        for container in ctx.engine
        if (name := _agent_of(ctx, container))
    )


def agent_containers(ctx: Context) -> Mapping[str, AgentContainer]:
    """Each agent's container: from the engine, else from the compose file; what cannot be read is left out."""
    described: tuple[AgentContainer, ...] = ()
    with suppress(OpsError):  # the hazards name the file that cannot be read
        described = compose_containers(ctx)
    return {each.agent: each for each in (*described, *engine_containers(ctx))}


def _agent_of(ctx: Context, container: Container) -> str | None:
    """The agent of a container; None for one of another fleet's compose file, whatever its name."""
    compose = ctx.fleet.compose
    named = {ctx.world.files.real(path) for path in container.compose}
    if named and (not compose or ctx.world.files.real(compose) not in named):
        return None
    agent = ctx.fleet.agent(container.service or container.name)
    return agent.name if agent and agent.run_mode == "docker" else None


def _real(ctx: Context, base: Path, mounts: tuple[Mount, ...]) -> tuple[Mount, ...]:
    return tuple(Mount(str(ctx.world.files.real(base / m.source)), m.target, m.read_only) for m in mounts)
