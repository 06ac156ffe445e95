"""Facts about the Gemini CLI: files, variables, commands. All were seen on the version in `SEEN_ON`."""

from collections.abc import Sequence
from typing import Final

SEEN_ON: Final = "0.61.0"
PROGRAM: Final = "gemini"
NPM_PACKAGE: Final = "@google/gemini-cli"
LOGIN_COMMAND: Final = "gemini"
RESEARCH: Final = ("--output-format", "json", "--approval-mode", "plan", "--skip-trust")
"Answer with one JSON document; search and read, but change nothing."
NOT_LOGGED_IN: Final = 41
"The exit code of a run without a login."

HOME_VARIABLE: Final = "GEMINI_CLI_HOME"
"Names the folder that holds the config folder, in place of HOME."
OWN_VARIABLES: Final = ("GEMINI_", "GOOGLE_")
"Beginnings of the names of the variables that say how its model is reached and with which login."
ADDRESS: Final = "GOOGLE_GEMINI_BASE_URL"
CONFIG_FOLDER: Final = ".gemini"
CONFIG_FILE: Final = "settings.json"
STORE_FILE: Final = "oauth_creds.json"

# The store: `{"access_token", "refresh_token", "expiry_date", ...}`, the time in milliseconds since 1970. A refresh
# token works more than once.
ACCESS_TOKEN, REFRESH_TOKEN, ACCESS_EXPIRES = "access_token", "refresh_token", "expiry_date"

MCP_SERVERS: Final = "mcpServers"
"The member of the config file that maps names to MCP servers."


def is_live_state(keys: Sequence[str]) -> bool:
    """Whether the member of its config below these keys belongs to one machine, login or session."""
    return keys[-1].startswith("hasSeen")
