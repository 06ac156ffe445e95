"""The SessionStart hook as Claude Code runs it: silent while all is well, one JSON document when it is not."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.domain.shadow import HELPER, ORDER
from tests.logins import LAPSED, write_store

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "hooks" / "session-start"


def copy_of_the_plugin(folder: Path) -> Path:
    """The hook in a plugin whose `ops` leaves a mark: to see whether it was asked at all."""
    (folder / "hooks").mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    script = folder / "hooks" / "session-start"
    script.write_bytes(SCRIPT.read_bytes())
    ops = folder / "bin" / "ops"
    ops.write_text(f'#!/bin/sh\ntouch "{folder}/asked"\n')
    for program in (script, ops):
        program.chmod(0o755)
    return script


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
        *(n for n in ORDER if n != HELPER),
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
            (fleet.store / ".oauth_refresh.lock").mkdir()
        case "copy":
            write_store(fleet.agent("opus-1"), "host")
        case _:
            pass
    script = copy_of_the_plugin(tmp_path / "plugin")
    started(script, fleet, **({fault: "1"} if fault in ORDER else {}))
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
    (fleet.store / ".oauth_refresh.lock").mkdir()
    assert started(SCRIPT, fleet, OPS_FLEET=str(fleet.root)) == ""
    assert started(SCRIPT, fleet, CLAUDE_PROJECT_DIR=str(tmp_path), OPS_FLEET=str(tmp_path)) == ""
