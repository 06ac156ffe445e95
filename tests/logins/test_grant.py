"""The refresh grant of a login that the operator described: what is sent, kept and never sent twice."""

import json
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from mcp_server.kernel.errors import OpsError
from mcp_server.logins.configured_login import ConfiguredLogin
from mcp_server.logins.write_grant import RefreshGrants
from mcp_server.system.disk_files import DiskFiles
from mcp_server.system.http import HttpxHttp
from tests.fixtures.http_server import Listener, listening

NEW = b'{"access_token": "canary-a2", "refresh_token": "canary-r2", "expires_in": 60, "token_type": "Bearer"}'


@pytest.fixture
def server() -> Generator[Listener]:
    with listening() as found:
        found.answers = [(200, NEW)]
        yield found


@pytest.fixture
def login(tmp_path: Path, server: Listener) -> ConfiguredLogin:
    store = tmp_path / "tokens.json"
    store.touch(0o600)
    store.write_text('{"a": "canary-a1", "r": "canary-r1", "kept": 1e5, "until": 0}\n')
    return ConfiguredLogin("tracker", server.url, "fleet", store, "/a", "/r", "/until", "milliseconds", "read")


def grants(tmp_path: Path, patience: float = 20) -> RefreshGrants:
    state = tmp_path / "state"
    return RefreshGrants(DiskFiles(state), HttpxHttp(patience), state)


def refused(tmp_path: Path, login: ConfiguredLogin, patience: float = 20) -> OpsError:
    before = login.store.read_bytes()
    with pytest.raises(OpsError) as told:
        grants(tmp_path, patience).refresh(login, lambda: True)
    assert login.store.read_bytes() == before
    assert "canary" not in f"{told.value.message} {told.value.next}"
    return told.value


def test_the_grant_is_posted_and_the_rotated_token_stands_in_the_file(
    tmp_path: Path, login: ConfiguredLogin, server: Listener
) -> None:
    assert grants(tmp_path).refresh(login, lambda: True) == "ended"
    form = {name: values[0] for name, values in parse_qs(server.got[0].decode()).items()}
    assert form == {
        "grant_type": "refresh_token",
        "refresh_token": "canary-r1",
        "client_id": "fleet",
        "scope": "read",
    }
    assert login.store.read_text().startswith('{"a": "canary-a2", "r": "canary-r2", "kept": 1e5, "until": 1')
    assert login.store.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "state" / "flights").iterdir()] == []


@pytest.mark.parametrize(
    ("answer", "kind", "posts"),
    [
        ((400, b'{"error": "invalid_grant", "error_description": "canary"}'), "denied", 1),
        ((500, b"canary"), "denied", 1),
        ((0, b""), "denied", 1),
        ((302, b""), "denied", 1),
        ((200, b"<html>canary"), "invalid", 1),
        ((200, b'{"error": "canary"}'), "invalid", 1),
        ((400, b'{"error": "invalid_client"}'), "unavailable", 2),
        ((401, b""), "unavailable", 2),
        ((429, b""), "unavailable", 2),
        ((503, b""), "unavailable", 2),
    ],
)
def test_a_token_that_may_be_spent_is_not_sent_again_and_one_that_is_not_is(  # noqa: PLR0917
    tmp_path: Path, login: ConfiguredLogin, server: Listener, answer: tuple[int, bytes], kind: str, posts: int
) -> None:
    server.answers = [answer]
    assert refused(tmp_path, login).kind == kind
    refused(tmp_path, login)
    assert len(server.got) == posts


def test_a_call_that_died_after_the_answer_has_it_put_in_place_by_the_next(
    tmp_path: Path, login: ConfiguredLogin, server: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(ConfiguredLogin, "renewed", die)
        with pytest.raises(KeyboardInterrupt):
            grants(tmp_path).refresh(login, lambda: True)
    assert '"canary-r1"' in login.store.read_text()
    assert grants(tmp_path).refresh(login, lambda: True) == "ended"
    assert '"canary-r2"' in login.store.read_text()
    assert len(server.got) == 1


def die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_server_that_keeps_its_refresh_token_is_asked_again_the_next_time(
    tmp_path: Path, login: ConfiguredLogin, server: Listener
) -> None:
    server.answers = [(200, b'{"access_token": "canary-a2", "expires_in": 60}')]
    for _ in range(2):
        assert grants(tmp_path).refresh(login, lambda: True) == "ended"
    assert json.loads(login.store.read_text())["r"] == "canary-r1"
    assert len(server.got) == 2


def test_nobody_there_is_no_harm(tmp_path: Path, login: ConfiguredLogin) -> None:
    gone = replace(login, endpoint="http://127.0.0.1:9/token")
    assert refused(tmp_path, gone).kind == "unavailable"
    assert grants(tmp_path).refresh(login, lambda: True) == "ended"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://platform.claude.com/v1/oauth/token",
        "https://console.anthropic.com/v1/oauth/token",
        "https://API.Anthropic.COM./token",
        "https://claude.ai/token",
        "http://tokens.example/token",
        "ftp://127.0.0.1/token",
        "https://user:canary@tokens.example/",
        "http://[canary",
    ],
)
def test_anthropics_endpoints_and_open_ones_are_refused_and_nothing_is_sent(
    tmp_path: Path, login: ConfiguredLogin, endpoint: str
) -> None:
    assert refused(tmp_path, replace(login, endpoint=endpoint)).kind == "invalid"
