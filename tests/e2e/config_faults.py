"""Run one config sync again and again, each time with a fault at another of its system calls (strace).

`python -m tests.e2e.config_faults FLEET FAULT MOST` prints one JSON line per attempt. FAULT is what strace injects:
`signal=KILL`, `error=EIO`, ... Of more than MOST calls those that write in the agents' folders come first, and the
rest is drawn by the seed in OPS_E2E_SEED. The sync works in one thread here, since strace counts per thread.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mcp_server.configs import write_all
from mcp_server.kernel.errors import OpsError
from tests.configs.kill_points import state_of
from tests.fixtures.configs import ConfigFleet

FAILING = {  # what a disk refuses, and with which error
    "signal=KILL": (),
    "error=EIO": ("fsync", "rename", "write", "mkdir"),
    "error=ENOSPC": ("fsync", "rename", "write", "mkdir", "O_CREAT"),
    "error=EDQUOT": ("write", "mkdir", "O_CREAT"),
    "error=EROFS": ("rename", "mkdir", "O_CREAT", "unlink"),
}
Call = tuple[str, int]
"A call's name, and how many of that name there were with it."


class OneThread:
    """Replaces the thread pool."""

    def __init__(self, jobs: int) -> None:
        pass

    def __enter__(self) -> "OneThread":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, act: Callable[[object], object], each: Iterable[object]) -> list[object]:
        return [act(one) for one in each]


def main(root: Path, fault: str, most: int) -> None:
    module: Any = write_all
    module.ThreadPoolExecutor = OneThread
    pristine, trace = root.with_name("pristine"), root.with_name("trace")
    shutil.copytree(root, pristine)
    attempt(root, trace)
    lines = [
        (line, call) for line, call in counted(trace) if not FAILING[fault] or any(w in line for w in FAILING[fault])
    ]
    drawn = random.Random(os.environ["OPS_E2E_SEED"])
    calls = sorted(lines, key=lambda each: (not writes_in(root, each[0]), drawn.random()))
    for _, call in calls[:most]:
        shutil.rmtree(root)
        shutil.rmtree(os.environ["OPS_HOME"], ignore_errors=True)
        shutil.copytree(pristine, root)
        result = attempt(root, trace, f"inject={call[0]}:{fault}:when={call[1]}")
        left = [str(path) for path in root.rglob(".claude.json.tmp*")]
        found = {"call": call, "of": len(calls), "result": result, "left": left, **state_of(root, pristine)}
        sys.stdout.write(json.dumps(found) + "\n")


def writes_in(root: Path, line: str) -> bool:
    """Whether a call changes something in the agents' folders; strace shows a descriptor's path (-y)."""
    changes = ("O_CREAT", "O_TRUNC", "write(", "truncate(", "fsync(", "rename", "unlink", "mkdir", "rmdir", "fchmod(")
    return str(root) in line and any(word in line for word in changes)


def counted(trace: Path) -> Iterable[tuple[str, Call]]:
    seen: dict[str, int] = {}
    lines = trace.read_text("utf-8", "replace").splitlines()
    answer = max(number for number, line in enumerate(lines) if line.startswith("write("))
    for number, line in enumerate(lines[:answer]):
        name = line.partition("(")[0]
        if name.isidentifier():
            seen[name] = seen.get(name, 0) + 1
            if number:  # the first is the wait for us
                yield line, (name, seen[name])


def attempt(root: Path, trace: Path, injection: str = "") -> list[str] | None:
    """The result of the sync: state and reason. None if it was killed."""
    plan = ConfigFleet(root).plan().plan
    (hold, go), (reader, writer) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.read(hold, 1)
        os.write(writer, json.dumps(_synced(root, plan)).encode())
        os._exit(0)
    options = ["-e", f"trace={injection[7:].partition(':')[0]}", "-e", injection] if injection else []
    strace = subprocess.Popen(
        ["strace", "-qq", "-y", "-e", "signal=none", *options, "-o", str(trace), "-p", str(child)]
    )
    deadline = time.monotonic() + 60
    while f"TracerPid:\t{strace.pid}" not in Path(f"/proc/{child}/status").read_text():
        assert time.monotonic() < deadline
        if strace.poll() is not None:  # killed in its wait for us, which strace may count as a call of its own
            break
    os.write(go, b"x")
    _, status = os.waitpid(child, 0)
    strace.wait(timeout=60)
    for end in (hold, go, writer):
        os.close(end)
    with os.fdopen(reader) as pipe:
        result = pipe.read()
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, result
    return None if os.WIFSIGNALED(status) else json.loads(result)


def _synced(root: Path, plan: str) -> list[str]:
    try:
        row = ConfigFleet(root).sync(plan=plan).agents[0]
    except OpsError as error:
        return ["failed", error.message]
    return [row.state, row.why]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
