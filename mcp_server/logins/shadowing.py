"""What Claude Code uses in place of the login of a store, and what sends that login elsewhere. Pure.

Keys of other tools (OpenAI's, Gemini's, GitHub's, ...) have no effect on Claude Code.
"""

import re
from collections.abc import Mapping
from typing import Final

from mcp_server.clients.claude import ADDRESS, CLOUDS, OWN_ADDRESSES, SHADOWING
from mcp_server.clients.claude_variables import reason_to_withhold
from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.secret import Secret

_ON: Final = {"1", "true", "yes", "on"}
_NAMES: Final = "|".join(SHADOWING)
_SET_OR_UNSET: Final = lazy_pattern(rf"\bunset[ \t][^;&\n]*?\b({_NAMES})\b|\b({_NAMES})=[\"']?([^\s\"';&]*)")
_COMMENT: Final = lazy_pattern(r"(?:^|\s)#.*", re.MULTILINE)


def shadows(values: Mapping[str, Secret]) -> tuple[str, ...]:
    """The names among `values` that shadow the login, the strongest first. An empty value shadows nothing."""
    return tuple(name for name in SHADOWING if name in values and _has_effect(name, values[name]))


def in_profile(text: str) -> Mapping[str, Secret]:
    """The shadowing variables that a shell profile sets; the last assignment counts. Lines are read, not executed."""
    found: dict[str, Secret] = {}
    for unset, name, value in _SET_OR_UNSET.findall(_COMMENT.sub("", text)):
        found[unset or name] = Secret(value)
    return found


def effect(name: str, *, is_withheld: bool = False) -> str:
    """What the shadow does, as the end of a sentence that begins with its name; `is_withheld`: where a start by ops
    withholds what its rules name."""
    does = "sends the login's token to another address" if name == ADDRESS else "is used in place of the login"
    if not (is_withheld and reason_to_withhold(name)):
        return does
    return f"{does} in a client that is started without ops; ops agent run withholds it"


def _has_effect(name: str, value: Secret) -> bool:
    text = value.reveal().strip()
    if name in CLOUDS:
        return text.lower() in _ON
    if name == ADDRESS:
        return bool(text) and text.rstrip("/").lower() not in OWN_ADDRESSES
    return bool(text)
