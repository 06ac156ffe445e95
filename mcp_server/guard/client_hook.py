"""The command of the guard's hook in Claude Code's settings."""

import json
from shlex import quote
from typing import Final

from mcp_server.clients.claude_hook import answer

MARK: Final = "hooks/pre-tool-use"
"The part of the command by which the guard's hook is recognized."
_MOVED: Final = answer("ask", "ops guard: the plugin is not where it was. Next: ops guard install")


def command_for(pack: str) -> str:
    """The hook's command for the plugin at `pack`.

    If the plugin is no longer there, what may reach git or gh is asked about, and all else goes on.
    """
    text = json.dumps(_MOVED, separators=(",", ":"))
    return (
        f'h={quote(f"{pack}/{MARK}")}; [ ! -x "$h" ] || exec "$h"; s=$(cat); '
        f"case ${{s#*tool_input}} in *git*|*'gh '*) echo '{text}';; esac"
    )
