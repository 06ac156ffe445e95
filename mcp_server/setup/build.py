"""Makes the environment: venv, packages from the lock, our own package on its path, bytecode, and last the stamps."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from mcp_server.kernel.errors import OpsError
from mcp_server.setup import packages
from mcp_server.setup.claim import RETRY, claimed, wait
from mcp_server.setup.environment import LOCKS, RUNTIME, Environment, find, say


def ensure(root: Path, lock: str) -> Environment:
    """The ready environment, made now where there is none; OpsError where that fails."""
    if found := find(root, lock):
        return found
    with claimed(root) as (place, held):
        waited = wait(place, held)
        if place.ready(lock):
            return place
        if waited and (told := place.progress()).startswith("failed"):
            raise OpsError("unavailable", f"the set-up that was waited for {told}", f"Read {place.log}")
        build(place, lock, held)
    return place


def build(place: Environment, lock: str, held: int) -> None:
    """Make `place` hold what `lock` lists. `held`: the locked guard's descriptor. OpsError says what failed."""
    with os.fdopen(os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", buffering=1) as log:
        had = [known for known in LOCKS if known == lock or place.stamp(known).exists()]
        work = Build(place, had[-1], held, log)
        try:
            work.run()
        except OSError as error:
            failure = OpsError("unavailable", str(error), RETRY)
            work.note_failure(failure)
            raise failure from None
        except OpsError as failure:
            work.note_failure(failure)
            raise


@dataclass(frozen=True)
class Build:
    """One set-up: each step is told on stderr and in the log, where other processes read how far it is."""

    place: Environment
    lock: str
    held: int
    log: TextIO

    def run(self) -> None:
        """All steps. The stamps go first and come last: what is killed in between is never taken for ready."""
        self.tell(f"setting up {self.place.folder} from {self.lock} (once)")
        adding = self.lock != RUNTIME and self.place.ready(RUNTIME)
        for lock in LOCKS:
            self.place.stamp(lock).unlink(missing_ok=True)
        if not adding:
            self.make_venv()
        packages.install(self.place, self.lock, self.child, self.tell)
        self.tell("3/3 compiling")
        self.link_checkout()
        self.compile()
        for lock in LOCKS[: LOCKS.index(self.lock) + 1]:
            self.leave_stamp(lock)
        self.tell("ready")

    def tell(self, text: str) -> None:
        """A line of progress."""
        say(text)
        self.log.write(f"ops: {text}\n")

    def note_failure(self, failure: OpsError) -> None:
        """What those who waited for this set-up will say."""
        self.log.write(f"ops: failed: {failure.message}\n")

    def child(self, argv: list[str], env: dict[str, str], watch: Callable[[str], object]) -> int:
        """Run a step in a process that holds the guard too: while it lives, a killed set-up is not started anew."""
        with subprocess.Popen(
            argv,
            cwd=self.place.root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=(self.held,),
        ) as process:
            for line in process.stdout or ():
                self.log.write(line)
                watch(line)
        return process.returncode

    def make_venv(self) -> None:
        """An empty venv on the interpreter's real path: should another Python replace that, the broken link shows."""
        version = ".".join(str(part) for part in sys.version_info[:3])
        self.tell(f"1/3 making an environment with Python {version}")
        for child in self.place.folder.iterdir():
            if child not in (self.place.guard, self.place.log):
                shutil.rmtree(child) if child.is_dir() and not child.is_symlink() else child.unlink()
        (self.place.folder / ".gitignore").write_text("*\n")
        python, said = os.path.realpath(sys.executable), list[str]()
        argv = [python, "-I", "-m", "venv", "--without-pip", str(self.place.folder)]
        if self.child(argv, dict(os.environ), said.append) != 0:
            raise OpsError("unavailable", f"{python} cannot make a venv: {packages.reason(said)}", packages.VENV_HINT)

    def packages_folder(self) -> Path:
        """The environment's `site-packages`."""
        base = str(self.place.folder)
        return Path(sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base}))

    def link_checkout(self) -> None:
        """Put the checkout on the path: as code in ASCII, since `.pth` files are read in the locale's encoding. Where
        it is read-only, all bytecode goes to a folder of the environment.
        """
        code = f"import sys; sys.path.append({str(self.place.root)!a})"
        if not os.access(self.place.root / "mcp_server", os.W_OK):
            code += f"; sys.pycache_prefix = {str(self.place.folder / 'pycache')!a}"
        (self.packages_folder() / "ops.pth").write_text(code + "\n")

    def compile(self) -> None:
        """Compile packages and checkout (0.5 s of each start). Files that do not compile are templates; `-I` makes
        Python write bytecode although PYTHONDONTWRITEBYTECODE is set.
        """
        folders = [str(self.packages_folder()), str(self.place.root / "mcp_server")]
        self.child(
            [str(self.place.python), "-I", "-m", "compileall", "-q", "-j", "0", *folders], dict(os.environ), len
        )

    def leave_stamp(self, lock: str) -> None:
        """Write the stamp beside its place and rename it there."""
        stamp = self.place.stamp(lock)
        fresh = stamp.with_suffix(".new")
        fresh.write_bytes(self.place.stamped(lock))
        fresh.replace(stamp)
