"""The known state of a shell, and one call of a program in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mcp_server.guard.shell import words as w

if TYPE_CHECKING:
    from tree_sitter import Node

Output = str | None
"What a command prints; None if that is not known."


class Steps:
    """Counts the work on one line, whatever the speed of the host."""

    def __init__(self, most: int) -> None:
        self._left = most

    def take(self, length: int = 0) -> None:
        """One step, and more for a long text."""
        self._left -= 1 + length // 100
        if self._left < 0:
            raise w.TooLongError


def joined(outputs: Iterable[Output]) -> Output:
    """The outputs one after another; None if one of them is not known."""
    parts = list(outputs)
    return None if None in parts else "".join(part for part in parts if part)


@dataclass(frozen=True)
class Call:
    """One simple command."""

    words: list[str]
    environment: dict[str, str]
    stdin: Output
    "The text on standard input; empty if nothing is redirected to it."
    source: str = ""
    "In a pipeline, the program whose output is read; else the command whose output is the only word."

    def as_(self, words: list[str]) -> "Call":
        """The same call with other words."""
        return replace(self, words=words)


@dataclass
class Shell:
    """The state of one shell."""

    cwd: str
    values: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    "Shell variables; an array has several values."
    exported: dict[str, str] = field(default_factory=dict[str, str])
    functions: dict[str, "Node"] = field(default_factory=dict[str, "Node"])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    arguments: list[str] | None = None
    "The positional parameters; None if they are not known."
    depth: int = 0

    def inner(self) -> "Shell":
        """A copy, as a subshell gets it."""
        return replace(
            self,
            values=dict(self.values),
            exported=dict(self.exported),
            functions=dict(self.functions),
            aliases=dict(self.aliases),
        )
