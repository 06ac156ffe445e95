"""Reads both sides of one config and compares them."""

from dataclasses import dataclass, field

from mcp_server.configs.desired import digest
from mcp_server.configs.look_base import read_base
from mcp_server.configs.look_file import AgentConfig
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.three_way import Base, Difference, compare
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context


@dataclass(frozen=True)
class Sides:
    """A config and its comparison with the master. It holds secrets: use it for a sync, never in an answer."""

    text: str = field(repr=False)
    base: Base = field(repr=False)
    differences: tuple[Difference, ...] = field(repr=False)

    def digest(self, file: AgentConfig) -> str:
        """Stays the same as long as nothing that matters to the comparison changes."""
        return digest([file.agent.name, str(file.path), *map(self._line, self.differences)])

    def undone(self, pointers: tuple[str, ...]) -> list[str]:
        """Which of these pointers, just written, are not in sync."""
        states = {difference.pointer: difference.state for difference in self.differences}
        return [at for at in pointers if states.get(at, "in_sync") != "in_sync"]

    def _line(self, d: Difference) -> str:
        base = self.base
        return "\n".join([d.pointer, *d.digests, base.master.get(d.pointer, ""), base.agent.get(d.pointer, "")])


def read_sides(ctx: Context, file: AgentConfig, masters: Masters, text: str | None = None) -> Sides:
    """Read an agent's config and its base, and compare them with the master; `text` stands in for the file.

    Raises `not_found` if there is no config, and other errors if it cannot be read as one.
    """
    desired = masters.of(file)
    text = file.text(ctx.world) if text is None else text
    document, servers = file.parse(text), desired.dialect.servers
    if not isinstance(document.get(servers, {}), dict):
        raise OpsError("invalid", f"{servers} in {file.path} is not an object", f"Make it one in {file.path}")
    base = read_base(ctx, file)
    return Sides(text, base, compare(base, desired, document))
