"""Parse steps that a caller wrote as plain text."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from textwrap import dedent

from mcp_server.kernel.markdown.steps import Step, StepEffect

_MARK = re.compile(r"\s*(?:\d+[.)]|[-*+])\s+(?=\S)")
_FENCE = re.compile(r"\s*(?P<mark>`{3,}|~{3,})\s*(?P<info>[^`]*)")
_EXPECTED = re.compile(r"\s*Expected:\s*")


def parse_steps(text: str, effect: StepEffect) -> tuple[Step, ...]:
    """Every line of `text` lands in a step: a number, a bullet or an empty line begins one, ``` holds its command,
    `Expected:` says what then shows. `effect` is that of commands whose fence is marked with none."""
    steps: list[Step] = []
    part = ""  # the part of the last step that the next line continues
    lines = iter(text.split("\n"))
    for written in lines:
        if fence := _FENCE.fullmatch(written):
            steps = _commanded(steps, _fenced(fence["mark"], lines), _marked(fence["info"], effect))
            part = ""
        elif not written.strip():
            part = ""
        elif steps and _EXPECTED.match(written):
            steps[-1] = _longer(steps[-1], "expected", _EXPECTED.sub("", written, count=1))
            part = "expected"
        elif _MARK.match(written) or not part:
            steps.append(Step(_MARK.sub("", written, count=1).strip()))
            part = "text"
        else:
            steps[-1] = _longer(steps[-1], part, written)
    return tuple(steps)


def _fenced(mark: str, lines: Iterator[str]) -> str:
    command = takewhile(lambda line: not (line.strip().startswith(mark) and not line.strip().strip(mark[0])), lines)
    return dedent("\n".join(command)).strip("\n")


def _marked(info: str, effect: StepEffect) -> StepEffect:
    if "changing" in info.split():
        return "changing"
    return "read-only" if "read-only" in info.split() else effect


def _commanded(steps: list[Step], command: str, effect: StepEffect) -> list[Step]:
    """Add the command to the sentence above it; without one, the step has an empty text."""
    free = steps and steps[-1].command is None
    *before, last = steps if free else [*steps, Step("")]
    return [*before, replace(last, command=command, effect=effect)]


def _longer(step: Step, part: str, more: str) -> Step:
    if part == "expected":
        return replace(step, expected=f"{step.expected or ''} {more.strip()}".strip())
    return replace(step, text=f"{step.text} {more.strip()}")
