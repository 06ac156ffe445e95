"""The lock inside a container. Its commands run on this machine here: the engine only transmits them."""

import subprocess
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath

import pytest

from mcp_server.kernel.errors import OpsError
from mcp_server.system.docker_files import directory_lock


def here(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """`docker exec --user=0 NAME COMMAND ...` without the container."""
    return subprocess.run(arguments[3:], capture_output=True, check=False, timeout=60)


def held(lock: Path, wait: float = 30) -> AbstractContextManager[None]:
    return directory_lock(here, "test-1", PurePosixPath(lock), 10, wait)


def test_a_lock_that_is_not_released_is_a_conflict_and_stays(tmp_path: Path) -> None:
    lock = tmp_path / ".claude.json.lock"
    lock.mkdir()
    (lock / "somebody").touch()
    with pytest.raises(OpsError, match="another program holds"), held(lock, wait=0):
        pytest.fail("it was taken")
    assert (lock / "somebody").exists()


def test_a_free_lock_is_held_and_released(tmp_path: Path) -> None:
    lock = tmp_path / ".claude.json.lock"
    with held(lock):
        assert lock.is_dir()
    assert not lock.exists()
