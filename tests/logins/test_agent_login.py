"""Which login an agent uses: one answer for its check, its renewal, its start and the audit, on a real fleet."""

from pathlib import Path

import pytest

from mcp_server.agents.env import AGENT_ENV, EnvParams
from mcp_server.agents.environment import AgentStart
from mcp_server.demo.fleet import DemoFleet
from mcp_server.logins.agent_login import AgentLogin
from mcp_server.logins.check import TOKEN_CHECK, TokenCheck
from mcp_server.logins.findings import login_findings
from mcp_server.logins.look_agent_login import agent_login, agent_logins
from tests.fixtures.logins import LAPSED, StandIn, check, context, refresh, stand_in, write_store

__all__ = ["stand_in"]
CANARY = "canary-" + "x" * 40
TOKEN = f"CLAUDE_CODE_OAUTH_TOKEN={CANARY}\n"


def login_of(fleet: DemoFleet, name: str, **environment: str) -> AgentLogin:
    ctx = context(fleet, **environment)
    (one, of_all) = agent_login(ctx, ctx.agent(name)), agent_logins(ctx)[name]
    assert one == of_all
    return one


def start_of(fleet: DemoFleet, name: str) -> AgentStart:
    start: AgentStart = AGENT_ENV.run(context(fleet), EnvParams(name=name))
    return start


def store_at_start(fleet: DemoFleet, name: str) -> Path:
    return Path(start_of(fleet, name).variables["CLAUDE_SECURESTORAGE_CONFIG_DIR"])


def users(answer: TokenCheck, folder: Path) -> tuple[str, ...]:
    return next(store.agents for store in answer.stores if store.folder == folder)


def describe(fleet: DemoFleet, text: str) -> None:
    path = fleet.root / "fleet.toml"
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def in_env(fleet: DemoFleet, name: str, text: str) -> None:
    with (fleet.agent(name) / ".env").open("a") as file:
        file.write(text)


def in_compose(fleet: DemoFleet, old: str, new: str) -> None:
    compose = fleet.root / "Docker" / "docker-compose.yml"
    text = compose.read_text("utf-8")
    assert old in text
    compose.write_text(text.replace(old, new), "utf-8")


def test_by_itself_an_agent_of_this_host_and_a_container_with_its_store_share_the_hosts_login(
    fleet: DemoFleet,
) -> None:
    for name in ("opus-1", "test-1"):
        login = login_of(fleet, name)
        assert (login.kind, login.store, login.named) == ("shared", fleet.store, False)
    assert store_at_start(fleet, "opus-1") == fleet.store


@pytest.mark.parametrize("spelled", ["{}/vault", "'{}/vault'", "$HOME/vault", "${{HOME}}/vault", "~/vault"])
@pytest.mark.parametrize("variable", ["CLAUDE_CONFIG_DIR", "CLAUDE_SECURESTORAGE_CONFIG_DIR"])
def test_the_store_that_its_env_file_names_is_checked_renewed_and_started_on(
    fleet: DemoFleet, stand_in: StandIn, variable: str, spelled: str
) -> None:
    vault = fleet.home / "vault"
    write_store(vault, "second", LAPSED)
    in_env(fleet, "opus-1", f"{variable}={spelled.format(fleet.home)}\n")
    login = login_of(fleet, "opus-1")
    assert (login.kind, login.store, login.source) == ("own", vault, str(fleet.agent("opus-1") / ".env"))
    assert users(check(fleet), vault) == ("opus-1",)
    assert store_at_start(fleet, "opus-1") == vault
    renewed = {result.path.parent: result.outcome for result in refresh(fleet, stand_in).stores}
    assert renewed == {vault: "refreshed", fleet.store: "not_needed"}


def test_a_config_folder_without_a_login_names_none_and_a_store_does(fleet: DemoFleet) -> None:
    empty = fleet.home / "empty"
    in_env(fleet, "opus-1", f"CLAUDE_CONFIG_DIR={empty}\n")
    in_env(fleet, "opus-2", f"CLAUDE_SECURESTORAGE_CONFIG_DIR={empty}\n")
    assert (login_of(fleet, "opus-1").kind, login_of(fleet, "opus-2").store) == ("shared", empty)
    assert [store.state for store in check(fleet).stores if store.agents == ("opus-2",)] == ["absent"]


