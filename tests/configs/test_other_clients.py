"""Masters for Codex's `config.toml` and Gemini's `settings.json`, with the same plan and sync."""

import json
import tomllib
from pathlib import Path

import pytest

from mcp_server.configs.look_file import ConfigFile
from mcp_server.kernel.errors import OpsError
from tests.fixtures.configs import MASTER, OWN, ConfigFleet, configs, write

__all__ = ["configs"]  # the fixture
MASTER_TOML = """
model = "gpt-5-codex"
[tui]
notifications = true
[mcp_servers.docs]
command = "npx"
args = ["-y", "@acme/docs"]
[projects."/secret"]
trust_level = "trusted"
"""
AGENT_TOML = """# mine
approval_policy = "never"  # stays

[tui]
theme = "night"  # stays too

[mcp_servers.own]
command = "own"

[projects."/work"]
trust_level = "trusted"
"""


@pytest.fixture
def fleet(configs: ConfigFleet, home: Path) -> ConfigFleet:
    """Two Codex agents, the second with its own CODEX_HOME, and a Gemini agent."""
    for agent in ("codex-1", "codex-2", "gemini-1"):
        write(configs.path(agent), OWN)
    own = configs.path("codex-2").parent / ".codex"
    (configs.path("codex-2").parent / ".env").write_text(f"CODEX_HOME={own}\n")
    for folder in (home / ".codex", own):
        folder.mkdir()
        (folder / "config.toml").write_text(AGENT_TOML)
    (home / ".gemini").mkdir()
    (configs.root / "Docker" / "codex.toml").write_text(MASTER_TOML)
    write(
        configs.root / "Docker" / "gemini.json",
        {"ui": {"hideTips": True}, "mcpServers": {"docs": {"command": "npx"}}},
    )
    tables = '[fleet]\ncodex_master = "Docker/codex.toml"\ngemini_master = "Docker/gemini.json"\n'
    (configs.root / "fleet.toml").write_text(tables)
    return configs


def _path(home: Path, agent: str, fleet: ConfigFleet) -> Path:
    return (home / ".codex" if agent == "codex-1" else fleet.path(agent).parent / ".codex") / "config.toml"


def test_the_config_of_codex_is_beside_the_login_that_fleet_toml_names(fleet: ConfigFleet, home: Path) -> None:
    described = fleet.root / "fleet.toml"
    described.write_text(described.read_text() + '[agents.codex-1]\nlogin = "~/second"\n')
    (row,) = (row for row in fleet.plan().agents if (row.agent, row.path.name) == ("codex-1", "config.toml"))
    assert row.path == home / "second" / "config.toml"


@pytest.mark.parametrize("agent", ["codex-1", "codex-2"])
def test_codex_gets_the_masters_values_and_keeps_its_own_and_its_comments(
    fleet: ConfigFleet, home: Path, agent: str
) -> None:
    states = {(row.agent, row.path.name): row.state for row in fleet.plan().agents}
    assert states[agent, "config.toml"] == "missing"
    assert {row.state for row in fleet.sync().agents} == {"applied"}
    text = _path(home, agent, fleet).read_text()
    assert all(
        line in text for line in ('# mine\napproval_policy = "never"  # stays', 'theme = "night"  # stays too')
    )
    assert tomllib.loads(text) == {
        "model": "gpt-5-codex",
        "approval_policy": "never",
        "tui": {"theme": "night", "notifications": True},
        "mcp_servers": {"own": {"command": "own"}, "docs": {"command": "npx", "args": ["-y", "@acme/docs"]}},
        "projects": {"/work": {"trust_level": "trusted"}},
    }
    assert {row.state for row in fleet.sync().agents} == {"unchanged"}
    assert fleet.read(agent) == {**OWN, **MASTER}


def test_an_edit_that_cannot_be_made_names_the_file(tmp_path: Path) -> None:
    config = ConfigFile(tmp_path, "config.toml", "codex")
    with pytest.raises(OpsError) as refused:
        config.edit('mcp_servers = { own = { command = "own" } }\n', {"/mcp_servers/docs/command": "npx"})
    assert str(config.path) in refused.value.message
    assert refused.value.next == f"By hand: change /mcp_servers/docs/command in {config.path}"


def test_gemini_gets_new_settings_first_and_a_merge_by_member_later(fleet: ConfigFleet, home: Path) -> None:
    settings = home / ".gemini" / "settings.json"
    fleet.sync()
    assert json.loads(settings.read_text()) == {"ui": {"hideTips": True}, "mcpServers": {"docs": {"command": "npx"}}}
    write(
        settings, {"ui": {"hideTips": True, "theme": "x"}, "security": {"auth": {"selectedType": "oauth-personal"}}}
    )
    (row,) = [row for row in fleet.plan("gemini-1").agents if row.path == settings]
    assert [(change.pointer, change.state) for change in row.changes] == [("/mcpServers/docs", "drifted")]
    fleet.sync(take="master")
    assert json.loads(settings.read_text()) == {
        "ui": {"hideTips": True, "theme": "x"},
        "security": {"auth": {"selectedType": "oauth-personal"}},
        "mcpServers": {"docs": {"command": "npx"}},
    }


