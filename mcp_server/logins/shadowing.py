"""What Claude Code 2.1.328 uses in place of the login of a store, or sends that login to, in its own order.

Keys of other tools (OPENAI_API_KEY, GEMINI_API_KEY, GH_TOKEN, ...) do not concern Claude Code and are none.
"""

import re
from collections.abc import Mapping
from typing import Final

from mcp_server.kernel.secret import Secret

HELPER: Final = "apiKeyHelper"
"A setting, not a variable: a command whose output is used as a key."
LONG_LIVED: Final = "CLAUDE_CODE_OAUTH_TOKEN"
"The login of `claude setup-token`: it shadows the store's, and is the right one for a container."

_CLOUDS: Final = tuple(
    f"CLAUDE_CODE_USE_{cloud}"
    for cloud in ("GATEWAY", "BEDROCK", "FOUNDRY", "ANTHROPIC_AWS", "ANTHROPIC_GOOGLE_CLOUD", "MANTLE", "VERTEX")
)
_ADDRESS: Final = "ANTHROPIC_BASE_URL"
ORDER: Final = (*_CLOUDS, "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", HELPER, LONG_LIVED, _ADDRESS)

_ON: Final = {"1", "true", "yes", "on"}
_OWN_ADDRESSES: Final = {"https://api.anthropic.com", "https://api.anthropic.com:443"}
_NAMES: Final = "|".join(ORDER)
_SET_OR_UNSET: Final = re.compile(rf"\bunset[ \t][^;&\n]*?\b({_NAMES})\b|\b({_NAMES})=[\"']?([^\s\"';&]*)")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*", re.MULTILINE)


def shadows(values: Mapping[str, Secret]) -> tuple[str, ...]:
    """The names among `values` that shadow the login, the strongest first. An empty value shadows nothing."""
    return tuple(name for name in ORDER if name in values and _bites(name, values[name]))


def in_profile(text: str) -> Mapping[str, Secret]:
    """The shadowing variables that a shell profile sets, the last word counts. A reader of lines, not a shell."""
    found: dict[str, Secret] = {}
    for unset, name, value in _SET_OR_UNSET.findall(_COMMENT.sub("", text)):
        found[unset or name] = Secret(value)
    return found


def effect(name: str) -> str:
    """What the shadow does, to go after its name in a sentence."""
    if name == _ADDRESS:
        return "sends the login's token to another address"
    return "is used in place of the login"


def _bites(name: str, value: Secret) -> bool:
    text = value.reveal().strip()
    if name in _CLOUDS:
        return text.lower() in _ON
    if name == _ADDRESS:
        return bool(text) and not _is_anthropic(text)
    return bool(text)


def _is_anthropic(address: str) -> bool:
    return address.rstrip("/").lower() in _OWN_ADDRESSES
