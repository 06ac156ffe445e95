"""What in a `.claude.json` belongs to one machine, login or session, as Claude Code 2.1.328 writes it.

A master that carries such keys (often a copy of somebody's own file) would hand one agent's identity, trust and
approvals to all others.
"""

import re
from collections.abc import Mapping
from typing import Final

from mcp_server.kernel.document import Json
from mcp_server.kernel.pointer import Value, keys_of

_LIVE: Final = re.compile(
    r"""oauthAccount | primaryApiKey | customApiKeyResponses | userID | machineID | anonymousId | knownAccounts
      | mcpLegacyKeyOwners | projects | githubRepoPaths | installMethod | migrationVersion | numStartups
      | startupPrefetchedAt | pluginUsage | skillUsage | agentLastUsed | seenNotifications | clientDataCacheSlots
      | feedbackSurveyState | fullscreenBootPending | claudeCodeFirstTokenDate | autoModeEnvSetup
      | closedIssuesAcknowledged | announcementImpressions
      | (?: cached | has | last | first(?=Start) | tips?(?=[A-Z]) | officialMarketplaceAuto )[A-Z]\w*
      | \w+(?: Cache | Counts? | History | Seen | Shown | Dismissed | Accepted | Acknowledged | Onboarding | Declines
          | MigrationComplete | Fetched | FetchedAt )""",
    re.VERBOSE,
)

# Claude Code drops a key from the file when its value is the default.
DEFAULTS: Final[Mapping[str, Value]] = {
    "/theme": "dark",
    "/preferredNotifChannel": "auto",
    "/verbose": False,
    "/editorMode": "normal",
    "/autoCompactEnabled": True,
    "/autoScrollEnabled": True,
    "/showTurnDuration": True,
    "/externalEditorContext": False,
    "/showMessageTimestamps": False,
    "/diffTool": "auto",
    "/env": {},
    "/todoFeatureEnabled": True,
    "/showExpandedTodos": False,
    "/briefTranscript": False,
    "/messageIdleNotifThresholdMs": 60000,
    "/autoConnectIde": False,
    "/autoInstallIdeExtension": True,
    "/fileCheckpointingEnabled": True,
    "/terminalProgressBarEnabled": True,
    "/respectGitignore": True,
    "/copyFullResponse": False,
}


def is_live_state(at: str) -> bool:
    """Whether the top-level key of a pointer is never taken from a master."""
    keys = keys_of(at)
    return len(keys) == 1 and _LIVE.fullmatch(keys[0]) is not None


def holds_api_key(value: Json) -> bool:
    """Whether ANTHROPIC_API_KEY is set somewhere in a value: as a variable, or in an argument."""
    if isinstance(value, dict):
        return "ANTHROPIC_API_KEY" in value or any(holds_api_key(member) for member in value.values())
    if isinstance(value, list):
        return any(holds_api_key(member) for member in value)
    return isinstance(value, str) and value.startswith("ANTHROPIC_API_KEY=")
