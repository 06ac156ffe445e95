"""What stands before a login, in Claude Code's order."""

import pytest

from mcp_server.kernel.secret import Secret
from mcp_server.logins.shadowing import effect, shadows


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
