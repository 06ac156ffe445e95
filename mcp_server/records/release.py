"""A release: its checklist, its version and changes from the commits, and its page.

Versions and kinds of commits are in `version.py`.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal

import yaml

from mcp_server.kernel.caller_text import line, shell_text
from mcp_server.kernel.commit_message import Commit
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.markdown.page import read_page
from mcp_server.kernel.markdown.steps import PageSection, Step, sections_with_steps
from mcp_server.records.timeline import HEADING, Entry, utc
from mcp_server.records.version import in_effect, kind_of

FOLDER: Final = "docs/support/releases"
CHECKLIST: Final = "docs/support/releasing.md"
CHANGES: Final = "## Changes"
State = Literal["open", "passed", "failed", "done"]

_TAG_NAME: Final = re.compile(r"(?=\D*\d)[A-Za-z0-9@][\w.@/+-]*[\w]")
_STEP_HEADING: Final = re.compile(r"(?i)(?:step\s+)?\d+(?:[.:)]|\s+[-–—])?\s+(\S.*)")
_APART: Final = re.compile(
    r"(?i)\b(?:roll(?:ing)?[ -]?backs?|undo(?:ing)?|revert(?:ing)?|abort(?:ing)?|recover(?:y|ing)?|troubleshooting|"
    r"(?:if|when) (?:\S+ ){0,6}?(?:fails?|failed|breaks?|broken|wrong)|examples?|background|faq)\b"
)
_GROUPS: Final = (("feat", "Added"), ("fix", "Fixed"), ("perf", "Faster"), ("", "Changed"))
_QUIET: Final = ("chore", "ci", "docs", "style", "test", "build")


@dataclass(frozen=True)
class Draft:
    """A release as it is begun: `base` is the tag before it, `commit` what is released, `checklist` the digest of its
    steps, `changes` markdown."""

    version: str
    base: str | None
    commit: str
    checklist: str
    changes: str


@dataclass(frozen=True)
class Item:
    """One step of the checklist and its state. `command` is the step's, without credentials, for display.

    `check` is the same for a step marked `sh read-only`, which ops runs; any other step is done by hand and recorded.
    A step that is ticked (`[x]`) in the checklist is done by "the checklist".
    """

    number: int
    text: str
    check: str | None
    state: State
    by: str | None
    command: str | None


def checklist(text: str) -> tuple[Step, ...]:
    """The steps of a release: numbered lists, task lists, commands, and headings such as `Step 1: Check CI`.

    What undoes a release, or is done when one fails, is no step of it.
    """
    found: list[Step] = []
    apart = 7
    for section in sections_with_steps(read_page(text), tasks=True):
        if section.level <= apart:
            apart = section.level if _APART.search(section.heading) else 7
        if apart == 7:
            found += _steps_of(section)
    return tuple(step for step in found if step.text or step.command)


def _steps_of(section: PageSection) -> Sequence[Step]:
    """The steps of one section; a numbered heading is the text of its first step, if that has none."""
    heading = _STEP_HEADING.fullmatch(section.heading)
    if heading is None:
        return section.steps
    title = "\n".join(filter(None, (heading[1], section.text)))
    if not section.steps:
        return (Step(title, line=section.line),)
    first, *others = section.steps
    return (replace(first, text=title), *others) if not first.text else section.steps


def check_of(step: Step) -> str | None:
    return step.command if step.effect == "read-only" else None


def digest(steps: Iterable[Step]) -> str:
    content = "\0".join(f"{step.text}\1{step.command}\1{step.effect}" for step in steps)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_version(text: str) -> bool:
    """Whether this can be the tag of a release."""
    return bool(_TAG_NAME.fullmatch(text)) and not any(part in text for part in ("..", "@{", "//", ".lock"))


def page_name(version: str) -> str:
    return version.replace("/", "-") + ".md"


def changes(commits: Sequence[Commit]) -> str:
    """The commits in effect grouped by kind, as markdown, without those that users do not notice."""
    groups: dict[str, list[str]] = {heading: [] for _, heading in _GROUPS}
    for commit in in_effect(commits):
        kind = kind_of(commit)
        if kind.type in _QUIET and not kind.breaks:
            continue
        text = literal(line(kind.what))
        if kind.breaks:
            text = f"**breaks:** {text}" + (f": {literal(line(kind.breaks))}" if kind.breaks != kind.what else "")
        heading = next(heading for name, heading in _GROUPS if name in ("", kind.type))
        groups[heading].append(f"- {text} ({commit.hash[:8]})")
    parts = [f"### {heading}\n\n" + "\n".join(lines) for heading, lines in groups.items() if lines]
    return "\n\n".join(parts) or "No change that a user notices."


def items(steps: Sequence[Step], entries: Iterable[Entry]) -> tuple[Item, ...]:
    """The steps with their states; the last entry about each one counts."""
    last: dict[int, Entry] = {}
    for entry in entries:
        if found := re.fullmatch(r"step (\d+) (passed|failed|done)", entry.mark):
            last[int(found[1])] = entry
    return tuple(_item(number, step, last.get(number)) for number, step in enumerate(steps, 1))


def _item(number: int, step: Step, last: Entry | None) -> Item:
    states: dict[str, State] = {"passed": "passed", "failed": "failed", "done": "done"}
    state, by = (states[last.mark.rpartition(" ")[2]], last.author) if last else ("open", None)
    if last is None and step.ticked:
        state, by = "done", "the checklist"
    check, command = check_of(step), shell_text(step.command) if step.command else None
    return Item(number, line(step.text, 300), command if check else None, state, by, command)


def page(draft: Draft, first: Sequence[Entry]) -> str:
    """The page of a release with its first entries."""
    front = {**asdict(draft), "started": utc(first[0].at)}
    changed = front.pop("changes")
    head = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=10_000)
    timeline = "\n".join(map(str, first))
    return f"---\n{head}---\n\n# Release {draft.version}\n\n{HEADING}\n\n{timeline}\n\n{CHANGES}\n\n{changed}\n"
