"""An incident as its markdown file."""

from collections.abc import Sequence
from datetime import UTC, datetime

import yaml

from mcp_server.domain.caller_text import fenced, line
from mcp_server.domain.incident import Incident
from mcp_server.domain.indextable import literal

_FACT = 500


def render(incident: Incident) -> str:
    """The whole file: front matter, then every section an incident has, filled as far as it is known."""
    sections = {
        "Summary": incident.summary or "None given.",
        "Impact": f"Severity {incident.severity}. {_named(incident.agents)}",
        "Timeline": f"- {_utc(incident.detected)} {incident.reporter}: opened as {incident.severity}, triggered",
        "Evidence": _evidence(incident),
        "Runbooks tried": _runbooks(incident.runbooks),
        "Resolution": "Not resolved yet.",
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
        "started": None,
        "detected": _utc(incident.detected),
        "acknowledged": None,
        "mitigated": None,
        "resolved": None,
        "commander": None,
        "agents": list(incident.agents),
        "runbooks": list(incident.runbooks),
        "reporter": incident.reporter,
    }
    return yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=10_000)


def _evidence(incident: Incident) -> str:
    seen = "\n".join(f"- {literal(line(fact, _FACT))}" for fact in incident.evidence) or "Nothing was looked at."
    if not incident.log:
        return f"As seen at {_utc(incident.detected)}:\n\n{seen}"
    return f"As seen at {_utc(incident.detected)}:\n\n{seen}\n\nLog:\n\n{fenced(incident.log, 'text')}"


def _runbooks(paths: Sequence[str]) -> str:
    offered = "".join(f"\n- {literal(path)}" for path in paths)
    return "None recorded yet." + (f" The index offers:\n{offered}" if offered else "")


def _named(agents: Sequence[str]) -> str:
    return f"Agents: {', '.join(agents)}." if agents else "No agents named."


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
