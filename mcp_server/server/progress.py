"""How far a call is, told to its client; and the client's word that it wants no more, told to the call."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import anyio

from mcp_server.kernel.errors import CancelledCallError

_PAUSE: Final = 0.1
"Seconds between two messages about one call."
Tell = Callable[[float, float, str], Awaitable[None]]


class Progress:
    """Called from any thread. A client that does not take what it is told misses some of it, and delays nothing."""

    def __init__(self) -> None:
        self.is_over = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._steps, self._told = anyio.create_memory_object_stream[tuple[int, int, str]](1)
        self._due = 0.0

    def __call__(self, done: int, total: int, what: str) -> None:
        if self.is_over.is_set():
            raise CancelledCallError
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + _PAUSE
            self._loop.call_soon_threadsafe(self._offer, (done, total, what))

    def _offer(self, step: tuple[int, int, str]) -> None:
        try:
            self._steps.send_nowait(step)
        except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return

    async def pass_on(self, tell: Tell) -> None:
        """Until the call is over or cancelled. What is told always grows, as the protocol wants it: a new part of the
        work is added to the ones before.
        """
        before, part, size, last = 0, "", 0, -1
        try:
            with self._steps, self._told:
                async for done, total, what in self._told:
                    if what != part:
                        before, part = before + size, what
                    size = total
                    if before + done > last:
                        last = before + done
                        await tell(last, before + total, what)
        finally:
            self.is_over.set()


@asynccontextmanager
async def told(tell: Tell) -> AsyncGenerator[Progress]:
    """Around one call: it is told of while it runs, and hears when it is cancelled."""
    progress = Progress()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(progress.pass_on, tell)
        yield progress
        tasks.cancel_scope.cancel()
