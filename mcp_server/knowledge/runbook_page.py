"""Write a new runbook as markdown, in the form that `runbook_form` checks."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import indent

from mcp_server.kernel.caller_text import block, fenced, line, shell_text
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.markdown.steps import Step
from mcp_server.knowledge.runbook import Front

_MOST = 8_000


@dataclass(frozen=True)
class RunbookBody:
    """What a caller wrote for each section; "" or () for a section it left out."""

    meaning: str
    diagnosis: tuple[Step, ...]
    resolution: tuple[Step, ...]
    verification: tuple[Step, ...]
    rollback: tuple[Step, ...]
    escalation: str

    @property
    def looks(self) -> tuple[Step, ...]:
        """The steps that must not change anything."""
        return (*self.diagnosis, *self.verification)

    @property
    def steps(self) -> tuple[Step, ...]:
        return (*self.looks, *self.resolution, *self.rollback)


def render(front: Front, body: RunbookBody) -> str:
    """The whole file. Every string of `front` must have been cleaned by `caller_text`.

    A section that was left out gets a default step or sentence.
    """
    sections = {
        "Symptoms": "\n".join(f"- {literal(symptom)}" for symptom in front.symptoms),
        "Meaning": block(body.meaning, _MOST) or "The cause is not known yet.",
        "Diagnosis": _steps(body.diagnosis or [Step("Compare what is seen with the symptoms above.")]),
        "Resolution": _steps(body.resolution),
        "Verification": _steps(body.verification or [Step("See that the symptoms are gone.")]),
        "Rollback": _steps(body.rollback) or "None is known.",
        "Escalation": block(body.escalation, _MOST) or "Open an incident with `incident_open`, and tell the human.",
    }
    text = "".join(f"\n## {heading}\n\n{text}\n" for heading, text in sections.items())
    return f"---\n{_yaml(front)}---\n{text}"


def _yaml(front: Front) -> str:
    """Strings are quoted as JSON, which is valid YAML and can be read by simple parsers."""
    symptoms = "".join(f"  - {_quoted(symptom)}\n" for symptom in front.symptoms)
    return (
        f"name: {front.name}\n"
        f"title: {_quoted(front.title)}\n"
        f"symptoms:\n{symptoms}"
        f"severity: {front.severity}\n"
        f"tools: [{', '.join(front.tools)}]\n"
        f"command: {front.command}\n"
        f"owner: {_quoted(front.owner)}\n"
        f"reviewed: {front.reviewed}\n"
        f"applies_to: [{', '.join(map(_quoted, front.applies_to))}]\n"
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _steps(steps: Sequence[Step]) -> str:
    return "\n\n".join(_step(f"{number}. ", step) for number, step in enumerate(steps, 1))


def _step(lead: str, step: Step) -> str:
    parts = [block(line(step.text, _MOST))]
    if step.command is not None:
        parts.append(fenced(shell_text(step.command), f"sh {step.effect}"))
    if step.expected:
        parts.append(f"Expected: {block(line(step.expected, _MOST))}")
    return lead + indent("\n\n".join(parts), " " * len(lead))[len(lead) :]
