"""What endangers logins: seen on a real fleet."""

import os
from pathlib import Path

import pytest

from mcp_server.agents.env import AGENT_ENV, EnvParams
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.finding import Hazard
from mcp_server.logins.look_logins import hazards
from mcp_server.logins.look_stores import look_at_stores
from tests.fixtures.logins import LAPSED, context, write_store

CANARY = "canary-" + "x" * 40


def found(fleet: DemoFleet, caller: str | None = None, **environment: str) -> tuple[Hazard, ...]:
    ctx = context(fleet, caller=caller, **environment)
    return hazards(ctx, look_at_stores(ctx))


def codes(fleet: DemoFleet) -> list[str]:
    return [hazard.code for hazard in found(fleet)]


def add_line(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(line)


def in_compose(fleet: DemoFleet, old: str, new: str) -> None:
    compose = fleet.root / "Docker" / "docker-compose.yml"
    text = compose.read_text("utf-8")
    assert old in text
    compose.write_text(text.replace(old, new), "utf-8")


def test_a_healthy_fleet_has_no_hazard(fleet: DemoFleet) -> None:
    assert found(fleet) == ()


def test_one_login_in_two_stores_is_named_with_both_agents(fleet: DemoFleet) -> None:
    for name in ("opus-1", "opus-2"):
        write_store(fleet.agent(name), "copied")
    (hazard,) = found(fleet)
    assert (hazard.code, hazard.agents) == ("copied_login", ("opus-1", "opus-2"))
    assert "ops runbook read copied-login" in hazard.next


def test_two_logins_in_two_stores_are_no_copies(fleet: DemoFleet) -> None:
    write_store(fleet.agent("opus-1"), "one")
    write_store(fleet.agent("opus-2"), "other")
    assert "copied_login" not in codes(fleet)


def test_a_symbolic_link_in_place_of_a_store_is_a_hazard(fleet: DemoFleet) -> None:
    (fleet.agent("opus-1") / ".credentials.json").symlink_to(fleet.store / ".credentials.json")
    (hazard,) = found(fleet)
    assert (hazard.code, hazard.agents) == ("symlinked_store", ("opus-1",))


def test_a_store_that_git_does_not_ignore_is_a_hazard_until_it_does(fleet: DemoFleet) -> None:
    ignored = fleet.agent("opus-1") / ".gitignore"
    write_store(fleet.agent("opus-1"), "own")
    ignored.write_text("", "utf-8")
    assert codes(fleet) == ["store_in_git"]
    add_line(ignored, "/.credentials.json\n")
    assert codes(fleet) == []


def test_a_store_that_others_can_read_is_a_hazard(fleet: DemoFleet) -> None:
    (fleet.store / ".credentials.json").chmod(0o640)
    (hazard,) = found(fleet)
    assert hazard.code == "wide_mode"
    assert "0640" in hazard.message


@pytest.mark.parametrize(("state", "step"), [("unreadable", "rmdir "), ("lapsed", "ops token refresh")])
def test_a_dead_refresh_lock_has_a_step_that_fits_the_store(fleet: DemoFleet, state: str, step: str) -> None:
    store = write_store(fleet.store, "host", LAPSED)
    if state == "unreadable":
        store.write_text("{")
    lock = fleet.store / ".oauth_refresh.lock"
    lock.mkdir()
    assert codes(fleet) == []
    os.utime(lock, (0, 0))
    (hazard,) = found(fleet)
    assert hazard.code == "dead_refresh_lock"
    assert hazard.next.startswith(step)


def test_a_container_that_mounts_the_single_file_or_read_only_is_a_hazard(fleet: DemoFleet) -> None:
    in_compose(fleet, "${HOME}/.claude:/login", "${HOME}/.claude:/login:ro")
    assert "read_only_mount" in codes(fleet)
    in_compose(fleet, "${HOME}/.claude:/login:ro", "~/.claude/.credentials.json:/login/.credentials.json")
    assert "single_file_mount" in codes(fleet)


def test_a_key_in_an_environment_file_shadows_the_login_and_its_value_is_not_shown(fleet: DemoFleet) -> None:
    add_line(fleet.agent("pm-1") / ".env", f"export ANTHROPIC_API_KEY='{CANARY}'\r\n")
    (hazard,) = found(fleet)
    assert (hazard.code, hazard.agents) == ("shadowed_login", ("pm-1",))
    assert "ANTHROPIC_API_KEY" in hazard.message
    assert "started without ops; ops agent run withholds it" in hazard.message
    assert "ANTHROPIC_API_KEY" in AGENT_ENV.run(context(fleet), EnvParams(name="pm-1")).withheld
    assert str(fleet.agent("pm-1") / ".env") in hazard.next
    assert "canary" not in repr(hazard)


def test_the_callers_own_environment_is_looked_at(fleet: DemoFleet) -> None:
    (hazard,) = found(fleet, "opus-1", ANTHROPIC_AUTH_TOKEN=CANARY)
    assert (hazard.code, hazard.agents) == ("shadowed_login", ("opus-1",))
    assert "canary" not in repr(hazard)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ('{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4"}}', "ANTHROPIC_BASE_URL"),
        ('{"env": {"CLAUDE_CODE_USE_BEDROCK": 1}}', "CLAUDE_CODE_USE_BEDROCK"),
        ('{"apiKeyHelper": "/opt/key"}', "apiKeyHelper"),
    ],
)
def test_settings_of_a_clone_and_of_the_store_are_looked_at(fleet: DemoFleet, settings: str, name: str) -> None:
    add_line(fleet.agent("opus-2") / ".claude" / "settings.local.json", settings)
    add_line(fleet.store / "settings.json", settings)
    in_store, in_clone = found(fleet)
    assert (in_clone.agents, name in in_clone.message) == (("opus-2",), True)
    assert len(in_store.agents) > 1
    assert name in in_store.message
    assert "withholds" not in in_store.message + in_clone.message


