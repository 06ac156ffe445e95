"""Which variables reach an agent, and why the others do not."""

import pytest

from mcp_server.fleet.environment import environment_of
from mcp_server.kernel.secret import Secret


def reason(name: str, *, env_file: bool = True) -> str | None:
    given = {name: "x"}
    found = (
        environment_of({}, {n: Secret(v) for n, v in given.items()}, {})
        if env_file
        else environment_of({}, {}, given)
    )
    assert (name in found.whole()) is not bool(found.withheld)
    return found.withheld[0].reason if found.withheld else None


@pytest.mark.parametrize(
    "name",
    [
        *("ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_BETAS"),
        *("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "CLAUDE_CODE_EFFORT_LEVEL", "CLAUDE_CODE_API_KEY_HELPER_TTL_MS"),
        *("CLAUDE_CODE_ENABLE_TELEMETRY", "CLAUDE_CODE_IDLE_TOKEN_THRESHOLD", "CLAUDE_CODE_USE_POWERSHELL_TOOL"),
        *("CLAUDE_CODE_PROXY_RESOLVES_HOSTS", "CLAUDE_CODE_A_SETTING_OF_TOMORROW", "MAX_THINKING_TOKENS"),
        *("HTTPS_PROXY", "GH_TOKEN", "OPENAI_API_KEY", "GEMINI_API_KEY", "my.name"),
    ],
)
def test_a_setting_and_a_key_of_another_service_reach_the_agent(name: str) -> None:
    assert reason(name) is None
    assert reason(name, env_file=False) is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ANTHROPIC_API_KEY", "login or a key"),
        ("ANTHROPIC_AUTH_TOKEN", "login or a key"),
        ("ANTHROPIC_CUSTOM_HEADERS", "login or a key"),
        ("ANTHROPIC_IDENTITY_TOKEN_FILE", "login or a key"),
        ("CLAUDE_CODE_OAUTH_TOKEN", "login or a key"),
        ("CLAUDE_CODE_OAUTH_REFRESH_TOKEN", "login or a key"),
        ("CLAUDE_CODE_A_TOKEN", "login or a key"),
        ("ANTHROPIC_BASE_URL", "another address"),
        ("ANTHROPIC_UNIX_SOCKET", "another address"),
        ("CLAUDE_CODE_HTTPS_PROXY", "another address"),
        ("CLAUDE_CODE_USE_BEDROCK", "another provider"),
        ("ANTHROPIC_VERTEX_PROJECT_ID", "another provider"),
        ("CLAUDECODE", "session that calls ops"),
        ("CLAUDE_CODE_SESSION_ID", "session that calls ops"),
        ("CLAUDE_CODE_ENTRYPOINT", "session that calls ops"),
        ("CLAUDE_PLUGIN_OPTION_TEAM", "session that calls ops"),
        ("CLAUDE_CODE_SIMPLE", "switch off the hooks"),
        ("CLAUDE_CONFIG_DIR", "ops sets the folder"),
    ],
)
def test_what_would_change_the_login_or_the_guard_is_withheld_from_wherever_it_comes(name: str, why: str) -> None:
    assert why in (reason(name) or "")
    assert why in (reason(name, env_file=False) or "")


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PATH", "HOME", "NODE_OPTIONS", "CLAUDE_CODE_SHELL_PREFIX"])
def test_an_env_file_chooses_no_programs_and_the_callers_value_stays(name: str) -> None:
    found = environment_of({}, {name: Secret("from the file")}, {name: "the caller's"})
    assert found.whole() == {name: "the caller's"}
    assert [(each.name, each.source) for each in found.withheld] == [(name, "env_file")]


def test_the_repository_of_a_hook_that_calls_ops_is_not_the_agents() -> None:
    assert not environment_of({}, {}, {"GIT_DIR": "/other/.git", "GIT_INDEX_FILE": "i"}).whole()
    assert environment_of({}, {}, {"GIT_AUTHOR_NAME": "A"}).whole() == {"GIT_AUTHOR_NAME": "A"}


def test_what_ops_sets_wins_over_the_env_file_and_that_over_the_caller() -> None:
    found = environment_of(
        {"AGENT_NAME": "opus-1"}, {"AGENT_NAME": Secret("x"), "A": Secret("1")}, {"A": "2", "B": "3"}
    )
    assert found.whole() == {"AGENT_NAME": "opus-1", "A": "1", "B": "3"}
    assert [each.reason for each in found.withheld] == ["ops sets it"]


def test_a_value_with_which_no_program_can_be_started_is_withheld() -> None:
    assert "no program" in (environment_of({}, {"A": Secret("x" * 200_000)}, {}).withheld[0].reason)
    assert "no program" in (environment_of({}, {"A": Secret("\0")}, {}).withheld[0].reason)
    assert environment_of({}, {"A": Secret("x" * 100_000)}, {}).values
