"""What a client sends to the shared server about itself: its folder, and variables from an allow-list. No credential.

An operation on the shared server sees only the variables listed here; a test compares the list with the code.
"""

from __future__ import annotations

import os

from mcp_server.kernel.placeholder import PLACEHOLDER

try:  # the function with which `json` writes strings: loading all of `json` would double the start
    from _json import encode_basestring_ascii as _quoted
except ImportError:
    from json.encoder import encode_basestring_ascii as _quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_FLEET = {f"OPS_{name}" for name in ("HOME", "FLEET", "CLAUDE", "GEMINI", "PAGERDUTY_URL")} | {
    "AGENT_NAME",
    "CLAUDE_PROJECT_DIR",
}
_STORES = {"CLAUDE_CONFIG_DIR", "CLAUDE_SECURESTORAGE_CONFIG_DIR", "CODEX_HOME", "GEMINI_CLI_HOME", "GH_CONFIG_DIR"}
_PERSON = {"HOME", "PATH", "PWD", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSH_AUTH_SOCK"}
_DESK = {"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY"}
_PROXIES = {cased(f"{kind}_proxy") for kind in ("http", "https", "all", "no") for cased in (str.lower, str.upper)}
_TRUST = {"SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "CLAUDE_CODE_CERT_STORE"}
# Where programs are looked for, and in which terminal the caller is.
_PLACES = {"SHELL", "NVM_DIR", "FNM_DIR", "NPM_CONFIG_PREFIX", "TMUX", "TMUX_PANE"}
_GIT = {
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_SSH_COMMAND",
    "GIT_EXEC_PATH",
    "GH_HOST",
}
_DOCKER = {f"DOCKER_{name}" for name in ("HOST", "CONTEXT", "CONFIG", "CERT_PATH", "TLS_VERIFY", "API_VERSION")}
# How Gemini is reached; its key is read from the agent's `.env`.
_GEMINI = {f"GOOGLE_{name}" for name in ("CLOUD_PROJECT", "CLOUD_LOCATION", "GENAI_USE_GCA", "GENAI_USE_VERTEXAI")}
_GEMINI_ADDRESS = "GOOGLE_GEMINI_BASE_URL"
_OTLP = "OTEL_EXPORTER_OTLP_"
# Where traces and metrics go: to the server that is started, from the first client's environment.
TELEMETRY = (
    *("OTEL_SDK_DISABLED", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_TRACES_EXPORTER"),
    *("OTEL_METRICS_EXPORTER", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_BSP_SCHEDULE_DELAY"),
    *("OTEL_METRIC_EXPORT_INTERVAL", f"{_OTLP}PROTOCOL", f"{_OTLP}TIMEOUT", f"{_OTLP}CERTIFICATE"),
    *(f"{_OTLP}{signal}ENDPOINT" for signal in ("", "TRACES_", "METRICS_")),
)
SENT = frozenset(
    _FLEET | _STORES | _PERSON | _DESK | _PLACES | _PROXIES | _TRUST | _GIT | _DOCKER | _GEMINI | {_GEMINI_ADDRESS}
)

# Variables that shadow a login are found by name; of their values only these words and addresses are sent.
_SENT_BY_NAME = ("ANTHROPIC_", "CLAUDE_CODE_")
_OWN_ADDRESSES = {"https://api.anthropic.com", "https://api.anthropic.com:443"}
# Needed for notifications; only whether they are set is sent. `mcp_server/notices/notice.py` names them.
NOTICES = ("OPS_WEBHOOK", "OPS_PAGERDUTY_KEY")
_HARMLESS = {"", "0", "1", "true", "false", "yes", "no", "on", "off"} | _OWN_ADDRESSES


def sent_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables to send. For a login, a key or an address of the client, only that it is set."""
    plain = {name: value for name, value in environment.items() if name in SENT}
    named = {name: value for name, value in environment.items() if name.startswith(_SENT_BY_NAME)}
    notices = {name: PLACEHOLDER for name in NOTICES if environment.get(name)}
    return {name: value if _is_harmless(value) else PLACEHOLDER for name, value in named.items()} | plain | notices


def _is_harmless(value: str) -> bool:
    return value.strip().rstrip("/").lower() in _HARMLESS


def needs_own_server(environment: Mapping[str, str]) -> bool:
    """Whether `OPS_SHARED=0` is set, or a variable that would have to be sent holds a password or a key."""
    passwords = any("@" in environment.get(name, "") for name in (*_PROXIES, *TELEMETRY, _GEMINI_ADDRESS))
    headers = any(environment.get(f"{_OTLP}{signal}HEADERS") for signal in ("", "TRACES_", "METRICS_"))
    return (
        passwords
        or headers
        or "sshpass" in environment.get("GIT_SSH_COMMAND", "")
        or environment.get("OPS_SHARED") == "0"
    )


def greeting(environment: Mapping[str, str], cwd: str) -> bytes:
    """The first line of a connection, as JSON."""
    variables = ", ".join(f"{_quoted(name)}: {_quoted(value)}" for name, value in sent_variables(environment).items())
    return f'{{"cwd": {_quoted(cwd)}, "environment": {{{variables}}}}}\n'.encode()


def working_folder() -> str:
    """The working folder; `/` if it no longer exists."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "/"