def test_fleet_toml_names_accounts_by_role_and_by_agent_and_the_agent_wins(fleet: DemoFleet) -> None:
    for name in ("second", "third"):
        write_store(fleet.home / name, name)
    describe(fleet, '\n[roles.opus]\nlogin = "~/second"\n[agents.opus-2]\nlogin = "~/third"\n')
    in_env(fleet, "opus-2", f"CLAUDE_CONFIG_DIR={fleet.home / 'second'}\n")
    answer = check(fleet)
    for name, folder in (("opus-1", "second"), ("opus-2", "third")):
        login = login_of(fleet, name)
        assert (login.kind, login.store, login.source) == ("own", fleet.home / folder, "fleet.toml")
        assert store_at_start(fleet, name) == fleet.home / folder
        assert users(answer, fleet.home / folder) == (name,)
    assert "opus-1" not in users(answer, fleet.store)
    assert TOKEN_CHECK.ok(answer)


def test_a_login_of_its_own_in_its_folder_is_the_one_it_is_started_on(fleet: DemoFleet) -> None:
    write_store(fleet.agent("opus-1") / ".claude", "own")
    login = login_of(fleet, "opus-1")
    assert (login.kind, login.store) == ("own", fleet.agent("opus-1") / ".claude")
    assert store_at_start(fleet, "opus-1") == login.store


@pytest.mark.parametrize("left", ["copy", "other secrets", "link"])
def test_a_copy_of_the_hosts_login_or_a_store_without_one_does_not_lead_an_agent_away(
    fleet: DemoFleet, left: str
) -> None:
    store = fleet.agent("opus-1") / ".credentials.json"
    match left:
        case "copy":
            store.write_bytes((fleet.store / ".credentials.json").read_bytes())
        case "link":
            store.symlink_to(fleet.store / ".credentials.json")
        case _:
            store.write_text('{"mcpOAuth": {}}')
    assert login_of(fleet, "opus-1").kind == "shared"
    assert store_at_start(fleet, "opus-1") == fleet.store


def test_a_declared_long_lived_token_is_a_login_of_its_own_beside_which_none_is_made(
    fleet: DemoFleet, stand_in: StandIn
) -> None:
    describe(fleet, '\n[agents.opus-1]\nlogin = "setup-token"\n')
    in_env(fleet, "opus-1", TOKEN)
    write_store(fleet.agent("opus-1"), "left over", LAPSED, LAPSED)
    login = login_of(fleet, "opus-1")
    assert (login.kind, login.store) == ("long_lived", None)
    answer = check(fleet)
    assert (answer.long_lived, TOKEN_CHECK.ok(answer)) == (("opus-1",), True)
    assert "opus-1" not in users(answer, fleet.store)
    assert "long-lived token, in no store: opus-1" in TOKEN_CHECK.text(answer)
    assert refresh(fleet, stand_in).outcome == "not_needed"
    start = start_of(fleet, "opus-1")
    assert "CLAUDE_CODE_OAUTH_TOKEN" in start.from_env_file
    assert start.environment.values["CLAUDE_CODE_OAUTH_TOKEN"].reveal() == CANARY
    assert "CLAUDE_SECURESTORAGE_CONFIG_DIR" not in start.variables
    ctx = context(fleet)
    assert login_findings(ctx, ctx.fleet.agents).columns["login"]["opus-1"] == "long_lived"
    assert CANARY not in repr((login, answer, start))


def test_a_token_that_fleet_toml_does_not_declare_is_told_with_the_line_that_declares_it(fleet: DemoFleet) -> None:
    in_env(fleet, "opus-1", TOKEN)
    (hazard,) = check(fleet).hazards
    assert (hazard.code, hazard.agents) == ("shadowed_login", ("opus-1",))
    assert 'login = "setup-token" under [agents.opus-1]' in hazard.next
    assert "CLAUDE_CODE_OAUTH_TOKEN" in start_of(fleet, "opus-1").withheld
    describe(fleet, '\n[agents.opus-1]\nlogin = "setup-token"\n')  # as the step says
    assert check(fleet).hazards == ()


def test_a_declared_token_that_is_missing_is_told_until_a_human_has_written_it(fleet: DemoFleet) -> None:
    describe(fleet, '\n[roles.opus]\nlogin = "setup-token"\n')
    in_env(fleet, "opus-2", TOKEN)
    (hazard,) = check(fleet).hazards
    assert (hazard.code, hazard.agents) == ("setup_token_missing", ("opus-1",))
    in_env(fleet, "opus-1", TOKEN)
    assert check(fleet).hazards == ()


