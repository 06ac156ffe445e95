"""Requests to servers that the user configured. What was sent or received never appears in an error or a log."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from mcp_server.kernel.address import host_of, require_https
from mcp_server.kernel.cancellation import begin_change
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret

_LARGEST = 1_000_000
"Bytes that are read of a reply."


@dataclass(frozen=True)
class Reply:
    """A server's reply; `status` is None if the request was sent and no reply came.

    `retry_after` is the wait in seconds that the server asks for, if it does.
    """

    status: int | None
    body: bytes
    retry_after: float | None = None


class Http:
    """Requests by httpx. Redirects are not followed: the redirect itself is the reply."""

    def __init__(self, patience: float = 30.0) -> None:
        self._patience = patience

    def post(
        self,
        url: Secret,
        *,
        document: Json,
        patience: float | None = None,
        idempotency: str | None = None,
    ) -> Reply:
        """Send a JSON document; `invalid` for an address without TLS, `unavailable` if nothing was sent.

        `patience` in seconds, 30 unless given. `idempotency` is a key by which the server recognises a repeated
        request.
        """
        import httpx  # noqa: PLC0415  (slow to import, and most calls send nothing)

        address = require_https(url.reveal())
        patience = patience or self._patience
        headers = {"accept": "application/json"} | ({"idempotency-key": idempotency} if idempotency else {})
        begin_change()
        try:
            with (
                httpx.Client(timeout=patience, headers=headers) as client,
                client.stream("POST", address, json=document) as answer,
            ):
                body = b"".join(_bounded(answer.iter_bytes(), time.monotonic() + patience))
                return Reply(answer.status_code, body, _seconds(answer.headers.get("retry-after")))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            problem = f"{host_of(address)} cannot be reached: {type(error).__name__}"
            raise OpsError("unavailable", problem, "Try again later") from None
        except httpx.HTTPError:
            return Reply(None, b"")


def _bounded(chunks: Iterable[bytes], deadline: float) -> Iterator[bytes]:
    """The body, up to the size limit and the deadline."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > _LARGEST or time.monotonic() > deadline:
            return
        yield chunk


def _seconds(header: str | None) -> float | None:
    """The wait in a `Retry-After` header, which is seconds or a date (RFC 9110, section 10.2.3)."""
    if header is None:
        return None
    with suppress(ValueError):
        return max(0.0, float(header))
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  loads sockets, and most calls send nothing

    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    return None
