"""What a start costs: commands of the shell, hooks, the guard, the server; and calls of a server that runs."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, busy, compared, program
from benchmarks.guard import tool_hook, warm_server
from benchmarks.server import PLAIN, PUMP, ROOT, Client, hosts
from benchmarks.tokens import session_hook
from benchmarks.tool_lists import tokens

OPS = (sys.executable, "-I", "-m", "mcp_server.cli")
BARE = (sys.executable, "-I", "-c", "")
_PROBLEM = "login expired, please run /login"
_BUDGET = 2_500
"Tokens that a session may pay for all tools; `tests/rules/test_tools.py` holds it."


GUARD = str(Path(__file__).resolve().parents[1] / "mcp_server" / "server" / "pump" / "guard.py")


def shell_starts(folder: Path, rounds: int) -> Iterator[Figure]:
    """Commands against a Python that does nothing, hooks against a shell that does nothing; in processor time."""
    env = environment(folder)
    clone = folder / "clone"
    subprocess.run(["git", "init", "-q", clone], check=True, env=env)
    event = {"cwd": str(clone), "tool_name": "Bash", "tool_input": {"command": "git push origin ops"}}
    ways = {
        "bare Python": program(BARE, env),
        "ops --version": program([*OPS, "--version"], env),
        "ops fleet audit --help": program([*OPS, "fleet", "audit", "--help"], env),
        "ops, a usage error": program([*OPS, "fleet", "audit", "--no-such-option"], env, codes=(2,)),
        "ops runbook read": program([*OPS, "runbook", "read", "login-ended"], env),
        "guard, cold": program([sys.executable, "-I", "-S", GUARD], env, json.dumps(event)),
    }
    goals = {"ops --version": 5.0, "guard, cold": 5.0}
    yield from compared(ways, rounds, dict.fromkeys(ways, 10.0) | goals, busy)
    os.environ.update(env)
    with warm_server():
        hooks = {
            "sh -c :": lambda: tool_hook(clone, None),
            "PreToolUse hook, passes at once": lambda: tool_hook(clone, "npm test"),
            "PreToolUse hook, asks the server": lambda: tool_hook(clone, "git push origin ops"),
        }
        yield from compared(hooks, rounds, {}, busy)
    shell, hook = session_hook(folder / "agent", max(1, rounds // 5))
    yield Figure("SessionStart hook, all is well", hook, "sh -c :", shell)
    stop(env)


def server_calls(folder: Path, rounds: int) -> Iterator[Figure]:
    """A client's start, tool list and calls, against a plain server of the SDK."""
    env = environment(folder)
    plain = [sys.executable, "-c", f"ROOT = {str(ROOT)!r}\n{PLAIN}"]
    first, base = Client(PUMP, env), Client(plain, env)
    try:
        starts = {
            "plain SDK server": lambda: Client(plain, env).leave(),
            "client's start, first tool list": lambda: Client(PUMP, env).leave(),
        }
        yield from compared(starts, max(3, rounds // 2), {"client's start, first tool list": 0.3})

        def call(client: Client, tool: str, **arguments: str) -> None:
            assert "result" in client.ask("tools/call", name=tool, arguments=arguments)

        calls = {
            "plain runbook_read": lambda: call(base, "runbook_read", name="login-ended"),
            "runbook_read": lambda: call(first, "runbook_read", name="login-ended"),
            "index_check": lambda: call(first, "index_check", problem=_PROBLEM),
        }
        for act in calls.values():
            act()
        yield from compared(calls, 10 * rounds, {"runbook_read": 1.3})
        tools = first.ask("tools/list")["result"]["tools"]
        yield Figure("tool list", tokens(tools), "the budget", _BUDGET, 1.0, "tokens")
    finally:
        first.leave()
        base.leave()
        stop(env)


def environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "OPS_HOME": str(folder / "state")}


def stop(env: dict[str, str]) -> None:
    """End the shared servers that this run started."""
    for pid in hosts(env):
        os.kill(pid, signal.SIGTERM)
