"""Where a checkout's environment is, and whether it matches its lock."""

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from mcp_server.kernel.state_folder import state_folder

RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
LOCKS = (RUNTIME, "requirements-otel.lock", DEVELOPMENT)
"Each includes the ones before it."


@dataclass(frozen=True)
class Environment:
    """The virtual environment in `folder`, made for the checkout at `root`."""

    root: Path
    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def log(self) -> Path:
        """The output of the last set-up; its own lines begin with `ops: `."""
        return self.folder / "setup.log"

    @property
    def guard(self) -> Path:
        """The file that a set-up keeps locked. It also marks the folder as made by ops."""
        return self.folder / "setup.lock"

    def stamp(self, lock: str) -> Path:
        """The file that a finished set-up leaves for `lock`. `launch.sh` compares it too."""
        return self.folder / f"{lock}.ready"

    def stamped(self, lock: str) -> bytes:
        """The stamp's content: the checkout's path, so that a copied environment is not ready, and the whole lock."""
        return os.fsencode(self.root) + b"\n" + (self.root / lock).read_bytes()

    def ready(self, lock: str) -> bool:
        """Whether a set-up for exactly this checkout and lock has finished, and its Python is still there."""
        try:
            same = self.stamp(lock).read_bytes() == self.stamped(lock)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return False
        return same and os.access(self.python, os.X_OK)

    def progress(self) -> str:
        """The last step that a set-up reported, such as `2/3 fetching packages: 20 of 38 (52 %)`."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError:
            return "starting"
        return next((line[5:] for line in reversed(lines) if line.startswith("ops: ")), "starting")


def candidates(root: Path) -> tuple[Environment, Environment]:
    """The checkout's `.venv`, then a folder in the state folder, named by a hash of the checkout's path and lock."""
    local = Environment(root, root / ".venv")
    name = hashlib.sha256(local.stamped(RUNTIME)).hexdigest()[:16]
    return local, Environment(root, state_folder(os.environ, Path.home()) / "environments" / name)


def find(root: Path, lock: str) -> Environment | None:
    """The environment that is ready for `lock`; None if there is none."""
    return next((target for target in candidates(root) if target.ready(lock)), None)


def say(text: str) -> None:
    """Print a line of progress on standard error."""
    print(f"ops: {text}", file=sys.stderr, flush=True)  # noqa: T201
