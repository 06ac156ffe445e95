"""Disk usage, counted by `du`: a clone may hold more files than Python can walk in time."""

import os
import shutil
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

from mcp_server.system.child_processes import wait_for

_BLOCK = 1024


class Disk:
    """How much of the disk folders use, and how much is free."""

    def used(self, folders: Collection[Path], patience: float) -> Mapping[Path, int]:
        """The bytes that each folder uses on its disk, without those that were not counted within `patience` seconds.

        A file that two of them share (a hard link) is counted for the first.
        """
        command = ["du", "-skx", "--", *map(str, folders)]
        try:
            counting = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except OSError:
            return {}
        output = os.fsdecode(wait_for(counting, patience).out)  # whole lines: one is written per finished folder
        lines = (line.partition("\t") for line in output.splitlines())
        return {Path(path): int(size) * _BLOCK for size, _, path in lines if size.isdigit()}

    def free(self, folder: Path) -> int | None:
        """The free bytes on the disk of a folder; None if that cannot be determined."""
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            return None
