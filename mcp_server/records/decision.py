"""Decision records (ADRs): their file names, numbers and statuses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mcp_server.kernel.markdown.outline import Section
from mcp_server.kernel.markdown.page import read_page

FOLDER: Final = "docs/systems/adr"
_NAME = re.compile(r"(\d{1,6})-.+\.md")
_NUMBERED = re.compile(r"^\W*(?:ADR[- ]?)?\d+[.: -]+")
_STATUS = re.compile(r"(?im)^(?:[-*] )?\**status\**:\**[ \t]*(\S.*)$")


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
    """The record in this text. Without a title it is called by its file name."""
    page = read_page(text)
    title = next((section.heading for section in page.sections if section.level == 1), "")
    stated = page.front.texts.get("status") or [found for part in page.sections if (found := _stated(part))] or [""]
    return Decision(name, _NUMBERED.sub("", title, count=1).strip() or name, stated[0].strip(" *"), text)


def _stated(section: Section) -> str:
    """The status that a section states: its first line below the heading `Status`, or a line `Status: ...`."""
    if section.level > 1 and section.heading.casefold() == "status" and section.body.strip():
        return section.body.strip().splitlines()[0]
    found = _STATUS.search(section.body)
    return found[1] if found else ""
