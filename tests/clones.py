"""Real git for tests: an origin, clones of it, commits. The isolated HOME of `conftest` gives the identity."""

import subprocess
from collections.abc import Sequence
from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True, text=True)
    return done.stdout.strip()


def make_origin(folder: Path) -> Path:
    """A bare repository with one commit on main."""
    git(folder, "init", "--quiet", "--bare", "origin.git")
    git(folder, "clone", "--quiet", "origin.git", "seed")
    commit(folder / "seed", "README.md")
    git(folder / "seed", "push", "--quiet", "origin", "main")
    return folder / "origin.git"


def clone_of(origin: Path, folder: Path) -> Path:
    git(origin, "clone", "--quiet", str(origin), str(folder))
    return folder


def commit(clone: Path, name: str, text: str = "text\n") -> str:
    """One commit of the file `name`; returns its hash."""
    (clone / name).write_text(text)
    git(clone, "add", "--force", name)
    git(clone, "commit", "--quiet", "-m", f"add {name}")
    return git(clone, "rev-parse", "HEAD")


def push_commits(origin: Path, names: Sequence[str]) -> str:
    """Commits on origin's main, made in a clone that nobody else uses; returns where main stands then."""
    seed = origin.parent / "seed"
    for name in names:
        commit(seed, name)
    git(seed, "push", "--quiet", "origin", "main")
    return git(seed, "rev-parse", "HEAD")


def everything_in(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below `folder` with its time of change and its bytes: equal before and after a mere look."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}
