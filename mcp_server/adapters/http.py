"""Messages to servers that the operator named, by httpx. What was sent or answered is in no error and no log."""

from collections.abc import Iterable, Iterator, Mapping

from mcp_server.domain.address import checked, host_of
from mcp_server.domain.document import Json
from mcp_server.domain.errors import OpsError
from mcp_server.domain.secret import Secret
from mcp_server.ports import Reply

_MOST = 1_000_000


class HttpxHttp:
    """`ports.Http`. A redirect is an answer like any other: nothing is sent on to where it points."""

    def __init__(self, patience: float = 30.0) -> None:
        self._patience = patience

    def post(self, url: Secret, *, form: Mapping[str, Secret] | None = None, document: Json = None) -> Reply:
        import httpx  # noqa: PLC0415  (only who sends something pays for it)

        address = checked(url.reveal())
        fields = {name: value.reveal() for name, value in form.items()} if form else None
        try:
            with (
                httpx.Client(timeout=self._patience, headers={"accept": "application/json"}) as client,
                client.stream("POST", address, data=fields, json=document) as answer,
            ):
                body = b"".join(_bounded(answer.iter_bytes()))
                return Reply(answer.status_code, body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            problem = f"{host_of(address)} cannot be reached: {type(error).__name__}"
            raise OpsError("unavailable", problem, "Try again later") from None
        except httpx.HTTPError:
            return Reply(None, b"")


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > _MOST:
            return
        yield chunk
