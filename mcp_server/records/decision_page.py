"""The page of a new decision record: the template of the repository, filled in."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from mcp_server.kernel.file_names import slug

# The headings of MADR, https://adr.github.io/madr/
MADR: Final = """\
---
status: proposed
date: YYYY-MM-DD
decision-makers: names
---

# Title

## Context and Problem Statement

## Considered Options

## Decision Outcome

### Consequences
"""

_FENCED = re.compile(r"(?ms)^(`{3,}|~{3,})(?:markdown|md)?[ \t]*\n(.*?)^\1[ \t]*$")
_FIELD = re.compile(
    r"((?:[-*] )?\**)(status|date|deciders|decision-makers|author|proposer)(\**: ?\**) ?.*", re.IGNORECASE
)
_NUMBERED = re.compile(r"# (\W*(?:ADR[- ]?)?)(?:[NX]+|0+1?|\{number\})([.: -]+)")


@dataclass(frozen=True)
class NewDecision:
    """The content of a new record; texts have been through `kernel.caller_text`. `links` are markdown links."""

    number: str
    title: str
    day: date
    author: str
    context: str
    decision: str
    consequences: str
    links: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.number}-{slug(self.title, 'decision')}.md"


def template_in(readme: str) -> str | None:
    """The template in a README: the first fenced block of markdown with a title."""
    blocks = (found[2] for found in _FENCED.finditer(readme))
    return next((block for block in blocks if re.search(r"(?m)^# ", block)), None)


def render(template: str, new: NewDecision) -> str:
    """The template, filled in; text for which it has no section is appended."""
    texts = {"context": new.context, "decision": new.decision, "consequences": new.consequences}
    lines: list[str] = []
    replacing = False
    for line in template.strip().splitlines():
        if line.startswith("#"):
            key = _key(line)
            text = texts.pop(key, "") if key else ""
            replacing = bool(text)
            lines += [_title(line, new) if line.startswith("# ") else line, *(["", text, ""] if text else [])]
        elif not replacing:
            lines.append(_field(line, new))
    for key, text in texts.items():
        lines += [f"\n## {key.capitalize()}\n\n{text}"] if text else []
    if new.links:
        lines += ["\n## Links\n", *(f"- {link}" for link in new.links)]
    spaced = re.sub(r"(?m)(?<!\n)\n(##+ )", r"\n\n\1", "\n".join(lines))
    return re.sub(r"\n{3,}", "\n\n", spaced).rstrip() + "\n"


def _key(heading: str) -> str | None:
    words = heading.lstrip("# ").casefold()
    if words.startswith("context"):
        return "context"
    if words in ("decision", "decision outcome"):
        return "decision"
    return "consequences" if words.startswith("consequences") else None


def _title(line: str, new: NewDecision) -> str:
    found = _NUMBERED.match(line)
    return f"# {found[1]}{new.number}{found[2]}{new.title}" if found else f"# {new.title}"


def _field(line: str, new: NewDecision) -> str:
    found = _FIELD.fullmatch(line)
    if not found:
        return line
    values = {"status": "proposed", "date": str(new.day), "author": new.author, "proposer": new.author}
    value = values.get(found[2].casefold(), f"to be named (proposed by {new.author})")
    return f"{found[1]}{found[2]}{found[3].rstrip()} {value}"
