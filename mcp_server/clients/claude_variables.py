"""Which variables named like Claude Code's own reach an agent. Settings do; what would change its login does not.

The names of Claude Code's variables are many and grow with each version, so they are judged by the words in them.
"""

import re
from typing import Final

from mcp_server.clients.claude import CLOUDS, CONFIG_DIR, STORE_DIR
from mcp_server.kernel.lazy_pattern import lazy_pattern

_OWN: Final = lazy_pattern(r"(?:ANTHROPIC|CLAUDE)(?:_\w+)?|CLAUDECODE")
_WITHHELD: Final = (
    ("ops sets the folder of the config and the store itself", rf"{CONFIG_DIR}|{STORE_DIR}"),
    (
        "it would switch off the hooks, and with them the guard",
        r"CLAUDE_CODE_(?:SIMPLE|SAFE_MODE|RESTRICTED|TEST_\w+)",
    ),
    ("it sends requests to another provider", "|".join(CLOUDS)),
    ("it belongs to another provider", r"\w+_(?:BEDROCK|VERTEX|FOUNDRY|MANTLE|AWS|GOOGLE)(?:_\w+)?"),
    (
        "it belongs to the session that calls ops",
        r"""CLAUDECODE | CLAUDE_(?:PID|EFFORT|ENV_FILE|PROJECT_DIR|SKILL_DIR|JOB_DIR|AGENT)
          | CLAUDE_PLUGIN_(?:ROOT|DATA|OPTION_\w+)
          | CLAUDE_(?:BG|BRIDGE|RUNNER|SDK|AGENT_SDK|PTY|SSH|INTERNAL)_\w+
          | CLAUDE_CODE_(?:CHILD|REMOTE|BRIDGE|CCR|RELAUNCH|MESSAGING|SDK|RUNNER|CLOUD|DAEMON|HOST)(?:_\w+)?
          | CLAUDE_CODE_(?:AGENT|EXECPATH|TOOL_USE_ID|SSE_PORT|TASK_LIST_ID)
          | \w+_(?:SESSION|SESSIONS|ENTRYPOINT)(?:_\w+)?""",
    ),
    (
        "it is a login or a key, and agents use the login of their store",
        r"""ANTHROPIC_(?:PROFILE|SCOPE|CONFIG_DIR|(?:ORGANIZATION|WORKSPACE|ENVIRONMENT|SERVICE_ACCOUNT|FEDERATION_RULE)_ID)
          | \w+_(?:KEY|TOKEN|SECRET|PASSWORD|PASSPHRASE|HEADERS|DESCRIPTOR|FD)(?:_(?:FILE|PATH))?
          | \w+_(?:CREDENTIALS?|CREDS|OAUTH|AUTH|IDENTITY)(?:_(?!\w*MS\b)\w+)?""",
    ),
    ("it leads requests to another address", r"\w+_(?:URL|URI|HOST|SOCKET|SOCK|ENDPOINT|ORIGIN|PROXY|API_BASE)"),
)
_REASONS: Final = tuple((reason, lazy_pattern(pattern, re.VERBOSE)) for reason, pattern in _WITHHELD)


def reason_to_withhold(name: str) -> str | None:
    """Why a variable of Claude Code does not reach an agent; None if it does, as all names of others do."""
    if not _OWN.fullmatch(name):
        return None
    return next((reason for reason, pattern in _REASONS if pattern.fullmatch(name)), None)


def is_inherited(name: str) -> bool:
    """Whether a variable of the caller is passed on to an agent and to other programs."""
    return reason_to_withhold(name) is None
