"""What a credential store contains, and what it means at a given moment."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.kernel.errors import OpsError
from mcp_server.logins.claude_login import Login, State, is_due, parse, state_of

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CANARY = "canary-" + "x" * 40


def store(**oauth: object) -> bytes:
    return json.dumps({"claudeAiOauth": oauth, "pluginSecrets": {"a": CANARY}}).encode()


def ms(after: timedelta) -> int:
    return int((NOW + after).timestamp() * 1000)


def login(access: timedelta, login: timedelta | None) -> Login:
    life = {} if login is None else {"refreshTokenExpiresAt": ms(login)}
    found = parse(store(accessToken="a", refreshToken="r", expiresAt=ms(access), **life))
    assert found is not None
    return found


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("access", "life", "refreshing", "state"),
    [
        (6 * HOUR, 25 * DAY, False, "healthy"),
        (6 * HOUR, None, False, "healthy"),
        (timedelta(minutes=5, seconds=1), 25 * DAY, False, "healthy"),
        (timedelta(minutes=5), 25 * DAY, False, "access_lapsed"),
        (-3 * HOUR, 25 * DAY, False, "access_lapsed"),
        (-3 * HOUR, None, False, "access_lapsed"),
        (6 * HOUR, 3 * DAY, False, "healthy"),
        (6 * HOUR, 3 * DAY - HOUR, False, "login_ending"),
        (-HOUR, 2 * DAY, False, "login_ending"),
        (6 * HOUR, timedelta(), False, "login_expired"),
        (-HOUR, -HOUR, True, "login_expired"),
        (-HOUR, 25 * DAY, True, "busy"),
        (-HOUR, 2 * DAY, True, "login_ending"),
    ],
)
def test_the_state_follows_from_both_expiries(
    access: timedelta, life: timedelta | None, refreshing: bool, state: State
) -> None:
    assert state_of(login(access, life), NOW, refreshing=refreshing) == state


def test_emptied_tokens_are_a_blanked_login_without_a_generation() -> None:
    found = parse(store(accessToken="", refreshToken="", expiresAt=0))
    assert found is not None
    assert (state_of(found, NOW, refreshing=False), found.generation) == ("blanked", None)


def test_a_login_that_cannot_be_renewed_ends_with_its_access_token() -> None:
    found = parse(store(accessToken="a", refreshToken=None, expiresAt=ms(HOUR)))
    assert found is not None
    assert found.login_expires_at == NOW + HOUR
    assert state_of(found, NOW + HOUR, refreshing=False) == "login_expired"


def test_a_login_whose_store_has_no_end_has_an_unknown_expiry() -> None:
    assert login(HOUR, None).login_expires_at is None


def test_a_valid_file_without_a_claude_login_holds_none() -> None:
    assert parse(b'{"mcpOAuth": {}}') is None


def test_the_generation_distinguishes_refresh_tokens_and_reveals_none() -> None:
    one, other = (parse(store(accessToken="a", refreshToken=CANARY + end, expiresAt=0)) for end in "12")
    assert one is not None
    assert other is not None
    assert one.generation != other.generation
    assert CANARY not in f"{one!r} {one.generation}"


def test_a_token_whose_end_is_unknown_is_not_due() -> None:
    assert not is_due(None, NOW)


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"claudeAiOauth": {"accessToken": "' + CANARY.encode(), "line 1, column"),
        (b"[]", "object"),
        (b'{"claudeAiOauth": []}', "object"),
        (store(accessToken=7, refreshToken="r", expiresAt=0), "accessToken is not text"),
        (store(accessToken="a", refreshToken="r"), "no expiresAt"),
        (store(accessToken="a", refreshToken="r", expiresAt="soon"), "milliseconds"),
        (store(accessToken="a", refreshToken="r", expiresAt=True), "milliseconds"),
        (store(accessToken="a", refreshToken="r", expiresAt=1e300), "not a valid time"),
        (b'{"claudeAiOauth": {"accessToken": "a", "expiresAt": NaN}}', "not a valid time"),
        (b'{"claudeAiOauth": ' + b"9" * 5000 + b"}", "cannot be read|not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_file_that_is_not_a_store_is_refused_with_the_reason_and_without_its_content(
    data: bytes, wrong: str
) -> None:
    with pytest.raises(OpsError, match=wrong) as refused:
        parse(data)
    assert "canary" not in str(refused.value.document())


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(
        lambda v: json.dumps({"claudeAiOauth": v}).encode()
    )
)
def test_any_bytes_are_a_login_or_none_or_are_refused(data: bytes) -> None:
    with suppress(OpsError):
        found = parse(data)
        assert found is None or state_of(found, NOW, refreshing=False)
