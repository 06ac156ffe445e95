"""The shipped runbooks, and the files that are rendered from them and from the detector of secrets."""

from dataclasses import replace

from mcp_server.guard.look_installed import SCRIPT
from mcp_server.kernel.known_commands import KnownCommands
from mcp_server.kernel.secrets.grep import with_patterns
from mcp_server.knowledge.look_pages import NEVER_INDEXED
from mcp_server.knowledge.runbook import Runbook, parse
from mcp_server.knowledge.slash_commands import Difference, differences, rendered
from mcp_server.operation.context import Context
from mcp_server.operation.world import World


def shipped_texts(world: World) -> dict[str, str]:
    """The text of each shipped page, by its path relative to the pack."""
    folder = world.pack / "runbooks"
    names = [name for name in world.files.names(folder) if name.endswith(".md") and name not in NEVER_INDEXED]
    return {f"runbooks/{name}": world.files.read_text(folder / name) for name in names}


def shipped_runbooks(world: World) -> tuple[Runbook, ...]:
    """The shipped pages, parsed. Raises `OpsError` `invalid` for the first that is not in the runbook form."""
    return tuple(parse(path, text) for path, text in shipped_texts(world).items())


def slash_commands(world: World) -> frozenset[str]:
    """The names of the existing slash commands."""
    return frozenset(name[:-3] for name in world.files.names(world.pack / "commands") if name.endswith(".md"))


def known_commands(ctx: Context) -> KnownCommands:
    """The commands that a page may name, those of this checkout's `commands` included."""
    return replace(ctx.known_commands, slash=slash_commands(ctx.world))


def rendered_files(world: World) -> dict[str, str]:
    """The content of the rendered files: all of `commands/*.md`, `runbooks/INDEX.md`, and git's hook."""
    paths = [f"commands/{name}.md" for name in sorted(slash_commands(world))]
    paths += [path for path in ("runbooks/INDEX.md", str(SCRIPT)) if world.files.kind(world.pack / path) != "absent"]
    return {path: world.files.read_text(world.pack / path) for path in paths}


def wanted_files(world: World) -> dict[str, str]:
    """What the rendered files must contain; of the hook only the patterns of secrets are rendered."""
    wanted = rendered(shipped_runbooks(world))
    if (script := rendered_files(world).get(str(SCRIPT))) is not None:
        wanted[str(SCRIPT)] = with_patterns(script)
    return wanted


def render_differences(world: World) -> tuple[Difference, ...]:
    """The rendered files that do not match what they are rendered from."""
    return differences(wanted_files(world), rendered_files(world))
