"""How much room folders take, counted by the host's `du`: a clone may hold more files than we can walk in time."""

import shutil
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path
from threading import Timer

_BLOCK = 1024


class DuDisk:
    """`ports.Disk`."""

    def used(self, folders: Collection[Path], patience: float) -> Mapping[Path, int]:
        command = ["du", "-skx", "--", *map(str, folders)]
        try:
            counting = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        except OSError:
            return {}
        over = Timer(patience, counting.kill)
        over.start()
        told = counting.communicate()[0]  # whole lines: one is written when its folder is done
        over.cancel()
        lines = (line.partition("\t") for line in told.splitlines())
        return {Path(path): int(size) * _BLOCK for size, _, path in lines if size.isdigit()}

    def free(self, folder: Path) -> int | None:
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            return None
