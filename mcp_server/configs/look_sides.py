"""Reads both sides of one config and compares them."""

from dataclasses import dataclass, field

from mcp_server.configs.desired import digest
from mcp_server.configs.look_base import read_base
from mcp_server.configs.look_file import AgentConfig
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.rebased import rebased
from mcp_server.configs.three_way import Base, Difference, compare
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context


class BesideError(OpsError):
    """A master, an overlay or the base cannot be read: the agent's config is not to blame."""


@dataclass(frozen=True)
class Sides:
    """A config and its comparison with the master. It holds secrets: use it for a sync, never in an answer."""

    text: str = field(repr=False)
    document: dict[str, Json] = field(repr=False)
    base: Base = field(repr=False)
    differences: tuple[Difference, ...] = field(repr=False)

    def digest(self, file: AgentConfig) -> str:
        """Stays the same as long as nothing that matters to the comparison changes."""
        return digest([file.agent.name, str(file.path), *map(self._line, self.differences)])

    def undone(self, pointers: tuple[str, ...]) -> list[str]:
        """At or below which of these pointers, just written, something is not in sync."""
        others = [f"{difference.pointer}/" for difference in self.differences if difference.state != "in_sync"]
        return [at for at in pointers if any(other.startswith(f"{at}/") for other in others)]

    def _line(self, d: Difference) -> str:
        base = self.base
        return "\n".join([d.pointer, *d.digests, base.master.get(d.pointer, ""), base.agent.get(d.pointer, "")])


def read_sides(ctx: Context, file: AgentConfig, masters: Masters, text: str | None = None) -> Sides:
    """Read an agent's config and its base, and compare them with the master; `text` stands in for the file.

    Raises `not_found` if there is no config, `CutOffError` if it is not complete, `BesideError` for what is not the
    config's own fault, and other errors if it cannot be read as one.
    """
    try:
        desired, base = masters.of(file), read_base(ctx, file)
    except OpsError as error:
        raise BesideError(error.kind, error.message, error.next) from None
    text = file.text(ctx.world) if text is None else text
    document = file.parse(text)
    base = rebased(base, desired, document)
    return Sides(text, document, base, compare(base, desired, document))