@pytest.mark.parametrize(
    "line",
    [
        f"  CLAUDE_CODE_OAUTH_TOKEN: {CANARY}\n  CLAUDE_CONFIG_DIR: /workspace",
        "  CLAUDE_CODE_OAUTH_TOKEN:\n  CLAUDE_CONFIG_DIR: /workspace",
        "  CLAUDE_CODE_OAUTH_TOKEN: ${TOKEN_OF_TEST_1}",
    ],
)
def test_a_container_with_a_long_lived_token_needs_no_store(fleet: DemoFleet, stand_in: StandIn, line: str) -> None:
    in_compose(fleet, "${HOME}/.claude:/login", "logins:/login")
    in_compose(fleet, "  CLAUDE_CONFIG_DIR: /workspace", line)
    assert login_of(fleet, "test-1").kind == "long_lived"
    answer = check(fleet)
    assert "test-1" in answer.long_lived
    assert "test-1" not in answer.unseen
    assert not [store for store in answer.stores if "test-1" in store.agents]
    assert refresh(fleet, stand_in).outcome == "not_needed"
    ctx = context(fleet)
    found = login_findings(ctx, ctx.fleet.agents)
    assert found.columns["login"]["test-1"] == "long_lived"
    assert [concern for concern in found.concerns if "test-1" in concern.agents] == []


def test_mounts_do_not_matter_to_a_container_with_a_long_lived_token(fleet: DemoFleet) -> None:
    in_compose(fleet, "${HOME}/.claude:/login", "${HOME}/.claude:/login:ro")
    assert "read_only_mount" in [hazard.code for hazard in check(fleet).hazards]
    in_compose(fleet, "  CLAUDE_CONFIG_DIR: /workspace", f"  CLAUDE_CODE_OAUTH_TOKEN: {CANARY}")
    ours = [hazard.code for hazard in check(fleet).hazards if "test-1" in hazard.agents]
    assert "read_only_mount" not in ours


BROKEN = [
    (f"CLAUDE_CODE_OAUTH_TOKEN={CANARY}\nsecond-part\n", 3),
    (f"CLAUDE_CODE_OAUTH_TOKEN={CANARY}\r\n  second-part\r\n", 3),
    (f"export CLAUDE_CODE_OAUTH_TOKEN={CANARY} second-part\n", 2),
    (f"CLAUDE_CODE_OAUTH_TOKEN='{CANARY}\nsecond-part'\n", 2),
    (f'# before\nCLAUDE_CODE_OAUTH_TOKEN="{CANARY}\n\nsecond-part"\n', 3),
    (f"CLAUDE_CODE_OAUTH_TOKEN={CANARY}\n\nsecond-part", 4),
]


@pytest.mark.parametrize(("text", "line"), BROKEN)
@pytest.mark.parametrize("name", ["opus-1", "test-1"])
def test_a_token_broken_over_two_lines_is_told_with_its_line(
    fleet: DemoFleet, name: str, text: str, line: int
) -> None:
    (fleet.agent(name) / ".env").write_text(f"AGENT_NAME={name}\n{text}", newline="")
    (hazard,) = (each for each in check(fleet).hazards if each.code == "token_broken")
    assert hazard.agents == (name,)
    assert f"line {line} of {fleet.agent(name) / '.env'}" in hazard.message
    assert "second-part" not in repr(hazard)
    (fleet.agent(name) / ".env").write_text(f"AGENT_NAME={name}\n{TOKEN}")  # as the step says
    assert "token_broken" not in [each.code for each in check(fleet).hazards]


def test_a_token_broken_in_the_compose_file_or_in_a_file_that_it_names_is_told(fleet: DemoFleet) -> None:
    (fleet.root / "Docker" / "test.env").write_text(f"{TOKEN}second-part\n")
    in_compose(fleet, "  CLAUDE_CONFIG_DIR: /workspace", f"  CLAUDE_CODE_OAUTH_TOKEN: {CANARY}\n    second-part")
    in_compose(fleet, "services:\n", "services:\n  test-3:\n    env_file: test.env\n")
    broken = {hazard.agents: hazard.message for hazard in check(fleet).hazards if hazard.code == "token_broken"}
    assert "service test-1" in broken["test-1",]
    assert "line 2 of " in broken["test-3",]
    assert "test.env" in broken["test-3",]


