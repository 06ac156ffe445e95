"""A commit of some files, or of a part of one: what else is changed or staged in the clone stays uncommitted."""

import os
import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory

from mcp_server.kernel.errors import OpsError
from mcp_server.system.git.git import Part

_OURS = "ops-commit-"
_BEGUN = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")

Do = Callable[..., str]
"git in a clone, with `variables` in its environment: what it printed without the last newline, or an `OpsError`."


def commit_alone(do: Do, clone: Path, paths: Sequence[str], message: str, parts: Mapping[str, Part]) -> bool:
    """Commit `paths` whole and of each file of `parts` what its function makes of it; False: HEAD holds all that.

    As git's own `--only` does, an index made from HEAD is committed, with the clone's lock held, so that HEAD stays
    what it was made from. The clone's own index gets the same, and gets it before: a kill after the commit would
    leave one that takes our row out again.
    """
    index = _git_path(do, clone, "index")
    folder = index.parent
    with _explained(clone, folder), _locked(clone, index), TemporaryDirectory(prefix=_OURS, dir=folder) as name:
        _require_nothing_begun(do, clone)
        before, staged, new = (Path(name, each) for each in ("before", "staged", "new"))
        variables = {"GIT_INDEX_FILE": str(new)}
        do(clone, "read-tree", "HEAD", variables=variables)
        shutil.copy2(index if index.exists() else new, before)
        shutil.copy2(before, staged)
        do(clone, "add", "--", *paths, variables=variables)
        # A path that somebody staged as removed is in no index: `add` would not know it.
        do(clone, "update-index", "--add", "--remove", "--", *paths, variables={"GIT_INDEX_FILE": str(staged)})
        for file in (new, staged):
            _put(do, clone, file, parts)
        if do(clone, "write-tree", variables=variables) == do(clone, "rev-parse", "HEAD^{tree}"):
            return False
        staged.replace(index)
        try:
            do(clone, "commit", "--quiet", "-m", message, variables=variables)
        except OpsError:
            before.replace(index)
            raise
        return True


def content(do: Do, clone: Path, blob: str) -> bytes:
    """What a blob holds; its size tells whether the newline that `do` dropped was there."""
    found = os.fsencode(do(clone, "cat-file", "blob", blob))
    return found if len(found) == int(do(clone, "cat-file", "-s", blob)) else found + b"\n"


def _git_path(do: Do, clone: Path, name: str) -> Path:
    return Path(do(clone, "rev-parse", "--path-format=absolute", "--git-path", name))


@contextmanager
def _explained(clone: Path, folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        step = f"Look at it: ls -la {quote(str(folder))}"
        raise OpsError("unavailable", f"git's files of {clone} cannot be written: {error}", step) from None


@contextmanager
def _locked(clone: Path, index: Path) -> Generator[None]:
    lock = index.with_name("index.lock")
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    except FileExistsError:
        step = f"Again when it has ended; one that died left {lock}: ops runbook read git-lock-left"
        raise OpsError("conflict", f"another git is at work in {clone}", step) from None
    try:
        for left in index.parent.glob(f"{_OURS}*"):  # by one that was killed: the lock is ours now
            shutil.rmtree(left)
        yield
    finally:
        lock.unlink(missing_ok=True)


def _require_nothing_begun(do: Do, clone: Path) -> None:
    """A merge that is going on would be ended by the commit, without what it merges."""
    if do(clone, "ls-files", "--unmerged") or any(_git_path(do, clone, name).exists() for name in _BEGUN):
        step = f"End it or give it up first: git -C {quote(str(clone))} status"
        raise OpsError("conflict", f"a merge, cherry-pick or revert is going on in {clone}", step)


def _put(do: Do, clone: Path, index: Path, parts: Mapping[str, Part]) -> None:
    """Bring the parts into one index."""
    variables = {"GIT_INDEX_FILE": str(index)}
    for path, part in parts.items():
        entry = do(clone, "ls-files", "--stage", "--", path, variables=variables).split()
        made = part(content(do, clone, entry[1]) if entry else None)
        if made is not None:
            held = index.with_suffix(".part")
            held.write_bytes(made)
            blob = do(clone, "hash-object", "-w", "--no-filters", "--", str(held))
            mode = entry[0] if entry else "100644"
            do(clone, "update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}", variables=variables)
