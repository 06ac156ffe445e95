"""Canary tokens are put wherever ops may meet a secret: none appears in anything that ops prints or writes."""

import json
import os
import stat
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest

from mcp_server.cli.main import main
from mcp_server.configs import plan as config_plan
from mcp_server.demo.client import connected
from mcp_server.demo.fleet import DemoFleet
from mcp_server.fleet.env_file import parse as parse_env
from mcp_server.kernel.document import Json
from mcp_server.logins import check as tokens
from mcp_server.logins import consolidate
from tests.fixtures.http_server import Listener, listening
from tests.fixtures.logins import LAPSED, StandIn, write_store

CANARY = "canary"
"Part of every canary, and of nothing else."


def canary(place: str) -> str:
    """An opaque value that does not look like a known token, so that no pattern finds it."""
    return f"{CANARY}0{place}0" + "x" * 24


@pytest.fixture
def server() -> Generator[Listener]:
    with listening() as found:
        found.answers = [(500, f'{{"nothing": "{canary("reply")}"'.encode())]
        yield found


@pytest.fixture
def planted(fleet: DemoFleet, server: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The fleet with canaries in stores, environments, settings, profiles, configs and their master, containers, and
    in what servers reply; what else its environment needs."""
    for folder, name in ((fleet.store, "host"), (fleet.agent("opus-1"), "copy"), (fleet.agent("opus-2"), "copy")):
        with_canaries(write_store(folder, name, LAPSED), name)
    with (fleet.root / "fleet.toml").open("a") as file:  # so that a copy of it may go
        file.write(f'\n[agents.opus-1]\nlogin = "{fleet.agent("opus-2")}"\n')
    write(fleet.home / ".codex" / "auth.json", {"tokens": tokens_named("codex")})
    write(fleet.home / ".gemini" / "oauth_creds.json", {**tokens_named("gemini"), "expiry_date": 1})
    with (fleet.agent("opus-1") / ".env").open("a") as file:
        file.write(f"ANTHROPIC_API_KEY={canary('env')}\nOPENAI_API_KEY={canary('openai')}\n")
    helper: Json = {"apiKeyHelper": f"echo {canary('helper')}", "env": {"ANTHROPIC_AUTH_TOKEN": canary("settings")}}
    write(fleet.agent("opus-2") / ".claude" / "settings.json", helper)
    (fleet.home / ".bashrc").write_text(f"export ANTHROPIC_API_KEY={canary('profile')}\n")
    compose = fleet.root / "Docker" / "docker-compose.yml"
    compose.write_text(
        compose.read_text().replace("x-login: &login", f"x-login: &login\n  ANTHROPIC_API_KEY: {canary('compose')}")
    )
    merge(fleet.master, {"mcpServers": {"a": server_with("master"), "b": server_with("master")}})
    merge(fleet.agent("opus-1") / ".claude.json", {"mcpServers": {"a": server_with("agent")}, **keys("agent")})
    own = {"HOME": str(fleet.home), "OPS_HOME": str(fleet.folder / "ops"), "OPS_FLEET": str(fleet.root)}
    own |= {"OPS_CLAUDE": str(StandIn(tmp_path / "bin", "nothing").program), "OPS_WEBHOOK": f"{server.url}/{CANARY}"}
    own |= {"ANTHROPIC_API_KEY": canary("ours"), "CLAUDE_CODE_OAUTH_TOKEN": canary("ours")}
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(fleet.agent("ops-1"))
    return own


def with_canaries(store: Path, name: str) -> None:
    document = json.loads(store.read_text())
    document["claudeAiOauth"] |= {"accessToken": canary(f"{name}access"), "refreshToken": canary(f"{name}refresh")}
    store.write_text(json.dumps(document))


def tokens_named(place: str) -> dict[str, Json]:
    return {"access_token": canary(f"{place}access"), "refresh_token": canary(f"{place}refresh")}


def server_with(place: str) -> Json:
    secret = canary(place)
    address = f"https://someone:{secret}@mcp.example/x?token={secret}"
    return {"type": "http", "url": address, "headers": {"authorization": secret}, "env": {"KEY": secret}}


def keys(place: str) -> dict[str, Json]:
    return {"primaryApiKey": canary(place), "customApiKeyResponses": {"approved": [canary(place)]}}


def write(path: Path, document: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600)
    path.write_text(json.dumps(document))


def merge(path: Path, more: Mapping[str, Json]) -> None:
    write(path, {**json.loads(path.read_text()), **more})


def assert_no_canary(output: str, folder: Path) -> None:
    """No output, no file name, and no file content except backups and last-applied configs contains a canary."""
    assert CANARY not in output.lower()
    for path in folder.rglob("*"):
        assert CANARY not in str(path)
        if path.is_symlink():
            continue  # an agent's home links to the agent's own config, in which the canary is
        if path.is_file() and not {"backups", "configs"} & {*path.relative_to(folder).parts}:
            assert CANARY.encode() not in path.read_bytes(), path
        assert path.is_socket() or not stat.S_IMODE(path.lstat().st_mode) & 0o077, path


LINES = [
    "token check",
    "session start",
    "token refresh",
    "token refresh --early",
    "token watch",
    "token consolidate",
    "config plan",
    "config sync --plan 0123",
    "fleet audit",
    "fleet init",
    "agent env opus-1",
    "guard check -- git push",
    "docs check",
    "notice send",
    "release plan",
    "incident open --title Logins --severity sev2 --summary Lost --agents opus-1,opus-2",
    "log",
]


def test_no_command_prints_or_writes_a_token(
    fleet: DemoFleet, planted: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    for line in LINES:
        for form in ([], ["--json"]):
            assert main([*form, *line.split()]) in (0, 1), line
    plan = {noun: digest(noun, capfd) for noun in ("token consolidate", "config plan")}
    assert main(["--json", "token", "consolidate", "--plan", plan["token consolidate"]]) == 0
    assert (
        main(["--json", "config", "sync", "--plan", plan["config plan"], "--take", "master"]) == 1
    )  # test-2 is not there
    assert main(["config", "rollback"]) == 0
    output = "".join(capfd.readouterr())
    assert "mcpServers" in output  # the diffs of the configs are in it
    ours = fleet.folder / "ops"
    assert {"audit.jsonl"} <= {path.name for path in (ours / "logs").iterdir()}
    assert list((ours / "backups").rglob(".credentials.json"))
    assert_no_canary(output, ours)


def digest(line: str, capfd: pytest.CaptureFixture[str]) -> str:
    """The digest of a command's plan; checks all output before it as well."""
    assert CANARY not in "".join(capfd.readouterr()).lower()
    assert main(["--json", *line.split()]) == 1
    output = capfd.readouterr().out
    assert CANARY not in output.lower()
    return str(json.loads(output)["plan"])


def test_no_tool_answers_with_a_token_and_the_journal_has_none(fleet: DemoFleet, planted: dict[str, str]) -> None:
    own = {"PATH": os.environ["PATH"], **planted}
    with connected(own, fleet.agent("ops-1")) as tools:
        output = [tools.call(name, {}) for name in ("token_check", "token_refresh", "config_plan", "fleet_audit")]
        output.append(tools.call("config_sync", {"plan": canary("plan").replace(CANARY, "0")}))
    assert_no_canary(repr(output), fleet.folder / "ops")
    assert list((fleet.folder / "ops" / "logs").glob("*.jsonl"))


CRASHES = [
    ("token check", tokens, "look_at_logins"),
    ("token consolidate", consolidate, "planned_copies"),
    ("config plan", config_plan, "config_files"),
]


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize("where", CRASHES)
def test_a_crash_with_tokens_at_hand_and_in_its_message_leaves_a_log_without_them(
    fleet: DemoFleet,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    where: tuple[str, object, str],
) -> None:
    line, module, name = where

    def burst(*_: object) -> None:
        held = parse_env((fleet.agent("opus-1") / ".env").read_text()).variables
        raise RuntimeError(f"it holds {[variable.value.reveal() for variable in held]}")

    monkeypatch.setattr(module, name, burst)
    assert main(["--json", *line.split()]) == 3
    (log,) = (fleet.folder / "ops" / "logs").glob("crash-*.log")
    assert "RuntimeError: it holds" in log.read_text()
    assert "redacted" in log.read_text()
    assert_no_canary("".join(capfd.readouterr()), fleet.folder / "ops")
