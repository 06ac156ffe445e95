"""The file names of decision records.

They have a number (`0007-x.md`, `ADR-007-x.md`, `0007_x.md`) or a date (`20260301-x.md`, `2026-03-01-x.md`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from mcp_server.kernel.file_names import slug

_NUMBERED = re.compile(
    r"(?P<prefix>(?:(?:adr|decision|rfc)[-_ ]?)?)(?P<number>\d{1,6})(?P<joint>[-_ .]+)(?P<words>.+)\.md",
    re.IGNORECASE,
)
_DATED = re.compile(r"(?P<day>\d{8}|\d{4}-\d\d-\d\d)(?P<joint>[-_ ])(?P<words>.+)\.md")
_DAYS = {8: "%Y%m%d", 10: "%Y-%m-%d"}


@dataclass(frozen=True)
class RecordName:
    """A file name in its parts. `number` is as written, `day` a format for `strftime`; one of both is empty."""

    prefix: str
    number: str
    day: str
    joint: str
    words: str

    @property
    def is_template(self) -> bool:
        return self.words.casefold() == "template" or (
            bool(self.number) and not int(self.number) and "template" in self.words.casefold()
        )

    def following(self, number: int, title: str, day: date) -> str:
        """The name of a new record in the form of this one."""
        words = slug(title, "decision")
        spaced = words.replace("-", "_") if "_" in self.words and "-" not in self.words else words
        mark = format(day, self.day) if self.day else str(number).zfill(len(self.number))
        return f"{self.prefix}{mark}{self.joint}{spaced}.md"


_DEFAULT = RecordName("", "0000", "", "-", "")


def parts_of(name: str) -> RecordName | None:
    """The parts of a record's file name; None for another file, a template among them."""
    dated = _DATED.fullmatch(name)
    if dated and _is_day(dated["day"]):
        found = RecordName("", "", _DAYS[len(dated["day"])], dated["joint"], dated["words"])
    elif numbered := _NUMBERED.fullmatch(name):
        found = RecordName(numbered["prefix"], numbered["number"], "", numbered["joint"], numbered["words"])
    else:
        return None
    return None if found.is_template else found


def number_of(name: str) -> int | None:
    """The number in a record's file name; None if it has none or is not one."""
    found = parts_of(name)
    return int(found.number) if found and found.number else None


def next_number(names: Iterable[str]) -> int:
    """One more than the highest number in `names`."""
    return max((number for name in names if (number := number_of(name)) is not None), default=0) + 1


def form_of(names: Iterable[str]) -> RecordName:
    """The record whose form a new one takes: that with the highest number, or the latest if most have a date."""
    known = [(name, parts) for name in names if (parts := parts_of(name))]
    dated = [(name, parts) for name, parts in known if parts.day]
    if len(dated) * 2 > len(known):
        return max(dated, key=lambda one: one[0])[1]
    numbered = (parts for _, parts in known if parts.number)
    return max(numbered, key=lambda parts: int(parts.number), default=_DEFAULT)


def _is_day(text: str) -> bool:
    try:
        return datetime.strptime(text, _DAYS[len(text)]).year > 1990  # noqa: DTZ007  a day has no zone
    except ValueError:
        return False
