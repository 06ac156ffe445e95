"""A commit of some files, or parts of files; everything else that is changed or staged stays uncommitted."""

import os
import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError

_OURS = "ops-commit-"
_BEGUN = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")

Part = Callable[[bytes | None], bytes | None]
"""Maps a file's content to the content to commit, None being a missing file; called for several versions of it."""
Do = Callable[..., str]
"""Runs git in a clone, with `variables` in its environment; returns its output without the last newline."""


def commit_alone(do: Do, clone: Path, paths: Sequence[str], message: str, parts: Mapping[str, Part]) -> bool:
    """Commit `paths` whole, and for each file in `parts` the content that its function returns.

    False if HEAD has all of that already.

    Like git's own `--only`, this commits an index made from HEAD, while holding the clone's lock so that HEAD cannot
    move. The clone's own index gets the same changes, and gets them first: otherwise a kill after the commit would
    leave an index that reverts it.
    """
    index = _git_path(do, clone, "index")
    folder = index.parent
    from tempfile import TemporaryDirectory  # noqa: PLC0415  only for a commit

    with _explained(clone, folder), _locked(clone, index), TemporaryDirectory(prefix=_OURS, dir=folder) as name:
        _require_nothing_begun(do, clone)
        before, staged, new = (Path(name, each) for each in ("before", "staged", "new"))
        variables = {"GIT_INDEX_FILE": str(new)}
        do(clone, "read-tree", "HEAD", variables=variables)
        shutil.copy2(index if index.exists() else new, before)
        shutil.copy2(before, staged)
        do(clone, "add", "--", *paths, variables=variables)
        # `add` refuses a path that is staged as removed, because it is in no index.
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
    """The content of a blob; its size shows whether `do` dropped a last newline."""
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
        step = f"Run the same again when it has ended; if it crashed, it left {lock}: ops runbook read git-lock-left"
        raise OpsError("conflict", f"another git process is at work in {clone}", step) from None
    try:
        for left in index.parent.glob(f"{_OURS}*"):  # left by a killed process: this one has the lock now
            shutil.rmtree(left)
        yield
    finally:
        lock.unlink(missing_ok=True)


def _require_nothing_begun(do: Do, clone: Path) -> None:
    """A commit would end a merge in progress, without the merged changes."""
    if do(clone, "ls-files", "--unmerged") or any(_git_path(do, clone, name).exists() for name in _BEGUN):
        step = f"Finish or abort it first: git -C {quote(str(clone))} status"
        raise OpsError("conflict", f"a merge, cherry-pick or revert is in progress in {clone}", step)


def _put(do: Do, clone: Path, index: Path, parts: Mapping[str, Part]) -> None:
    """Write the parts into one index."""
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
