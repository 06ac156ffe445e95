"""What runs in the agents' folders, as Linux reports it: real processes in a real fleet."""

import json
import os
import subprocess
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_server.clients import claude
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.finding import Hazard
from mcp_server.logins.check import TOKEN_CHECK
from mcp_server.logins.look_logins import hazards
from mcp_server.logins.look_stores import look_at_stores
from mcp_server.logins.refresh import TOKEN_REFRESH, RefreshParams
from mcp_server.logins.store import is_abandoned
from mcp_server.operation.operation import Params
from tests.fixtures.logins import context, write_store

CANARY = "canary-" + "x" * 40
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Generator[Start]:
    """Start a process in a folder with this environment alone; all are ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def process(cwd: Path, **environment: str) -> subprocess.Popen[bytes]:
        found = subprocess.Popen(["/bin/cat"], cwd=cwd, env=environment, stdin=subprocess.PIPE)
        started.append(found)
        return found

    yield process
    for each in started:
        each.communicate()


def found(fleet: DemoFleet) -> tuple[Hazard, ...]:
    ctx = context(fleet)
    return hazards(ctx, look_at_stores(ctx))


def note_session(config: Path, process: subprocess.Popen[bytes], version: str) -> None:
    """What Claude Code notes of a session; with the real one in tests/e2e/test_sessions.py."""
    start = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
    noted = config / "sessions" / f"{process.pid}.json"
    noted.parent.mkdir(parents=True, exist_ok=True)
    noted.write_text(json.dumps({"pid": process.pid, "procStart": start, "version": version}))


def test_a_variable_in_a_running_process_shadows_and_only_its_name_is_kept(fleet: DemoFleet, start: Start) -> None:
    below = fleet.agent("opus-1") / "src"
    process = start(below, ANTHROPIC_API_KEY=CANARY, OPENAI_API_KEY=CANARY, GH_TOKEN=CANARY)
    ctx = context(fleet)
    (hazard,) = hazards(ctx, look_at_stores(ctx))
    assert (hazard.code, hazard.agents) == ("shadowed_login", ("opus-1",))
    assert hazard.message.startswith(f"ANTHROPIC_API_KEY in the environment of process {process.pid}")
    assert hazard.next.endswith("then start opus-1 again")
    assert "canary" not in repr((hazard, ctx.running))


def test_a_name_that_a_file_sets_is_not_reported_again_for_the_process(fleet: DemoFleet, start: Start) -> None:
    with (fleet.agent("opus-1") / ".env").open("a") as file:
        file.write(f"ANTHROPIC_API_KEY={CANARY}\n")
    for _ in range(2):
        start(fleet.agent("opus-1"), ANTHROPIC_API_KEY=CANARY, ANTHROPIC_BASE_URL="http://127.0.0.1:9")
    assert [(hazard.message.split()[0], ".env" in hazard.message) for hazard in found(fleet)] == [
        ("ANTHROPIC_API_KEY", True),
        ("ANTHROPIC_BASE_URL", False),
    ]


def test_a_process_outside_the_agents_folders_belongs_to_no_agent(fleet: DemoFleet, start: Start) -> None:
    start(fleet.home, ANTHROPIC_API_KEY=CANARY)
    assert found(fleet) == ()


def test_a_store_that_a_running_process_uses_is_looked_at(fleet: DemoFleet, start: Start, tmp_path: Path) -> None:
    write_store(tmp_path / "vault", "vault")
    start(fleet.agent("pm-1"), CLAUDE_SECURESTORAGE_CONFIG_DIR=str(tmp_path / "vault"), CLAUDE_CONFIG_DIR="/nowhere")
    seen = next(each for each in look_at_stores(context(fleet)) if each.folder == tmp_path / "vault")
    assert (seen.state, seen.agents) == ("healthy", ("pm-1",))


def test_a_session_on_another_store_than_its_env_file_names_has_to_restart(
    fleet: DemoFleet, start: Start, tmp_path: Path
) -> None:
    agent = fleet.agent("opus-1")
    write_store(tmp_path / "vault", "vault")
    process = start(agent, CLAUDE_CONFIG_DIR=str(agent))
    note_session(agent, process, claude.SEEN_ON)
    with (agent / ".env").open("a") as file:
        file.write(f"CLAUDE_SECURESTORAGE_CONFIG_DIR={tmp_path / 'vault'}\n")
    hazard = next(each for each in found(fleet) if each.code == "restart_needed")
    assert (hazard.agents, str(process.pid) in hazard.next) == (("opus-1",), True)
    assert TOKEN_REFRESH.run(context(fleet), RefreshParams()).restart == ("opus-1",)


def test_a_session_whose_copy_was_set_aside_has_to_restart(fleet: DemoFleet, start: Start) -> None:
    agent = fleet.agent("opus-1")
    process = start(agent, CLAUDE_CONFIG_DIR=str(agent))
    note_session(agent, process, claude.SEEN_ON)
    assert "restart_needed" in [hazard.code for hazard in found(fleet)]
    checked = TOKEN_CHECK.run(context(fleet), Params())
    renewed = TOKEN_REFRESH.run(context(fleet), RefreshParams())
    step = f"End the session of process {process.pid}, then start opus-1 again"  # and nobody has to log in there
    assert (checked.next, renewed.outcome, renewed.next) == (step, "not_needed", step)
    write_store(agent, "own")
    assert found(fleet) == ()


def test_a_store_that_one_of_two_agents_still_uses_is_not_left_behind(fleet: DemoFleet, start: Start) -> None:
    empty = fleet.folder / "shared"
    empty.mkdir()
    for name in ("opus-1", "opus-2"):
        note_session(empty, start(fleet.agent(name), CLAUDE_CONFIG_DIR=str(empty)), claude.SEEN_ON)
        write_env(fleet, name, fleet.store)
    left, *_ = (store for store in look_at_stores(context(fleet)) if store.path.parent == empty)
    assert is_abandoned(left, found(fleet))
    write_env(fleet, "opus-2", empty)
    assert [h.agents for h in found(fleet) if h.code == "restart_needed"] == [("opus-1",)]
    assert not is_abandoned(left, found(fleet))


def write_env(fleet: DemoFleet, name: str, store: Path) -> None:
    (fleet.agent(name) / ".env").write_text(f"CLAUDE_SECURESTORAGE_CONFIG_DIR={store}\n")


def test_a_session_of_an_older_client_is_reported_and_the_file_of_a_dead_one_is_not(
    fleet: DemoFleet, start: Start
) -> None:
    for name, version in (("opus-1", "2.1.99"), ("opus-2", claude.SEEN_ON)):
        note_session(fleet.store, start(fleet.agent(name), HOME=str(fleet.home)), version)
    (hazard,) = found(fleet)
    assert (hazard.code, hazard.agents) == ("old_client", ("opus-1",))
    assert "2.1.99" in hazard.message
    for note in (fleet.store / "sessions").iterdir():
        note.write_text(json.dumps({**json.loads(note.read_text()), "procStart": "1"}))
    assert found(fleet) == ()


def test_a_shell_profile_is_looked_at_without_its_comments(fleet: DemoFleet) -> None:
    dotfiles = fleet.home / "dotfiles"
    dotfiles.write_text(f"# ANTHROPIC_AUTH_TOKEN=x\nif true; then export ANTHROPIC_API_KEY='{CANARY}'; fi\n")
    (fleet.home / ".bashrc").symlink_to(dotfiles)
    (hazard,) = found(fleet)
    assert (hazard.code, set(hazard.agents)) == ("shadowed_login", {"opus-1", "opus-2", "ops-1", "pm-1"})
    assert "canary" not in repr(hazard)
    dotfiles.write_text(dotfiles.read_text() + "unset ANTHROPIC_API_KEY\n")
    assert found(fleet) == ()
    dotfiles.write_bytes(b"\xff")
    assert [hazard.code for hazard in found(fleet)] == ["unreadable_source"]


def test_a_process_that_hides_is_left_out(fleet: DemoFleet, start: Start) -> None:
    process = start(fleet.agent("opus-1"), ANTHROPIC_API_KEY=CANARY)
    process.communicate()  # gone, and its number may be anybody's
    assert found(fleet) == ()
    assert not any(each.pid == os.getpid() for every in context(fleet).running.values() for each in every)


def shadow_of(fleet: DemoFleet, start: Callable[[Path], object]) -> list[tuple[str, ...]]:
    """The agents of what shadows their login, after `start` wrote a file below the host's `/etc` that it is given."""
    etc = fleet.folder / "etc"
    start(etc)
    ctx = context(fleet)
    ctx = replace(ctx, world=replace(ctx.world, etc=etc))
    seen = hazards(ctx, look_at_stores(ctx))
    assert "canary" not in repr(seen)
    return [hazard.agents for hazard in seen if hazard.code == "shadowed_login"]


