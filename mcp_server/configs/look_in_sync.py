"""The in-sync cache: which configs were in sync after the last sync, so that untouched ones need not be read again.

Like git's index it knows a file by its stamp (device, inode, size, times), and omits one that was written within the
resolution of time stamps. It holds only configs that are in sync at every pointer, whatever their base.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from mcp_server import __version__
from mcp_server.configs.look_effect import is_named_in_env
from mcp_server.configs.look_file import AgentConfig
from mcp_server.configs.look_masters import Masters
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.world import World
from mcp_server.system.cache import Cache


class _Entry(NamedTuple):
    """One config: its stamp, the digests of its desired state and of the comparison, and the stamp of the `.env` that
    names its folder; empty texts for what is not known."""

    stamp: str = ""
    desired: str = ""
    digest: str = ""
    env: str = ""


class InSyncCache:
    """The configs of this fleet that were in sync after the last sync."""

    def __init__(self, ctx: Context, masters: Masters) -> None:
        self._world, self._masters = ctx.world, masters
        self._cache, self._name = Cache(ctx.world.files, ctx.world.state), f"in-sync-{ctx.key}"
        self._entries = self._load()

    def digest(self, file: AgentConfig) -> str | None:
        """The digest of the comparison of an untouched config whose desired state is unchanged; else None."""
        entry, files = self._entries.get(path := path_of(file), _Entry()), self._world.files
        if entry.stamp and entry.stamp == files.stamp(path):
            with suppress(OpsError):  # an overlay or a folder that cannot be read
                if entry.desired == self._masters.of(file).digest and files.kind(file.folder) == "folder":
                    return entry.digest
        return None

    def is_named_in_env(self, file: AgentConfig) -> bool:
        """Whether the agent's untouched `.env` names the folder of the config."""
        env = self._entries.get(path_of(file), _Entry()).env
        return bool(env) and env == _env_stamp(self._world, file)

    def store(self, looked: Iterable[tuple[AgentConfig, str, str]], among: Iterable[AgentConfig]) -> None:
        """Store configs, each with its stamp before the comparison and its digest; drop all that are not `among`."""
        paths = set(map(path_of, among))
        entries = {path: entry for path, entry in self._entries.items() if path in paths}
        for file, stamp, digest in looked:
            env = _env_stamp(self._world, file)
            desired = self._masters.of(file).digest
            entries[path_of(file)] = _Entry(stamp, desired, digest, env if is_named_in_env(self._world, file) else "")
        if entries != self._entries:
            document = {"version": __version__, "configs": entries}
            self._cache.replace(self._name, json.dumps(document, separators=(",", ":")).encode())

    def _load(self) -> dict[str, _Entry]:
        """Empty if there is no readable cache, or it is from another version with other rules."""
        try:
            document = json.loads(self._cache.read(self._name) or b"{}")
            if document["version"] != __version__:
                return {}
            return {path: _Entry(*map(str, entry)) for path, entry in document["configs"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return {}


def path_of(file: AgentConfig) -> str:
    """The path as text; creating a `Path` for each of thousands would take longer than the comparison."""
    return f"{file.folder}/{file.name}"


def _env_stamp(world: World, file: AgentConfig) -> str:
    return world.files.stamp(f"{file.agent.folder}/.env")
