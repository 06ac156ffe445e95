"""A small checkout: the real launchers and set-up, a lock of one tiny wheel, and a command line and server that only
tell what they were started with. The set-up is what is tested; what it serves need not be large.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.setup.index import Index, pin

SOURCE = Path(__file__).resolve().parents[2]
_NEEDED = (
    "bin",
    "mcp_server/setup",
    "mcp_server/server/pump",
    "mcp_server/kernel/errors.py",
    "mcp_server/kernel/state_folder.py",
    "mcp_server/kernel/placeholder.py",
    "mcp_server/kernel/lazy_pattern.py",
    "mcp_server/kernel/secrets",
    "mcp_server/server/introduction.py",
    "mcp_server/server/invalid_request.py",
    "mcp_server/system/private_folder.py",
)

_CLI = """
import json, sys, probe
print(json.dumps({"arguments": sys.argv[1:], "python": sys.executable, "probe": probe.__file__, "cli": __file__}))
"""
_SERVER = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message["method"] == "tools/call" or message["method"] == "initialize":
        result = {"by": "the real server", "of": message["params"]}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
open("server-left", "w").close()
"""


@dataclass(frozen=True)
class Checkout:
    """A checkout in `folder` on a machine with `home`, where packages come from `index`; `user` runs it all."""

    folder: Path
    home: Path
    index: Index
    user: int | None = None
    cwd: Path | None = None

    @property
    def env(self) -> dict[str, str]:
        """A machine with Python and the ordinary commands."""
        path = f"{self.home / 'bin'}:/usr/bin:/bin"
        alone = {"OPS_SHARED": "0"}  # the server that is left is a stand-in, which knows no socket
        return {"PATH": path, "HOME": str(self.home), "LANG": "C.UTF-8", **alone, **self.index.variables}

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    @property
    def set_up(self) -> tuple[str, ...]:
        """The set-up as the launchers start it."""
        return (str(self.home / "bin" / "python3"), "-I", "-S", str(self.folder / "mcp_server" / "setup"))

    def start(self, *command: str, **extra: str) -> subprocess.Popen[str]:
        """Start a command, such as a launcher by its name in the checkout, with `extra` variables."""
        return subprocess.Popen(
            [str(self.folder / command[0]), *command[1:]],
            env=self.env | extra,
            cwd=self.cwd or self.home,
            user=self.user,
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str, **extra: str) -> tuple[int, str, str]:
        """Run one of the launchers to its end: exit code, stdout, stderr."""
        with self.start(*command, **extra) as process:
            out, err = process.communicate(timeout=120)
        return process.returncode, out, err


def make(folder: Path, home: Path, index: Index) -> Checkout:
    """Lay out a checkout in `folder` and a machine in `home`."""
    for name in _NEEDED:
        source, target = SOURCE / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    package = folder / "mcp_server"
    for name in (".", "kernel", "system", "server", "server/pump", "cli"):
        (package / name).mkdir(exist_ok=True)
        shutil.copy(SOURCE / "mcp_server" / name / "__init__.py", package / name)
    (package / "cli" / "__main__.py").write_text(_CLI)
    (package / "server" / "__main__.py").write_text(_SERVER)
    (package / "server" / "tools.json").write_text('[{"name": "hello"}]')
    (folder / "requirements.lock").write_text(pin("probe"))
    (folder / "requirements-otel.lock").write_text(pin("probe"))
    (folder / "requirements-dev.lock").write_text(pin("probe") + pin("probedev"))
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "python3").symlink_to(os.path.realpath(sys.executable))
    return Checkout(folder, home, index)
