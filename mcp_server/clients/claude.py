"""Facts about Claude Code, as seen on 2.1.328."""

import re
from datetime import timedelta
from typing import Final

STORE_FILE: Final = ".credentials.json"
VARIABLES: Final = ("CLAUDE_SECURESTORAGE_CONFIG_DIR", "CLAUDE_CONFIG_DIR")
"What leads Claude Code to its store, the stronger first; without them it is `~/.claude`."
REFRESH_LOCK: Final = ".oauth_refresh.lock"
LOCK_DIES_AFTER: Final = timedelta(seconds=60)
"A refresh lock that its holder has not touched for so long is dead; a living holder touches it every 5 s (2.1.328)."
# A login is by OAuth, from the host's store: no key, no other address, nothing of the session that calls us.
_ANTHROPIC: Final = re.compile(r"(?:ANTHROPIC|CLAUDE)(?:_\w+)?|CLAUDECODE")


def is_inherited(name: str) -> bool:
    """Whether a variable of the caller reaches the agent."""
    return not _ANTHROPIC.fullmatch(name)
