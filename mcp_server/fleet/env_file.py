"""Parsing `.env` files: `NAME=value`, as dotenv, docker compose and the shell read it, and `NAME: value`, which the
first two take for the same.

Values are not expanded (`$OTHER` is kept as text), and every value is a Secret.
"""

import re
from dataclasses import dataclass
from typing import Final

from mcp_server.kernel.secret import Secret

_ASSIGNMENT: Final = re.compile(
    r"""[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.]*)[ \t]*[=:][ \t]*
        (?: '(?P<single>[^']*)'(?=[ \t]*(?:\#|\r?\n|\r?\Z|;))
          | "(?P<double>(?:[^"\\]|\\.)*)"(?=[ \t]*(?:\#|\r?\n|\r?\Z|;))
          | (?P<bare>[^\r\n]*) )
        [^\n]*(?:\n|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_BARE: Final = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*\r?(?:\n|\Z)")
_NOTHING: Final = re.compile(r"[ \t\r]*(?:#[^\n]*)?(?:\n|\Z)")
_TAIL_COMMENT: Final = re.compile(r"(?:^|[ \t]+)#.*")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$", "`": "`", "\n": ""}


@dataclass(frozen=True)
class Variable:
    """One assignment; `line` counts from 1."""

    name: str
    value: Secret
    line: int


@dataclass(frozen=True)
class EnvFile:
    """The assignments in order; `unread` are the numbers of lines that are neither assignments nor comments.

    `bare` are the names that are such a line: docker compose passes their variables on.
    """

    variables: tuple[Variable, ...]
    unread: tuple[int, ...]
    bare: tuple[str, ...] = ()

    def get(self, name: str) -> Secret | None:
        """The value of `name`; the last assignment counts, as in a shell."""
        return next((v.value for v in reversed(self.variables) if v.name == name), None)

    def before(self, line: int) -> Variable | None:
        """The last assignment above a line."""
        return next((variable for variable in reversed(self.variables) if variable.line < line), None)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(v.name for v in self.variables))


def parse(text: str) -> EnvFile:
    """The assignments in `text`. A quoted value may span lines; a quote that is never closed ends with its line."""
    variables: list[Variable] = []
    unread: list[int] = []
    bare: list[str] = []
    text, at, line = text.removeprefix("\ufeff"), 0, 1
    while at < len(text):
        found = _ASSIGNMENT.match(text, at)
        if found:
            variables.append(Variable(found["name"], Secret(_value(found)), line))
        elif not _NOTHING.match(text, at):
            unread.append(line)
            bare += [passed[1]] if (passed := _BARE.match(text, at)) else []
        end = found.end() if found else text.find("\n", at) + 1 or len(text)
        line += text.count("\n", at, end)
        at = end
    return EnvFile(tuple(variables), tuple(unread), tuple(bare))


def _value(found: re.Match[str]) -> str:
    if found["single"] is not None:
        return found["single"]
    if found["double"] is not None:
        return _ESCAPE.sub(lambda m: _ESCAPES.get(m[1], m[0]), found["double"])
    return _TAIL_COMMENT.sub("", found["bare"]).strip()
