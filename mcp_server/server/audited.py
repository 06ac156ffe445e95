"""Runs an operation. Every WRITE is in the audit trail: who, what, with which arguments, and how it ended."""

import os
import pwd
import time
from contextlib import suppress
from typing import Any, Final

from mcp_server.activity.write_journal import AUDIT, Journal
from mcp_server.kernel.errors import CancelledCallError, OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_LONG: Final = 200


def run(operation: Operation, context: Context, params: Params, surface: str) -> Any:
    """Run the operation and return its result.

    Raises:
        OpsError: as the operation does; `unavailable` for a WRITE that cannot be recorded, which is then not begun.
    """
    if operation.effect is Effect.READ:
        return operation.run(context, params)
    trail, begun = Journal(context.world.state, AUDIT), time.monotonic()
    about = {"id": os.urandom(4).hex(), "operation": operation.name}
    try:
        trail.write("begun", **about, **_who(context, surface), arguments=_arguments(operation, params))
    except OSError as error:
        message = f"the audit trail {trail.path} cannot be written: {error.strerror or error}"
        raise OpsError(
            "unavailable", message, "Free disk space or fix the file's permissions; nothing was changed"
        ) from None
    outcome = "crashed"
    try:
        result = operation.run(context, params)
        outcome = _outcome(operation, result)
    except OpsError as error:
        outcome = error.kind
        raise
    except CancelledCallError:
        outcome = "cancelled"
        raise
    finally:
        with suppress(OSError):  # the work is done, and the trail shows that it began
            trail.write("ended", **about, outcome=outcome, ms=round(1000 * (time.monotonic() - begun)))
    return result


def _outcome(operation: Operation, result: Any) -> str:
    outcome = getattr(result, "outcome", None)
    return outcome if isinstance(outcome, str) else "done" if operation.ok(result) else "no"


def _who(context: Context, surface: str) -> dict[str, str | None]:
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    return {"surface": surface, "agent": context.caller, "user": user, "cwd": str(context.world.cwd)}


def _arguments(operation: Operation, params: Params) -> dict[str, object]:
    """The arguments as given; a long text, such as a page or a log, is replaced by its length."""
    given = params.given()
    return {name: _shortened(value, whole=name not in operation.from_file) for name, value in given.items()}


def _shortened(value: object, *, whole: bool) -> object:
    is_long = isinstance(value, str) and (len(value) > _LONG or not whole)
    return f"({len(value)} characters)" if is_long and isinstance(value, str) else value
