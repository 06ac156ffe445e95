"""The markdown file of an incident: rendered once, then changed section by section."""

import re
from collections.abc import Callable, Mapping, Sequence

import yaml

from mcp_server.kernel.caller_text import fenced, line
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.markdown.page import read_page
from mcp_server.records.incident import Incident
from mcp_server.records.timeline import HEADING, Entry, utc

NO_RUNBOOK, NO_RESOLUTION = "None recorded yet.", "Not resolved yet."
_FACT = 500
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def render(incident: Incident) -> str:
    """The whole file: front matter, then all sections, each filled in as far as it is known."""
    agents = f"Agents: {', '.join(incident.agents)}." if incident.agents else "No agents named."
    sections = {
        "Summary": incident.summary or "None given.",
        "Impact": f"Severity {incident.severity}. {agents}",
        "Timeline": str(Entry(incident.detected, incident.reporter, "triggered", f"opened as {incident.severity}")),
        "Evidence": _evidence(incident),
        "Runbooks tried": NO_RUNBOOK,
        "Resolution": NO_RESOLUTION,
        "Contributing factors": "Not established yet.",
        "Action items": "None recorded yet.",
    }
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
    head = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=10_000)
    body = "".join(f"\n## {heading}\n\n{text}\n" for heading, text in sections.items())
    return f"---\n{head}---\n\n# {literal(incident.title)}\n{body}"


def _evidence(incident: Incident) -> str:
    facts = "\n".join(f"- {literal(line(fact, _FACT))}" for fact in incident.evidence) or "Nothing was looked at."
    runbooks = "".join(f"\n- {literal(path)}" for path in incident.runbooks)
    parts = [f"As seen at {utc(incident.detected)}:\n\n{facts}"]
    parts += [f"The index offers:\n{runbooks}"] if runbooks else []
    parts += [f"Log:\n\n{fenced(incident.log, 'text')}"] if incident.log else []
    return "\n\n".join(parts)


def keeping_line_endings(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to the text with LF line endings; CRLF is restored afterwards if `text` uses it."""
    if not 0 < text.count("\n") == text.count("\r\n"):
        return change(text)
    return change(text.replace("\r\n", "\n")).replace("\n", "\r\n")


def with_entries(text: str, entries: Sequence[Entry], front: Mapping[str, object]) -> str:
    """`text` with the entries at the end of its timeline and new values in its front matter."""
    for entry in entries:
        text = append_to_section(text, HEADING, str(entry))
    for key, value in front.items():
        text = _with_value(text, key, value)
    return text


def append_to_section(text: str, heading: str, added: str, *, placeholder: str = "") -> str:
    """`text` with `added` at the end of the section, which is created if missing; replaces a `placeholder` in it."""
    found = read_page(text).lines_below(heading.removeprefix("## "))
    if found is None:
        return f"{text.rstrip()}\n\n{heading}\n\n{added}\n"
    lines = _LINE.findall(text)
    above, following = "".join(lines[: found.start]).rstrip("\n"), "".join(lines[found.stop :])
    section = "".join(lines[found.start : found.stop]).strip("\n")
    if placeholder and section.startswith(placeholder):
        section = added + section.removeprefix(placeholder)
    else:
        section = f"{section}\n{added}" if section else added
    return f"{above}\n\n{section}\n" + (f"\n{following}" if following else "")


def _with_value(text: str, key: str, value: object) -> str:
    """Set `key` in the front matter, and remove duplicates that a merge left. An equal value keeps its spelling."""
    end = re.compile(r"(?m)^---\s*$").search(text, 3)
    if not text.startswith("---") or not end:
        return text
    line = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=10_000)
    pattern = re.compile(rf"(?m)^{key}:.*\n(?:(?:- |[ \t]).*\n)*")
    head = text[: end.start()]
    existing = [*pattern.finditer(head)]
    if len(existing) == 1 and yaml.safe_load(existing[0][0]) == {key: value}:
        return text
    at = existing[0].start() if existing else len(head)
    return head[:at] + line + pattern.sub("", head[at:]) + text[end.start() :]