def test_a_container_may_have_the_long_lived_login_but_no_key(fleet: DemoFleet) -> None:
    in_compose(fleet, "  CLAUDE_CONFIG_DIR: /workspace", f"  CLAUDE_CODE_OAUTH_TOKEN: {CANARY}")
    assert found(fleet) == ()
    in_compose(fleet, "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_API_KEY")
    hazard = next(hazard for hazard in found(fleet) if hazard.agents == ("test-1",))
    assert hazard.code == "shadowed_login"
    add_line(fleet.agent("opus-1") / ".env", f"CLAUDE_CODE_OAUTH_TOKEN={CANARY}\n")
    assert ("opus-1",) in [hazard.agents for hazard in found(fleet)]


def test_a_place_that_could_not_be_read_is_reported(fleet: DemoFleet) -> None:
    (fleet.agent("opus-1") / ".env").write_bytes(b"\xff")
    add_line(fleet.agent("opus-2") / ".claude" / "settings.json", "{")
    in_compose(fleet, "services:", "services: [")
    ctx = context(fleet)
    ctx.fleet  # noqa: B018  (found before the compose file is damaged for the look)
    unread = [hazard for hazard in hazards(ctx, look_at_stores(ctx)) if hazard.code == "unreadable_source"]
    assert {name for hazard in unread for name in hazard.agents} >= {"opus-1", "opus-2"}
    assert len(unread) == 3


@pytest.mark.parametrize("data", [b'{"d": ' + b"[" * 5000 + b"]" * 5000 + b"}", b'{"d": "\xff"}', b"\xef\xbb\xbf{}"])
def test_settings_that_claude_code_reads_are_looked_at(fleet: DemoFleet, data: bytes) -> None:
    settings = fleet.agent("opus-1") / ".claude" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_bytes(data)
    assert found(fleet) == ()


def test_the_settings_of_gemini_are_none_of_claude_codes(fleet: DemoFleet) -> None:
    home = fleet.agent("gemini-1")
    add_line(home / ".env", f"\nGEMINI_CLI_HOME={home}\n")
    add_line(home / ".gemini" / "oauth_creds.json", '{"access_token": "a", "refresh_token": "r"}')
    add_line(home / ".gemini" / "settings.json", '{"ui": {}} // with a comment')
    assert "unreadable_source" not in codes(fleet)
