"""`config_plan` and `config_sync` against a loop of `cp` and a loop of `jq`, on fleets of made-up configs.

    python -m benchmarks.configs [AGENTS ...]        (default: 25 1000; jq has to be installed)

For each size it prints the milliseconds of each way, the ratios to the `cp` loop and to reading the files in the same
run, and how many of the agents' own values the way loses. The first three ways start from a fresh copy of the fleet,
each of the others from the result of the one before. "reading" reads each `.claude.json` and each `.env`, "reading
configs" only each `.claude.json`. Each `.env` names its folder as CLAUDE_CONFIG_DIR, so that a plan must read all of
them. The last four ways show the fastest of three rounds, in wall and processor time.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Figure, compared
from mcp_server.cli.garbage import collect_rarely
from mcp_server.configs.plan import CONFIG_PLAN, PlanParams
from mcp_server.configs.sync import CONFIG_SYNC, SyncParams
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.server.wiring import context_of

MASTER: dict[str, Json] = {
    "theme": "light",
    "editorMode": "vim",
    "mcpServers": {f"server{n}": {"command": "npx", "args": ["-y", f"@acme/mcp-{n}"], "env": {}} for n in range(6)},
}
_BASES = ("cp loop", "reading", "reading configs")
_ROUNDS = 3
CP = 'for agent in "$1"/opus-*; do cp "$1/Docker/claude.json.master" "$agent/.claude.json"; done'
JQ = """for agent in "$1"/opus-*; do
  jq -s '.[0] * .[1]' "$agent/.claude.json" "$1/Docker/claude.json.master" > "$agent/.new" &&
  mv "$agent/.new" "$agent/.claude.json"; done"""


def main(sizes: list[int]) -> None:
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="ops-benchmark-") as folder:
            _compare(Path(folder), size)


def figures(folder: Path, sizes: Sequence[int], rounds: int) -> Iterator[Figure]:
    """A sync in which nothing changes, against a loop of `cp`, and a plan against reading the files it must read."""
    for size in sizes:
        yield from _unchanged(folder / str(size), size, rounds)


def _unchanged(folder: Path, size: int, rounds: int) -> Iterator[Figure]:
    root, copied = folder / "fleet", folder / "copied"
    build(root, size)
    shutil.copytree(root, copied)
    _sync(root)
    sync, plan = f"config plan and sync, {size}, no change", f"config plan, {size}, no change"
    yield from compared({"cp loop": lambda: _shell(CP, copied), sync: lambda: _sync(root)}, rounds, {})
    yield from compared({"reading": lambda: _read_all(root), plan: lambda: _plan(root)}, rounds, {})


def _compare(folder: Path, size: int) -> None:
    pristine, root = folder / "pristine", folder / "fleet"
    build(pristine, size)
    print(f"\n{size} agents, {len(json.dumps(_own())):,} bytes of their own each")
    print(f"{'':41}{''.join(f'{base:>18}' for base in _BASES)}     lost")
    ways: list[tuple[str, Callable[[Path], object], bool]] = [
        ("cp loop", lambda root: _shell(CP, root), True),
        ("jq merge loop", lambda root: _shell(JQ, root), True),
        ("plan, all change", _plan, True),
        ("plan and sync, all change", _sync, False),
        ("plan and sync, once more", _sync, False),
    ]
    took: dict[str, float] = {}
    still: list[tuple[str, Callable[[Path], object]]] = [
        ("reading", _read_all),
        ("reading configs", _read_configs),
        ("plan, no change", _plan),
        ("plan and sync, no change", _sync),
    ]
    for name, act, fresh in ways:
        if fresh:
            shutil.rmtree(root, ignore_errors=True)
            shutil.copytree(pristine, root)
        took[name] = _timed(act, root)[0]
        _print(name, took[name], took, str(_lost(root)))
    rounds = [{name: _timed(act, root) for name, act in still} for _ in range(_ROUNDS)]
    for clock, kind in enumerate(("", ", CPU")):
        fastest = {name: min(each[name][clock] for each in rounds) for name, _ in still}
        for name, _ in still:
            _print(name + kind, fastest[name], fastest)
    print(f"{'peak memory':28}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:10.0f} MB")


def _timed(act: Callable[[Path], object], root: Path) -> tuple[float, float]:
    """Milliseconds of wall time and of processor time."""
    wall, process = time.perf_counter(), time.process_time()
    act(root)
    return (time.perf_counter() - wall) * 1000, (time.process_time() - process) * 1000


def _print(name: str, took: float, bases: Mapping[str, float], lost: str = "") -> None:
    ratios = (f"{took / bases[base]:.2f} x" if base in bases else "" for base in _BASES)
    print(f"{name:29}{took:9.1f} ms{''.join(f'{ratio:>18}' for ratio in ratios)}{lost:>9}", flush=True)


def _own() -> dict[str, Json]:
    """About 20 kB of live state, as a config that has been in use for a while."""
    project: Json = {"hasTrustDialogAccepted": True, "allowedTools": ["Bash(git:*)"], "lastCost": 1.25}
    return {
        "numStartups": 41,
        "oauthAccount": {"emailAddress": "someone@example.test"},
        "projects": {f"/srv/project-{n}": project for n in range(150)},
        "hasCompletedOnboarding": True,
    }


def build(root: Path, size: int) -> None:
    (root / "Docker").mkdir(parents=True)
    (root / "Docker" / "claude.json.master").write_text(json.dumps(MASTER, indent=2))
    for number in range(1, size + 1):
        folder = root / f"opus-{number}"
        (folder / ".git").mkdir(parents=True)
        (folder / ".env").write_text(f"AGENT_NAME=opus-{number}\nCLAUDE_CONFIG_DIR={folder}\n")
        own = {**_own(), "numStartups": number, "mcpServers": {"own": {"command": "own"}}}
        (folder / ".claude.json").write_text(json.dumps(own, indent=2))


def _lost(root: Path) -> int:
    """How many of the agents' own keys are lost."""
    lost, own = 0, _own().keys()
    for path in root.glob("opus-*/.claude.json"):
        found: dict[str, dict[str, Json]] = json.loads(path.read_bytes())
        lost += len(own - found.keys()) + ("own" not in found["mcpServers"])
    return lost


def _shell(script: str, root: Path) -> None:
    subprocess.run(["bash", "-c", script, "bash", str(root)], check=True)


def _read_all(root: Path) -> None:
    for path in root.glob("opus-*/.claude.json"):
        path.read_bytes()
        path.with_name(".env").read_bytes()


def _read_configs(root: Path) -> None:
    for path in root.glob("opus-*/.claude.json"):
        path.read_bytes()


def _context(root: Path) -> Context:
    state = root.parent / "state"
    return context_of({"PATH": os.environ["PATH"], "HOME": str(root), "OPS_HOME": str(state)}, root, fleet=root)


def _plan(root: Path) -> str:
    plan: str = CONFIG_PLAN.run(_context(root), PlanParams()).plan
    return plan


def _sync(root: Path) -> None:
    done = CONFIG_SYNC.run(_context(root), SyncParams(plan=_plan(root)))
    if not CONFIG_SYNC.ok(done):
        raise OpsError("invalid", CONFIG_SYNC.text(done)[:500], "Look at the agents it names")


if __name__ == "__main__":
    collect_rarely()  # as a command of the shell does
    main([int(word) for word in sys.argv[1:]] or [25, 1000])
