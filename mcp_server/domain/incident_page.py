"""An incident as its markdown file, and as a row of the INDEX.md beside it."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import yaml

from mcp_server.domain.caller_text import line
from mcp_server.domain.incident import Incident
from mcp_server.domain.indextable import INCIDENTS, Table, append_row, literal, local_path, read

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


def row_in(text: str, name: str) -> str | None:
    """The line of the row that names the file `name` in an INDEX.md."""
    rows = read(text).rows(INCIDENTS)
    found = next((row.line for row in rows if _is(row.cell("File").target, name)), None)
    return re.split(r"\r\n|\r|\n", text)[found - 1].strip() if found else None


def with_row(text: str, incident: Incident) -> str | None:
    """An INDEX.md with the incident's row in the table of the newest ones; None where it has no such table."""
    tables = read(text).of(INCIDENTS)
    return append_row(text, max(tables, key=_newest), _cells(incident)) if tables else None


def _cells(incident: Incident) -> dict[str, str]:
    name = f"{incident.id}.md"
    return {"Date": incident.id[:10], "File": f"[{name}]({name})", "Summary": literal(incident.title)}


def _newest(table: Table) -> str:
    return max((row.cell("Date").text for row in table.rows), default="")


def _is(target: str | None, name: str) -> bool:
    path = local_path(target or "")
    return path is not None and path.removeprefix("./") == name


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
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`+", incident.log))])
    return f"As seen at {_utc(incident.detected)}:\n\n{seen}\n\nLog:\n\n{fence}text\n{incident.log}\n{fence}"


def _runbooks(paths: Sequence[str]) -> str:
    offered = "".join(f"\n- {literal(path)}" for path in paths)
    return "None recorded yet." + (f" The index offers:\n{offered}" if offered else "")


def _named(agents: Sequence[str]) -> str:
    return f"Agents: {', '.join(agents)}." if agents else "No agents named."


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
