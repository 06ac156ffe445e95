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
    """The environment that is ready for `lock`; makes it if there is none. OpsError if that fails."""
    if found := find(root, lock):
        return found
    with claimed(root) as (target, guard):
        waited = wait(target, guard)
        if target.ready(lock):
            return target
        if waited and (progress := target.progress()).startswith("failed"):
            raise OpsError("unavailable", f"the set-up in another process {progress}", f"Read {target.log}")
        build(target, lock, guard)
    return target


def build(target: Environment, lock: str, guard: int) -> None:
    """Install what `lock` lists in `target`. `guard` is the descriptor of the locked guard file."""
    with os.fdopen(os.open(target.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", buffering=1) as log:
        had = [known for known in LOCKS if known == lock or target.stamp(known).exists()]
        work = Build(target, had[-1], guard, log)
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
    """One set-up. Each step is reported on standard error and in the log, which other processes read."""

    target: Environment
    lock: str
    guard: int
    log: TextIO

    def run(self) -> None:
        """Run all steps. Stamps are deleted first and written last, so a killed set-up is never taken for ready."""
        self.report(f"setting up {self.target.folder} from {self.lock} (once)")
        adding = self.lock != RUNTIME and self.target.ready(RUNTIME)
        for lock in LOCKS:
            self.target.stamp(lock).unlink(missing_ok=True)
        if not adding:
            self.make_venv()
        packages.install(self.target, self.lock, self.child, self.report)
        self.report("3/3 compiling")
        self.link_checkout()
        self.compile()
        for lock in LOCKS[: LOCKS.index(self.lock) + 1]:
            self.leave_stamp(lock)
        self.report("ready")

    def report(self, text: str) -> None:
        """A line of progress."""
        say(text)
        self.log.write(f"ops: {text}\n")

    def note_failure(self, failure: OpsError) -> None:
        """Record the failure for the processes that wait for this set-up."""
        self.log.write(f"ops: failed: {failure.message}\n")

    def child(self, argv: list[str], env: dict[str, str], watch: Callable[[str], object]) -> int:
        """Run a step in a child that holds the lock too: while it lives, no other set-up starts."""
        with subprocess.Popen(
            argv,
            cwd=self.target.root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=(self.guard,),
        ) as process:
            for line in process.stdout or ():
                self.log.write(line)
                watch(line)
        return process.returncode

    def make_venv(self) -> None:
        """Make an empty venv with the interpreter's real path, so that replacing that Python breaks the link."""
        version = ".".join(str(part) for part in sys.version_info[:3])
        self.report(f"1/3 making an environment with Python {version}")
        for child in self.target.folder.iterdir():
            if child not in (self.target.guard, self.target.log):
                shutil.rmtree(child) if child.is_dir() and not child.is_symlink() else child.unlink()
        (self.target.folder / ".gitignore").write_text("*\n")
        python, output = os.path.realpath(sys.executable), list[str]()
        argv = [python, "-I", "-m", "venv", "--without-pip", str(self.target.folder)]
        if self.child(argv, dict(os.environ), output.append) != 0:
            raise OpsError(
                "unavailable", f"{python} cannot make a venv: {packages.reason(output)}", packages.VENV_HINT
            )

    def packages_folder(self) -> Path:
        """The environment's `site-packages`."""
        base = str(self.target.folder)
        return Path(sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base}))

    def link_checkout(self) -> None:
        """Put the checkout on the path, as ASCII code because `.pth` files are read in the locale's encoding.

        For a read-only checkout, bytecode goes to a folder of the environment.
        """
        code = f"import sys; sys.path.append({str(self.target.root)!a})"
        if not os.access(self.target.root / "mcp_server", os.W_OK):
            code += f"; sys.pycache_prefix = {str(self.target.folder / 'pycache')!a}"
        (self.packages_folder() / "ops.pth").write_text(code + "\n")

    def compile(self) -> None:
        """Compile packages and checkout (0.5 s of each start). Files that do not compile are templates; `-I` makes
        Python write bytecode although PYTHONDONTWRITEBYTECODE is set.
        """
        folders = [str(self.packages_folder()), str(self.target.root / "mcp_server")]
        self.child(
            [str(self.target.python), "-I", "-m", "compileall", "-q", "-j", "0", *folders], dict(os.environ), len
        )

    def leave_stamp(self, lock: str) -> None:
        """Write the stamp atomically."""
        stamp = self.target.stamp(lock)
        fresh = stamp.with_suffix(".new")
        fresh.write_bytes(self.target.stamped(lock))
        fresh.replace(stamp)
