"""Facts about Claude Code: files, variables, locks, commands. All were seen on the version in `SEEN_ON`."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mcp_server.kernel.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from mcp_server.kernel.document import Json

SEEN_ON: Final = "2.1.328"
PROGRAM: Final = "claude"
NPM_PACKAGE: Final = "@anthropic-ai/claude-code"
PLUGIN_ARGUMENT: Final = "--plugin-dir"

# Folders and files. The config folder is `~/.claude`, unless a variable names another.
CONFIG_FOLDER: Final = ".claude"
CONFIG_FILE: Final = ".claude.json"
"In the folder that `CONFIG_DIR` names, else in HOME."
CONFIG_BACKUPS: Final = "backups"
"The folder beside the config file in which it keeps copies, named `<config file>.backup.<time>`."
CONFIG_BEING_WRITTEN: Final = ".claude.json.tmp.0"
"It writes its config beside it, also through a link to it, and renames that: `<config file>.tmp.<pid>.<hex>`."
STORE_FILE: Final = ".credentials.json"
SETTINGS_FILE: Final = "settings.json"
LOCAL_SETTINGS_FILE: Final = "settings.local.json"
"Settings of one person in one clone, which git must not see."
MEMORY_FILE: Final = "CLAUDE.md"
"Instructions that it reads at each start, in the clone and in the config folder."

# Settings: a file that is not JSON, or has a value of a wrong type, is left out as a whole, with its permissions and
# hooks; one of 7 MB was left out, too.
HOOKS_OFF: Final = "disableAllHooks"
"With `true` no hook runs; tried in the settings of the user, of the project and the local ones."
PERMISSIONS, PERMISSION_MODE, ALLOWS_ALL = "permissions", "defaultMode", "bypassPermissions"

# Variables.
CONFIG_DIR: Final = "CLAUDE_CONFIG_DIR"
STORE_DIR: Final = "CLAUDE_SECURESTORAGE_CONFIG_DIR"
"Names the folder of the store alone. Ten config folders with one store renewed the login with one request."
STORE_VARIABLES: Final = (STORE_DIR, CONFIG_DIR)
"What leads Claude Code to its store, the strongest first."
PROJECT_DIR: Final = "CLAUDE_PROJECT_DIR"
"Set for hooks and MCP servers: the folder in which the session was started."
CERTIFICATES: Final = "CLAUDE_CODE_CERT_STORE"
API_KEY: Final = "ANTHROPIC_API_KEY"
BEARER: Final = "ANTHROPIC_AUTH_TOKEN"
KEY_HELPER: Final = "apiKeyHelper"
"A setting, not a variable: a command whose output is used as a key."
LONG_LIVED: Final = "CLAUDE_CODE_OAUTH_TOKEN"
"The login that `claude setup-token` prints, valid for a year."
ADDRESS: Final = "ANTHROPIC_BASE_URL"
OWN_ADDRESSES: Final = frozenset({"https://api.anthropic.com", "https://api.anthropic.com:443"})
CLOUDS: Final = tuple(
    f"CLAUDE_CODE_USE_{cloud}"
    for cloud in ("GATEWAY", "BEDROCK", "FOUNDRY", "ANTHROPIC_AWS", "ANTHROPIC_GOOGLE_CLOUD", "MANTLE", "VERTEX")
)
"Switches that send all requests to another provider."
SHADOWING: Final = (*CLOUDS, BEARER, API_KEY, KEY_HELPER, LONG_LIVED, ADDRESS)
"What is used in place of the login of a store, or where that login is sent to; the strongest first."
ENTRYPOINT: Final = "CLAUDE_CODE_ENTRYPOINT"
ATTENDED: Final = "CLAUDE_CODE_SESSION_ATTENDED"

# The store: `{"claudeAiOauth": {"accessToken", "refreshToken", "expiresAt", "refreshTokenExpiresAt"?, ...}, ...}`,
# with times in milliseconds since 1970.
LOGIN: Final = "claudeAiOauth"
ACCESS_TOKEN, REFRESH_TOKEN = "accessToken", "refreshToken"
ACCESS_EXPIRES, LOGIN_EXPIRES = "expiresAt", "refreshTokenExpiresAt"
RENEWED_BEFORE: Final = timedelta(minutes=5)
"An access token with this much left or less is renewed."
ACCOUNT, ACCOUNT_ID = "oauthAccount", "accountUuid"
"In the config file of a folder: whose login it is. The store itself does not say."
ONBOARDED: Final = "hasCompletedOnboarding"
"A key of the config file; without it Claude Code asks for a login at its start."

# Renewal. Of all commands this one waits for the renewal and for the write of the store, sends no model request, and
# takes over a lock that a crashed process left behind. Others exit early, and then the rotated token is lost.
RENEWAL: Final = ("mcp", "list")
RENEWAL_TAKES: Final = timedelta(seconds=8 + 30 + 20)
"At most: waiting for its lock, the grant, the write. A signal before that can lose the rotated token."
QUIET: Final[Mapping[str, str]] = {"DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1"}
EXPLAINS: Final[Mapping[str, str]] = {"DEBUG": "1"}
"Has it write a log, `debug/*.txt` in its config folder, with why a renewal failed: its exit code is 0 anyway."
DEBUG_LOGS: Final = "debug"
REFUSAL: Final = re.compile(
    r"OAuth refresh failed[^:\n]*: ([^\n]+)|/v1/oauth/token,status=\d{3}\][^\n]*?: ([^\n\\]+)"
)
"A line of that log about a renewal that failed. `CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC` would leave out some."

# Locks are folders, touched by a living holder every 5 s.
REFRESH_LOCK: Final = ".oauth_refresh.lock"
"In the folder of the store while a client renews the login: no other client sends a renewal meanwhile."
LOCK_DIES_AFTER: Final = timedelta(seconds=60)
"A refresh lock that has not been touched for this long belongs to a crashed process and is taken over."
WRITE_LOCK: Final = ".storage-write.lock"
"In the folder of the store around each write of it."
CONFIG_LOCK_DIES_AFTER: Final = timedelta(seconds=8)
"`<config file>.lock`, held for milliseconds around each write of it, is removed from this age on."

# Sessions: `<config folder>/sessions/<pid>.json`.
PROJECTS: Final = "projects"
"The folder of transcripts in the config folder: `<working folder, all but letters and digits as ->/<id>.jsonl`."
SESSIONS: Final = "sessions"
SESSION_START, SESSION_VERSION, SESSION_STATUS = "procStart", "version", "status"
"`procStart` is the start time of the process as `/proc/<pid>/stat` has it."
SESSION_WAITS: Final = "waiting"
"The status of a session that waits for its human in the middle of a turn; `waitingFor` says what for."
SESSION_BUSY, SESSION_IDLE = "busy", "idle"
"The status in a turn, and between two."
SESSION_STATUS_SINCE, SESSION_BEGAN, SESSION_WAITS_FOR = "statusUpdatedAt", "startedAt", "waitingFor"
"Times are in milliseconds since 1970."
SESSION_NAME, SESSION_NAMED_BY, SESSION_NAMED_BY_USER = "name", "nameSource", "user"

# MCP.
PLUGIN_TOOL: Final = "mcp__plugin_ops_ops__{}"
"Its name of a tool of the server `ops` in the plugin `ops`. Other clients form other names."
ASKS_HUMAN: Final = "anthropic/requiresUserInteraction"
"A key of a tool's `_meta` with which it asks its human at each call, in spite of all allow rules."

# The config file.
MCP_SERVERS: Final = "mcpServers"
"Its member that maps names to MCP servers."
CONFIG_DEFAULTS: Final[Mapping[str, "Json"]] = {
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
"By JSON pointer: it drops a key from its config when the value is the default."
_LIVE_STATE: Final = lazy_pattern(
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


def is_live_state(keys: Sequence[str]) -> bool:
    """Whether the member of its config below these keys belongs to one machine, login or session."""
    return len(keys) == 1 and _LIVE_STATE.fullmatch(keys[0]) is not None
