"""Decision records (ADRs): their file names, numbers and statuses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mcp_server.kernel.index_table import plain

FOLDER: Final = "docs/systems/adr"
_NAME = re.compile(r"(\d{1,6})-.+\.md")
_STATUS = re.compile(r"(?im)^(?:[-*] )?\**status\**:\**[ \t]*(\S.*)$|^##+ status\s*\n+(\S.*)$")


@dataclass(frozen=True)
class Decision:
    """`status` is the text as written, "" without one."""

    name: str
    title: str
    status: str
    text: str

    @property
    def number(self) -> int:
        return int(self.name.partition("-")[0])


def number_of(name: str) -> int | None:
    """The number in a record's file name; None if it is not one."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else None


def next_number(names: Iterable[str]) -> str:
    """One more than the highest number in `names`, padded to the width in use, at least four digits."""
    numbers = [found[1] for name in names if (found := _NAME.fullmatch(name))]
    return str(max(map(int, numbers), default=0) + 1).zfill(max([4, *map(len, numbers)]))


def parse(name: str, text: str) -> Decision:
    title = re.search(r"(?m)^# (?:\W*(?:ADR[- ]?)?\d+[.: -]+)?(.*)$", text)
    status = _STATUS.search(text)
    return Decision(
        name,
        plain(title[1].strip()) if title else name,
        ((status[1] or status[2]) if status else "").strip(" *"),
        text,
    )
