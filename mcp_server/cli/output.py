"""Everything that the command line prints: no text from a repository can act on the terminal or hide in it."""

import json
import sys
from collections.abc import Iterable

from mcp_server.kernel.colour import painted
from mcp_server.kernel.visible import visible


def print_text(text: str, *, flush: bool = False) -> None:
    print(visible(text), flush=flush)


def print_lines(lines: Iterable[tuple[str, str | None]]) -> None:
    """Lines with their colours; only colours that are given here reach the terminal."""
    print("\n".join(painted(visible(line), colour) if colour else visible(line) for line, colour in lines))


def print_json(document: object, indent: int | None = 1, *, flush: bool = False) -> None:
    """One document; the characters that would act on a terminal are escaped, so that nothing is lost."""
    print(visible(json.dumps(document, indent=indent, ensure_ascii=False)), flush=flush)


def print_error(text: str) -> None:
    print(visible(text), file=sys.stderr)
