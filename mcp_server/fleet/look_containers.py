"""The containers of the fleet's agents, twice: as the compose file describes them, and as the engine made them."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mcp_server.fleet.compose import Service
from mcp_server.fleet.compose import parse as parse_compose
from mcp_server.fleet.env_file import parse as parse_env
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.mount import Mount
from mcp_server.kernel.secret import Secret
from mcp_server.operation.context import Context
from mcp_server.system.containers import Container


@dataclass(frozen=True)
class Contained:
    """An agent's container. `place` is where a person reads of it, `remedy` how a correction gets there."""

    agent: str
    place: str
    remedy: str
    mounts: tuple[Mount, ...]
    "Their sources are real paths of the host."
    environment: Mapping[str, Secret]
    container: Container | None = None
    "None as long as the engine has made none, or was not asked."

    def on_host(self, inside: str) -> Path | None:
        """Where a path of the container lies on the host; None where no mount leads there."""
        path = PurePosixPath(inside)
        leading = [mount for mount in self.mounts if path.is_relative_to(mount.target)]
        if not leading:
            return None
        nearest = max(leading, key=lambda mount: len(PurePosixPath(mount.target).parts))
        return Path(nearest.source) / path.relative_to(nearest.target)

    @property
    def config(self) -> str:
        """Where its Claude Code keeps its config: in CLAUDE_CONFIG_DIR, else in HOME, which is /root unless set."""
        return f"{self.folder(('CLAUDE_CONFIG_DIR', 'HOME')) or '/root'}/.claude.json"

    def folder(self, variables: Collection[str]) -> str | None:
        """Which of its folders the first of these variables names."""
        return next((value.reveal() for name in variables if (value := self.environment.get(name))), None)


def described(ctx: Context) -> tuple[Contained, ...]:
    """What the compose file says, nothing without one; `OpsError` where it cannot be read."""
    compose = ctx.fleet.compose
    if compose is None:
        return ()
    try:
        services = parse_compose(ctx.world.files.read_text(compose), str(ctx.world.home))
    except OpsError as error:
        about = error.message if str(compose) in error.message else f"{compose}: {error.message}"
        raise OpsError(error.kind, about, f"Correct it: {compose}") from None
    return tuple(
        Contained(
            service.name,
            f"{compose}, service {service.name}",
            f"in {compose}, then create the container anew",
            _real(ctx, compose.parent, service.mounts),
            _assigned(ctx, compose.parent, service),
        )
        for service in services
    )


def _assigned(ctx: Context, base: Path, service: Service) -> Mapping[str, Secret]:
    """Its variables, those of its `env_file`s among them; the engine says which of these it cannot read."""
    found: dict[str, Secret] = {}
    for file in service.environment_files:
        with suppress(OpsError):
            found |= {v.name: v.value for v in parse_env(ctx.world.files.read_text(base / file)).variables}
    return found | {name: value for name, value in service.environment.items() if value or name not in found}


def made(ctx: Context) -> tuple[Contained, ...]:
    """What the engine made for the fleet's agents; nothing where it cannot be asked (see `Context.engine`)."""
    if isinstance(ctx.engine, OpsError):
        return ()
    return tuple(
        Contained(
            name,
            f"the container {container.name}",
            f"by creating the container {container.name} anew",
            _real(ctx, ctx.fleet.root, container.mounts),
            container.environment,
            container,
        )
        for container in ctx.engine
        if (name := _agent_of(ctx, container))
    )


def known(ctx: Context) -> Mapping[str, Contained]:
    """One for each agent: as the engine made it, else as it is described; what cannot be read is left out."""
    try:
        as_described = described(ctx)
    except OpsError:
        as_described = ()  # the hazards name the file that could not be read
    return {each.agent: each for each in (*as_described, *made(ctx))}


def _agent_of(ctx: Context, container: Container) -> str | None:
    """A container of another fleet's compose file is not ours, whatever its name."""
    compose = ctx.fleet.compose
    if container.compose and (not compose or ctx.world.files.real(compose) not in container.compose):
        return None
    agent = ctx.fleet.agent(container.service or container.name)
    return agent.name if agent and agent.run_mode == "docker" else None


def _real(ctx: Context, base: Path, mounts: tuple[Mount, ...]) -> tuple[Mount, ...]:
    return tuple(Mount(str(ctx.world.files.real(base / m.source)), m.target, m.read_only) for m in mounts)
