"""The containers of the fleet's agents: as the compose file describes them, and as the engine has them."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mcp_server.clients.claude import CONFIG_DIR, CONFIG_FILE
from mcp_server.fleet.compose import COMPOSE_NAMES, OVERRIDES, Service
from mcp_server.fleet.compose import parse as parse_compose
from mcp_server.fleet.env_file import parse as parse_env
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.mount import Mount
from mcp_server.kernel.secret import Secret
from mcp_server.operation.context import Context
from mcp_server.system.containers import Container


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
    beside = [compose.parent / name for name in OVERRIDES if compose.name in COMPOSE_NAMES]
    override = next((path for path in beside if ctx.world.files.kind(path) != "absent"), None)
    return ("--file", str(compose), *(("--file", str(override)) if override else ()))


def compose_containers(ctx: Context) -> tuple[AgentContainer, ...]:
    """The containers that the compose file describes, none without a file; raises `OpsError` if it cannot be read."""
    compose = ctx.fleet.compose
    if compose is None:
        return ()
    try:
        services = parse_compose(ctx.world.files.read_text(ctx.world.files.real(compose)), str(ctx.world.home))
    except OpsError as error:
        about = error.message if str(compose) in error.message else f"{compose}: {error.message}"
        raise OpsError(error.kind, about, f"Correct it: {compose}") from None
    return tuple(
        AgentContainer(
            service.name,
            f"{compose}, service {service.name}",
            f"in {compose}, then recreate the container",
            _real(ctx, compose.parent, service.mounts),
            _assigned(ctx, compose.parent, service),
            environment_files=tuple(compose.parent / file for file in service.environment_files),
        )
        for service in services
    )


def _assigned(ctx: Context, base: Path, service: Service) -> Mapping[str, Secret]:
    """Its variables and those of its `env_file`s; a file that cannot be read is left to the engine to report."""
    found: dict[str, Secret] = {}
    for file in service.environment_files:
        with suppress(OpsError):
            found |= {v.name: v.value for v in parse_env(ctx.world.files.read_text(base / file)).variables}
    return found | {name: value for name, value in service.environment.items() if value or name not in found}


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
