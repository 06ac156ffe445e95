"""Cancelling a call: code that waits for something calls `stop_if_cancelled`, which ends a call that was cancelled.

A call that has begun to change something is not cancelled this way: half a change, or a rotated token that nobody
saved, is worse than waiting. Work in many similar steps, such as a sync of many configs, can be cancelled between two
of them by `Context.steps`.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from mcp_server.kernel.errors import CancelledCallError

P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class _Call:
    """The call that runs now."""

    is_over: Callable[[], bool]
    changes: bool = False


_CALL: ContextVar[_Call | None] = ContextVar("call", default=None)


def cancellable(is_over: Callable[[], bool], work: Callable[[], R]) -> R:
    """Do the work of a call; once `is_over` returns true, it ends with a `CancelledCallError` at its next wait."""
    return _within(_Call(is_over), work)


def stop_if_cancelled() -> None:
    """Call this while waiting. Raises `CancelledCallError` if the call is over and has changed nothing yet."""
    if (call := _CALL.get()) and not call.changes and call.is_over():
        raise CancelledCallError


def begin_change() -> None:
    """Call this before changing anything outside this process: from here on the call is not cancelled."""
    if call := _CALL.get():
        call.changes = True


def in_same_call(work: Callable[P, R]) -> Callable[P, R]:
    """`work` for a thread of a pool, which would otherwise not belong to the current call."""
    call = _CALL.get()
    return lambda *args, **kwargs: _within(call, lambda: work(*args, **kwargs))


def _within(call: _Call | None, work: Callable[[], R]) -> R:
    token = _CALL.set(call)
    try:
        return work()
    finally:
        _CALL.reset(token)
