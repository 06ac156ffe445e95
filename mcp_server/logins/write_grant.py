"""The refresh grant (RFC 6749, section 6) of a login that `fleet.toml` describes. Never a Claude login's.

A refresh token may be good for one use, and a second one may revoke the login. So what is asked with is noted before
it is sent, and is not sent again until an answer says that it is unspent; a good answer is kept before the store is
written, and a call that was killed in between has its answer put in place by the next.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from mcp_server.kernel.address import host_of, token_endpoint
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret
from mcp_server.logins.claude_login import Login
from mcp_server.logins.configured_login import ConfiguredLogin, refusal
from mcp_server.system.files import Files
from mcp_server.system.http import Http
from mcp_server.system.single_flight import Flight, one_flight


class Grants(Protocol):
    def refresh(self, login: ConfiguredLogin, due: Callable[[], bool]) -> Flight:
        """Renew a login that `fleet.toml` describes, one flight per host and store; the store is written before
        anything else. `denied` where only a human can help, `unavailable` where nothing is changed."""
        ...


_WAIT = 90.0
_ROOM = 64 * 1024
_UNSPENT = (401, 403, 404, 405, 408, 429, 503)
"Answers of servers that did not come to the token, or ask for patience."


class RefreshGrants:
    """`ports.Grants`."""

    def __init__(self, files: Files, http: Http, state: Path) -> None:
        self._files = files
        self._http = http
        self._state = state

    def refresh(self, login: ConfiguredLogin, due: Callable[[], bool]) -> Flight:
        return one_flight(login.store, self._state, _WAIT, due, lambda lock, _: self._renew(login, lock.stem))

    def _renew(self, login: ConfiguredLogin, name: str) -> None:
        token_endpoint(login.endpoint)  # refused here too, whoever described it
        sent, kept = (self._state / "flights" / f"{name}.{what}" for what in ("sent", "answer"))
        found = login.parse(self._files.read(login.store))
        if found is None or not found.refresh:
            raise OpsError("denied", f"{login.store} holds no refresh token", _anew(login))
        generation = found.refresh.fingerprint().encode()
        if self._files.kind(sent) == "absent" or self._files.read(sent) != generation:
            self._files.room_for(login.store.parent, _ROOM)
            self._files.replace(sent, generation, inside=self._state)
            kept.unlink(missing_ok=True)
            self._ask(login, found, sent, kept)
        elif self._files.kind(kept) == "absent":
            problem = "its refresh token was sent before, and was refused or never answered: sent again it may revoke"
            raise OpsError("denied", f"{problem} the login in {login.store}", _anew(login))
        renewed = login.renewed(self._files.read(login.store), self._files.read(kept), self._files.modified(kept))
        self._files.replace(login.store, renewed, inside=login.store.parent)
        sent.unlink(missing_ok=True)
        kept.unlink(missing_ok=True)

    def _ask(self, login: ConfiguredLogin, found: Login, sent: Path, kept: Path) -> None:
        host = host_of(login.endpoint)
        try:
            reply = self._http.post(Secret(login.endpoint), form=login.grant(found))
        except OpsError:
            sent.unlink(missing_ok=True)  # it never got there
            raise
        if reply.status == 200:
            self._files.replace(kept, reply.body, inside=self._state, mode=0o600)
            return
        if reply.status in _UNSPENT:
            sent.unlink(missing_ok=True)
            raise OpsError("unavailable", f"{host} answered {reply.status}: nothing is changed", "Try again later")
        if reply.status == 400 and refusal(reply.body) not in ("", "invalid_grant"):
            sent.unlink(missing_ok=True)
            problem = f"{host} answered {refusal(reply.body)}: nothing is changed"
            raise OpsError("unavailable", problem, f"Correct logins.{login.name} in fleet.toml")
        answered = f"{reply.status} {refusal(reply.body)}".strip() if reply.status else "nothing"
        raise OpsError("denied", f"{host} answered {answered}: the login may be over", _anew(login))


def _anew(login: ConfiguredLogin) -> str:
    return f"A human logs in anew with the client that uses {login.store}"
