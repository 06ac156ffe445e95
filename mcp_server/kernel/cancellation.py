"""Whether anybody still wants the call that this thread works for: asked wherever a call waits for something else.

A call that has begun to change something is no longer cut short by this: half a change, or a rotated token that
nobody saved, is worse than a wait. Work of like steps, such as a sync of many configs, ends between two of them by
`Context.steps`.
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
    is_over: Callable[[], bool]
    changes: bool = False


_CALL: ContextVar[_Call | None] = ContextVar("call", default=None)


def cancellable(is_over: Callable[[], bool], work: Callable[[], R]) -> R:
    """Do a call's work; where it waits it ends by a `CancelledCallError` once `is_over` says so."""
    return _within(_Call(is_over), work)


def stop_if_cancelled() -> None:
    """To be called while something is waited for. Raises where nobody wants the call, and it has changed nothing."""
    if (call := _CALL.get()) and not call.changes and call.is_over():
        raise CancelledCallError


def begin_change() -> None:
    """To be called before anything outside this process is changed: from here on the call is waited for."""
    if call := _CALL.get():
        call.changes = True


def in_same_call(work: Callable[P, R]) -> Callable[P, R]:
    """The same for a thread of a pool, which otherwise knows of no call."""
    call = _CALL.get()
    return lambda *args, **kwargs: _within(call, lambda: work(*args, **kwargs))


def _within(call: _Call | None, work: Callable[[], R]) -> R:
    token = _CALL.set(call)
    try:
        return work()
    finally:
        _CALL.reset(token)
