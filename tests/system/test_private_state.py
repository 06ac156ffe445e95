"""The state folder is this user's alone, whatever the umask was and whatever somebody has put there."""

import os
import stat
from pathlib import Path

import pytest

from mcp_server.activity.write_journal import AUDIT, Journal
from mcp_server.kernel.errors import OpsError
from mcp_server.server.crash import record_crash
from mcp_server.system.files import Files


def writes(state: Path, folder: str) -> None:
    match folder:
        case "logs":
            Journal(state, AUDIT).write("test")
        case "locks":
            with Files(state).lock("test"):
                pass
        case _:
            Files(state).replace(state / folder / "x", b"x", inside=state)


@pytest.mark.parametrize("folder", ["logs", "locks", "backups", "cache"])
def test_a_state_folder_is_private_whatever_the_umask(folder: str, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        writes(tmp_path / "state", folder)
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state", tmp_path / "state" / folder)}
    assert modes == {0o700}


@pytest.mark.parametrize("folder", ["logs", "locks", "backups", "cache"])
def test_a_state_folder_that_is_open_to_all_is_closed(folder: str, tmp_path: Path) -> None:
    (tmp_path / folder).mkdir()
    for path in (tmp_path, tmp_path / folder):
        path.chmod(0o777)
    writes(tmp_path, folder)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, tmp_path / folder)} == {0o700}


@pytest.mark.parametrize("folder", ["logs", "locks", "backups", "cache"])
def test_nothing_is_written_through_a_link_in_the_state_folder(folder: str, tmp_path: Path) -> None:
    state, elsewhere = tmp_path / "state", tmp_path / "elsewhere"
    state.mkdir(0o700)
    elsewhere.mkdir()
    (state / folder).symlink_to(elsewhere)
    with pytest.raises((OpsError, PermissionError), match="symbolic link"):
        writes(state, folder)
    assert not list(elsewhere.iterdir())


def test_a_crash_log_does_not_follow_a_linked_folder(tmp_path: Path) -> None:
    state, elsewhere = tmp_path / "state", tmp_path / "elsewhere"
    state.mkdir(0o700)
    elsewhere.mkdir()
    (state / "logs").symlink_to(elsewhere)
    assert "could not write" in record_crash(ValueError("x"), state).message
    assert not list(elsewhere.iterdir())
