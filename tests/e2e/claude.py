"""Runs the real Claude Code in a home of its own, with a made-up token, against loopback only."""

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.model import ScriptedModel

PLUGIN = Path(__file__).resolve().parents[2]
SERVER = "mcp__plugin_ops_ops"


def binary() -> str:
    """The client under test; CI installs it and names it in OPS_E2E_CLAUDE. Without it a test fails, never skips."""
    path = os.environ.get("OPS_E2E_CLAUDE")
    assert path, "set OPS_E2E_CLAUDE to a claude binary (.ci/run installs one)"
    return path


def version() -> str:
    """What the client under test says of itself; CI pins one, or takes the newest (OPS_E2E_LATEST)."""
    done = subprocess.run([binary(), "--version"], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.split()[0]


@dataclass(frozen=True)
class Session:
    """What one `claude -p` printed: its events (stream-json) and exit code."""

    code: int
    events: tuple[dict[str, Any], ...]
    errors: str

    @property
    def start(self) -> dict[str, Any]:
        """The `system/init` event: plugins, servers, slash commands."""
        return next(event for event in self.events if event.get("subtype") == "init")

    @property
    def end(self) -> dict[str, Any]:
        return next(event for event in reversed(self.events) if event.get("type") == "result")


def environment(home: Path, url: str, extra: dict[str, str]) -> dict[str, str]:
    """Nothing of the caller's passes but PATH. HOME, config folder and a dummy token belong together: with a base
    URL and no token the client would send a stored login there. The proxy is a dead port: nothing leaves."""
    (home / ".claude").mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TERM": "dumb",
        "LANG": "C.UTF-8",
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_AUTH_TOKEN": "dummy",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,localhost",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        **extra,
    }


def ask(
    model: ScriptedModel,
    prompt: str,
    *,
    home: Path,
    cwd: Path,
    extra: dict[str, str] | None = None,
    options: tuple[str, ...] = ("--plugin-dir", str(PLUGIN)),
) -> Session:
    """One `claude -p` run to its end, 120 s at most."""
    command = [binary(), "-p", prompt, "--output-format", "stream-json", "--verbose", *options]
    code, out, errors = run(command, environment(home, model.url, extra or {}), cwd)
    events = tuple(json.loads(line) for line in out.splitlines() if line.startswith("{"))
    return Session(code, events, errors)


def run(command: list[str], env: dict[str, str], cwd: Path, limit: float = 120) -> tuple[int, str, str]:
    """A bounded process in a group of its own, which is ended with it."""
    process = subprocess.Popen(
        command,
        env=env,
        cwd=cwd,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, errors = process.communicate(timeout=limit)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return process.returncode, out, errors
