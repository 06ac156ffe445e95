"""Regular expressions that are compiled when they are first used: a command needs few of those that it loads."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def lazy_pattern(text: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """What `re.compile` returns, for its methods alone; a mistake in the text shows when one is first used."""
    return _Pattern(text, flags)  # pyright: ignore[reportReturnType]


class _Pattern:
    def __init__(self, text: str, flags: re.RegexFlag) -> None:
        self._given = text, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._given), name)
        setattr(self, name, found)
        return found
