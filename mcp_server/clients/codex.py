"""Facts about Codex: files, variables, commands. All were seen on the version in `SEEN_ON`."""

from collections.abc import Sequence
from typing import Final

SEEN_ON: Final = "0.169.0"
NPM_PACKAGE: Final = "@openai/codex"
PROGRAM: Final = "codex"
START: Final = (PROGRAM, "-c", "allow_login_shell=false")
"A login shell would read /etc/profile, which sets another PATH on Debian."
LOGIN_COMMAND: Final = "codex login"

HOME_VARIABLE: Final = "CODEX_HOME"
"Names the config folder itself."
CONFIG_FOLDER: Final = ".codex"
"In HOME, unless `CODEX_HOME` names another folder."
CONFIG_FILE: Final = "config.toml"
STORE_FILE: Final = "auth.json"

# Sessions: each is recorded in `sessions/<year>/<month>/<day>/rollout-*.jsonl`, whose first line names its folder.
SESSIONS: Final = "sessions"
RECORDS: Final = "rollout-*.jsonl"
TURN_BEGINS, TURN_ENDS = "task_started", ("task_complete", "turn_aborted")
"Types of events. While it waits for an approval, a turn goes on."

# The store: `{"OPENAI_API_KEY", "tokens": {"id_token", "access_token", "refresh_token"}, ...}`. The access token is a
# JSON web token that holds its own expiry. A key in place of tokens is the other way to log in.
API_KEY: Final = "OPENAI_API_KEY"
TOKENS: Final = "tokens"
ACCESS_TOKEN, REFRESH_TOKEN, ACCOUNT_ID = "access_token", "refresh_token", "account_id"
# A refresh token works once, and each process renews for itself: two of them on one store end the login.

MCP_SERVERS: Final = "mcp_servers"
"The table of the config file that maps names to MCP servers."


def is_live_state(keys: Sequence[str]) -> bool:
    """Whether the member of its config below these keys belongs to one machine, login or session.

    These are the trust in folders and the notices that a person has seen.
    """
    return keys[0] in ("projects", "notice")
