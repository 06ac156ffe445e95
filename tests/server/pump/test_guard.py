"""The guard asked on a host: the warm server answers, or the process itself where there is none."""

import os
import subprocess
import sys
from pathlib import Path

from tests.server.pump.agents import BOUND, ROOT, agent

GUARD = [sys.executable, "-I", "-S", str(ROOT / "mcp_server" / "server" / "pump" / "guard.py")]


def ask(cwd: Path, *words: str) -> tuple[int, str, str]:
    env = {name: os.environ[name] for name in ("PATH", "HOME", "OPS_HOME")}
    done = subprocess.run(
        [*GUARD, *words], cwd=cwd, env=env, capture_output=True, text=True, timeout=BOUND, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_a_warm_server_answers_the_guard(tmp_path: Path) -> None:
    with agent(tmp_path) as client:
        client.ask("tools/list")
        code, reason, errors = ask(tmp_path, "git", "push", "origin", "main")
        assert (code, errors) == (0, "")
        assert reason.startswith("ops guard, ")
        assert ask(tmp_path, "ls") == (0, "", "")


def test_without_a_server_the_process_judges_by_itself_and_none_is_started(tmp_path: Path) -> None:
    code, reason, errors = ask(tmp_path, "git", "push", "origin", "main")
    assert (code, errors) == (0, "")
    assert reason.startswith("ops guard, protected_branch")
    assert ask(tmp_path, "git", "status") == (0, "", "")
    assert not (Path(os.environ["OPS_HOME"]) / "run").exists()
