"""A runbook: the page of one known problem, in the one form that docs/runbook-form.md describes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from mcp_server.kernel.markdown.page import read_page
from mcp_server.kernel.markdown.steps import PageSection, sections_with_steps
from mcp_server.knowledge.runbook_form import MANUAL, check_front_matter, check_sections, fault

__all__ = ["MANUAL", "Front", "Runbook", "SlashCommand", "parse"]


@dataclass(frozen=True)
class SlashCommand:
    """The slash command that is rendered from a runbook; `tools` are all that it may call."""

    name: str
    description: str
    argument_hint: str
    tools: tuple[str, ...]
    points: tuple[str, ...]
    human: bool = False
    "Whether only a human can call it."


@dataclass(frozen=True)
class Front:
    """The front matter of a page. `symptoms` are verbatim error lines; `command` is `/ops:<name>` or `Manual`."""

    name: str
    title: str
    symptoms: tuple[str, ...]
    severity: str
    tools: tuple[str, ...]
    command: str
    owner: str
    reviewed: date
    applies_to: tuple[str, ...]


@dataclass(frozen=True)
class Runbook(Front):
    """One page."""

    sections: tuple[PageSection, ...]
    renders: SlashCommand | None = None


def parse(path: str, text: str) -> Runbook:
    """Parse a runbook. Raises `OpsError` `invalid` with file and line for the first fault."""
    page = read_page(text)
    front = page.front
    if front.error:
        raise fault(path, *front.error)
    check_front_matter(path, front.values, front.lines)
    sections = sections_with_steps(page)
    check_sections(path, sections)
    values = front.values
    renders = values.get("renders")
    return Runbook(
        name=str(values["name"]),
        title=str(values["title"]),
        symptoms=_strings(values["symptoms"]),
        severity=str(values["severity"]),
        tools=_strings(values["tools"]),
        command=str(values["command"]),
        owner=str(values["owner"]),
        reviewed=cast("date", values["reviewed"]),
        applies_to=_strings(values["applies_to"]),
        sections=sections,
        renders=_slash_command(cast("Mapping[str, object]", renders)) if renders else None,
    )


def _slash_command(fields: Mapping[str, object]) -> SlashCommand:
    return SlashCommand(
        name=str(fields["name"]),
        description=str(fields["description"]),
        argument_hint=str(fields["argument-hint"]),
        tools=_strings(fields["tools"]),
        points=_strings(fields["points"]),
        human=fields.get("human") is True,
    )


def _strings(value: object) -> tuple[str, ...]:
    return tuple(map(str, cast("list[object]", value)))
