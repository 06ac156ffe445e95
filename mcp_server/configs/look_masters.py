"""Desired state from the fleet's masters and the overlays of roles and agents."""

from functools import reduce
from pathlib import Path

from mcp_server.configs.desired import Desired, desired_of, overlaid
from mcp_server.configs.dialects import CLAUDE, DIALECTS, Dialect
from mcp_server.configs.look_file import AgentConfig, ConfigFile
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import ConfigKind
from mcp_server.kernel.json_text import parse_object
from mcp_server.operation.context import Context


class Masters:
    """The desired state of each config, from the master of its client and, for Claude Code, overlays."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._master = parse_object(ctx.world.files.read_text(master_file(ctx).path), master_file(ctx).path)
        self.common = desired_of(self._master)
        self._known: dict[tuple[ConfigKind, tuple[Path, ...]], Desired | OpsError] = {("claude", ()): self.common}

    def of(self, file: AgentConfig) -> Desired:
        """What is desired of a config; `invalid` if its master or an overlay cannot be read."""
        key = file.kind, file.agent.overlays if file.kind == "claude" else ()
        if key not in self._known:
            self._known[key] = self._load(*key)
        found = self._known[key]
        if isinstance(found, OpsError):
            raise found
        return found

    @property
    def left_out(self) -> tuple[str, ...]:
        """What of the masters and overlays used so far is not handed on, and why."""
        found = (d.left_out for d in self._known.values() if isinstance(d, Desired))
        return tuple(dict.fromkeys(line for lines in found for line in lines))

    def _load(self, kind: ConfigKind, overlays: tuple[Path, ...]) -> Desired | OpsError:
        try:
            if kind != "claude":
                dialect = DIALECTS[kind]
                return desired_of(self._read(self._ctx.fleet.other_masters[kind], dialect), dialect)
            return desired_of(reduce(overlaid, map(self._read, overlays), self._master))
        except OpsError as error:
            return OpsError("invalid", error.message, error.next)

    def _read(self, path: Path, dialect: Dialect = CLAUDE) -> dict[str, Json]:
        return dialect.parse(self._ctx.world.files.read_text(path), path)


def master_file(ctx: Context) -> ConfigFile:
    """The fleet's master; `not_found` where there is none."""
    if ctx.fleet.master is None:
        expected = ctx.fleet.root / "Docker" / "claude.json.master"
        raise OpsError(
            "not_found",
            f"there is no master config: neither {expected} nor a `master` that fleet.toml names",
            f"Write the shared config to {expected}",
        )
    return ConfigFile(ctx.fleet.master.parent, ctx.fleet.master.name)
