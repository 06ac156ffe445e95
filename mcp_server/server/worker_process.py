"""Runs a read of a large fleet in a worker process, with JSON lines in between.

One interpreter runs one thread at a time: beside a plan of 10,000 agents every other call would be slow, and the
memory that the plan needed would not be freed. Only reads run here, because a worker may be killed at any moment.
"""

import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from typing import IO, Any, Final

from mcp_server.kernel.cancellation import stop_if_cancelled
from mcp_server.kernel.document import as_json
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.server.arguments import parameters
from mcp_server.server.catalogue import operation as operation_of
from mcp_server.server.crash import record_crash
from mcp_server.server.wiring import context_of

LARGE: Final = 500
"From this many agents on, a start of some 0.3 s is worth it."
_POLL: Final = 0.2
"Seconds between two checks whether the call was cancelled."
_INTERVAL: Final = 0.1
"Seconds between two reports of progress."
_NICE: Final = 5


def needs_worker(operation: Operation, context: Context) -> bool:
    """Whether the call is a read of a fleet that is large enough."""
    return operation.grows and operation.effect is Effect.READ and len(context.fleet.agents) >= LARGE


def run_in_worker(operation: Operation, params: Params, context: Context) -> tuple[str, dict[str, Any]]:
    """The text and the document of the answer. The worker gets what the context holds about the caller, no more."""
    request = {
        "operation": operation.name,
        "arguments": params.given(),
        "environment": dict(context.world.environment),
        "cwd": str(context.world.cwd),
        "fleet": str(context.fleet.root),
        "agent": context.caller,
        "remote": context.remote,
    }
    command = [sys.executable, "-I", "-X", "utf8", "-m", "mcp_server.server.worker_process"]
    plain = {"PATH": os.defpath, "GIT_PYTHON_REFRESH": "quiet"}
    with TemporaryFile() as file:
        file.write(json.dumps(request).encode())
        file.seek(0)
        process = Popen(command, stdin=file, stdout=PIPE, env=plain, cwd="/", start_new_session=True)
    with process:
        try:
            return _read_answer(process.stdout, operation, context)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _read_answer(output: IO[bytes] | None, operation: Operation, context: Context) -> tuple[str, dict[str, Any]]:
    unread = b""
    while True:
        stop_if_cancelled()
        if output and not select.select([output], [], [], _POLL)[0]:
            continue
        if not output or not (chunk := os.read(output.fileno(), 1 << 16)):
            message = f"the worker process of {operation.name} was killed"
            raise OpsError("unavailable", message, "Check whether the host is out of memory, then call again")
        *lines, unread = (unread + chunk).split(b"\n")
        for line in lines:
            match json.loads(line):
                case {"step": [done, total, what]}:
                    context.watch(done, total, what)
                case {"error": error}:
                    raise OpsError(error["kind"], error["message"], error["next"])
                case answer:
                    return answer["text"], answer["document"]


def _send(**message: Any) -> None:
    line = json.dumps(message).encode() + b"\n"
    while line:
        line = line[os.write(_OUT, line) :]


def _answer(request: dict[str, Any]) -> None:
    operation = operation_of(request["operation"])
    due = 0.0

    def watch(done: int, total: int, what: str) -> None:
        nonlocal due
        if (now := time.monotonic()) >= due:
            due = now + _INTERVAL
            _send(step=[done, total, what])

    context = context_of(
        request["environment"], Path(request["cwd"]), fleet=Path(request["fleet"]), agent=request["agent"]
    )
    try:
        params = parameters(operation, request["arguments"])
        result = operation.run(replace(context, watch=watch, remote=request["remote"]), params)
        _send(text=operation.text(result), document=as_json(result))
    except OpsError as error:
        _send(**error.document())
    except Exception as error:  # recorded like a crash of the server
        _send(**record_crash(error, context.world.state).document())


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # end with the server
    os.nice(_NICE)
    _OUT = os.dup(1)
    os.dup2(2, 1)  # what the operation prints goes to standard error
    _answer(json.load(sys.stdin))
