"""The guard in the real Claude Code, interactive, in each permission mode, with subagents: main never moves."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.claude import PLUGIN, environment
from tests.e2e.model import Call, ScriptedModel, results_in
from tests.e2e.terminal import UNPRIVILEGED, past_onboarding, terminal
from tests.fixtures.clones import clone_of, commit, git, make_origin

pytestmark = pytest.mark.e2e
REFUSED = (
    Call("Bash", {"command": "git push origin HEAD:main", "description": "push"}),
    Call("Bash", {"command": 'g""it update-ref refs/heads/main HEAD', "description": "move"}),
    Call("Bash", {"command": "git switch main && git commit --allow-empty -m x", "description": "commit"}),
    Call("Bash", {"command": "gh pr merge 3 --admin", "description": "merge"}),
    Call("Bash", {"command": "git config core.hooksPath /dev/null", "description": "no hooks"}),
)
ALLOWED = Call("Bash", {"command": "git commit --allow-empty -m 'ops: never git push origin main' && touch {}"})


def script(mark: str, *more: Call) -> list[Call | str]:
    last = Call("Bash", {"command": ALLOWED.arguments["command"].format(mark), "description": "work"})
    return [*REFUSED, *more, last, "THE END"]


@pytest.mark.parametrize("mode", ["default", "acceptEdits", "bypassPermissions"])
def test_main_never_moves_in_a_session_nor_in_its_subagents(tmp_path: Path, mode: str) -> None:
    home = tmp_path / "home"
    origin = make_origin(tmp_path)
    clone = clone_of(origin, tmp_path / "ops-1")
    git(clone, "switch", "--quiet", "-c", "ops")
    commit(clone, "own.txt")
    main = git(origin, "rev-parse", "main")
    write = Call("Write", {"file_path": str(clone / ".git" / "hooks" / "x"), "content": "x"})
    ask = Call("Agent", {"description": "scout", "prompt": "SCOUT: go", "subagent_type": "general-purpose"})
    own = {"OPS_HOME": str(home / "state"), "AGENT_NAME": "ops-1", "GIT_CONFIG_GLOBAL": str(home / ".gitconfig")}
    with ScriptedModel(script("by-session", write, ask), others={"SCOUT": script("by-subagent")}) as model:
        variables = environment(home, model.url, own)
        subprocess.run(["git", "config", "--global", "user.email", "ops@localhost"], env=variables, check=True)
        subprocess.run(["git", "config", "--global", "user.name", "ops"], env=variables, check=True)
        past_onboarding(home / ".claude", clone)
        options = ["go", "--plugin-dir", str(PLUGIN), "--permission-mode", mode, "--allowedTools", "Bash,Write,Agent"]
        lead = UNPRIVILEGED if mode == "bypassPermissions" else ()
        try:
            with terminal(options, variables, clone, lead) as screen:
                marks = [clone / "by-session", clone / "by-subagent"]
                assert screen.wait_for(lambda: all(mark.exists() for mark in marks)), screen.shown()
        finally:
            subprocess.run([str(PLUGIN / "bin" / "ops"), "serve", "stop"], env=variables, check=False)
        assert refusals(model.requests, "SCOUT") >= len(REFUSED)
        assert refusals(model.requests, "go") >= len(REFUSED) + 1
    assert git(clone, "rev-parse", "refs/heads/main") == main == git(origin, "rev-parse", "main")
    assert not (clone / ".git" / "hooks" / "x").exists()
    assert "hookspath" not in git(clone, "config", "--list")


def refusals(requests: list[dict[str, Any]], prompt: str) -> int:
    """The most refusals by the guard that one conversation was shown."""
    own = [request for request in requests if prompt in json.dumps(request["messages"][0])]
    return max(sum(error and "ops guard" in text for error, text in results_in(request)) for request in own)
