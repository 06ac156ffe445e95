"""How the official binary is found, started and waited for; a stand-in process takes its place."""

import json
import os
from pathlib import Path

import pytest

from mcp_server.clients.run_claude import OfficialClaude
from mcp_server.kernel.cancellation import cancellable
from mcp_server.kernel.errors import CancelledCallError, OpsError
from mcp_server.system.locks import host_lock
from tests.fixtures.logins import LAPSED, StandIn, tokens_of, write_store


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path / "bin", "rotate")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return write_store(tmp_path / "store", "host", LAPSED).parent


def official(tmp_path: Path, patience: float = 60, **environment: str) -> OfficialClaude:
    return OfficialClaude(environment, tmp_path / "state", patience)


def due() -> bool:
    return True


def test_the_binary_is_the_one_that_ops_claude_names_else_the_one_on_the_path(
    tmp_path: Path, stand_in: StandIn, store: Path
) -> None:
    other = StandIn(tmp_path / "other", "nothing")
    path = f"{other.folder}:{os.environ['PATH']}"
    assert official(tmp_path, PATH=path, OPS_CLAUDE=str(stand_in.program)).refresh(store, due)[0] == "ended"
    assert official(tmp_path, PATH=path).refresh(store, due)[0] == "ended"
    assert (len(stand_in.runs), len(other.runs)) == (1, 1)


def test_a_binary_in_the_working_folder_is_not_found(
    tmp_path: Path, stand_in: StandIn, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(stand_in.folder)
    for path in (".", "", ":/nowhere", "../bin"):
        with pytest.raises(OpsError, match="no `claude` on the PATH"):
            official(tmp_path, PATH=path).refresh(store, due)
    with pytest.raises(OpsError, match=r"OPS_CLAUDE is '\./claude'"):
        official(tmp_path, OPS_CLAUDE="./claude").refresh(store, due)
    assert stand_in.runs == []


def test_the_version_is_read_from_the_installers_files_and_nothing_is_started(
    tmp_path: Path, stand_in: StandIn
) -> None:
    assert official(tmp_path, PATH="/nowhere").version() is None
    assert official(tmp_path, OPS_CLAUDE=str(stand_in.program)).version() == ""
    package = {"name": "@anthropic-ai/claude-code", "version": "2.1.30"}
    (tmp_path / "package.json").write_text(json.dumps(package))
    assert official(tmp_path, OPS_CLAUDE=str(stand_in.program)).version() == "2.1.30"
    native = tmp_path / "versions" / "2.1.400"
    native.parent.mkdir()
    stand_in.program.rename(native)
    stand_in.program.symlink_to(native)
    assert official(tmp_path, PATH=str(stand_in.folder)).version() == "2.1.400"
    assert stand_in.runs == []


def test_a_renewal_that_is_no_longer_due_is_not_run(tmp_path: Path, stand_in: StandIn, store: Path) -> None:
    claude = official(tmp_path, OPS_CLAUDE=str(stand_in.program))
    assert (claude.refresh(store, lambda: False), stand_in.runs) == (("spared", None), [])


def test_each_store_is_renewed_by_itself_under_whatever_name(tmp_path: Path, stand_in: StandIn, store: Path) -> None:
    other = write_store(tmp_path / "other-store", "other", LAPSED).parent
    (tmp_path / "name").symlink_to(store)
    claude = official(tmp_path, OPS_CLAUDE=str(stand_in.program))
    for folder in (store, tmp_path / "name", other):
        claude.refresh(folder, due)
    assert len(list((tmp_path / "state" / "locks").iterdir())) == 2
    assert list((tmp_path / "state" / "flights").iterdir()) == []


def test_a_run_that_does_not_end_is_ended_long_after_it_should_have(
    tmp_path: Path, stand_in: StandIn, store: Path
) -> None:
    before = tokens_of(store / ".credentials.json")
    stand_in.behave("wait:rotate")
    claude = official(tmp_path, patience=3, OPS_CLAUDE=str(stand_in.program))
    assert claude.refresh(store, due)[0] == "ended"
    (run,) = stand_in.runs
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(run["process"])), 0)
    assert tokens_of(store / ".credentials.json") == before


def test_a_caller_that_waits_longer_than_a_run_may_take_learns_that_it_still_runs(
    tmp_path: Path, stand_in: StandIn, store: Path
) -> None:
    claude = official(tmp_path, patience=-9.9, OPS_CLAUDE=str(stand_in.program))
    official(tmp_path, OPS_CLAUDE=str(stand_in.program)).refresh(store, lambda: False)
    (lock,) = (tmp_path / "state" / "locks").iterdir()
    with host_lock(lock, 0):
        assert claude.refresh(store, due)[0] == "under_way"
    assert stand_in.runs == []


def test_a_program_that_does_not_start_is_named_and_blocks_nobody(tmp_path: Path, store: Path) -> None:
    broken = tmp_path / "claude"
    broken.write_bytes(b"\x00not a program")
    broken.chmod(0o755)
    for _ in range(2):
        with pytest.raises(OpsError, match="does not start"):
            official(tmp_path, OPS_CLAUDE=str(broken)).refresh(store, due)


def test_a_state_folder_that_cannot_be_made_is_named(tmp_path: Path, stand_in: StandIn, store: Path) -> None:
    (tmp_path / "state").write_text("in the way", "utf-8")
    with pytest.raises(OpsError) as refused:
        official(tmp_path, OPS_CLAUDE=str(stand_in.program)).refresh(store, due)
    assert "OPS_HOME" in refused.value.next


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path, stand_in: StandIn, store: Path) -> None:
    claude = official(tmp_path, OPS_CLAUDE=str(stand_in.program))
    claude.refresh(store, lambda: False)
    (lock,) = (tmp_path / "state" / "locks").iterdir()
    lock.unlink()
    lock.symlink_to(tmp_path / "victim")
    with pytest.raises(OpsError, match="cannot lock"):
        claude.refresh(store, due)
    assert not (tmp_path / "victim").exists()


def test_a_cancelled_renewal_that_still_waits_for_another_one_starts_nothing(
    tmp_path: Path, stand_in: StandIn, store: Path
) -> None:
    claude = official(tmp_path, OPS_CLAUDE=str(stand_in.program), PATH=os.environ["PATH"])
    assert claude.refresh(store, lambda: False)[0] == "spared"  # makes the lock
    (lock,) = (tmp_path / "state" / "locks").iterdir()
    with host_lock(lock, 60), pytest.raises(CancelledCallError):
        cancellable(lambda: True, lambda: claude.refresh(store, due))
    assert stand_in.runs == []


def test_a_renewal_that_has_begun_is_waited_for_although_its_call_is_cancelled(
    tmp_path: Path, stand_in: StandIn, store: Path
) -> None:
    claude = official(tmp_path, OPS_CLAUDE=str(stand_in.program), PATH=os.environ["PATH"])
    before = tokens_of(store / ".credentials.json")
    assert cancellable(lambda: bool(stand_in.runs), lambda: claude.refresh(store, due)[0]) == "ended"
    assert tokens_of(store / ".credentials.json") != before
