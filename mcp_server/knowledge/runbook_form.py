"""Check a runbook against the form in docs/runbook-form.md, and report the line of the first fault."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final, cast

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.markdown.steps import PageSection, Step

SECTIONS: Final = ("Symptoms", "Meaning", "Diagnosis", "Resolution", "Verification", "Rollback", "Escalation")
MANUAL: Final = "Manual"
_LOOKING: Final = ("Diagnosis", "Verification")
_ACTING: Final = (*_LOOKING, "Resolution")
_RENDERS: Final = {"name", "description", "argument-hint", "tools", "points"}


def fault(path: str, line: int, message: str) -> OpsError:
    return OpsError("invalid", f"{path}:{line}: {message}", f"Correct line {line} as docs/runbook-form.md says")


def check_front_matter(path: str, values: Mapping[str, object], lines: Mapping[str, int]) -> None:
    """Check that every required key is there and valid, and no unknown one."""
    for key in (*_REQUIRED, *values):
        if key not in values:
            raise fault(path, 1, f"the front matter lacks `{key}`")
        rule = _REQUIRED.get(key) or _OPTIONAL.get(key)
        if rule is None:
            raise fault(path, lines.get(key, 1), f"the front matter has {shown(key)}, which is not part of the form")
        fits, wanted = rule
        if not fits(values[key]):
            raise fault(path, lines.get(key, 1), f"`{key}` is {shown(values[key])}, not {wanted}")
    if values["name"] != path.rsplit("/", 1)[-1].removesuffix(".md"):
        raise fault(path, lines.get("name", 1), f"`name` is {shown(values['name'])}, not the file's own name")


def check_sections(path: str, sections: tuple[PageSection, ...]) -> None:
    """Check that the seven sections are in order and not empty, and every step is in the form."""
    found = [(section.level, section.heading) for section in sections]
    if found != [(2, name) for name in SECTIONS]:
        wrong = (s.line for s, name in zip(sections, SECTIONS, strict=False) if (s.level, s.heading) != (2, name))
        line = next(wrong, sections[-1].line if sections else 1)
        raise fault(path, line, f"the sections are not {', '.join('## ' + name for name in SECTIONS)} in this order")
    for section in sections:
        if not section.text and not section.steps:
            raise fault(path, section.line, f"the section {section.heading} is empty")
        if section.heading in _ACTING and not section.steps:
            raise fault(path, section.line, f"the section {section.heading} has no numbered step")
        for step in section.steps:
            _check_step(path, section.heading, step)


def _check_step(path: str, heading: str, step: Step) -> None:
    if not step.text:
        raise fault(path, step.line, "a command stands without the sentence that says what it is for")
    if step.command is None:
        return
    if step.effect == "unknown":
        raise fault(path, step.line, "a command is marked neither `sh read-only` nor `sh changing`")
    if step.effect == "changing" and heading in _LOOKING:
        raise fault(path, step.line, f"a command of the section {heading} changes something")
    if not step.expected:
        raise fault(path, step.line, "a command has no line `Expected: ...` below it")


def _is_line(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= 200 and "\n" not in value


def _are_lines(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_line, cast("list[object]", value)))


def _are_some_lines(value: object) -> bool:
    return _are_lines(value) and value != []


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_command(value: object) -> bool:
    if not isinstance(value, dict) or set(cast("dict[object, object]", value)) - {"human"} != _RENDERS:
        return False
    fields = cast("dict[str, object]", value)
    if fields.get("human", True) is not True:
        return False
    lines = (fields["name"], fields["description"], fields["argument-hint"])
    return all(map(_is_line, lines)) and _are_some_lines(fields["tools"]) and _are_texts(fields["points"])


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in cast("list[object]", value))


_REQUIRED: Final[dict[str, tuple[Callable[[object], bool], str]]] = {
    "name": (_is(r"[a-z0-9]+(?:-[a-z0-9]+)*"), "lower-case words joined by hyphens"),
    "title": (_is_line, "one line of text"),
    "symptoms": (_are_some_lines, "a list of one or more strings"),
    "severity": (_is("sev[1-4]"), "one of sev1, sev2, sev3, sev4"),
    "tools": (_are_lines, "a list of tool names"),
    "command": (_is(rf"/ops:[a-z_]+|{MANUAL}"), f"/ops:<name> or {MANUAL}"),
    "owner": (_is_line, "the role that keeps the page"),
    "reviewed": (_is_day, "a date such as 2026-11-22"),
    "applies_to": (_are_some_lines, "a list of what the page was tried on"),
}
_OPTIONAL: Final[dict[str, tuple[Callable[[object], bool], str]]] = {
    "renders": (_is_command, f"a block of exactly {', '.join(sorted(_RENDERS))} (and human: true)"),
}