def test_a_rollback_restores_the_text_and_values_removed_from_the_master_leave_the_agent(
    fleet: ConfigFleet, home: Path
) -> None:
    run = fleet.sync().run
    fleet.roll_back(run)
    assert (home / ".codex" / "config.toml").read_text() == AGENT_TOML
    fleet.sync()
    (fleet.root / "Docker" / "codex.toml").write_text('model = "gpt-5-codex"\n')
    fleet.sync()
    assert tomllib.loads((home / ".codex" / "config.toml").read_text())["mcp_servers"] == {"own": {"command": "own"}}


@pytest.mark.parametrize("text", ["model = ", "a = 1\na = 2\n", "\x00", "[mcp_servers]\nx = 1\n"])
def test_an_unreadable_master_of_codex_stops_only_codex(fleet: ConfigFleet, home: Path, text: str) -> None:
    (fleet.root / "Docker" / "codex.toml").write_text(text)
    states = {row.path.name: row.state for row in fleet.sync().agents if row.agent == "codex-1"}
    assert states == {".claude.json": "applied", "config.toml": "refused"}
    assert (home / ".codex" / "config.toml").read_text() == AGENT_TOML


@pytest.mark.parametrize("text", ["model = ", "a = 1\na = 2\n", "a = 99999999999999999999\n"])
def test_an_unreadable_config_of_codex_is_left_alone(fleet: ConfigFleet, home: Path, text: str) -> None:
    path = home / ".codex" / "config.toml"
    path.write_text(text)
    states = {row.path: row.state for row in fleet.sync(take="master").agents}
    assert states[path] == "refused"
    assert path.read_text() == text


def test_an_api_key_in_a_master_of_codex_is_left_out(fleet: ConfigFleet, home: Path) -> None:
    key = "ANTHROPIC_API_KEY"
    (fleet.root / "Docker" / "codex.toml").write_text(f'[shell_environment_policy.set]\n{key} = "x"\n')
    assert any(key in warning for warning in fleet.plan().warnings)
    fleet.sync()
    assert key not in (home / ".codex" / "config.toml").read_text()


def test_the_last_server_and_table_removed_from_the_master_leave_a_config_that_the_sync_created(
    fleet: ConfigFleet, home: Path
) -> None:
    path = home / ".codex" / "config.toml"
    path.unlink()
    fleet.sync()
    assert tomllib.loads(path.read_text())["mcp_servers"]["docs"]["command"] == "npx"
    (fleet.root / "Docker" / "codex.toml").write_text('model = "gpt-5-codex"\n')
    assert fleet.sync().ok
    found = tomllib.loads(path.read_text())
    assert (found["model"], found.get("mcp_servers")) == ("gpt-5-codex", None)
    assert fleet.planned("codex-1").state == "in_sync"


def test_line_ends_and_dates_are_preserved(fleet: ConfigFleet, home: Path) -> None:
    path = home / ".codex" / "config.toml"
    path.write_bytes(AGENT_TOML.replace("\n", "\r\n").encode())
    (fleet.root / "Docker" / "codex.toml").write_text(
        'since = 2026-11-25\nnote = "a\\nb"\n[mcp_servers.a]\nurl = "u"\n'
    )
    assert fleet.sync().ok
    text = path.read_bytes().decode()
    assert text.count("\r\n") == text.count("\n")
    assert "since = 2026-11-25\r\n" in text
    assert tomllib.loads(text)["note"] == "a\nb"
    assert fleet.planned("codex-1").state == "in_sync"


def test_the_comments_in_a_config_of_gemini_stay(fleet: ConfigFleet, home: Path) -> None:
    path = home / ".gemini" / "settings.json"
    path.write_text('{\n  // mine\n  "ui": {} // also mine\n}\n')
    rows = {row.path: row for row in fleet.sync().agents}
    assert rows[path].state == "applied"
    assert path.read_text() == (
        '{\n  // mine\n  "ui": {\n    "hideTips": true\n  }, // also mine\n'
        '  "mcpServers": {\n    "docs": {\n      "command": "npx"\n    }\n  }\n}\n'
    )


def test_an_agent_whose_client_has_its_own_master_needs_no_config_of_claude_code(fleet: ConfigFleet) -> None:
    fleet.path("codex-1").rename(fleet.path("codex-1").with_name(".env"))  # what makes the folder an agent
    assert [row.path.name for row in fleet.plan("codex-1").agents] == ["config.toml"]
    assert fleet.sync().ok
    with pytest.raises(OpsError, match=r"codex-1 has no \.claude\.json"):
        fleet.capture("codex-1", "/theme")


def test_without_a_master_for_the_client_the_problem_says_that_nothing_reads_the_missing_file(
    fleet: ConfigFleet,
) -> None:
    (fleet.root / "fleet.toml").unlink()
    fleet.path("codex-1").rename(fleet.path("codex-1").with_name(".env"))  # what makes the folder an agent
    problem = fleet.planned("codex-1").problem
    assert problem is not None
    assert "codex reads none" in problem.message
    assert "codex_master" in problem.next
