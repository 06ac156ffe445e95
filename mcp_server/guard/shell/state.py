"""A shell as far as it is known: one command with its surroundings, and what lasts from command to command."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

Output = str | None
"What a command prints, None where that is not known."


@dataclass(frozen=True)
class Call:
    """One simple command. `stdin` is what it reads there as far as known; "" for nothing."""

    words: list[str]
    environment: dict[str, str]
    stdin: Output
    piped: bool = False
    source: str = ""
    "The program that feeds it, of a pipeline."

    def as_(self, words: list[str]) -> "Call":
        return replace(self, words=words)


@dataclass
class Shell:
    """The state of one shell; a subshell gets a copy."""

    cwd: str
    values: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    exported: dict[str, str] = field(default_factory=dict[str, str])
    functions: dict[str, "Node"] = field(default_factory=dict[str, "Node"])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    arguments: list[str] | None = None
    depth: int = 0

    def inner(self) -> "Shell":
        return replace(
            self,
            values=dict(self.values),
            exported=dict(self.exported),
            functions=dict(self.functions),
            aliases=dict(self.aliases),
        )
