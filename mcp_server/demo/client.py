"""A client of the MCP server over stdio, made with the SDK. Its interface is synchronous."""

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, StdioServerParameters

from mcp_server.kernel.document import Json

_PATIENCE = 50.0
"Seconds that an answer may take; a refresh of a login waits for the `claude` program."


@dataclass(frozen=True)
class Answer:
    """The structured content of a tool's answer, and whether it is an error."""

    document: Mapping[str, Json]
    error: bool


@dataclass(frozen=True)
class Tools:
    """The server's tools, by name."""

    _client: Client
    _portal: BlockingPortal

    def call(self, name: str, arguments: Mapping[str, Json]) -> Answer:
        result = self._portal.call(partial(self._client.call_tool, name, dict(arguments)))
        document = cast("Mapping[str, Json]", result.structured_content or {})
        return Answer(document, result.is_error or False)

    @property
    def server(self) -> str:
        """Name, version and protocol, as the server gave them."""
        about = self._client.server_info
        name = f"{about.name} {about.version}" if about else "a server without a name"
        return f"{name}, protocol {self._client.protocol_version}"


@contextmanager
def connected(environment: Mapping[str, str], cwd: Path) -> Generator[Tools]:
    """Start the server, and stop it at the end; `environment` is added to the SDK's few default variables."""
    server = StdioServerParameters(
        command=sys.executable, args=["-I", "-m", "mcp_server.server"], env=dict(environment), cwd=cwd
    )
    with start_blocking_portal() as portal:
        client = Client(server, read_timeout_seconds=_PATIENCE)
        connection = portal.wrap_async_context_manager(client)
        tools = Tools(connection.__enter__(), portal)
        try:
            yield tools
        finally:
            connection.__exit__(None, None, None)  # passing the exception on would make anyio wrap it in groups
