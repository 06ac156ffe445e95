"""The state folder is this user's alone, whatever the umask was and whatever somebody has put there."""

import os
import stat
from functools import partial
from pathlib import Path

import pytest

from mcp_server.activity.write_journal import AUDIT, Journal
from mcp_server.kernel.errors import OpsError
from mcp_server.server.crash import record_crash
from mcp_server.server.pump.reach import run_folder
from mcp_server.setup.claim import open_guard
from mcp_server.setup.environment import Environment
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


@pytest.mark.parametrize("name", ["logs", "run", "environments"])
def test_neither_the_shared_server_nor_a_set_up_follows_a_link_in_the_state_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, elsewhere = tmp_path / "state", tmp_path / "elsewhere"
    state.mkdir(0o700)
    elsewhere.mkdir()
    (state / name).symlink_to(elsewhere)
    monkeypatch.setenv("OPS_HOME", str(state))
    environment = Environment(tmp_path, state / "environments" / "x")
    begin = partial(open_guard, environment) if name == "environments" else partial(run_folder, str(state))
    with pytest.raises((OpsError, PermissionError), match=r"symbolic link|open to other users"):
        begin()
    assert not list(elsewhere.iterdir())


def test_the_folders_of_the_shared_server_and_of_a_set_up_are_private_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(0o777)
    monkeypatch.setenv("OPS_HOME", str(state))
    before = os.umask(0)
    try:
        run_folder(str(state))
        os.close(open_guard(Environment(tmp_path, state / "environments" / "x")))
    finally:
        os.umask(before)
    folders = [state, *(path for path in state.rglob("*") if path.is_dir())]
    assert len(folders) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
