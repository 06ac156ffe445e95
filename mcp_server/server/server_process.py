"""What the shared server's and the HTTP server's processes have in common: interpreter settings, logging, exit."""

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Coroutine
from typing import Any, Final, NoReturn

from mcp_server.server.metrics import Metrics
from mcp_server.server.telemetry import provide

_SWITCH_SECONDS: Final = 0.001
"How long a busy thread keeps the interpreter: a quick call waits this long beside a long one."
_NOT_RECORDED: Final = {"ClientDisconnect", "LocalProtocolError"}
"A client may hang up, or send an invalid request and be refused, as often as it likes."


class JournalHandler(logging.Handler):
    """Writes what libraries log to the journal, without the arguments, which may hold a call's content."""

    def __init__(self, level: int, metrics: Metrics) -> None:
        super().__init__(level)
        self.metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        if kind not in _NOT_RECORDED:
            text = str(record.msg)[:200]
            self.metrics.record("warning", source=record.name, line=record.lineno, message=text, error=kind)


def tune_interpreter() -> None:
    """Prepare the interpreter for many clients at once; to be called when all modules are loaded.

    A full garbage collection stops every thread, for a second beside a plan of 10,000 agents. So loaded modules are
    excluded from it and it runs a tenth as often; young objects are collected as usual.
    """
    gc.freeze()
    gc.set_threshold(700, 10, 100)
    gc.enable()
    sys.setswitchinterval(_SWITCH_SECONDS)


def run_server(metrics: Metrics, serving: Coroutine[Any, Any, None]) -> NoReturn:
    """Run a server with logs and telemetry, then exit without waiting for threads that still work."""
    logging.getLogger().addHandler(JournalHandler(logging.WARNING, metrics))
    flush = provide(os.environ, metrics.record)
    asyncio.run(serving)
    flush()
    os._exit(0)
