"""Which configs a sync left in step, so that one that nobody has touched since is not read and compared again.

As in git's index a file is known by its stamp (device, inode, size, times), and one that was written within the grain
of time stamps is not noted. Noted is only what leaves nothing to decide: in step at every pointer, whatever the base.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from mcp_server import __version__
from mcp_server.domain.errors import OpsError
from mcp_server.observe.config_files import AgentConfig
from mcp_server.observe.config_masters import Masters
from mcp_server.ports import Context

_MOST: Final = 100_000_000


class Seen:
    """What syncs of this fleet left in step: of each config the stamp, what was desired, and the look's digest."""

    def __init__(self, ctx: Context, masters: Masters) -> None:
        self._files, self._state, self._masters = ctx.world.files, ctx.world.state, masters
        self._path: Path = ctx.world.state / "configs" / ctx.key / "in-step"
        self._noted = self._read()

    def digest(self, file: AgentConfig) -> str | None:
        """The digest of the look at a config that is as it was noted, and wanted as it was then."""
        noted = self._noted.get(str(file.path))
        if not noted or noted[0] != self._files.stamp(file.path):
            return None
        with suppress(OpsError):  # an overlay that cannot be read, a folder that hides
            if noted[1] == self._masters.of(file).digest and self._files.kind(file.inside) != "link":
                return noted[2]
        return None

    def note(self, looked: Iterable[tuple[AgentConfig, str, str]], among: Iterable[AgentConfig]) -> None:
        """Keep of these the stamp from before the look and the look's digest; forget whatever is not `among`."""
        paths = {str(file.path) for file in among}
        new = {str(file.path): [stamp, self._masters.of(file).digest, digest] for file, stamp, digest in looked}
        noted = {path: entry for path, entry in self._noted.items() if path in paths} | new
        if noted != self._noted:
            data = json.dumps({"version": __version__, "configs": noted}, separators=(",", ":")).encode()
            with suppress(OpsError):  # then the next look takes longer
                self._files.replace(self._path, data, inside=self._state, mode=0o600)

    def _read(self) -> Mapping[str, list[str]]:
        """Nothing where there is none that can be read, or one of another version's rules."""
        try:
            document = json.loads(self._files.read(self._path, _MOST))
            return dict(document["configs"]) if document["version"] == __version__ else {}
        except (OpsError, ValueError, KeyError, TypeError):
            return {}
