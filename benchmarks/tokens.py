"""`token_check` on fleets of two sizes, and what `token_refresh` costs beyond the official binary itself.

    OPS_E2E_CLAUDE=/path/to/claude python -m benchmarks.tokens [ROUNDS]

Logins are made up; the binary renews them against a server on loopback. Prints milliseconds (median) and ratios.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mcp_server.logins.check import TOKEN_CHECK
from mcp_server.logins.refresh import TOKEN_REFRESH, RefreshParams
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Params
from mcp_server.server.wiring import context_of
from tests.e2e.claude import binary
from tests.e2e.token_server import TokenServer, token_server
from tests.fixtures.logins import LAPSED, tokens_of, write_store


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="ops-benchmark-") as name:
        folder = Path(name)
        per_size = {size: _check(folder / str(size), size, rounds) for size in (25, 1000)}
        for size, spent in per_size.items():
            print(f"token_check, {size} agents: {spent:.1f} ms, {spent / size:.2f} ms each")
        shell, hook = session_hook(folder / "hook", rounds)
        print(f"SessionStart hook: empty shell {shell:.1f} ms, hook {hook:.1f} ms, ratio {hook / shell:.1f}")
        bare, ours = _refresh(folder / "refresh", rounds)
        print(f"renewal: binary alone {bare:.0f} ms, token_refresh {ours:.0f} ms, ratio {ours / bare:.2f}")


def _check(root: Path, size: int, rounds: int) -> float:
    for number in range(size):
        agent = root / f"opus-{number}"
        (agent / ".claude").mkdir(parents=True)
        (agent / ".env").write_text(f"AGENT_NAME=opus-{number}\nGH_TOKEN=made-up\n", "utf-8")
        (agent / ".claude" / "settings.json").write_text('{"env": {"EDITOR": "vi"}}', "utf-8")
    write_store(root / "home" / ".claude", "host")
    (spent,) = _medians(rounds, lambda: None, lambda: TOKEN_CHECK.run(_context(root), Params()))
    return spent


def session_hook(root: Path, rounds: int) -> tuple[float, float]:
    """The SessionStart hook while all is well, against a shell that does nothing."""
    store = write_store(root / ".claude", "host")
    own = {"PATH": os.environ["PATH"], "HOME": str(store.parents[1]), "CLAUDE_PROJECT_DIR": str(root)}
    hook = Path(__file__).resolve().parents[1] / "hooks" / "session-start"

    def start(*command: str) -> None:
        subprocess.run(command, env=own, capture_output=True, check=True)

    shell, ours = _medians(10 * rounds, lambda: None, lambda: start("/bin/sh", "-c", ":"), lambda: start(str(hook)))
    return shell, ours


def _refresh(root: Path, rounds: int) -> tuple[float, float]:
    (root / "opus-1").mkdir(parents=True)
    (root / "opus-1" / ".env").touch()
    store = root / "home" / ".claude"
    with token_server(root / "server", tokens_of(write_store(store, "host", LAPSED))[1]) as server:
        reach = {"HTTPS_PROXY": server.proxy, "NODE_EXTRA_CA_CERTS": str(server.trust), "OPS_CLAUDE": binary()}
        command = [binary(), "mcp", "list"]
        places = {"CLAUDE_CONFIG_DIR": str(root / "empty"), "CLAUDE_SECURESTORAGE_CONFIG_DIR": str(store)}
        quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"}
        alone = {"PATH": os.environ["PATH"], "HOME": str(root), **quiet, **reach, **places}

        def lapse() -> None:
            _lapse(store, server)

        bare, ours = _medians(
            rounds,
            lapse,
            lambda: subprocess.run(command, env=alone, cwd=root, capture_output=True, check=True),
            lambda: TOKEN_REFRESH.run(_context(root, **reach), RefreshParams()),
        )
        assert server.grants == ["rotated"] * 2 * rounds
    return bare, ours


def _lapse(store: Path, server: TokenServer) -> None:
    path = write_store(store, "host", LAPSED)
    path.write_text(path.read_text("utf-8").replace(tokens_of(path)[1], server.current), "utf-8")


def _context(root: Path, **environment: str) -> Context:
    own = {"PATH": os.environ["PATH"], "HOME": str(root / "home"), "OPS_HOME": str(root / "home" / "ops")}
    return context_of({**own, **environment}, root, fleet=root)


def _medians(rounds: int, prepare: Callable[[], object], *measured: Callable[[], object]) -> tuple[float, ...]:
    """In turns, so that what else the machine does weighs on all alike."""
    spent: list[list[float]] = [[] for _ in measured]
    for _ in range(rounds):
        for times, call in zip(spent, measured, strict=True):
            prepare()
            begin = time.perf_counter()
            call()
            times.append((time.perf_counter() - begin) * 1000)
    return tuple(statistics.median(times) for times in spent)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
