"""The SessionStart hook as Claude Code runs it: one JSON document where there is something to say, else silence."""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from mcp_server.clients.claude import KEY_HELPER, SHADOWING
from mcp_server.demo.fleet import DemoFleet
from tests.fixtures.logins import LAPSED, write_store

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "hooks" / "session-start"


def copy_of_the_plugin(folder: Path) -> Path:
    """The hook in a plugin whose `ops` leaves a mark: to see whether it was asked at all."""
    shutil.copytree(SCRIPT.parent, folder / "hooks")
    (folder / "bin").mkdir()
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    script = folder / "hooks" / "session-start"
    ops = folder / "bin" / "ops"
    ops.write_text(f'#!/bin/sh\ntouch "{folder}/asked"\n')
    ops.chmod(0o755)
    return script


def hold_refresh_lock(fleet: DemoFleet) -> None:
    """The lock of a living client, however long the test takes: its time stamp is an hour ahead."""
    (lock := fleet.store / ".oauth_refresh.lock").mkdir()
    ahead = time.time() + 3600
    os.utime(lock, (ahead, ahead))


def started(script: Path, fleet: DemoFleet, **environment: str) -> str:
    own = {"PATH": os.environ["PATH"], "HOME": str(fleet.home), "OPS_HOME": str(fleet.folder / "ops")}
    own["CLAUDE_PROJECT_DIR"] = str(fleet.agent("opus-1"))
    done = subprocess.run(
        [str(script)],
        env={**own, **environment},
        cwd=fleet.root,
        capture_output=True,
        text=True,
        check=True,
        input="{}",
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("left", [timedelta(hours=6), LAPSED])
def test_while_the_login_is_well_nothing_is_said_and_nothing_else_is_started(
    fleet: DemoFleet, tmp_path: Path, left: timedelta
) -> None:
    write_store(fleet.store, "host", left)
    script = copy_of_the_plugin(tmp_path / "plugin")
    assert started(script, fleet) == ""
    assert not (tmp_path / "plugin" / "asked").exists()


@pytest.mark.parametrize(
    "fault",
    [
        "ends",
        "over",
        "blank",
        "empty",
        "binary",
        "absent",
        "link",
        "lock",
        "copy",
        *(n for n in SHADOWING if n != KEY_HELPER),
    ],
)
def test_whatever_may_endanger_the_login_has_the_real_check_asked(
    fleet: DemoFleet, tmp_path: Path, fault: str
) -> None:
    store = fleet.store / ".credentials.json"
    match fault:
        case "ends" | "over":
            write_store(fleet.store, "host", login=timedelta(days=2 if fault == "ends" else -2))
        case "blank":
            store.write_text('{"claudeAiOauth":{"accessToken":"","refreshToken":"","expiresAt":0}}')
        case "empty" | "binary":
            store.write_bytes(b"" if fault == "empty" else b"\x00\xff" + store.read_bytes())
        case "absent":
            store.unlink()
        case "link":
            store.rename(store.with_suffix(".elsewhere"))
            store.symlink_to(store.with_suffix(".elsewhere"))
        case "lock":
            hold_refresh_lock(fleet)
        case "copy":
            write_store(fleet.agent("opus-1"), "host")
        case _:
            pass
    script = copy_of_the_plugin(tmp_path / "plugin")
    started(script, fleet, **({fault: "1"} if fault in SHADOWING else {}))
    assert (tmp_path / "plugin" / "asked").exists()


def test_a_login_that_ends_is_told_to_the_human_and_to_the_agent(fleet: DemoFleet) -> None:
    write_store(fleet.store, "host", login=timedelta(days=2))
    answer = json.loads(started(SCRIPT, fleet, OPS_FLEET=str(fleet.root)))
    assert "/login" in answer["systemMessage"]
    assert answer["hookSpecificOutput"] == {
        "hookEventName": "SessionStart",
        "additionalContext": answer["systemMessage"],
    }


def test_where_it_turns_out_that_nothing_is_wrong_or_there_is_no_fleet_nothing_is_said(
    fleet: DemoFleet, tmp_path: Path
) -> None:
    hold_refresh_lock(fleet)
    assert started(SCRIPT, fleet, OPS_FLEET=str(fleet.root)) == ""
    assert started(SCRIPT, fleet, CLAUDE_PROJECT_DIR=str(tmp_path), OPS_FLEET=str(tmp_path)) == ""


def test_an_ops_agent_hears_its_role_from_the_script_alone_in_the_words_of_the_real_answer(
    fleet: DemoFleet, tmp_path: Path
) -> None:
    write_store(fleet.store, "host")
    script, own = copy_of_the_plugin(tmp_path / "plugin"), fleet.agent("ops-1")
    (own / "docs/support/releasing.md").unlink()
    (own / "src" / "deep").mkdir(parents=True)
    quick = json.loads(started(script, fleet, CLAUDE_PROJECT_DIR=str(own / "src" / "deep")))
    assert not (tmp_path / "plugin" / "asked").exists()
    hold_refresh_lock(fleet)
    assert json.loads(started(SCRIPT, fleet, CLAUDE_PROJECT_DIR=str(own), OPS_FLEET=str(fleet.root))) == quick
    context = quick["hookSpecificOutput"]["additionalContext"]
    assert "- docs/support/releasing.md (missing)" in context.splitlines()
    assert started(script, fleet, CLAUDE_PROJECT_DIR=str(own), AGENT_NAME="qa-1") == ""


def test_a_role_assigned_in_fleet_toml_has_the_real_check_asked(fleet: DemoFleet) -> None:
    write_store(fleet.store, "host")
    (fleet.root / "fleet.toml").write_text('[agents.opus-1]\nrole = "ops"\n', "utf-8")
    assert "OPS worker" in started(SCRIPT, fleet, OPS_FLEET=str(fleet.root))
    assert started(SCRIPT, fleet, OPS_FLEET=str(fleet.root), CLAUDE_PROJECT_DIR=str(fleet.agent("opus-2"))) == ""


def test_a_login_in_danger_and_the_role_come_in_one_document(fleet: DemoFleet) -> None:
    write_store(fleet.store, "host", login=timedelta(days=2))
    own = {"CLAUDE_PROJECT_DIR": str(fleet.agent("ops-1")), "OPS_FLEET": str(fleet.root)}
    answer = json.loads(started(SCRIPT, fleet, **own))
    context = answer["hookSpecificOutput"]["additionalContext"]
    assert context.startswith(answer["systemMessage"] + "\nYou are the OPS worker")
