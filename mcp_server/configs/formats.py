"""How each client's config is laid out: what merges by name, what stays the agent's, how its text is edited."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mcp_server.configs import toml_text as tomltext
from mcp_server.configs.live_state import DEFAULTS, is_live_state
from mcp_server.kernel import json_text as jsontext
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Client
from mcp_server.kernel.pointer import Value, keys_of, with_value

_COMMENT: Final = re.compile(r"^\s*(?://|/\*)|,\s*//", re.MULTILINE)


@dataclass(frozen=True)
class Form:
    """`deep`: objects merge member by member, not only the servers; `defaults` equal their absence."""

    file: str
    empty: str
    "The text of a document without members."
    servers: str
    deep: bool
    is_live: Callable[[str], bool]
    defaults: Mapping[str, Value]
    parse: Callable[[str, object], dict[str, Json]]
    edited: Callable[[str, Mapping[str, Value]], str]
    "The text with these values at their pointers, ABSENT for none; all else as it was."


def _edited_json(text: str, values: Mapping[str, Value]) -> str:
    document = jsontext.parse_object(text, "the config")
    for at, value in values.items():
        document = with_value(document, at, value)
    return jsontext.dump(document, jsontext.layout_of(text))


def _parsed_gemini(text: str, source: object) -> dict[str, Json]:
    """The Gemini CLI reads comments as well; an edit would lose them, so whoever wrote them takes them out."""
    try:
        return jsontext.parse_object(text, source)
    except OpsError as error:
        if not _COMMENT.search(text):
            raise
        step = f"Take its comments out, which a sync could not keep, then see: {error.next}"
        raise OpsError(error.kind, f"{error.message} (comments?)", step) from None


def _is_codex_state(at: str) -> bool:
    """Trust in folders and notices that were seen, as Codex 0.169 writes them."""
    return keys_of(at)[0] in ("projects", "notice")


def _is_gemini_state(at: str) -> bool:
    return keys_of(at)[-1].startswith("hasSeen")


CLAUDE: Final = Form(
    ".claude.json", "{}", "mcpServers", False, is_live_state, DEFAULTS, jsontext.parse_object, _edited_json
)
FORMS: Final[Mapping[Client, Form]] = {
    "claude": CLAUDE,
    "codex": Form("config.toml", "", "mcp_servers", True, _is_codex_state, {}, tomltext.parse, tomltext.edited),
    "gemini": Form("settings.json", "{}", "mcpServers", True, _is_gemini_state, {}, _parsed_gemini, _edited_json),
}
