"""What stands before a login, in Claude Code's order."""

import pytest

from mcp_server.kernel.secret import Secret
from mcp_server.logins.shadowing import effect, in_profile, shadows


def found(**values: str) -> tuple[str, ...]:
    return shadows({name: Secret(value) for name, value in values.items()})


def test_shadows_come_in_the_order_in_which_claude_code_prefers_them() -> None:
    everything = {
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "CLAUDE_CODE_OAUTH_TOKEN": "t",
        "apiKeyHelper": "/bin/key",
        "ANTHROPIC_API_KEY": "k",
        "ANTHROPIC_AUTH_TOKEN": "t",
        "CLAUDE_CODE_USE_BEDROCK": "1",
    }
    assert found(**everything) == tuple(reversed(everything))


def test_the_keys_of_other_tools_are_legitimate() -> None:
    assert found(OPENAI_API_KEY="k", GEMINI_API_KEY="k", GOOGLE_API_KEY="k", GH_TOKEN="k", AGENT_NAME="opus-1") == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANTHROPIC_API_KEY", ""),
        ("ANTHROPIC_API_KEY", "  "),
        ("CLAUDE_CODE_USE_VERTEX", "0"),
        ("CLAUDE_CODE_USE_VERTEX", "false"),
        ("ANTHROPIC_BASE_URL", "https://api.anthropic.com"),
        ("ANTHROPIC_BASE_URL", "https://api.anthropic.com/"),
    ],
)
def test_a_value_that_has_no_effect_shadows_nothing(name: str, value: str) -> None:
    assert found(**{name: value}) == ()


@pytest.mark.parametrize(
    "address", ["http://api.anthropic.com", "https://api.anthropic.com.example", "https://api.anthropic.com@example"]
)
def test_an_address_that_only_looks_like_anthropics_is_another_one(address: str) -> None:
    assert found(ANTHROPIC_BASE_URL=address) == ("ANTHROPIC_BASE_URL",)


def test_an_address_has_another_effect_than_a_credential() -> None:
    assert effect("ANTHROPIC_BASE_URL") != effect("ANTHROPIC_API_KEY")


@pytest.mark.parametrize("value", ["1", "true", "YES", " on "])
def test_a_cloud_that_is_switched_on_shadows_the_login(value: str) -> None:
    assert found(CLAUDE_CODE_USE_VERTEX=value) == ("CLAUDE_CODE_USE_VERTEX",)


def test_an_address_sends_the_token_elsewhere_and_a_credential_replaces_it() -> None:
    assert effect("ANTHROPIC_BASE_URL") == "sends the login's token to another address"
    assert effect("ANTHROPIC_API_KEY") == "is used in place of the login"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("export ANTHROPIC_API_KEY=a", "a"),
        ("ANTHROPIC_API_KEY='a'; ANTHROPIC_API_KEY=b", "b"),
        ("export ANTHROPIC_API_KEY=a\nunset OTHER ANTHROPIC_API_KEY", ""),
        ("unset ANTHROPIC_API_KEY\nexport ANTHROPIC_API_KEY=a", "a"),
        ("# export ANTHROPIC_API_KEY=a", None),
        ("true # ANTHROPIC_API_KEY=a", None),
        ("export MY_ANTHROPIC_API_KEY=a", None),
    ],
)
def test_the_last_assignment_of_a_profile_counts(text: str, value: str | None) -> None:
    assert {name: secret.reveal() for name, secret in in_profile(text).items()} == (
        {} if value is None else {"ANTHROPIC_API_KEY": value}
    )
