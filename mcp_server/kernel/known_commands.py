"""The tools, slash commands and `ops` commands of this version, and the names in a text that are not among them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.markdown.page import MarkdownPage

_SLASH = lazy_pattern(r"(?<![\w/.])/ops:([a-z_]+)")
_TOOL = lazy_pattern(
    r"mcp__(?:plugin_ops_)?ops__([a-z_]+)|\btool `([a-z]+(?:_[a-z]+)+)`|`([a-z]+(?:_[a-z]+)+)` tool\b"
)
_START_OF_CODE = r"(?:^[ \t]*(?:\$ )?|[;&|(][ \t]*)"
_CALL = r"(?:\S*/)?ops((?: --json| --(?:fleet|agent)[= ]\S+)*) ([a-z]+) ([a-z]+)"
_IN_FENCE = lazy_pattern(_START_OF_CODE + _CALL)
_IN_SPAN = lazy_pattern("`" + _CALL)
_PROGRAMS = frozenset({"demo", "serve"})
_OF_OUR_FORM = {"name", "symptoms", "tools", "command"}


@dataclass(frozen=True)
class KnownCommands:
    """Names of tools, of operations of the command line (`docs_check` is `ops docs check`), and of slash commands."""

    tools: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    slash: frozenset[str] = frozenset()

    def unknown_in(self, page: MarkdownPage) -> Iterator[tuple[int, str]]:
        """Names on the page that look like commands of ops but do not exist, each with its line."""
        front = page.front
        if front.values.keys() >= _OF_OUR_FORM and isinstance(tools := front.values["tools"], list):
            names = map(str, cast("list[object]", tools))
            yield from ((front.lines.get("tools", 1), f"the tool {name}") for name in names if name not in self.tools)
        fenced = {number for fence in page.fences for number in fence}
        for number, line in enumerate(page.lines, 1):
            yield from ((number, name) for name in self._unknown(line, in_fence=number in fenced))

    def tools_in(self, text: str) -> tuple[str, ...]:
        """The tools in a text, by their name or as an `ops` command."""
        words = {*re.findall(r"[a-z]+(?:_[a-z]+)+", text)}
        words |= {f"{noun}_{verb}" for _, noun, verb in re.findall(_CALL, text)}
        return tuple(sorted(words & self.tools))

    def slash_in(self, text: str) -> str | None:
        """The first known slash command in a text."""
        return next((f"/ops:{name}" for name in _SLASH.findall(text) if name in self.slash), None)

    def _unknown(self, line: str, *, in_fence: bool) -> Iterator[str]:
        yield from (f"/ops:{name}" for name in _SLASH.findall(line) if name not in self.slash)
        tools = ("".join(names) for names in _TOOL.findall(line))
        yield from (f"the tool {name}" for name in tools if name not in self.tools)
        for _, noun, verb in (_IN_FENCE if in_fence else _IN_SPAN).findall(line):
            if noun not in _PROGRAMS and f"{noun}_{verb}" not in self.calls:
                yield f"ops {noun} {verb}"


NO_COMMANDS = KnownCommands()
