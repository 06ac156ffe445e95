"""The cost of the guard, as ratios within one run: git commands with and without hooks, and the PreToolUse hook.

python -m benchmarks.guard

If the tool `nah` is on the PATH, its hook is measured on the same line (`pip install nah==0.11.0` elsewhere).
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from mcp_server.guard.install import GUARD_INSTALL, Clones
from mcp_server.server.wiring import context_of

ROUNDS, REFS = 5, 1000
ROOT = Path(__file__).resolve().parents[1]
HELLO = (
    b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},'
    b'"clientInfo":{"name":"benchmark","version":"1"}}}\n'
)


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


def tool_hook(clone: Path, line: str | None) -> None:
    """Run the PreToolUse hook on a line; None starts only a shell."""
    if line is None:
        subprocess.run(["sh", "-c", ":"], check=True)
        return
    event = {"cwd": str(clone), "tool_name": "Bash", "tool_input": {"command": line}, "tool_use_id": "t"}
    text = json.dumps(event, separators=(",", ":"))
    subprocess.run([str(ROOT / "hooks" / "pre-tool-use")], input=text, text=True, check=True, capture_output=True)


def nah_hook(nah: str, clone: Path) -> None:
    event = {"cwd": str(clone), "tool_name": "Bash", "tool_input": {"command": "git push origin ops"}}
    subprocess.run([nah, "_claude-hook"], input=json.dumps(event), text=True, check=False, capture_output=True)


@contextmanager
def warm_server() -> Generator[None]:
    """A session of Claude Code, which starts the host's shared server."""
    with subprocess.Popen([ROOT / "bin" / "ops-mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as pump:
        assert pump.stdin
        assert pump.stdout
        pump.stdin.write(HELLO)
        pump.stdin.flush()
        pump.stdout.readline()
        yield
        pump.stdin.close()


def compare_git(pair: tuple[Path, Path]) -> None:
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


def compare_tool_hook(clone: Path) -> None:
    def median(line: str | None) -> float:
        return statistics.median(busy(lambda folder: tool_hook(folder, line), clone) for _ in range(4 * ROUNDS))

    cold = median("git push origin ops")
    with warm_server():
        bare, plain, warm = median(None), median("npm test"), median("git push origin ops")
    if nah := shutil.which("nah"):
        other = statistics.median(busy(partial(nah_hook, nah), clone) for _ in range(4 * ROUNDS))
        print(f"PreToolUse, no server: {cold / other:.2f} times the hook of nah ({other * 1000:.1f} ms)")
    for name, taken in (("passes at once", plain), ("warm server", warm), ("no server", cold)):
        print(f"PreToolUse, {name}: {taken / bare:.1f} times `sh -c :` ({taken * 1000:.1f} ms of processor time)")


def busy(act: Callable[[Path], None], clone: Path) -> float:
    """Seconds of processor time of what `act` starts: on a busy host the wall clock also counts other processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    act(clone)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    with TemporaryDirectory() as folder:
        os.environ["OPS_HOME"] = f"{folder}/state"
        pair = clones(Path(folder))
        compare_git(pair)
        compare_tool_hook(pair[1])
        subprocess.run([str(ROOT / "bin" / "ops"), "serve", "stop"], check=False, capture_output=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
