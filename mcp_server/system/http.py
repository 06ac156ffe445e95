"""Messages to servers that the operator named, by httpx. What was sent or answered is in no error and no log."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from mcp_server.kernel.address import checked, host_of
from mcp_server.kernel.cancellation import changes_now
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret


@dataclass(frozen=True)
class Reply:
    """What a server answered; `status` is None where it was sent something and no answer came.

    `retry_after`: the seconds it asks to wait, if it does.
    """

    status: int | None
    body: bytes
    retry_after: float | None = None


class Http(Protocol):
    def post(
        self,
        url: Secret,
        *,
        document: Json,
        patience: float | None = None,
        idempotency: str | None = None,
    ) -> Reply:
        """Send a JSON document; `invalid` for an address without TLS, `unavailable` if it got nowhere.

        `patience` in seconds, 30 unless given; `idempotency` tells the server that it got the same before.
        """
        ...


_MOST = 1_000_000


class HttpxHttp:
    """`ports.Http`. A redirect is an answer like any other: nothing is sent on to where it points."""

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
        import httpx  # noqa: PLC0415  (only who sends something pays for it)

        address = checked(url.reveal())
        patience = patience or self._patience
        headers = {"accept": "application/json"} | ({"idempotency-key": idempotency} if idempotency else {})
        changes_now()
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
    """As much of a body as is sane, and comes in time."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > _MOST or time.monotonic() > deadline:
            return
        yield chunk


def _seconds(header: str | None) -> float | None:
    """What `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3)."""
    if header is None:
        return None
    with suppress(ValueError):
        return max(0.0, float(header))
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    return None
