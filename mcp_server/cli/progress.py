"""A line on standard error that shows how far a long operation is, as git does."""

import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_DELAY: Final = 0.5
"Seconds before the first line: most commands are done by then."
_INTERVAL: Final = 0.1
_CLEAR_REST: Final = "\x1b[K"


class ProgressLine:
    """A `Watch` that rewrites one line, such as `clones: 45% (12/27)`. Any thread may call it."""

    def __init__(self) -> None:
        self._due = time.monotonic() + _DELAY
        self._lock = threading.Lock()
        self._is_shown = False

    def __call__(self, done: int, total: int, what: str) -> None:
        with self._lock:
            if time.monotonic() < self._due:
                return
            self._due = time.monotonic() + _INTERVAL
            self._is_shown = True
            _write(f"\r{what}: {100 * done // max(total, 1)}% ({done}/{total}){_CLEAR_REST}")

    def clear(self) -> None:
        if self._is_shown:
            _write(f"\r{_CLEAR_REST}")


def _write(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)


@contextmanager
def progress_line() -> Generator[ProgressLine | None]:
    """The line for one command, cleared at its end; None where standard error is not a terminal."""
    line = ProgressLine() if sys.stderr.isatty() else None
    try:
        yield line
    finally:
        if line:
            line.clear()
