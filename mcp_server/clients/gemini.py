"""Facts about the Gemini CLI: files, variables, commands. All were seen on the version in `SEEN_ON`."""

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
