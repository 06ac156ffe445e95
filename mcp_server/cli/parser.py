"""argparse with errors that can be answered in JSON, and the first words of a call."""

import argparse
import re
from collections.abc import Iterable
from typing import NoReturn

from mcp_server.kernel.lazy_pattern import lazy_pattern

_NOUN_OR_VERB = lazy_pattern(r"argument (?:NOUN|VERB): invalid choice: '(.*)' \(choose from (.*)\)$", re.DOTALL)


class UsageError(Exception):
    """A call that cannot be parsed; `usage` shows the correct form."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message)
        self.message = message
        self.usage = usage


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises UsageError instead of exiting, so that `--json` can answer in JSON."""

    def error(self, message: str) -> NoReturn:
        if wrong := _NOUN_OR_VERB.search(message):
            from difflib import get_close_matches  # noqa: PLC0415  only for a misspelt call

            near = get_close_matches(wrong[1], re.findall(r"[\w-]+", wrong[2]), 1)
            raise UsageError(f"{self.prog} has no command {wrong[1]!r}", " ".join([self.prog, *near, "--help"]))
        if message.endswith((": NOUN", ": VERB")):
            raise UsageError(f"{self.prog} needs a {message[-4:]}", f"{self.prog} --help")
        raise UsageError(message, self.format_usage().strip())


def words(arguments: Iterable[str]) -> list[str]:
    """The words of a call without its options, except `--version`. Values of options may be among them."""
    found, left = list[str](), iter(arguments)
    for argument in left:
        if argument in ("--fleet", "--agent"):
            next(left, None)
        elif not argument.startswith("-") or argument == "--version":
            found.append(argument)
    return found
