"""Git's unified diff, parsed into the lines that each file gains and loses."""

from dataclasses import dataclass
from typing import Final

_PLAIN: Final = (
    "--no-renames",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--submodule=short",
    "--ignore-submodules=dirty",
)
DIFF: Final = ("diff", "--merge-base", "--unified=0", *_PLAIN, "--src-prefix=a/", "--dst-prefix=b/")


@dataclass(frozen=True)
class Change:
    """The lines of one file that a change adds and removes; `path` is its path in the repository."""

    path: str
    added: str
    removed: str


def parse_diff(text: str) -> tuple[Change, ...]:
    """The changes in a diff without context lines; changes of binary files and modes are left out."""
    return tuple(change for part in ("\n" + text).split("\ndiff --git ")[1:] if (change := _change(part)))


def _change(part: str) -> Change | None:
    head, hunk, body = part.partition("\n@@ ")
    if not hunk:
        return None
    sides = [line[4:].strip('"') for line in head.split("\n") if line.startswith(("--- ", "+++ "))]
    path = next(side for side in reversed(sides) if side != "/dev/null")[2:].rstrip("\t")
    lines = body.split("\n")[1:]
    return Change(path, *("\n".join(line[1:] for line in lines if line.startswith(sign)) for sign in "+-"))
