"""A file inside a container, by the engine's own copying: the way to a config that no mount of the host leads to."""

import io
import os
import tarfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import PurePosixPath
from subprocess import CompletedProcess
from typing import Final

from mcp_server.kernel.cancellation import go_on
from mcp_server.kernel.errors import OpsError
from mcp_server.system.locks import STALE_AFTER

Run = Callable[..., "CompletedProcess[bytes]"]
"""The `docker` client with these arguments; `data` goes to its standard input."""

_PAUSE: Final = 0.1
"Seconds between two looks: each is a `docker exec`, which takes as long itself."


def read(run: Run, name: str, path: PurePosixPath) -> bytes:
    """What the file holds; `not_found` where there is none. Works in a stopped container as well."""
    return _held(run, name, path)[1]


def seen_inside(run: Run, name: str, path: PurePosixPath) -> bytes | None:
    """What a program in a running container reads there: `docker cp` looks at a mounted file's path on the host."""
    done = run("exec", "--user=0", name, "cat", str(path))
    return None if done.returncode else done.stdout


def replace(run: Run, name: str, path: PurePosixPath, data: bytes, *, running: bool) -> None:
    """Write the whole file with the owner and mode it had, then read it back.

    In a running container the new file is renamed into place. In a stopped one nobody reads it, and there is no
    program to rename it with: the engine puts it there.
    """
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
def locked(run: Run, name: str, path: PurePosixPath, wait: float = 3 * STALE_AFTER) -> Generator[None]:
    """Hold Claude Code's own lock of a config in a running container; one that nobody touches for long is stale.

    `conflict` where it is still taken after `wait` seconds.
    """
    lock = f"{path}.lock"

    def inside(*command: str) -> "CompletedProcess[bytes]":
        return run("exec", "--user=0", name, *command)

    seen, since = b"", time.monotonic()
    deadline = since + wait
    while inside("mkdir", lock).returncode:
        stands = inside("stat", "-c", "%i %Y", lock).stdout
        if stands != seen:
            seen, since = stands, time.monotonic()
        elif time.monotonic() - since > STALE_AFTER and inside("rmdir", lock).returncode and not stands:
            raise OpsError("unavailable", f"cannot lock {name}:{path}", f"Try it: docker exec {name} mkdir {lock}")
        if time.monotonic() >= deadline:
            message = f"{name}:{path} stays locked by {lock}"
            raise OpsError("conflict", message, f"See who holds it: docker exec {name} ls -la {lock}")
        go_on()
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        inside("rmdir", lock)


def _held(run: Run, name: str, path: PurePosixPath) -> tuple[tarfile.TarInfo, bytes]:
    done = run("cp", f"{name}:{path}", "-")
    if b"Could not find the file" in done.stderr:
        raise OpsError("not_found", f"there is no {path} in the container {name}", "Start Claude Code there once")
    _done(done, f"{name}:{path} cannot be read")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        entry = archive.next()
        content = archive.extractfile(entry) if entry and entry.isreg() else None
        if entry is None or content is None:
            raise OpsError(
                "invalid", f"{name}:{path} is no plain file", f"Look at it: docker exec {name} ls -la {path}"
            )
        return entry, content.read()


def _done(ran: "CompletedProcess[bytes]", what: str) -> None:
    if ran.returncode:
        reason = (ran.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"])[0]
        raise OpsError("unavailable", f"{what}: {reason[:200]}", "Ask the engine: docker ps --all")
