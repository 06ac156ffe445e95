"""A progress bar on standard error, where a person looks on and it takes longer than a moment."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_MOMENT: Final = 0.5


class Bar:
    """`ports.Watch`. Loads nothing before the moment is over."""

    def __init__(self) -> None:
        self._from = time.monotonic() + _MOMENT
        self._shown: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, done: int, total: int, what: str) -> None:
        if time.monotonic() < self._from:
            return
        if self._shown is None:
            self._shown = _progress()
            self._shown.start()
        if what not in self._tasks:
            self._tasks[what] = self._shown.add_task(what, total=total)
        self._shown.update(self._tasks[what], completed=done)

    def stop(self) -> None:
        if self._shown:
            self._shown.stop()


def _progress() -> "Progress":
    from rich.console import Console  # noqa: PLC0415  only where there is something to show
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)


@contextmanager
def shown() -> Generator[Bar | None]:
    """None where nobody looks on."""
    bar = Bar() if sys.stderr.isatty() else None
    try:
        yield bar
    finally:
        if bar:
            bar.stop()