EVERYONE = ("opus-1", "opus-2", "ops-1", "pm-1")


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("etc/environment", 'ANTHROPIC_API_KEY="{}"'),
        ("etc/profile.d/keys.sh", "export ANTHROPIC_API_KEY={}"),
        ("etc/environment.d/90-keys.conf", "ANTHROPIC_API_KEY={}"),
        ("home/.profile", "export ANTHROPIC_API_KEY={}"),
        ("home/.zshenv", "export ANTHROPIC_API_KEY={}"),
        ("home/.config/environment.d/keys.conf", "ANTHROPIC_API_KEY={}"),
    ],
)
def test_a_key_in_any_startup_file_of_the_host_concerns_all_agents_of_the_host(
    fleet: DemoFleet, place: str, line: str
) -> None:
    def write(etc: Path) -> None:
        path = (etc.parent if place.startswith("etc") else fleet.home.parent) / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(line.format(CANARY) + "\n")

    assert [sorted(agents) for agents in shadow_of(fleet, write)] == [sorted(EVERYONE)]


@pytest.mark.parametrize(
    ("folder", "agents"),
    [("{root}/opus-1", ("opus-1",)), ("{root}/%i", EVERYONE), ("{root}/opus-10", ()), ("/srv/other", ())],
)
def test_a_unit_of_systemd_concerns_the_agents_that_it_starts(
    fleet: DemoFleet, folder: str, agents: tuple[str, ...]
) -> None:
    def write(_: Path) -> None:
        unit = fleet.home / ".config" / "systemd" / "user" / "agent@.service.d" / "keys.conf"
        unit.parent.mkdir(parents=True)
        unit.write_text(
            f"[Service]\nWorkingDirectory={folder.format(root=fleet.root)}\n"
            f'Environment="ANTHROPIC_API_KEY={CANARY}" EDITOR=vi\n'
        )

    assert [set(found) for found in shadow_of(fleet, write)] == ([set(agents)] if agents else [])
