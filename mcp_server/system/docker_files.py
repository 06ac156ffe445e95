"""Files inside a container, copied by the engine: for configs that are not on any mount of the host."""

import io
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import PurePosixPath
from subprocess import CompletedProcess
from typing import TYPE_CHECKING, Final

from mcp_server.kernel.cancellation import stop_if_cancelled
from mcp_server.kernel.errors import OpsError

if TYPE_CHECKING:
    import tarfile

Run = Callable[..., "CompletedProcess[bytes]"]
"""The `docker` client with these arguments; `data` goes to its standard input."""

_LARGEST: Final = 1_000_000
_PAUSE: Final = 0.1
"Seconds between two tries: each is a `docker exec`, which takes about as long itself."


def read(run: Run, name: str, path: PurePosixPath) -> bytes:
    """The content of the file; `not_found` if there is none. Works in a stopped container as well."""
    return _held(run, name, path)[1]


def read_inside(run: Run, name: str, path: PurePosixPath) -> bytes | None:
    """What a program in a running container reads; `docker cp` would read a mounted file by its path on the host."""
    done = run("exec", "--user=0", name, "cat", str(path))
    return None if done.returncode else done.stdout


def read_folder(run: Run, name: str, folder: PurePosixPath) -> dict[str, bytes]:
    """The plain files in a folder by name, none without a folder; a file of more than a megabyte is left out."""
    done = run("cp", f"{name}:{folder}", "-")
    if b"Could not find the file" in done.stderr:
        return {}
    _done(done, f"{name}:{folder} cannot be read")
    import tarfile  # noqa: PLC0415

    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        entries = [entry for entry in archive if entry.isreg() and entry.size < _LARGEST]
        opened = ((PurePosixPath(entry.name).name, archive.extractfile(entry)) for entry in entries)
        return {name: file.read() for name, file in opened if file}


def replace(run: Run, name: str, path: PurePosixPath, data: bytes, *, running: bool) -> None:
    """Write the whole file with the owner and mode it had, then read it back.

    In a running container the new file is renamed into place. In a stopped one nobody reads it, and no program is
    there to rename it: the engine writes it directly.
    """
    import tarfile  # noqa: PLC0415  few fleets have configs inside of containers

    entry, _ = _held(run, name, path)
    new = tarfile.TarInfo(f"{path.name}.tmp.ops-{os.urandom(4).hex()}" if running else path.name)
    new.size, new.mtime = len(data), int(time.time())
    new.mode, new.uid, new.gid = entry.mode, entry.uid, entry.gid
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(new, io.BytesIO(data))
    _done(run("cp", "-", f"{name}:{path.parent}", data=packed.getvalue()), f"{name}:{path} was not written")
    if running:
        moved = run("exec", "--user=0", name, "mv", "-f", str(path.with_name(new.name)), str(path))
        _done(moved, f"{name}:{path} was not written")
    if read(run, name, path) != data:
        raise OpsError("conflict", f"{name}:{path} changed while it was being written", "Run the same again")


@contextmanager
def directory_lock(run: Run, name: str, lock: PurePosixPath, stale_after: float, wait: float) -> Generator[None]:
    """Hold the folder `lock` in a running container; it is taken over if unchanged for `stale_after` seconds.

    `conflict` if another program still holds it after `wait` seconds.
    """

    def inside(*command: str) -> "CompletedProcess[bytes]":
        return run("exec", "--user=0", name, *command)

    seen, since = b"", time.monotonic()
    deadline = since + wait
    while inside("mkdir", str(lock)).returncode:
        now = inside("stat", "-c", "%i %Y", str(lock)).stdout
        if now != seen:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > stale_after and inside("rmdir", str(lock)).returncode and not now:
            raise OpsError("unavailable", f"cannot lock {name}:{lock}", f"Try it: docker exec {name} mkdir {lock}")
        if time.monotonic() >= deadline:
            message = f"another program holds the lock {name}:{lock}"
            raise OpsError("conflict", message, f"See what is in it: docker exec {name} ls -la {lock}")
        stop_if_cancelled()
        time.sleep(_PAUSE)  # the lock is a folder in the container: nothing signals its removal to the host
    try:
        yield
    finally:
        inside("rmdir", str(lock))


def _held(run: Run, name: str, path: PurePosixPath) -> "tuple[tarfile.TarInfo, bytes]":
    done = run("cp", f"{name}:{path}", "-")
    if b"Could not find the file" in done.stderr:
        raise OpsError(
            "not_found",
            f"there is no {path} in the container {name}",
            f"Check the path: docker cp {name}:{path.parent} -",
        )
    _done(done, f"{name}:{path} cannot be read")
    import tarfile  # noqa: PLC0415

    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        entry = archive.next()
        content = archive.extractfile(entry) if entry and entry.isreg() else None
        if entry is None or content is None:
            raise OpsError(
                "invalid", f"{name}:{path} is not a plain file", f"Look at it: docker exec {name} ls -la {path}"
            )
        return entry, content.read()


def _done(ran: "CompletedProcess[bytes]", what: str) -> None:
    if ran.returncode:
        reason = (ran.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"])[0]
        raise OpsError("unavailable", f"{what}: {reason[:200]}", "Ask the engine: docker ps --all")
