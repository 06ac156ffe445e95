"""Uvicorn's settings: how many connections, and how long a request may take to arrive."""

import asyncio
from typing import ClassVar

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

_MOST = 512
_CLOSED_WITHIN = 2
"Seconds at the end, once calls have had their time: an open stream would otherwise never end."


def configured(app: ASGIApp, cert: str | None = None, key: str | None = None) -> uvicorn.Config:
    """Uvicorn itself logs nothing, because its lines hold queries, and trusts no header of a proxy."""
    return uvicorn.Config(
        app,
        http=Impatient,
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MOST,
        timeout_graceful_shutdown=_CLOSED_WITHIN,
        ssl_certfile=cert,
        ssl_keyfile=key,
    )


class Impatient(H11Protocol):
    """Closes a connection when a request does not arrive in time; uvicorn would wait for ever.

    The time starts with the connection, and with the first byte of each further request.
    """

    within = 30.0
    "Seconds for a request, head and body."
    deadline: asyncio.TimerHandle | None = None
    most_waiting = 128
    "Connections of one address whose request has not arrived; of more, the oldest is closed."
    waiting: ClassVar[dict[str, dict["Impatient", None]]] = {}
    "Of each address, the oldest first."

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        self._await_the_rest()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._await_the_rest()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.stop_waiting()

    def _await_the_rest(self) -> None:
        """Between two requests uvicorn's own keep-alive timeout applies."""
        is_arriving = self.conn.their_state in (h11.IDLE, h11.SEND_BODY) and self.timeout_keep_alive_task is None
        if not is_arriving:
            self.stop_waiting()
        elif self.deadline is None:
            self.deadline = self.loop.call_later(self.within, self.transport.abort)
            own = self.waiting.setdefault(self._address(), {})
            own[self] = None
            if len(own) > self.most_waiting:
                oldest = next(iter(own))
                oldest.stop_waiting()
                oldest.transport.abort()

    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def stop_waiting(self) -> None:
        """The request has arrived, or the connection ends."""
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None
            own = self.waiting[self._address()]
            del own[self]
            if not own:
                del self.waiting[self._address()]
