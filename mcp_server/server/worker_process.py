"""A look at a large fleet in a process of its own, asked and answered in JSON.

One interpreter runs one thread at a time. Beside a plan of 10,000 agents every other agent's call would wait for its
turn again and again, and what the plan needed of memory would stay. Reads alone: it may be ended at any moment.
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
from mcp_server.server.crash import recorded
from mcp_server.server.wiring import context_of

LARGE: Final = 500
"Agents from which on a start of some 0.3 s is worth it."
_GLANCE: Final = 0.2
"Seconds between two looks whether the call is still wanted."
_PAUSE: Final = 0.1
"Seconds between two words of how far it is."
_NICE: Final = 5


def is_for(operation: Operation, context: Context) -> bool:
    return operation.grows and operation.effect is Effect.READ and len(context.fleet.agents) >= LARGE


def answered(operation: Operation, params: Params, context: Context) -> tuple[str, dict[str, Any]]:
    """The text and the document of the answer. The process knows of its caller what the context does, and no more."""
    asked = {
        "operation": operation.name,
        "arguments": params.model_dump(mode="json", exclude_unset=True),
        "environment": dict(context.world.environment),
        "cwd": str(context.world.cwd),
        "fleet": str(context.fleet.root),
        "agent": context.caller,
        "remote": context.remote,
    }
    command = [sys.executable, "-I", "-X", "utf8", "-m", "mcp_server.server.worker_process"]
    plain = {"PATH": os.defpath, "GIT_PYTHON_REFRESH": "quiet"}
    with TemporaryFile() as question:
        question.write(json.dumps(asked).encode())
        question.seek(0)
        process = Popen(command, stdin=question, stdout=PIPE, env=plain, cwd="/", start_new_session=True)
    with process:
        try:
            return _heard(process.stdout, operation, context)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _heard(said: IO[bytes] | None, operation: Operation, context: Context) -> tuple[str, dict[str, Any]]:
    unread = b""
    while True:
        stop_if_cancelled()
        if said and not select.select([said], [], [], _GLANCE)[0]:
            continue
        if not said or not (chunk := os.read(said.fileno(), 1 << 16)):
            problem = f"the process of {operation.name} was ended from outside"
            raise OpsError("unavailable", problem, "See whether the host is out of memory, then call again")
        *lines, unread = (unread + chunk).split(b"\n")
        for line in lines:
            match json.loads(line):
                case {"step": [done, total, what]}:
                    context.watch(done, total, what)
                case {"error": error}:
                    raise OpsError(error["kind"], error["message"], error["next"])
                case answer:
                    return answer["text"], answer["document"]


def _tell(**said: Any) -> None:
    line = json.dumps(said).encode() + b"\n"
    while line:
        line = line[os.write(_OUT, line) :]


def _answer(asked: dict[str, Any]) -> None:
    operation = operation_of(asked["operation"])
    due = 0.0

    def watch(done: int, total: int, what: str) -> None:
        nonlocal due
        if (now := time.monotonic()) >= due:
            due = now + _PAUSE
            _tell(step=[done, total, what])

    context = context_of(asked["environment"], Path(asked["cwd"]), fleet=Path(asked["fleet"]), agent=asked["agent"])
    try:
        params = parameters(operation, asked["arguments"])
        result = operation.run(replace(context, watch=watch, remote=asked["remote"]), params)
        _tell(text=operation.text(result), document=as_json(result))
    except OpsError as error:
        _tell(**error.document())
    except Exception as error:  # a crash of ours is told like one of the server's
        _tell(**recorded(error, context.world.state).document())


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # who asked is gone: so are we
    os.nice(_NICE)
    _OUT = os.dup(1)
    os.dup2(2, 1)  # the wire is ours alone
    _answer(json.load(sys.stdin))
