"""What is in Claude Code's config folder: what it writes there itself, and what a user put there.

Seen on 2.1.328 and 2.1.332. The names of its own files grow with each version.
"""

import re
from typing import Final

from mcp_server.clients.claude import SETTINGS_FILE

SIGNS: Final = re.compile(
    r"""projects/[^/]+/[0-9a-f-]{36}\.jsonl | sessions/\d+\.(?:json|\w+\.key) | history\.jsonl | \.last-cleanup
      | backups/\.claude\.json\.backup\.\d+ | file-history/[0-9a-f-]{36}(?:/.*)?""",
    re.VERBOSE,
)
"Files that only a config folder holds, as paths below it."
WORDS: Final = (
    *("projects", "history.jsonl", "file-history", "sessions", "session-env", "session-meta", "shell-snapshots"),
    *("backups", "todos", "tasks", "teams", "plans", "jobs", "debug", "dump-prompts", "traces", "telemetry"),
    *("statsig", "usage-data", "stats-cache.json", "paste-cache", "image-cache", "uploads", "ide", "cache"),
    *("feedback", "feedback-bundles", "remote-control", "store", "chrome", "remote-settings.json", "daemon"),
    *("mcp-needs-auth-cache.json", "mcp-discovery-cache", "install-counts-cache.json", "daemon.json", "daemon.log"),
    *("daemon.status.json", ".last-cleanup", ".update.lock", ".ccr", ".last-update-result.json"),
    ".automode_decisions.jsonl",
)
"What it writes in its config folder, with what was said in sessions or about them."
ALSO_USERS: Final = ("plugins", "agent-memory", "memory", SETTINGS_FILE)
"What it writes there too, but for the user."
_OWN: Final = re.compile(
    r"\..*|.*\.(?:jsonl|log|lock|sock)|.*(?:cache|session|pty).*|local|spare|shares|resume|rewind|tmp"
)


def is_of_user(name: str) -> bool:
    """Whether an entry of a user's config folder is theirs, such as CLAUDE.md, commands, skills and plugins.

    What is unknown counts as theirs: a new kind of rules must not be silently out of force. Settings do not count.
    """
    return name != SETTINGS_FILE and name not in WORDS and not _OWN.fullmatch(name)
