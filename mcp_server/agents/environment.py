"""What an agent is started with: which variables reach it, and which of its files git must not see."""

import re
from typing import Final

from mcp_server.clients.claude import is_inherited
from mcp_server.kernel.inventory import Client

PRIVATE: Final = (".env", ".claude.json", "backups/.claude.json.backup.0", ".credentials.json")
"What a config folder in a clone holds of configs and logins."
IGNORED: Final = (
    *("/.env", "/.claude.json*", "/.credentials.json", "/backups/.claude.json.*"),
    *("/projects/*/*.jsonl", "/sessions/", "/plugins/", "/.last-cleanup"),
)
"Lines for `.git/info/exclude` that cover them, and what else Claude Code 2.1.328 writes in its config folder."

# A login shell would read /etc/profile, which on Debian sets another PATH (seen on Codex 0.169.0).
PROGRAMS: Final[dict[Client, tuple[str, ...]]] = {
    "claude": ("claude",),
    "codex": ("codex", "-c", "allow_login_shell=false"),
    "gemini": ("gemini",),
}

# What would make the agent's program another one than the operator's.
_LOADING: Final = re.compile(r"LD_\w+|DYLD_\w+|NODE_OPTIONS|PYTHON\w+|BASH_ENV|ENV|PATH|HOME|SHELL|IFS")


def is_allowed(name: str) -> bool:
    """Whether a variable of an agent's `.env` reaches it: keys of other services do, Anthropic's never."""
    return is_inherited(name) and not _LOADING.fullmatch(name)
