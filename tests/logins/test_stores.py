"""Which stores a fleet has, who uses them, and how they stand: on a real fleet."""

import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.logins.look_agent_login import agent_logins
from mcp_server.logins.look_store import savable_step
from mcp_server.logins.look_stores import look_at_stores
from mcp_server.logins.store import Store
from tests.fixtures.logins import LAPSED, context, write_store

CONTAINERS = {"test-1", "test-2", "human-1"}


def at(looks: tuple[Store, ...], folder: Path) -> Store:
    return next(look for look in looks if look.folder == folder)


def test_agents_of_claude_share_the_hosts_store_and_others_do_not_use_it(fleet: DemoFleet) -> None:
    (host,) = look_at_stores(context(fleet))
    assert (host.folder, host.state) == (fleet.store, "healthy")
    assert set(host.agents) == {"opus-1", "opus-2", "ops-1", "pm-1", *CONTAINERS}


def test_a_store_in_an_agents_folder_is_the_agents_own(fleet: DemoFleet) -> None:
    write_store(fleet.agent("opus-1"), "own")
    write_store(fleet.agent("opus-2") / ".claude", "other")
    write_store(fleet.agent("codex-1"), "left behind")
    looks = look_at_stores(context(fleet))
    assert at(looks, fleet.agent("opus-1")).agents == ("opus-1",)
    assert at(looks, fleet.agent("opus-2") / ".claude").agents == ("opus-2",)
    assert at(looks, fleet.agent("codex-1")).agents == ("codex-1",)
    assert set(at(looks, fleet.store).agents) == {"ops-1", "pm-1", *CONTAINERS}


def test_a_store_that_an_environment_file_points_to_is_looked_at(fleet: DemoFleet, tmp_path: Path) -> None:
    write_store(tmp_path / "vault", "vault", LAPSED)
    with (fleet.agent("pm-1") / ".env").open("a") as file:
        file.write(f"export CLAUDE_SECURESTORAGE_CONFIG_DIR='{tmp_path / 'vault'}'\n")
    looks = look_at_stores(context(fleet))
    assert (at(looks, tmp_path / "vault").state, at(looks, tmp_path / "vault").agents) == ("access_lapsed", ("pm-1",))
    assert "pm-1" not in at(looks, fleet.store).agents


def test_a_folder_that_links_to_the_hosts_store_is_that_store(fleet: DemoFleet) -> None:
    (fleet.agent("opus-1") / ".claude").symlink_to(fleet.store)
    (host,) = look_at_stores(context(fleet))
    assert "opus-1" in host.agents


def test_a_container_without_the_hosts_store_is_unseen_and_not_guessed(fleet: DemoFleet) -> None:
    compose = fleet.root / "Docker" / "docker-compose.yml"
    compose.write_text(compose.read_text("utf-8").replace("${HOME}/.claude:/login", "logins:/login"), "utf-8")
    ctx = context(fleet)
    looks = look_at_stores(ctx)
    assert "test-1" not in looks[0].agents
    assert agent_logins(ctx)["test-1"].kind == "unknown"


def test_without_a_fleet_file_the_callers_environment_names_the_hosts_store(fleet: DemoFleet, tmp_path: Path) -> None:
    (fleet.root / "fleet.toml").unlink()
    vault, agent = str(tmp_path / "vault"), str(fleet.agent("opus-1"))
    assert look_at_stores(context(fleet))[0].folder == fleet.home / ".claude"
    assert look_at_stores(context(fleet, CLAUDE_CONFIG_DIR=vault))[0].folder == tmp_path / "vault"
    assert look_at_stores(context(fleet, CLAUDE_CONFIG_DIR=agent))[0].folder == fleet.home / ".claude"
    found = look_at_stores(context(fleet, CLAUDE_CONFIG_DIR=agent, CLAUDE_SECURESTORAGE_CONFIG_DIR=vault))
    assert found[0].folder == tmp_path / "vault"


def test_a_living_refresh_lock_makes_a_store_busy_and_a_dead_one_does_not(fleet: DemoFleet) -> None:
    write_store(fleet.store, "host", LAPSED)
    lock = fleet.store / ".oauth_refresh.lock"
    lock.mkdir()
    assert look_at_stores(context(fleet))[0].state == "busy"
    os.utime(lock, (0, 0))
    assert look_at_stores(context(fleet))[0].state == "access_lapsed"


def test_a_login_that_ends_soon_is_reported_whatever_its_access_token_says(fleet: DemoFleet) -> None:
    write_store(fleet.store, "host", LAPSED, timedelta(days=2))
    found = look_at_stores(context(fleet))[0]
    assert found.state == "login_ending"
    assert found.is_due(context(fleet).world.clock.now())


@pytest.mark.parametrize("kind", ["empty", "10 MB", "not UTF-8", "folder", "link", "fifo"])
def test_a_store_that_cannot_be_read_is_named_and_left_alone(fleet: DemoFleet, kind: str) -> None:
    store = fleet.store / ".credentials.json"
    before = store.read_bytes()
    store.unlink()
    match kind:
        case "empty":
            store.touch(0o600)
        case "10 MB":
            store.write_bytes(b" " * 10_000_000)
        case "not UTF-8":
            store.write_bytes(b"\xff" + before)
        case "folder":
            store.mkdir()
        case "link":
            store.symlink_to("/etc/passwd")
        case _:
            os.mkfifo(store, 0o600)
    stood = store.lstat()
    found = look_at_stores(context(fleet))[0]
    assert (found.state, found.generation) == ("unreadable", None)
    assert len(found.problems) == 1
    assert str(store) in found.problems[0]
    assert (store.lstat().st_ino, store.lstat().st_size) == (stood.st_ino, stood.st_size)


def test_a_missing_store_is_absent(fleet: DemoFleet) -> None:
    (fleet.store / ".credentials.json").unlink()
    assert look_at_stores(context(fleet))[0].state == "absent"


def test_one_store_that_is_mounted_at_two_places_is_one_and_no_copy(fleet: DemoFleet) -> None:
    place = fleet.agent("opus-1") / ".claude"
    place.mkdir()
    if subprocess.run(["mount", "--bind", str(fleet.store), str(place)], check=False).returncode:
        pytest.skip("only root can mount")  # CI is root: there it is not skipped
    try:
        (host,) = look_at_stores(context(fleet))
        assert "opus-1" in host.agents
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("the file is immutable, see lsattr", "chattr -i '/a b/.credentials.json'"),
        ("Permission denied", "ls -ld '/a b'"),
        ("No space left on device", "df -h '/a b'"),
    ],
)
def test_the_step_for_a_renewal_that_cannot_be_saved_fits_what_stops_it(reason: str, step: str) -> None:
    assert savable_step(Path("/a b/.credentials.json"), reason).endswith(step)
