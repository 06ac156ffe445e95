"""Dialects: how each client's config is parsed and edited, and what in it is compared with a master."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from mcp_server.clients import claude, codex, gemini
from mcp_server.clients.claude_hook import LOCAL_SETTINGS, SETTINGS
from mcp_server.configs import markdown_text, settings_text, toml_text
from mcp_server.kernel.document import Json
from mcp_server.kernel.inventory import ConfigKind
from mcp_server.kernel.json_edit import edit_json
from mcp_server.kernel.json_text import parse_object
from mcp_server.kernel.pointer import Value


@dataclass(frozen=True)
class Dialect:
    """What is particular to the config of one client."""

    file: str
    empty: str
    "The text of a config without members."
    servers: str
    "The member that holds the MCP servers; empty for a config that has none."
    is_live: Callable[[Sequence[str]], bool]
    "Whether the member below these keys belongs to one agent, and is never taken from a master."
    defaults: Mapping[str, Json]
    "By pointer: the values that the client treats like an absent member."
    parse: Callable[[str, object], dict[str, Json]]
    "The document in a text; the second argument names the source in errors."
    edit: Callable[[str, Mapping[str, Value]], str]
    "The text with these values at their pointers (ABSENT removes one); everything else stays as it is."


def _is_never_live(_: Sequence[str]) -> bool:
    return False


def _json(*, comments: bool) -> tuple[Callable[..., dict[str, Json]], Callable[..., str]]:
    return partial(parse_object, comments=comments), partial(edit_json, comments=comments)


CLAUDE: Final = Dialect(
    claude.CONFIG_FILE, "{}", claude.MCP_SERVERS, claude.is_live_state, claude.CONFIG_DEFAULTS, *_json(comments=False)
)
CLONE_KINDS: Final[tuple[ConfigKind, ...]] = ("settings", "local_settings", "memory")
"Files of Claude Code in the clone itself."
DIALECTS: Final[Mapping[ConfigKind, Dialect]] = {
    "claude": CLAUDE,
    "codex": Dialect(
        codex.CONFIG_FILE, "", codex.MCP_SERVERS, codex.is_live_state, {}, toml_text.parse, toml_text.edit
    ),
    "settings": Dialect(SETTINGS, "{}", "", _is_never_live, {}, settings_text.parse, settings_text.edit),
    "local_settings": Dialect(LOCAL_SETTINGS, "{}", "", _is_never_live, {}, settings_text.parse, settings_text.edit),
    "memory": Dialect(claude.MEMORY_FILE, "", "", _is_never_live, {}, markdown_text.parse, markdown_text.edit),
    "gemini": Dialect(gemini.CONFIG_FILE, "{}", gemini.MCP_SERVERS, gemini.is_live_state, {}, *_json(comments=True)),
}


def labels(rows: Sequence[tuple[str, Path]]) -> Iterator[str]:
    """The agent of each row, and the name of its file where that is not its only one."""
    counts = Counter(name for name, _ in rows)
    for name, path in rows:
        other = next((DIALECTS[kind].file for kind in CLONE_KINDS if path.match(DIALECTS[kind].file)), None)
        yield f"{name} {other or path.name}" if other or counts[name] > 1 else name
