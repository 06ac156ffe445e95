"""Run a config sync repeatedly, killed (SIGKILL) each time at the next step that it takes on the file system.

`python -m tests.configs.kill_points FLEET` prints one JSON line per attempt: the step it was killed at, or null
for the first one that finished. Before each attempt the fleet and the state folder are restored.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from tests.fixtures.configs import ConfigFleet

STEPS = ("open", "os.mkdir", "os.rename", "os.rmdir", "os.remove")


def main(root: Path) -> None:
    pristine = root.with_name("pristine")
    shutil.copytree(root, pristine)
    state = Path(os.environ["OPS_HOME"])
    for number in range(200):
        shutil.rmtree(root)
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(pristine, root)
        killed_at = _attempt(root, number)
        sys.stdout.write(json.dumps({"killed_at": killed_at, **state_of(root, pristine)}) + "\n")
        if killed_at is None:
            return


def _attempt(root: Path, number: int) -> str | None:
    """Sync in a child process that is killed at step `number`; None if it had fewer steps."""
    plan = ConfigFleet(root).plan().plan
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _die_at(number, writer)
        ConfigFleet(root).sync(plan=plan)
        os._exit(0)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        step = pipe.read()
    return step if os.WIFSIGNALED(status) else None


def _die_at(number: int, writer: int) -> None:
    left = number

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in STEPS:
            left -= 1
            if left < 0:
                os.write(writer, f"{event} {arguments[0]}".encode())
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def state_of(root: Path, pristine: Path) -> dict[str, object]:
    """The state after the attempt, and after the next sync. Locks of killed processes are made old in between."""
    fleet = ConfigFleet(root)
    found = fleet.read("opus-1")
    old = found == ConfigFleet(pristine).read("opus-1")
    backups = [path.read_bytes() for path in Path(os.environ["OPS_HOME"]).glob("backups/**/.claude.json")]
    for lock in root.rglob("*.lock"):
        os.utime(lock, (0, 0))
    fleet.sync()
    return {
        "old": old,
        "found": found,
        "backed_up": ConfigFleet(pristine).path("opus-1").read_bytes() in backups,
        "repaired": fleet.read("opus-1"),
        "states": sorted(set(fleet.states().values())),
        "locks": [str(lock) for lock in root.rglob("*.lock")],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
