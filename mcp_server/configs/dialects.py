"""Dialects: how each client's config is parsed and edited, and what in it is compared with a master."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mcp_server.clients import claude, codex, gemini
from mcp_server.configs import toml_text
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Client
from mcp_server.kernel.json_text import dump, layout_of, parse_object
from mcp_server.kernel.pointer import Value, with_value

_COMMENT: Final = re.compile(r"^\s*(?://|/\*)|,\s*//", re.MULTILINE)


@dataclass(frozen=True)
class Dialect:
    """What is particular to the config of one client."""

    file: str
    empty: str
    "The text of a config without members."
    servers: str
    "The member that holds the MCP servers, which are compared one by one."
    deep: bool
    "Whether every object is compared member by member; otherwise only the servers are."
    is_live: Callable[[Sequence[str]], bool]
    "Whether the member below these keys belongs to one agent, and is never taken from a master."
    defaults: Mapping[str, Json]
    "By pointer: the values that the client treats like an absent member."
    parse: Callable[[str, object], dict[str, Json]]
    "The document in a text; the second argument names the source in errors."
    edit: Callable[[str, Mapping[str, Value]], str]
    "The text with these values at their pointers (ABSENT removes one); everything else stays as it is."


def _edit_json(text: str, values: Mapping[str, Value]) -> str:
    document = parse_object(text, "the config")
    for at, value in values.items():
        document = with_value(document, at, value)
    return dump(document, layout_of(text))


def _parse_gemini(text: str, source: object) -> dict[str, Json]:
    """The Gemini CLI also accepts comments. An edit would lose them, so a config that has some is refused."""
    try:
        return parse_object(text, source)
    except OpsError as error:
        if not _COMMENT.search(text):
            raise
        step = f"Remove its comments, which a sync cannot preserve; then: {error.next}"
        raise OpsError(error.kind, f"{error.message} (comments?)", step) from None


CLAUDE: Final = Dialect(
    claude.CONFIG_FILE,
    "{}",
    claude.MCP_SERVERS,
    False,
    claude.is_live_state,
    claude.CONFIG_DEFAULTS,
    parse_object,
    _edit_json,
)
DIALECTS: Final[Mapping[Client, Dialect]] = {
    "claude": CLAUDE,
    "codex": Dialect(
        codex.CONFIG_FILE, "", codex.MCP_SERVERS, True, codex.is_live_state, {}, toml_text.parse, toml_text.edit
    ),
    "gemini": Dialect(
        gemini.CONFIG_FILE, "{}", gemini.MCP_SERVERS, True, gemini.is_live_state, {}, _parse_gemini, _edit_json
    ),
}
