"""What is not sure with the version of a client that is here. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from mcp_server.clients import claude, codex, gemini

_TESTED: Final[Mapping[str, tuple[str, str, str]]] = {
    "claude": (
        "Claude Code",
        claude.SEEN_ON,
        "that logins are renewed and configs merged without loss, that sessions are seen, and that it asks the guard",
    ),
    "codex": (
        "Codex",
        codex.SEEN_ON,
        "that its login and config are found, and that it runs the guard's gh and git",
    ),
    "gemini": ("Gemini CLI", gemini.SEEN_ON, "that its login and config are found, and that it does research"),
}
"By client: its name, the oldest version that is tested, and what rests on the facts that were seen on it."


_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")


def doubt(client: str, version: str) -> str | None:
    """One sentence, or None: on a newer version than the tested one the facts are taken to hold.

    `version` is empty, or something else than a version, if it cannot be read.
    """
    name, oldest, promises = _TESTED[client]
    if not _VERSION.match(version):
        return f"the version of {name} here cannot be read; not sure is {promises}"
    if version_numbers(version) < version_numbers(oldest):
        return f"{name} {version} is older than {oldest}, the oldest that is tested; not sure is {promises}"
    return None


def version_numbers(version: str | None) -> tuple[int, ...]:
    """A version as numbers that compare: (2, 1, 30) for "2.1.30", () for None."""
    return tuple(int(number) for number in re.findall(r"\d+", version or "")[:3])