def test_an_agent_of_codex_is_started_on_the_login_that_is_checked(fleet: DemoFleet) -> None:
    usual = login_of(fleet, "codex-1")
    assert (usual.kind, usual.store) == ("shared", fleet.home / ".codex")
    assert start_of(fleet, "codex-1").variables["CODEX_HOME"] == str(fleet.home / ".codex")
    describe(fleet, '\n[roles.codex]\nlogin = "~/second"\n')
    named = login_of(fleet, "codex-1")
    assert (named.kind, named.store) == ("own", fleet.home / "second")
    assert start_of(fleet, "codex-1").variables["CODEX_HOME"] == str(fleet.home / "second")


def test_gemini_is_started_with_the_folder_that_holds_its_config_folder(fleet: DemoFleet) -> None:
    describe(fleet, "\n[agents.gemini-1]\n")
    fleet.agent("gemini-1").mkdir()
    in_env(fleet, "gemini-1", f"GEMINI_CLI_HOME={fleet.home / 'other'}\n")
    login = login_of(fleet, "gemini-1")
    assert (login.kind, login.store) == ("own", fleet.home / "other" / ".gemini")
    assert {name: value.reveal() for name, value in login.variables.items()} == {
        "GEMINI_CLI_HOME": str(fleet.home / "other")
    }


@pytest.mark.parametrize("name", ["CLAUDE_CONFIG_DIR", "CLAUDE_SECURESTORAGE_CONFIG_DIR"])
def test_a_relative_folder_in_an_env_file_starts_where_the_client_does(fleet: DemoFleet, name: str) -> None:
    vault = fleet.agent("opus-1").parent / "vault"
    write_store(vault, "second")
    in_env(fleet, "opus-1", f"{name}=../vault\n")
    assert (login_of(fleet, "opus-1").kind, login_of(fleet, "opus-1").store) == ("own", vault)
    assert users(check(fleet), vault) == ("opus-1",)
    assert store_at_start(fleet, "opus-1") == vault


@pytest.mark.parametrize("path", ["$ELSEWHERE/vault", "~other/vault", "/srv/${WHO}/vault"])
def test_a_folder_that_only_a_shell_knows_is_told_until_it_is_a_whole_path(fleet: DemoFleet, path: str) -> None:
    in_env(fleet, "opus-1", f"CLAUDE_SECURESTORAGE_CONFIG_DIR={path}\n")
    (hazard,) = check(fleet).hazards
    assert (hazard.code, hazard.agents) == ("unreadable_source", ("opus-1",))
    assert f"as CLAUDE_SECURESTORAGE_CONFIG_DIR in {fleet.agent('opus-1') / '.env'}" in hazard.next
    in_env(fleet, "opus-1", f"CLAUDE_SECURESTORAGE_CONFIG_DIR={fleet.store}\n")  # as the step says
    assert check(fleet).hazards == ()


@pytest.mark.parametrize(
    ("of_file", "beside", "kind"),
    [
        ("CLAUDE_CODE_OAUTH_TOKEN=\n", "", "unknown"),
        ("CLAUDE_CODE_OAUTH_TOKEN=${TOKEN_OF_TEST_1}\n", "TOKEN_OF_TEST_1=\n", "unknown"),
        ("CLAUDE_CODE_OAUTH_TOKEN\n", "CLAUDE_CODE_OAUTH_TOKEN=\n", "unknown"),
        ("CLAUDE_CODE_OAUTH_TOKEN=${TOKEN_OF_TEST_1}\n", "", "long_lived"),
        ("CLAUDE_CODE_OAUTH_TOKEN\n", "", "long_lived"),
        (TOKEN, "", "long_lived"),
    ],
)
def test_an_empty_token_in_a_file_of_a_container_is_no_login_and_one_that_is_passed_on_is(
    fleet: DemoFleet, of_file: str, beside: str, kind: str
) -> None:
    in_env(fleet, "test-1", of_file)
    (fleet.root / "Docker" / ".env").write_text(beside)
    in_compose(fleet, "${HOME}/.claude:/login", "logins:/login")
    in_compose(fleet, "  CLAUDE_CONFIG_DIR: /workspace", "  CLAUDE_CONFIG_DIR: /elsewhere")
    assert login_of(fleet, "test-1").kind == kind
    ctx = context(fleet)
    found = login_findings(ctx, ctx.fleet.agents)
    assert found.columns["login"]["test-1"] == kind
    told = [concern.finding for concern in found.concerns if "test-1" in concern.agents]
    assert any(finding.unknown for finding in told) == (kind == "unknown")
    describe(fleet, '\n[agents.test-1]\nlogin = "setup-token"\n')
    missing = [hazard.agents for hazard in check(fleet).hazards if hazard.code == "setup_token_missing"]
    assert missing == ([("test-1",)] if kind == "unknown" else [])
