"""What the guard's callers on this host ask, and how they are answered: Claude Code's hook, and the `gh` of agents.

Loaded before anything else is known: standard library only.
"""

import json
import shlex
from collections.abc import Mapping
from typing import Any


def asked(words: list[str], said: bytes) -> dict[str, Any]:
    """The hook's document; a command line given as words is asked about like one that a tool would run."""
    return {"tool_input": {"command": shlex.join(words)}} if words else json.loads(said)


def told(words: list[str], answer: Mapping[str, Any]) -> str:
    """The answer as its caller takes it: a document for the hook, for a command the reason; "" is no objection."""
    if not answer:
        return ""
    return answer["hookSpecificOutput"]["permissionDecisionReason"] if words else json.dumps(answer)
