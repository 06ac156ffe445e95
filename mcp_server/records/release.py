"""A release: its checklist, its version and changes from the commits, and its page.

Versions are semantic (https://semver.org). The kind of a commit is read from its subject, if that follows
https://www.conventionalcommits.org.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

import yaml

from mcp_server.kernel.caller_text import line, shell_text
from mcp_server.kernel.commit_message import Commit
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.markdown.page import read_page
from mcp_server.kernel.markdown.steps import Step, sections_with_steps
from mcp_server.records.timeline import HEADING, Entry, utc

FOLDER: Final = "docs/support/releases"
CHECKLIST: Final = "docs/support/releasing.md"
CHANGES: Final = "## Changes"
State = Literal["open", "passed", "failed", "done"]

_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_SUBJECT: Final = re.compile(r"(?P<type>[a-z]+)(?:\((?P<scope>[^)]*)\))?(?P<breaks>!)?:\s+(?P<what>.+)")
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
    """One step of the checklist and its state. `check` is the command of a step marked `sh read-only`, without
    credentials, for display; ops runs it. Any other step is done by hand and recorded."""

    number: int
    text: str
    check: str | None
    state: State
    by: str | None


def checklist(text: str) -> tuple[Step, ...]:
    """The steps of the whole page: numbered lists, task lists, and commands."""
    found = [step for section in sections_with_steps(read_page(text), tasks=True) for step in section.steps]
    return tuple(step for step in found if step.text or step.command)


def check_of(step: Step) -> str | None:
    return step.command if step.effect == "read-only" else None


def digest(steps: Iterable[Step]) -> str:
    content = "\0".join(f"{step.text}\1{step.command}\1{step.effect}" for step in steps)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def next_version(tag: str | None, commits: Sequence[Commit]) -> str:
    """The version after `tag`: a breaking change raises major (minor before 1.0.0), a feature minor, others patch."""
    found = _VERSION.fullmatch(tag or "v0.0.0")
    major, minor, patch = map(int, found.groups()) if found else (0, 0, 0)
    parsed = [_SUBJECT.match(commit.subject) for commit in commits]
    breaks = any(p and p["breaks"] for p in parsed) or any("BREAKING CHANGE" in c.body for c in commits)
    if breaks and major:
        return f"v{major + 1}.0.0"
    if breaks or any(p and p["type"] == "feat" for p in parsed):
        return f"v{major}.{minor + 1}.0"
    return f"v{major}.{minor}.{patch + 1}"


def is_version(text: str) -> bool:
    return text.startswith("v") and _VERSION.fullmatch(text) is not None


def changes(commits: Sequence[Commit]) -> str:
    """The commits grouped by kind, as markdown, without those that users do not notice."""
    groups: dict[str, list[str]] = {heading: [] for _, heading in _GROUPS}
    for commit in commits:
        found = _SUBJECT.match(commit.subject)
        if found and found["type"] in _QUIET and not found["breaks"]:
            continue
        what = found["what"] if found else commit.subject
        text = ("**breaks:** " if found and found["breaks"] else "") + literal(line(what))
        heading = next(heading for name, heading in _GROUPS if not name or (found and found["type"] == name))
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
    state = states[last.mark.rpartition(" ")[2]] if last else "open"
    check = check_of(step)
    return Item(
        number, line(step.text, 300), shell_text(check) if check else None, state, last.author if last else None
    )


def page(draft: Draft, first: Sequence[Entry]) -> str:
    """The page of a release with its first entries."""
    front = {**asdict(draft), "started": utc(first[0].at)}
    changed = front.pop("changes")
    head = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=10_000)
    timeline = "\n".join(map(str, first))
    return f"---\n{head}---\n\n# Release {draft.version}\n\n{HEADING}\n\n{timeline}\n\n{CHANGES}\n\n{changed}\n"
