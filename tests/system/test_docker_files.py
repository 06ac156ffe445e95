"""The lock inside a container. The commands run here, on this machine's own files: the engine only carries them."""

import subprocess
from pathlib import Path, PurePosixPath

import pytest

from mcp_server.kernel.errors import OpsError
from mcp_server.system.docker_files import locked


def here(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """`docker exec --user=0 NAME COMMAND ...` without the container."""
    return subprocess.run(arguments[3:], capture_output=True, check=False, timeout=60)


def test_a_lock_that_stays_is_a_conflict_after_a_bounded_wait_and_is_left_alone(tmp_path: Path) -> None:
    config, lock = tmp_path / ".claude.json", tmp_path / ".claude.json.lock"
    lock.mkdir()
    (lock / "somebody").touch()
    with pytest.raises(OpsError, match="stays locked"), locked(here, "test-1", PurePosixPath(config), wait=0):
        pytest.fail("it was taken")
    assert (lock / "somebody").exists()


def test_a_free_lock_is_held_and_given_back(tmp_path: Path) -> None:
    config, lock = tmp_path / ".claude.json", tmp_path / ".claude.json.lock"
    with locked(here, "test-1", PurePosixPath(config)):
        assert lock.is_dir()
    assert not lock.exists()
