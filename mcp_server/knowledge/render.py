"""`ops docs render`: the slash commands and the index of the shipped pages, rendered from the runbooks."""

from dataclasses import dataclass

from mcp_server.knowledge.look_rendered import render_differences, wanted_files
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


@dataclass(frozen=True)
class Rendered:
    """`unexpected` are files in commands/ that no runbook renders; they are named, never removed."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    unexpected: tuple[str, ...]
    next: str | None


def _render(context: Context, _: Params) -> Rendered:
    world = context.world
    wanted = wanted_files(world)
    written = [d.path for d in render_differences(world) if d.state != "unexpected"]
    for path in written:
        world.files.replace(world.pack / path, wanted[path].encode(), inside=world.pack, mode=0o644)
    left = render_differences(world)
    unexpected = tuple(d.path for d in left if d.state == "unexpected")
    return Rendered(
        tuple(written),
        tuple(path for path in wanted if path not in written),
        unexpected,
        f"Remove {unexpected[0]}, or add a page in runbooks/ that renders it" if unexpected else None,
    )


def _text(result: Rendered) -> str:
    lines = [f"written    {path}" for path in result.written]
    lines += [f"unexpected {path}" for path in result.unexpected]
    lines.append(f"{len(result.written)} written, {len(result.unchanged)} unchanged")
    return "\n".join([*lines, *([f"Next: {result.next}"] if result.next else [])])


DOCS_RENDER = Operation(
    name="docs_render",
    title="Render the commands",
    summary="Writes commands/*.md and runbooks/INDEX.md of this checkout from the runbooks' front matter.",
    effect=Effect.WRITE,
    run=_render,
    text=_text,
    ok=lambda result: not result.unexpected,
)
