"""Which configs a sync left in step, so that one that nobody has touched since is not read and compared again.

As in git's index a file is known by its stamp (device, inode, size, times), and one that was written within the grain
of time stamps is not noted. Noted is only what leaves nothing to decide: in step at every pointer, whatever the base.
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from mcp_server import __version__
from mcp_server.configs.look_effect import is_named
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.write_files import AgentConfig
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.world import World

_MOST: Final = 100_000_000
_NOTHING: Final = ("", "", "", "")


class Seen:
    """What syncs of this fleet left in step."""

    def __init__(self, ctx: Context, masters: Masters) -> None:
        self._world, self._masters = ctx.world, masters
        self._path = ctx.world.state / "configs" / ctx.key / "in-step"
        self._noted = self._read()

    def digest(self, file: AgentConfig) -> str | None:
        """The digest of the look at a config that is as it was noted, and wanted as it was then."""
        stamp, wanted, digest, _ = self._of(key := key_of(file))
        files = self._world.files
        if stamp and stamp == files.stamp(key):
            with suppress(OpsError):  # an overlay that cannot be read, a folder that hides
                if wanted == self._masters.of(file).digest and files.kind(file.inside) == "folder":
                    return digest
        return None

    def leads(self, file: AgentConfig) -> bool:
        """Whether the agent's `.env` is as it was when it led Claude Code to this config."""
        *_, leading = self._of(key_of(file))
        return bool(leading) and leading == _stamp_of_env(self._world, file)

    def note(self, looked: Iterable[tuple[AgentConfig, str, str]], among: Iterable[AgentConfig]) -> None:
        """Keep of these the stamp from before the look and the look's digest; forget whatever is not `among`."""
        keys = set(map(key_of, among))
        noted = {key: entry for key, entry in self._noted.items() if key in keys}
        for file, stamp, digest in looked:
            leading = _stamp_of_env(self._world, file)
            wanted = self._masters.of(file).digest
            noted[key_of(file)] = f"{stamp} {wanted} {digest} {leading if is_named(self._world, file) else ''}"
        if noted != self._noted:
            data = json.dumps({"version": __version__, "configs": noted}, separators=(",", ":")).encode()
            with suppress(OpsError):  # then the next look takes longer
                self._world.files.replace(self._path, data, inside=self._world.state, mode=0o600)

    def _of(self, key: str) -> Sequence[str]:
        """Of the config its stamp, the digests of what was desired and of the look, and, where its agent's `.env` led
        the client to it, the stamp of that."""
        noted = self._noted.get(key, "").split(" ")
        return noted if len(noted) == 4 else _NOTHING

    def _read(self) -> dict[str, str]:
        """Nothing where there is none that can be read, or one of another version's rules."""
        try:
            document = json.loads(self._world.files.read(self._path, _MOST))
            if document["version"] != __version__:
                return {}
            return {path: str(noted) for path, noted in document["configs"].items()}
        except (OpsError, ValueError, KeyError, TypeError, AttributeError):
            return {}


def key_of(file: AgentConfig) -> str:
    """Its path, as text: of thousands, a `Path` each would take longer than the look."""
    return f"{file.inside}/{file.name}"


def _stamp_of_env(world: World, file: AgentConfig) -> str:
    return world.files.stamp(f"{file.agent.folder}/.env")
