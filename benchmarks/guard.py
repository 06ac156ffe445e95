"""What the guard's hooks cost: the same git commands with and without them, in the same run, as ratios.

python -m benchmarks.guard
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from mcp_server.operations.guard_hooks import GUARD_INSTALL, Clones
from mcp_server.wiring import context_of

ROUNDS, REFS = 5, 1000


def git(folder: Path, *arguments: str, text: str | None = None) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, input=text, text=True)


def clones(folder: Path) -> tuple[Path, Path]:
    """A clone without hooks and one with them, of one origin with a thousand branches."""
    git(folder, "init", "-q", "--bare", "-b", "main", "origin.git")
    git(folder, "clone", "-q", "origin.git", "bare-1")
    git(folder / "bare-1", "commit", "-q", "--allow-empty", "-m", "first")
    git(folder / "bare-1", "push", "-q", "origin", "HEAD:main")
    git(folder, "clone", "-q", "origin.git", "ops-1")
    refs = "".join(f"create refs/heads/many/{number} refs/heads/main\n" for number in range(REFS))
    git(folder / "origin.git", "update-ref", "--stdin", text=refs)
    for name in ("bare-1", "ops-1"):
        git(folder / name, "switch", "-q", "-c", "ops" if name == "ops-1" else "ops-0")
    GUARD_INSTALL.run(context_of(os.environ, folder), Clones(clones=[str(folder / "ops-1")]))
    return folder / "bare-1", folder / "ops-1"


def commit(clone: Path) -> None:
    git(clone, "commit", "-q", "--allow-empty", "-m", "x")


def push(clone: Path) -> None:
    git(clone, "push", "-q", "origin", "HEAD")


def fetch(clone: Path) -> None:
    git(clone, "fetch", "-q", "origin")


def forget(clone: Path) -> None:
    refs = "".join(f"delete refs/remotes/origin/many/{number}\n" for number in range(REFS))
    git(clone, "-c", "core.hooksPath=/dev/null", "update-ref", "--stdin", text=refs)


def seconds(act: Callable[[Path], None], clone: Path) -> float:
    start = time.perf_counter()
    act(clone)
    return time.perf_counter() - start


def main() -> int:
    with TemporaryDirectory() as folder:
        pair = clones(Path(folder))
        measures = ("commit", commit, None), ("push", push, commit), (f"fetch of {REFS} refs", fetch, forget)
        for name, act, before in measures:
            taken: dict[Path, list[float]] = {clone: [] for clone in pair}
            for _ in range(ROUNDS):
                for clone in pair:
                    if before and not (before is forget and not taken[clone]):
                        before(clone)
                    taken[clone].append(seconds(act, clone))
            plain, guarded = (statistics.median(taken[clone]) for clone in pair)
            print(f"{name}: {guarded / plain:.2f} times as long ({(guarded - plain) * 1000:+.1f} ms)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
