"""Research notes (`ai_docs`): the sections their README requires, the prompt, and what a note lacks."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from mcp_server.kernel.markdown.page import read_page
from mcp_server.kernel.secrets.detector import scrub

FOLDER: Final = "docs/support/ops/ai_docs"
TOPICS: Final = (
    "managed Postgres options and tradeoffs",
    "background job and queue options",
    "observability stacks (OpenTelemetry and vendors)",
    "secret management patterns",
    "deployment platforms (Kubernetes, PaaS, serverless)",
)
"The topics that an ops agent keeps up to date."
LARGEST: Final = 40_000
"Characters. A longer note is not a summary, and too long to be read at the start of a session."

_NAMED = re.compile(r"`#{1,6}\s+([^`]+?)\s*`")
_LISTED = re.compile(
    r"(?m)^[ \t]*(?:[-*+]|\d+[.)])[ \t]+(?:\*\*)?([A-Za-z][\w ,&/'-]{1,60}?)(?:\*\*)?(?=[ \t]*(?:[:.(—-]|$))"
)
_ITEM = re.compile(r"(?m)^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\S.*(?:\n(?![ \t]*(?:[-*+]|\d+[.)])[ \t]|#|\n).*)*")
_DAY = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
_WRAPPED = re.compile(r"\A\s*```(?:markdown|md)?[ \t]*\n(.*?)\n```\s*\Z", re.DOTALL)


def required_sections(readme: str) -> tuple[str, ...]:
    """The headings that the README of the notes requires: those in backticks (`## Sources`), else its list items."""
    found = _NAMED.findall(readme) or _LISTED.findall(readme)
    return tuple(dict.fromkeys(name.strip() for name in found))


def prompt(topic: str, question: str, sections: Sequence[str], today: date) -> str:
    """The prompt for a new note."""
    wanted = "\n".join(f"## {name}" for name in sections)
    return f"""Research this topic for the operations of a software project, with a web search: {topic}
{f"The question to answer: {question}" if question else ""}
Today is {today}. Answer with the note alone, in markdown, without a fence around it and without a word before or
after. It begins with the line `# {topic}`, and has exactly these sections, in this order, none of them empty:

{wanted}

The section about sources is a list: each member names a source, its address, and the day on which you read it as
YYYY-MM-DD. Name only sources that you read. Write no credential, not even an example of one. At most 1,500 words.
"""


def repair(answer: str, faults: Sequence[str]) -> str:
    """The prompt that sends a faulty note back for correction."""
    listed = "\n".join(f"* {fault}" for fault in faults)
    return f"This note cannot be kept:\n{listed}\n\nAnswer with the corrected note alone.\n\n{answer[:LARGEST]}"


def note_in(answer: str) -> str:
    """The note in a model's answer, without a fence around it or text before its title."""
    wrapped = _WRAPPED.match(answer)
    text = (wrapped[1] if wrapped else answer).replace("\r\n", "\n")
    start = re.search(r"(?m)^# ", text)
    return text[start.start() if start else 0 :].strip() + "\n"


def faults(note: str, sections: Sequence[str], today: date) -> tuple[str, ...]:
    """What is wrong with a note, in words; empty for a valid one."""
    parts = _sections(note)
    found = [f"the section {name!r} is missing" for name in sections if name.casefold() not in parts]
    found += [f"the section {name!r} is empty" for name in sections if not parts.get(name.casefold(), "x").strip()]
    found += [why for name in sections if "source" in name.casefold() for why in _undated(parts, name, today)]
    found += ["it holds what looks like a credential"] if scrub(note) != note else []
    found += [f"it has {len(note):,} characters, at most {LARGEST:,} are kept"] if len(note) > LARGEST else []
    return tuple(found)


def as_page(note: str, model: str, today: date) -> str:
    """The note with front matter that has its author and date."""
    return f"---\nresearched: {today}\nmodel: {model}\n---\n\n{note}"


def researched(note: str) -> date | None:
    """When a note was made: the date in its front matter, else the newest day in its text."""
    day = read_page(note).front.values.get("researched")
    return day if isinstance(day, date) else max(_days(note), default=None)


def _sections(note: str) -> dict[str, str]:
    return {section.heading.casefold(): section.body for section in read_page(note).sections if section.level}


def _undated(parts: dict[str, str], name: str, today: date) -> list[str]:
    items = _ITEM.findall(parts.get(name.casefold(), ""))
    if not items:
        return [f"the section {name!r} lists no source"] if parts.get(name.casefold(), "").strip() else []
    odd = [item for item in items if not (days := _days(item)) or max(days) > today]
    return [f"{len(odd)} of {len(items)} sources have no day on which they were read"] if odd else []


def _days(text: str) -> list[date]:
    found: list[date] = []
    for year, month, day in _DAY.findall(text):
        try:
            found.append(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return found
