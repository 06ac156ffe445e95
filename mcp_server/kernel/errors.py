"""Expected errors. Any other exception is a bug."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

Kind = Literal["not_found", "invalid", "conflict", "denied", "unavailable"]


class OpsError(Exception):
    """An expected error, worded for the person who reads it.

    `message` says what is wrong, with the value; `next` is the one thing to do about it. The command line prints
    both on two lines and exits with code 1; `--json` and MCP answer `{"error": {"kind", "message", "next"}}`.
    """

    def __init__(self, kind: Kind, message: str, next: str) -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.message = message
        self.next = next

    def document(self) -> dict[str, dict[str, str]]:
        """The error as the JSON document of `--json` and MCP, without a login or key that a caller gave."""
        from mcp_server.kernel.secrets.detector import scrub  # noqa: PLC0415  most calls have no error

        return {"error": {"kind": self.kind, "message": scrub(self.message), "next": scrub(self.next)}}


@contextmanager
def refused_by_os(what: str, step: str) -> Generator[None]:
    """Turn an `OSError` in this block into `unavailable`, with the message `what` and the system's reason."""
    try:
        yield
    except OSError as error:
        raise OpsError("unavailable", f"{what}: {error.strerror or error}", step) from None


class CancelledCallError(Exception):
    """The caller has cancelled the call. Raised between two steps, never in the middle of a change; not shown."""


def shown(value: object, limit: int = 80) -> str:
    """`value` quoted on one line for a message: control characters escaped, cut at `limit` characters."""
    text = value if isinstance(value, str) else str(value)
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "'" + "".join(c if c.isprintable() else repr(c)[1:-1] for c in cut) + "'"
