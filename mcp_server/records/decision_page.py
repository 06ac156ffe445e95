"""The page of a new decision record: a template, filled in."""

import json
import re
from dataclasses import dataclass
from datetime import date

_FIELD = re.compile(
    r"(?P<lead>(?:[-*+] |\| *)?\**)(?P<key>status|date|deciders|decision-makers|author|proposer|title|number|id)"
    r"(?P<gap>\**(?:: ?\**| *\|)) ?(?P<value>.*?)(?P<end>(?: *\|)?)[ \t]*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"# (\W*(?:ADR[-_ ]?)?)(N+|X+|0+1?|\{number\}|NUMBER)([.: -]+)")


@dataclass(frozen=True)
class NewDecision:
    """The content of a new record; texts have been through `kernel.caller_text`. `links` are markdown links.

    `number` is None where records are named by date.
    """

    name: str
    number: int | None
    title: str
    day: date
    author: str
    context: str
    decision: str
    consequences: str
    links: tuple[str, ...]


def render(template: str, new: NewDecision) -> str:
    """The template, filled in; text for which it has no section is appended."""
    texts = {"context": new.context, "decision": new.decision, "consequences": new.consequences}
    known = {**texts, "status": "Proposed"}
    lines: list[str] = []
    replacing = False
    for line in template.strip().splitlines():
        if line.startswith("#"):
            key = _key(line)
            text = known.pop(key, "") if key else ""
            replacing = bool(text)
            lines += [_title(line, new) if line.startswith("# ") else line, *(["", text, ""] if text else [])]
        elif not replacing:
            lines.append(_field(line, new))
    for key, text in known.items():
        lines += [f"\n## {key.capitalize()}\n\n{text}"] if text and key in texts else []
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
    if words == "status":
        return words
    return "consequences" if words.startswith("consequences") else None


def _title(line: str, new: NewDecision) -> str:
    found = _NUMBERED.match(line)
    if not found or new.number is None:
        return f"# {new.title}"
    width = 1 if found[2] == "NUMBER" else 4 if found[2] == "{number}" else len(found[2])
    return f"# {found[1]}{str(new.number).zfill(width)}{found[3]}{new.title}"


def _field(line: str, new: NewDecision) -> str:
    found = _FIELD.fullmatch(line)
    if not found:
        return re.sub(r"^(Date: )DATE$", rf"\g<1>{new.day}", line)
    number = "" if new.number is None else str(new.number)
    values = {
        "status": "proposed",
        "date": str(new.day),
        "author": new.author,
        "proposer": new.author,
        "title": json.dumps(new.title, ensure_ascii=False),
        "number": number,
        "id": number,
    }
    value = values.get(found["key"].casefold(), f"to be named (proposed by {new.author})")
    if found["key"].casefold() == "status" and found["value"][:1].isupper():
        value = value.capitalize()
    return f"{found['lead']}{found['key']}{found['gap'].rstrip()} {value}{found['end']}"
