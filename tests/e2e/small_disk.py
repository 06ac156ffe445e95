"""Sync a fleet while its folder or the state folder lies on a disk that is full or read-only, and once more when not.

`python -m tests.e2e.small_disk FLEET FOLDER full|read-only` in a mount namespace of its own; FOLDER becomes the disk.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from mcp_server.domain.errors import OpsError
from tests.configs import ConfigFleet


def main(root: Path, folder: Path, trouble: str) -> None:
    with tempfile.TemporaryDirectory() as aside:
        _run("cp", "-r", f"{folder}/.", aside)
        _run("mount", "-t", "tmpfs", "-o", "size=512k,mode=700", "none", str(folder))
        _run("cp", "-r", f"{aside}/.", str(folder))
    filler = folder / "filler"
    if trouble == "full":
        _fill(filler)
    else:
        _run("mount", "-o", "remount,ro", str(folder))
    hindered = _synced(root)
    if trouble == "full":
        filler.unlink()
    else:
        _run("mount", "-o", "remount,rw", str(folder))
    sys.stdout.write(json.dumps([hindered, _synced(root)]))


def _fill(filler: Path) -> None:
    try:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        return


def _synced(root: Path) -> dict[str, object]:
    fleet = ConfigFleet(root)
    try:
        rows = fleet.sync().agents
        told = {"states": [row.state for row in rows], "why": rows[0].why}
    except OpsError as error:
        told = {"states": [error.kind], "why": error.message}
    found = [fleet.read(agent) for agent in ("opus-1", "opus-2", "pm-1")]
    return {**told, "found": found, "left": [str(path) for path in root.rglob(".claude.json?*")]}


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
