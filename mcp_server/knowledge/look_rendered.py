"""The shipped runbooks, and the files that are rendered from them."""

from dataclasses import replace

from mcp_server.kernel.known_commands import KnownCommands
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
    """The content of the rendered files: all of `commands/*.md`, and `runbooks/INDEX.md`."""
    paths = [f"commands/{name}.md" for name in sorted(slash_commands(world))]
    if world.files.kind(world.pack / "runbooks" / "INDEX.md") != "absent":
        paths.append("runbooks/INDEX.md")
    return {path: world.files.read_text(world.pack / path) for path in paths}


def render_differences(world: World) -> tuple[Difference, ...]:
    """The rendered files that do not match the runbooks."""
    return differences(rendered(shipped_runbooks(world)), rendered_files(world))
