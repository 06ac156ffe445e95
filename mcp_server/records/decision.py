"""Decision records: their numbers, the form that a repository prescribes for them, and what their states say."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from mcp_server.kernel.file_names import slug
from mcp_server.kernel.finding import Finding
from mcp_server.kernel.index_table import plain

FOLDER: Final = "docs/systems/adr"
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

_NAME = re.compile(r"(\d{1,6})-.+\.md")
_FENCED = re.compile(r"(?ms)^(`{3,}|~{3,})(?:markdown|md)?[ \t]*\n(.*?)^\1[ \t]*$")
_FIELD = re.compile(
    r"((?:[-*] )?\**)(status|date|deciders|decision-makers|author|proposer)(\**: ?\**) ?.*", re.IGNORECASE
)
_NUMBERED = re.compile(r"# (\W*(?:ADR[- ]?)?)(?:[NX]+|0+1?|\{number\})([.: -]+)")
_STATUS = re.compile(r"(?im)^(?:[-*] )?\**status\**:\**[ \t]*(\S.*)$|^##+ status\s*\n+(\S.*)$")
_STATES = ("proposed", "accepted", "rejected", "deprecated", "superseded")


@dataclass(frozen=True)
class Proposal:
    """What a record is made of; texts have been through `caller_text`. `links` are markdown links."""

    number: str
    title: str
    day: date
    who: str
    context: str
    decision: str
    consequences: str
    links: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.number}-{slug(self.title, 'decision')}.md"


@dataclass(frozen=True)
class Adr:
    """`status` is the words as written, "" where there are none."""

    name: str
    title: str
    status: str
    text: str

    @property
    def number(self) -> int:
        return int(self.name.partition("-")[0])


def number_of(name: str) -> int | None:
    """The number of a record by its file name."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else None


def next_number(names: Iterable[str]) -> str:
    """One more than the highest number among `names`, as wide as they are, four digits at least."""
    numbers = [found[1] for name in names if (found := _NAME.fullmatch(name))]
    return str(max(map(int, numbers), default=0) + 1).zfill(max([4, *map(len, numbers)]))


def template_in(readme: str) -> str | None:
    """The form that a README prescribes: the first fenced block of markdown with a title."""
    blocks = (found[2] for found in _FENCED.finditer(readme))
    return next((block for block in blocks if re.search(r"(?m)^# ", block)), None)


def render(template: str, proposal: Proposal) -> str:
    """The template with everything that is known filled in; what is told and has no place there comes at its end."""
    told = {"context": proposal.context, "decision": proposal.decision, "consequences": proposal.consequences}
    lines: list[str] = []
    replacing = False
    for line in template.strip().splitlines():
        if line.startswith("#"):
            key = _key(line)
            text = told.pop(key, "") if key else ""
            replacing = bool(text)
            lines += [_title(line, proposal) if line.startswith("# ") else line, *(["", text, ""] if text else [])]
        elif not replacing:
            lines.append(_field(line, proposal))
    for key, text in told.items():
        lines += [f"\n## {key.capitalize()}\n\n{text}"] if text else []
    if proposal.links:
        lines += ["\n## Links\n", *(f"- {link}" for link in proposal.links)]
    spaced = re.sub(r"(?m)(?<!\n)\n(##+ )", r"\n\n\1", "\n".join(lines))
    return re.sub(r"\n{3,}", "\n\n", spaced).rstrip() + "\n"


def adr_of(name: str, text: str) -> Adr:
    title = re.search(r"(?m)^# (?:\W*(?:ADR[- ]?)?\d+[.: -]+)?(.*)$", text)
    status = _STATUS.search(text)
    return Adr(
        name,
        plain(title[1].strip()) if title else name,
        ((status[1] or status[2]) if status else "").strip(" *"),
        text,
    )


def faults(records: Sequence[Adr]) -> tuple[Finding, ...]:
    """Numbers used twice, states that say nothing, and chains of which only one end knows."""
    found: list[Finding] = []
    by_number: dict[int, list[Adr]] = {}
    for record in records:
        by_number.setdefault(record.number, []).append(record)
    for number, twins in by_number.items():
        if len(twins) > 1:
            names = ", ".join(twin.name for twin in twins)
            step = "The younger one takes the next number: ops runbook read adr-number-clash"
            found.append(Finding("adr_number_twice", "warning", f"number {number} is used twice: {names}", step))
    for record in records:
        found += _fault(record, by_number)
    return tuple(found)


def _fault(record: Adr, by_number: Mapping[int, Sequence[Adr]]) -> list[Finding]:
    state = next((state for state in _STATES if record.status.casefold().startswith(state)), None)
    if state is None:
        step = f"Write one of: {', '.join(_STATES)}"
        return [Finding("adr_status_unclear", "notice", f"{record.name} has the status {record.status!r}", step)]
    named = re.search(r"(?i)superseded by\D*(\d+)", record.status)
    if state == "superseded" and not named:
        return [_broken(record, "is superseded, but does not say by which")]
    if named:
        later = by_number.get(int(named[1]))
        if not later:
            return [_broken(record, f"is superseded by {named[1]}, which is not there")]
        if not any(re.search(rf"(?<!\d)0*{record.number}(?!\d)", _body(one)) for one in later):
            return [_broken(record, f"is superseded by {later[0].name}, which does not say so")]
    replaced = re.findall(r"(?i)\bsupersedes\D{0,20}(\d+)", record.text)
    stands = [o for n in replaced for o in by_number.get(int(n), ()) if not re.match("(?i)superseded", o.status)]
    if state == "accepted":
        return [_broken(one, f"is superseded by {record.name}, and does not say so") for one in stands]
    return []


def _broken(record: Adr, what: str) -> Finding:
    return Finding("adr_chain_broken", "warning", f"{record.name} {what}", "Correct the status: both records say it")


def _body(record: Adr) -> str:
    return record.text.partition("\n")[2]


def _key(heading: str) -> str | None:
    words = heading.lstrip("# ").casefold()
    if words.startswith("context"):
        return "context"
    if words in ("decision", "decision outcome"):
        return "decision"
    return "consequences" if words.startswith("consequences") else None


def _title(line: str, proposal: Proposal) -> str:
    found = _NUMBERED.match(line)
    return f"# {found[1]}{proposal.number}{found[2]}{proposal.title}" if found else f"# {proposal.title}"


def _field(line: str, proposal: Proposal) -> str:
    found = _FIELD.fullmatch(line)
    if not found:
        return line
    values = {"status": "proposed", "date": str(proposal.day), "author": proposal.who, "proposer": proposal.who}
    value = values.get(found[2].casefold(), f"to be named (proposed by {proposal.who})")
    return f"{found[1]}{found[2]}{found[3].rstrip()} {value}"
