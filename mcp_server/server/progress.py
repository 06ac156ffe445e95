"""Reports to a client how far its call is, and to the call that its client has cancelled it."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import anyio

from mcp_server.kernel.errors import CancelledCallError

_INTERVAL: Final = 0.1
"Seconds between two reports about one call."
Report = Callable[[float, float, str], Awaitable[None]]


class Progress:
    """A `Watch` for any thread. A client that does not read its reports misses some of them, and delays nothing."""

    def __init__(self) -> None:
        self.is_over = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._steps, self._reports = anyio.create_memory_object_stream[tuple[int, int, str]](1)
        self._due = 0.0

    def __call__(self, done: int, total: int, what: str) -> None:
        if self.is_over.is_set():
            raise CancelledCallError
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + _INTERVAL
            self._loop.call_soon_threadsafe(self._offer, (done, total, what))

    def _offer(self, step: tuple[int, int, str]) -> None:
        try:
            self._steps.send_nowait(step)
        except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return

    async def forward(self, report: Report) -> None:
        """Report until the call is over or cancelled.

        The protocol wants progress that only grows, so the parts of the work, which may overlap, are added up.
        """
        parts: dict[str, tuple[int, int]] = {}
        last = -1
        try:
            with self._steps, self._reports:
                async for done, total, what in self._reports:
                    parts[what] = done, total
                    so_far = sum(each for each, _ in parts.values())
                    if so_far > last:
                        last = so_far
                        await report(last, sum(each for _, each in parts.values()), what)
        finally:
            self.is_over.set()


@asynccontextmanager
async def reporting(report: Report) -> AsyncGenerator[Progress]:
    """Runs around one call: reports its progress, and ends it when the client cancels."""
    progress = Progress()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(progress.forward, report)
        yield progress
        tasks.cancel_scope.cancel()
