"""An incident as its markdown file."""

import re
from collections.abc import Callable, Mapping, Sequence

import yaml

from mcp_server.kernel.caller_text import fenced, line
from mcp_server.kernel.index_table import literal
from mcp_server.records.incident import Incident
from mcp_server.records.timeline import HEADING, Entry, utc

NO_RUNBOOK, NO_RESOLUTION = "None recorded yet.", "Not resolved yet."
_FACT = 500


def render(incident: Incident) -> str:
    """The whole file: front matter, then every section an incident has, filled as far as it is known."""
    sections = {
        "Summary": incident.summary or "None given.",
        "Impact": f"Severity {incident.severity}. {_named(incident.agents)}",
        "Timeline": str(Entry(incident.detected, incident.reporter, "triggered", f"opened as {incident.severity}")),
        "Evidence": _evidence(incident),
        "Runbooks tried": NO_RUNBOOK,
        "Resolution": NO_RESOLUTION,
        "Contributing factors": "Not established yet.",
        "Action items": "None recorded yet.",
    }
    body = "".join(f"\n## {heading}\n\n{text}\n" for heading, text in sections.items())
    return f"---\n{_front(incident)}---\n\n# {literal(incident.title)}\n{body}"


def _front(incident: Incident) -> str:
    front = {
        "id": incident.id,
        "title": incident.title,
        "severity": incident.severity,
        "status": "triggered",
        "started": utc(incident.started) if incident.started else None,
        "detected": utc(incident.detected),
        "acknowledged": None,
        "mitigated": None,
        "resolved": None,
        "commander": incident.commander or None,
        "agents": list(incident.agents),
        "runbooks": list(incident.runbooks),
        "reporter": incident.reporter,
    }
    return yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=10_000)


def _evidence(incident: Incident) -> str:
    seen = "\n".join(f"- {literal(line(fact, _FACT))}" for fact in incident.evidence) or "Nothing was looked at."
    offered = "".join(f"\n- {literal(path)}" for path in incident.runbooks)
    parts = [f"As seen at {utc(incident.detected)}:\n\n{seen}"]
    parts += [f"The index offers:\n{offered}"] if offered else []
    parts += [f"Log:\n\n{fenced(incident.log, 'text')}"] if incident.log else []
    return "\n\n".join(parts)


def _named(agents: Sequence[str]) -> str:
    return f"Agents: {', '.join(agents)}." if agents else "No agents named."


def in_its_form(text: str, change: Callable[[str], str]) -> str:
    """`change` of a text whose lines end with a line feed, with carriage returns again where `text` has them."""
    if not 0 < text.count("\n") == text.count("\r\n"):
        return change(text)
    return change(text.replace("\r\n", "\n")).replace("\n", "\r\n")


def updated(text: str, entries: Sequence[Entry], front: Mapping[str, object]) -> str:
    """`text` with entries below the last of its timeline and new values in its front matter; all else stays."""
    for entry in entries:
        text = appended(text, HEADING, str(entry))
    for key, value in front.items():
        text = _with_value(text, key, value)
    return text


def appended(text: str, heading: str, added: str, *, instead_of: str | None = None) -> str:
    """`text` with `added` at the end of the section; that is made where it is missing.

    `instead_of`: what stands there as long as there is nothing to say.
    """
    found = re.search(rf"(?m)^{re.escape(heading)}[^\n]*\n", text)
    if not found:
        return f"{text.rstrip()}\n\n{heading}\n\n{added}\n"
    following = re.compile(r"(?m)^## ").search(text, found.end())
    end = following.start() if following else len(text)
    section = text[found.end() : end].strip("\n")
    if instead_of and section.startswith(instead_of):
        section = added + section.removeprefix(instead_of)
    else:
        section = f"{section}\n{added}" if section else added
    return f"{text[: found.end()]}\n{section}\n" + (f"\n{text[end:]}" if following else "")


def _with_value(text: str, key: str, value: object) -> str:
    """`key` once in the front matter, with `value`; lines that a merge left of it are taken out. What says so already
    stays as somebody wrote it."""
    end = re.compile(r"(?m)^---\s*$").search(text, 3)
    if not text.startswith("---") or not end:
        return text
    line = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=10_000)
    stands = re.compile(rf"(?m)^{key}:.*\n(?:(?:- |[ \t]).*\n)*")
    head = text[: end.start()]
    there = [*stands.finditer(head)]
    if len(there) == 1 and yaml.safe_load(there[0][0]) == {key: value}:
        return text
    at = there[0].start() if there else len(head)
    return head[:at] + line + stands.sub("", head[at:]) + text[end.start() :]
