"""Version tags, and the version that follows: semantic versions (https://semver.org) with any prefix.

The kind of a commit is read from its subject and its footers, if they follow https://www.conventionalcommits.org.
Where tags do not show what the next version is (calendar versions, several packages), a person gives it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mcp_server.kernel.commit_message import Commit

_TAG = re.compile(
    r"(?P<prefix>(?:[A-Za-z@][\w.@/+-]*?(?:[-/@_]v?|(?<=[a-z])@)|v)?)"
    r"(?P<major>\d+)\.(?P<minor>\d+)(?:\.(?P<patch>\d+))?(?:[-.]?(?P<pre>[A-Za-z][0-9A-Za-z.-]*))?(?:\+[0-9A-Za-z.-]+)?"
)
_SUBJECT: Final = re.compile(r"(?P<type>[A-Za-z]+)(?:\((?P<scope>[^)]*)\))?(?P<breaks>!)?:\s+(?P<what>.+)")
_FOOTER: Final = re.compile(r"(?ms)^BREAKING[ -]CHANGE: *(.+?)(?=\n[ \t]*\n|\n[\w-]+(?:: | #)|\Z)")
_REVERTS: Final = re.compile(r"(?i)\breverts commit ([0-9a-f]{7,40})|^refs?: ([0-9a-f]{7,40})", re.MULTILINE)
_FIRST_YEAR: Final = 1990
"A first number from here on is a year."


@dataclass(frozen=True)
class Version:
    """A version tag in its parts; `patch` is None where the tag has two numbers."""

    tag: str
    prefix: str
    major: int
    minor: int
    patch: int | None
    pre: str

    @property
    def is_calendar(self) -> bool:
        return self.major >= _FIRST_YEAR

    @property
    def final(self) -> tuple[int, int, int]:
        return self.major, self.minor, self.patch or 0

    @property
    def order(self) -> tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]:
        """The key by which versions are sorted; pre-releases come before their release."""
        parts = tuple(
            (not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in re.findall(r"\d+|[A-Za-z]+", self.pre)
        )
        return self.final, not self.pre, parts


@dataclass(frozen=True)
class Kind:
    """What a commit is: its type ("" if it has none), what it does, and what it breaks ("" if nothing)."""

    type: str
    what: str
    breaks: str


def version_of(tag: str) -> Version | None:
    """The version that a tag is; None for another tag."""
    found = _TAG.fullmatch(tag)
    if found is None:
        return None
    patch = int(found["patch"]) if found["patch"] else None
    return Version(tag, found["prefix"], int(found["major"]), int(found["minor"]), patch, found["pre"] or "")


def kind_of(commit: Commit) -> Kind:
    found, footer = _SUBJECT.match(commit.subject), _FOOTER.search(commit.body)
    what = found["what"] if found else commit.subject
    broken = " ".join(footer[1].split()) if footer else what if found and found["breaks"] else ""
    return Kind(found["type"].lower() if found else "", what, broken)


def in_effect(commits: Sequence[Commit]) -> tuple[Commit, ...]:
    """The commits, the newest first, without those that a later one of them reverts, and without that one."""
    gone: set[str] = set()
    for commit in commits:
        if commit.hash in gone:
            continue
        for found in _REVERTS.finditer(commit.body):
            undone = next((one.hash for one in commits if one.hash.startswith(found[1] or found[2])), None)
            if undone and undone != commit.hash:
                gone |= {undone, commit.hash}
    return tuple(commit for commit in commits if commit.hash not in gone)


def base_of(version: Version | None, tags: Iterable[str]) -> Version | None:
    """The last release below `version` among these tags with its prefix; the last of all if `version` is None.

    Pre-releases count only below another one.
    """
    known = [found for tag in tags if (found := version_of(tag))]
    below = [one for one in known if not version or (one.prefix == version.prefix and one.order < version.order)]
    kept = below if version and version.pre else [one for one in below if not one.pre]
    return max(kept, key=lambda one: one.order, default=None)


def following(tags: Iterable[str], commits: Sequence[Commit]) -> str | None:
    """The version after the last of these tags, written as they are; None if they do not show which one that is.

    A breaking change raises major (minor before 1.0.0), a feature minor, anything else patch. A pre-release is
    followed by its release.
    """
    tags = tuple(tags)
    versions = [found for tag in tags if (found := version_of(tag))]
    prefixes = {version.prefix for version in versions}
    if len(prefixes) > 1 or any(one.is_calendar or one.patch is None for one in versions) or (tags and not versions):
        return None
    last = base_of(None, tags)
    major, minor, patch = last.final if last else (0, 0, 0)
    kinds = [kind_of(commit) for commit in in_effect(commits)]
    breaks = any(kind.breaks for kind in kinds)
    if breaks and major:
        after = (major + 1, 0, 0)
    elif breaks or any(kind.type in ("feat", "feature") for kind in kinds):
        after = (major, minor + 1, 0)
    else:
        after = (major, minor, patch + 1)
    after = max([after, *(one.final for one in versions if one.pre)])
    return (prefixes.pop() if prefixes else "v") + ".".join(map(str, after))
