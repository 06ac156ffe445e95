"""What the pages on configs and logins say to do repairs the problem and loses nothing."""

import json
import os
import re
from pathlib import Path

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from tests.rules.runbook_pages import output, run, run_all, steps, variables


def test_a_drifted_config_is_in_sync_afterwards(own_demo_fleet: DemoFleet) -> None:
    about = variables("config-drifted")
    planned = run(steps("config-drifted", "Diagnosis")[1], own_demo_fleet, about).stdout
    about["PLAN"] = re.findall(r"^plan (\w+)$", planned, re.MULTILINE)[0]
    (shown,) = run_all("config-drifted", "Resolution", own_demo_fleet, about)
    assert "applied" in shown
    assert "backup" in shown
    run_all("config-drifted", "Verification", own_demo_fleet, about)
    assert "playwright" in json.loads((own_demo_fleet.agent("opus-2") / ".claude.json").read_text())["mcpServers"]


def test_config_unreadable_sets_the_file_aside_and_back(own_demo_fleet: DemoFleet) -> None:
    about, config = variables("config-unreadable"), own_demo_fleet.agent("qa-1") / ".claude.json"
    broken = config.read_bytes()
    run(steps("config-unreadable", "Resolution")[0], own_demo_fleet, about)
    assert not config.exists()
    assert (own_demo_fleet.home / "set-aside" / "qa-1.claude.json").read_bytes() == broken
    run_all("config-unreadable", "Rollback", own_demo_fleet, about)
    assert config.read_bytes() == broken


def test_a_shadowing_key_is_gone_and_the_rest_of_the_env_file_stays(own_demo_fleet: DemoFleet) -> None:
    about, env = variables("shadowed-login"), own_demo_fleet.agent("pm-2") / ".env"
    kept = [line for line in env.read_text().splitlines() if not line.startswith("ANTHROPIC_")]
    mode = env.stat().st_mode
    run_all("shadowed-login", "Resolution", own_demo_fleet, about)
    assert env.read_text().splitlines() == kept
    assert env.stat().st_mode == mode
    (shown,) = (run(step, own_demo_fleet, about).stdout for step in steps("shadowed-login", "Verification"))
    assert "shadowed_login" not in shown


def test_a_copied_login_is_set_aside_out_of_the_clone_and_no_hazard_is_left(own_demo_fleet: DemoFleet) -> None:
    shown, apply = steps("copied-login", "Resolution")
    held = run(shown, own_demo_fleet, {}).stdout
    (line,) = re.findall(r'Write (login = ".*") under (\[agents\.opus-6\]) in (\S+)', held)
    with Path(line[2]).open("a", encoding="utf-8") as file:  # as the answer says: the host has another login
        file.write(f"\n{line[1]}\n{line[0]}\n")
    planned = run(shown, own_demo_fleet, {}).stdout
    stores = {name: own_demo_fleet.agent(name) / ".credentials.json" for name in ("opus-5", "opus-6")}
    login = stores["opus-6"].read_bytes()
    plan = re.findall(r"^plan (\w+)$", planned, re.MULTILINE)[0]
    applied = run(apply, own_demo_fleet, {"PLAN": plan})
    assert applied.returncode == 0, applied.stderr
    assert [name for name, store in stores.items() if store.exists()] == ["opus-5"]
    assert "opus-6: ops agent run opus-6" in applied.stdout
    assert "copied_login:" not in run(steps("copied-login", "Verification")[0], own_demo_fleet, {}).stdout
    aside = re.findall(r"mv -n (\S+) ", applied.stdout)[0]
    run_all("copied-login", "Rollback", own_demo_fleet, {"AGENT": "opus-6", "ASIDE": aside})
    assert stores["opus-6"].read_bytes() == login


def test_private_files_are_kept_and_git_ignores_them(fleet: DemoFleet) -> None:
    about, clone = variables("private-file-in-git"), fleet.agent("opus-1")
    (clone / ".gitignore").write_text("")
    git(clone, "add", "--force", ".env")
    before = (clone / ".env").read_bytes()
    run_all("private-file-in-git", "Resolution", fleet, about)
    assert output("private-file-in-git", "Verification", 0, fleet, about) == ""
    assert (clone / ".env").read_bytes() == before
    assert "exposed" not in output("private-file-in-git", "Verification", 1, fleet, about)


def test_an_env_file_of_another_agent_gets_the_right_name_and_mode(fleet: DemoFleet) -> None:
    about, env = variables("env-file-wrong"), fleet.agent("opus-1") / ".env"
    right = env.read_text()
    env.write_text(right.replace("AGENT_NAME=opus-1", "AGENT_NAME=opus-2"))
    env.chmod(0o644)
    run_all("env-file-wrong", "Resolution", fleet, about)
    assert env.read_text() == right
    assert env.stat().st_mode & 0o777 == 0o600


def test_a_dead_lock_is_removed_and_its_hazard_is_gone(fleet: DemoFleet) -> None:
    about, lock = variables("dead-refresh-lock"), fleet.store / ".oauth_refresh.lock"
    lock.mkdir()
    os.utime(lock, (0, 0))
    assert str(lock) in output("dead-refresh-lock", "Diagnosis", 1, fleet, about)
    assert "dead_refresh_lock" in output("dead-refresh-lock", "Diagnosis", 0, fleet, about)
    result = run(steps("dead-refresh-lock", "Resolution")[1], fleet, about)
    assert result.returncode == 0
    assert "dead_refresh_lock:" not in output("dead-refresh-lock", "Verification", 0, fleet, about)


def test_a_store_that_others_can_read_is_closed(fleet: DemoFleet) -> None:
    store = fleet.store / ".credentials.json"
    store.chmod(0o644)
    assert "wide_mode" in output("login-store-unsafe", "Diagnosis", 0, fleet, {})
    run_all("login-store-unsafe", "Resolution", fleet, {})
    assert store.stat().st_mode & 0o777 == 0o600
    assert "wide_mode" not in output("login-store-unsafe", "Verification", 0, fleet, {})


def test_a_wiped_config_is_set_aside_and_can_come_back(fleet: DemoFleet) -> None:
    about, config = variables("config-wiped"), fleet.agent("opus-1") / ".claude.json"
    before = config.read_bytes()
    backup = fleet.home / "backup.json"
    backup.write_text('{"projects": {}, "oauthAccount": {}}')
    about["BACKUP"] = str(backup)
    assert "projects" in output("config-wiped", "Diagnosis", 0, fleet, about).splitlines()
    run_all("config-wiped", "Resolution", fleet, about)
    assert (config.read_bytes(), config.stat().st_mode & 0o777) == (backup.read_bytes(), 0o600)
    run_all("config-wiped", "Rollback", fleet, about)
    assert config.read_bytes() == before
    assert (fleet.home / "set-aside" / "opus-1.new.json").read_bytes() == backup.read_bytes()


def test_a_fleet_that_is_not_found_is_written_down(fleet: DemoFleet) -> None:
    (fleet.root / "fleet.toml").unlink()
    run_all("no-fleet-found", "Resolution", fleet, variables("no-fleet-found"))
    assert "opus-1" in (fleet.root / "fleet.toml").read_text()
