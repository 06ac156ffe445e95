"""`fleet_audit` against the loop of bash with which a PM looks whether the clones are in step.

    python -m benchmarks.fleet [CLONES ...]        (default: 25 100 1000)

The loop fetches in each clone, as it must to know, and tells branch, ahead, behind and the number of changed files.
The fastest of three rounds counts; each ratio is to the loop of the same run. Origin is a folder of this host: a
network makes each of the loop's fetches slower by its round trips, and the one question of `--fetch` once.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, compared
from mcp_server.audit.fleet_audit import FLEET_AUDIT, AuditParams
from mcp_server.demo.fleet import build
from mcp_server.demo.git import git
from mcp_server.server.wiring import context_of
from mcp_server.workflow.look_clones import look_at_clones

_LOOK = """  branch=$(git -C "$agent" branch --show-current)
  ahead=$(git -C "$agent" rev-list --count origin/main..HEAD)
  behind=$(git -C "$agent" rev-list --count HEAD..origin/main)
  dirty=$(git -C "$agent" status --porcelain | wc -l)
  printf '%s %s %s %s %s\\n' "$agent" "$branch" "$ahead" "$behind" "$dirty"
done"""
_FETCHING = 'for agent in "$1"/opus-*/; do\n  git -C "$agent" fetch --quiet origin\n' + _LOOK
_LOCAL = 'for agent in "$1"/opus-*/; do\n' + _LOOK
_ROUNDS = 3
_GOALS = {25: 1.0, 200: 0.69, 1000: 0.26}
"For `ops fleet audit` against the loop that does not fetch; its look at git may take half of the loop on 25."


def main(sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="ops-benchmark-") as folder:
        root, environment = _fleet(Path(folder))
        print(f"{'clones':>6}{'':34}{'ms':>8}{'ms a clone':>12}{'times faster':>14}")
        for size in sizes:
            _grow(root, size)
            _compare(root, size, environment)


def figures(folder: Path, sizes: Sequence[int], rounds: int) -> Iterator[Figure]:
    """The audit of fleets of these sizes against the loop that does not fetch."""
    root, environment = _fleet(folder)
    for size in sizes:
        _grow(root, size)
        ways = _ways(root, size, environment)
        look, whole = f"look at git, {size} clones", f"ops fleet audit, {size} clones, whole"
        chosen = {
            "bash loop": ways["bash loop that does not"],
            look: lambda: _look(root, environment),
            f"fleet_audit, {size} clones": ways["fleet_audit"],
            whole: ways["ops fleet audit, whole"],
        }
        goals = {whole: _GOALS[size]} | ({look: 0.5} if size == 25 else {})
        yield from compared(chosen, rounds if size <= 100 else 3, goals)


def _look(root: Path, environment: Mapping[str, str]) -> None:
    ctx = context_of(environment, root, fleet=root)
    look_at_clones(ctx.world.git, ctx.fleet.agents, ask=False)


def _fleet(folder: Path) -> tuple[Path, dict[str, str]]:
    """A fleet of one agent, and the environment of its commands."""
    fleet = build(folder / "fleet", datetime.now(UTC), ["opus-1"])
    (fleet.root / "Docker" / "docker-compose.yml").unlink()  # it names agents that are not built
    state = str(fleet.folder / "state")
    return fleet.root, {"PATH": os.environ["PATH"], "HOME": str(fleet.home), "OPS_HOME": state}


def _grow(root: Path, size: int) -> None:
    """More agents, each a clone of its own that shares the objects of the first."""
    first = root / "opus-1"
    for number in range(1, size + 1):
        clone = root / f"opus-{number}"
        if not clone.exists():
            git(root, "clone", "--quiet", "--shared", str(first), str(clone))
            git(clone, "remote", "set-url", "origin", str(root.parent / "origin.git"))
            git(clone, "fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*")
            git(clone, "switch", "--quiet", "--create", f"opus/{number}", "origin/main")
            for name in (".env", ".claude.json"):
                (clone / name).write_bytes((first / name).read_bytes())


def _ways(root: Path, size: int, environment: Mapping[str, str]) -> Mapping[str, Callable[[], None]]:
    def audit(*, fetch: bool) -> None:
        found = FLEET_AUDIT.run(context_of(environment, root, fleet=root), AuditParams(fetch=fetch))
        assert found.summary.agents == size
        assert found.summary.unknown == 0

    def bash(loop: str) -> None:
        subprocess.run(
            ["bash", "-c", loop, "bash", str(root)], env=environment, check=True, stdout=subprocess.DEVNULL
        )

    def shell(*options: str) -> None:
        command = [sys.executable, "-I", "-m", "mcp_server.cli", "--fleet", str(root), "fleet", "audit", *options]
        subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)

    return {
        "bash loop that fetches": lambda: bash(_FETCHING),
        "bash loop that does not": lambda: bash(_LOCAL),
        "fleet_audit with fetch": lambda: audit(fetch=True),
        "fleet_audit": lambda: audit(fetch=False),
        "ops fleet audit --fetch, whole": lambda: shell("--fetch"),
        "ops fleet audit, whole": shell,
    }


def _compare(root: Path, size: int, environment: Mapping[str, str]) -> None:
    base = 0.0
    for name, act in _ways(root, size, environment).items():
        took = min(_timed(act) for _ in range(_ROUNDS if size <= 100 else 1)) * 1000
        base = base or took
        print(f"{size:6}  {name:32}{took:8.0f}{took / size:12.1f}{base / took:14.1f}", flush=True)


def _timed(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [25, 100, 1000])
