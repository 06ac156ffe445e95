"""A real session under `ops agent run`: nothing of it is in the clone, the user's rules hold, old sessions resume."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.claude import binary, run
from tests.e2e.model import Call, ScriptedModel
from tests.e2e.terminal import in_terminal, past_onboarding

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]
TYPED = "my password is hunter-42"


def variables(fleet: DemoFleet, model: ScriptedModel | None = None) -> dict[str, str]:
    """What the caller of ops has: nothing leaves this machine. The model is reached past ops, see `client`."""
    found = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(fleet.home),
        "OPS_HOME": str(fleet.folder / "state"),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,localhost",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_TELEMETRY": "1",
    }
    return found | {"OPS_CLAUDE": str(client(fleet, model.url if model else "http://127.0.0.1:9"))}


def client(fleet: DemoFleet, url: str) -> Path:
    """The real client with the model's address, which ops rightly withholds, and a dummy token that belongs to it."""
    path = fleet.folder / "claude"
    lines = ["#!/bin/sh", f"export ANTHROPIC_BASE_URL={url} ANTHROPIC_AUTH_TOKEN=dummy", f'exec {binary()} "$@"']
    path.write_text("\n".join([*lines, ""]))
    path.chmod(0o700)
    return path


def ops(fleet: DemoFleet, *words: str) -> list[str]:
    cli = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(fleet.root), *words]
    return ["env", f"PYTHONPATH={ROOT}", *cli]


def git(clone: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=clone, capture_output=True, text=True, check=True).stdout


def ready(fleet: DemoFleet) -> Path:
    """Opus-1 is past onboarding; its clone has only the ignore rules that a new one gets."""
    clone = fleet.agent("opus-1")
    past_onboarding(clone, clone)
    (clone / ".gitignore").write_text("*.log\n")
    git(clone, "add", ".gitignore")
    git(clone, "-c", "user.name=a", "-c", "user.email=a@example.test", "commit", "-qm", "ignore logs")
    (clone / ".git/info/exclude").write_text("/.env\n/.claude.json*\n/.credentials.json\n")
    return clone


def test_a_session_with_tools_an_edit_and_a_subagent_leaves_the_clone_clean_under_the_users_rules(
    own_demo_fleet: DemoFleet,
) -> None:
    fleet, clone = own_demo_fleet, ready(own_demo_fleet)
    users, seen = fleet.home / ".claude", fleet.folder / "seen"
    users.mkdir(exist_ok=True)
    hook = {"type": "command", "command": f"echo started >> {shlex.quote(str(seen))}"}
    rules = {"hooks": {"SessionStart": [{"hooks": [hook]}]}, "permissions": {"deny": ["Bash(touch denied.txt)"]}}
    (users / "settings.json").write_text(json.dumps(rules))
    (users / "CLAUDE.md").write_text("WORDS-OF-THE-USER\n")
    readme = clone / "README.md"
    before, word = readme.read_text(), readme.read_text().split()[1]
    turns = [
        Call("Bash", {"command": "touch denied.txt", "description": "x"}),
        Call("Bash", {"command": "touch a.log", "description": "x"}),
        Call("Read", {"file_path": str(readme)}),
        Call("Edit", {"file_path": str(readme), "old_string": word, "new_string": "EDITED"}),
        Call("Agent", {"description": "look", "prompt": "SUBTASK", "subagent_type": "general-purpose"}),
        "ALL-DONE",
    ]
    with ScriptedModel(turns, {"SUBTASK": ["sub done"]}) as model:
        command = ops(fleet, "agent", "run", "opus-1", "--", "--permission-mode", "bypassPermissions")
        own = variables(fleet, model) | {"IS_SANDBOX": "1"}
        with in_terminal(command, own, fleet.root) as screen:
            screen.see("bypass permissions on")
            screen.press("-l", TYPED)
            screen.press("Enter")
            screen.see("ALL-DONE")
        first = json.dumps(model.requests[0])
    assert TYPED in first
    assert "WORDS-OF-THE-USER" in first
    assert seen.read_text() == "started\n"
    assert not (clone / "denied.txt").exists()
    assert (clone / "a.log").exists()
    assert "EDITED" in readme.read_text()
    readme.write_text(before)
    assert git(clone, "status", "--porcelain") == ""
    git(clone, "add", "-A")
    assert git(clone, "diff", "--cached", "--name-only") == ""
    homes = fleet.folder / "state" / "agents"
    assert any(TYPED in path.read_text() for path in homes.rglob("*.jsonl"))
    assert json.loads((users / "settings.json").read_text()) == rules
    assert json.loads((clone / ".claude.json").read_text())["numStartups"] > 5


def test_a_session_that_was_written_into_the_clone_resumes_after_the_move_and_returns_by_one_command(
    own_demo_fleet: DemoFleet,
) -> None:
    fleet, clone = own_demo_fleet, ready(own_demo_fleet)
    with ScriptedModel(["first answer"]) as model:
        old = variables(fleet, model) | {"CLAUDE_CONFIG_DIR": str(clone)}
        code, _, errors = run([str(client(fleet, model.url)), "-p", TYPED], old, clone)
        assert code == 0, errors
    (session,) = (clone / "projects").rglob("*.jsonl")
    with ScriptedModel(["first answer", "second answer"]) as model:
        again = ops(fleet, "agent", "run", "opus-1", "--", "-p", "again", "--resume", session.stem)
        code, _, errors = run(again, variables(fleet, model), fleet.root)
        assert code == 1
        assert model.requests == []
        step = shlex.split(errors.split("Next: ")[1].splitlines()[0])
        code, moved, errors = run(ops(fleet, *step[1:]), variables(fleet, model), fleet.root)
        assert code == 0, errors
        assert git(clone, "status", "--porcelain") == ""
        code, out, errors = run(again, variables(fleet, model), fleet.root)
        assert (code, out) == (0, "second answer\n"), errors
        assert TYPED in json.dumps(model.requests[-1])
    undo = shlex.split(moved.split("To undo it: ")[1].splitlines()[0])
    code, _, errors = run(ops(fleet, *undo[1:]), variables(fleet), fleet.root)
    assert code == 0, errors
    assert session.exists()
    assert os.listdir(clone / "projects") == [session.parent.name]  # noqa: PTH208
