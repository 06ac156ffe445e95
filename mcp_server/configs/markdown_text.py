"""Instructions in Markdown, such as CLAUDE.md: a master owns the sections that it names, by their headings."""

from collections.abc import Iterator, Mapping
from typing import Final

from mcp_server.kernel.document import Json
from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.pointer import ABSENT, Value, keys_of

_HEADING: Final = lazy_pattern(r"#{1,6}[ \t]+\S.*")
_FENCE: Final = lazy_pattern(r"[ ]{0,3}(```+|~~~+)")


def parse(text: str, _source: object) -> dict[str, Json]:
    """The text below each heading, without empty lines around it; what is above the first heading is not shared."""
    found: dict[str, Json] = {}
    for heading, body in _sections(text):
        if heading:
            found.setdefault(heading, body.strip("\r\n"))
    return found


def edit(text: str, values: Mapping[str, Value]) -> str:
    """`text` with these sections; ABSENT removes one. A section that is missing is added at the end."""
    pending = {keys_of(at)[0]: value for at, value in values.items()}
    newline = "\r\n" if "\r\n" in text else "\n"
    parts: list[str] = []
    for heading, body in _sections(text):
        value = pending.pop(heading, None)
        if value is None:
            parts.append(heading + body)
        elif value is not ABSENT:
            end = body[len(body.rstrip("\r\n")) :] or newline
            parts.append(f"{heading}{newline}{newline}{value}{end}")
    new = "".join(parts)
    for heading, value in pending.items():
        if value is not ABSENT:
            start = new.rstrip("\r\n") + newline * 2 if new.strip() else ""
            new = f"{start}{heading}{newline}{newline}{value}{newline}"
    return new


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Each heading with the text up to the next one; a line in a fenced block is not a heading."""
    heading, body, fence = "", "", ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else mark[1]
        if not fence and _HEADING.match(line):
            yield heading, body
            heading, body = line.rstrip("\r\n"), line[len(line.rstrip("\r\n")) :]
        else:
            body += line
    yield heading, body
