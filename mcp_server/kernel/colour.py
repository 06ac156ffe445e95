"""The colours of a terminal, and whether to use them."""

from collections.abc import Mapping
from typing import Final, TextIO

BOLD: Final = "1"
RED: Final = "31"
GREEN: Final = "32"
YELLOW: Final = "33"
CYAN: Final = "36"


def painted(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m"


def shows_colours(stream: TextIO, variables: Mapping[str, str]) -> bool:
    """Whether `stream` is a terminal that shows colours, and the user has not turned them off (https://no-color.org)."""
    return stream.isatty() and not variables.get("NO_COLOR") and variables.get("TERM", "dumb") != "dumb"
