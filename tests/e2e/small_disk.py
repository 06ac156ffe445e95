"""Sync a fleet while its folder or the state folder is on a disk that is full, read-only or over a quota, and once
more when it is not.

`python -m tests.e2e.small_disk FLEET FOLDER full|read-only|quota` in a mount namespace of its own; FOLDER becomes the
disk. The quota is that of a btrfs subvolume: it holds for root as well, and needs no support in the kernel beyond it.
"""

import errno
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from mcp_server.kernel.errors import OpsError
from tests.fixtures.configs import ConfigFleet


def main(root: Path, folder: Path, trouble: str) -> None:
    with tempfile.TemporaryDirectory() as aside:
        _run("cp", "-r", f"{folder}/.", aside)
        if trouble == "quota":
            _mount_with_quota(Path(aside), folder)
        else:
            _run("mount", "-t", "tmpfs", "-o", "size=512k,mode=700", "none", str(folder))
            _run("cp", "-r", f"{aside}/.", str(folder))
    filler = folder / "filler"
    if trouble == "read-only":
        _run("mount", "-o", "remount,ro", str(folder))
    else:
        refused = _fill(filler)
        assert refused == (errno.EDQUOT if trouble == "quota" else errno.ENOSPC), refused
    hindered = _synced(root)
    if trouble == "read-only":
        _run("mount", "-o", "remount,rw", str(folder))
    else:
        filler.unlink()
        _run("sync", "--file-system", str(folder))
    sys.stdout.write(json.dumps([hindered, _synced(root)]))


def _mount_with_quota(aside: Path, folder: Path) -> None:
    """A subvolume that may hold two megabytes, with what lay in `folder`."""
    disk, whole = folder.with_name("disk"), folder.with_name("whole")
    with disk.open("wb") as file:
        file.truncate(128 << 20)
    whole.mkdir()
    _run("mkfs.btrfs", "--quiet", str(disk))
    _run("mount", "-o", "loop", str(disk), str(whole))
    _run("btrfs", "quota", "enable", str(whole))
    _run("btrfs", "subvolume", "create", f"{whole}/limited")
    _run("cp", "-r", f"{aside}/.", f"{whole}/limited")
    _run("btrfs", "qgroup", "limit", "2M", f"{whole}/limited")
    _run("mount", "--bind", f"{whole}/limited", str(folder))


def _fill(filler: Path) -> int | None:
    """The error that ended it."""
    try:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
                os.fsync(file.fileno())
    except OSError as error:
        return error.errno


def _synced(root: Path) -> dict[str, object]:
    fleet = ConfigFleet(root)
    try:
        rows = fleet.sync().agents
        report = {"states": [row.state for row in rows], "why": rows[0].why}
    except OpsError as error:
        report = {"states": [error.kind], "why": error.message}
    found = [fleet.read(agent) for agent in ("opus-1", "opus-2", "pm-1")]
    return {**report, "found": found, "left": [str(path) for path in root.rglob(".claude.json?*")]}


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
