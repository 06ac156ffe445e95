"""Reading and writing files: what is refused, and what is on the disk after a write, a failure or a kill."""

import os
import stat
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from mcp_server.clients.write_locks import config_lock
from mcp_server.kernel.errors import OpsError
from mcp_server.system import locks
from mcp_server.system.files import Files

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "state")


def test_a_write_keeps_the_old_mode_and_leaves_nothing_beside(files: Files, tmp_path: Path) -> None:
    target = tmp_path / "clone" / "config"
    target.parent.mkdir()
    target.write_bytes(b"old")
    target.chmod(0o640)
    files.replace(target, b"new", inside=target.parent)
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert [p.name for p in target.parent.iterdir()] == ["config"]


@pytest.mark.parametrize("new", [b"{}", b'{"a": "longer than the old one"}'])
def test_a_file_overwritten_in_place_keeps_its_inode_and_mode(files: Files, tmp_path: Path, new: bytes) -> None:
    target = tmp_path / "config"
    target.write_bytes(b'{"old": 1}')
    before = target.stat()
    files.write_over(target, new, inside=tmp_path, around=nullcontext())
    assert target.read_bytes() == new
    assert (target.stat().st_ino, target.stat().st_mode) == (before.st_ino, before.st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


def test_a_file_overwritten_in_place_gets_its_old_content_back_if_the_disk_fails(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "config"
    target.write_bytes(b'{"old": 1}')
    synced: list[int] = []

    def fsync(fd: int) -> None:
        synced.append(fd)
        if len(synced) == 2:  # the first proves that there is room
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OpsError, match="was not written: Input/output error"):
        files.write_over(target, b"{}", inside=tmp_path, around=nullcontext())
    assert target.read_bytes() == b'{"old": 1}'


def test_a_new_content_is_on_the_disk_before_it_takes_the_name_and_the_name_before_the_write_returns(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, int, int]] = []
    fsync, rename = os.fsync, os.rename

    def watched_fsync(fd: int) -> None:
        fsync(fd)
        calls.append(("fsync", os.fstat(fd).st_ino, os.fstat(fd).st_size))

    def watched_rename(old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        calls.append(("rename", os.stat(old, dir_fd=src_dir_fd).st_ino, 0))
        rename(old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "rename", watched_rename)
    files.replace(tmp_path / "config", b"new content", inside=tmp_path)
    file, folder = (tmp_path / "config").stat().st_ino, tmp_path.stat()
    at = calls.index(("rename", file, 0))
    assert ("fsync", file, len(b"new content")) in calls[:at]
    assert folder.st_ino in [inode for name, inode, _ in calls[at:] if name == "fsync"]


def test_a_later_write_removes_what_a_killed_one_left_and_nothing_else(files: Files, tmp_path: Path) -> None:
    names = ["c.tmp.ops-1-0123abcd", "c.tmp.ops-2-0123abcd", "other.tmp.ops-1-0123abcd", "c.tmp.1.0123abcd"]
    for name in names:
        (tmp_path / name).write_text("half")
    for name in names[:1] + names[2:]:
        os.utime(tmp_path / name, (1_000_000, 1_000_000))
    files.replace(tmp_path / "c", b"new", inside=tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["c", *names[1:]])


def test_a_new_file_is_private(files: Files, tmp_path: Path) -> None:
    files.replace(tmp_path / "new", b"x", inside=tmp_path)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


def test_a_write_to_a_symbolic_link_is_refused_and_its_target_is_unchanged(files: Files, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("theirs")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OpsError, match="symbolic link"):
        files.replace(tmp_path / "link", b"ours", inside=tmp_path)
    assert (tmp_path / "target").read_text() == "theirs"


def test_a_write_through_a_link_out_of_the_allowed_folder_is_refused(files: Files, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "inside" / "way").symlink_to(tmp_path / "outside")
    with pytest.raises(OpsError) as refused:
        files.replace(tmp_path / "inside" / "way" / "f", b"x", inside=tmp_path / "inside")
    assert refused.value.kind == "denied"
    assert not list((tmp_path / "outside").iterdir())


@pytest.mark.parametrize("make", ["fifo", "folder", "link", "huge", "absent"])
def test_anything_but_a_plain_file_is_refused_at_once_with_a_next_step(
    files: Files, tmp_path: Path, make: str
) -> None:
    path = tmp_path / "x"
    match make:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to("/etc/passwd")
        case "huge":
            with path.open("wb") as file:
                file.truncate(10_000_000)
        case _:
            pass
    with pytest.raises(OpsError) as refused:
        files.read(path)
    assert str(path) in refused.value.message
    assert refused.value.next


def test_an_error_about_invalid_utf8_names_the_position(files: Files, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"ok \xff")
    with pytest.raises(OpsError, match="byte 3"):
        files.read_text(tmp_path / "x")


# A file size limit simulates a full disk: a write beyond it fails in the middle, with EFBIG.
WRITE_WITH_LITTLE_ROOM = """
import resource, signal, sys
from pathlib import Path
from mcp_server.system.files import Files
from mcp_server.kernel.errors import OpsError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
target = Path(sys.argv[1])
try:
    Files(target.parent / "state").replace(target, b"n" * 1_000_000, inside=target.parent)
except OpsError as error:
    print(error.message)
"""


def test_a_full_disk_leaves_the_old_file_and_the_error_says_that(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", WRITE_WITH_LITTLE_ROOM, str(tmp_path / "f")],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        cwd=ROOT,
    )
    assert "the old content is unchanged" in done.stdout
    assert (tmp_path / "f").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_backup_has_the_same_bytes_and_is_private(files: Files, tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"\x00bytes\xff")
    backup = files.back_up(tmp_path / "config", "run-1")
    assert backup.read_bytes() == b"\x00bytes\xff"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(backup.parent.stat().st_mode) == 0o700
    assert backup.is_relative_to(tmp_path / "state" / "backups" / "run-1")


def test_a_lock_has_one_holder_and_can_be_taken_again_after_it(files: Files) -> None:
    with files.lock("fleet"), pytest.raises(OpsError) as refused, files.lock("fleet", wait=0):
        pass
    assert refused.value.kind == "conflict"
    with files.lock("fleet", wait=0):
        pass


def test_a_config_lock_is_a_folder_beside_the_file_and_is_removed_afterwards(files: Files, tmp_path: Path) -> None:
    with config_lock(files, tmp_path / ".claude.json"):
        assert (tmp_path / ".claude.json.lock").is_dir()
    assert not (tmp_path / ".claude.json.lock").exists()


def test_a_config_lock_left_by_a_crashed_process_is_taken_over(files: Files, tmp_path: Path) -> None:
    lock = tmp_path / ".claude.json.lock"
    lock.mkdir()
    long_ago = time.time() - 3600
    os.utime(lock, (long_ago, long_ago))
    with config_lock(files, tmp_path / ".claude.json"):
        assert lock.stat().st_mtime > long_ago + 1800
    assert not lock.exists()


class Simulated:
    """A clock in place of `time`: a pause takes no time, and moves it on."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_config_lock_is_taken_over_after_8_s_as_claude_code_does_and_not_before(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "time", clock := Simulated())
    lock = tmp_path / ".claude.json.lock"
    lock.mkdir()
    os.utime(lock, (clock.now, clock.now))
    before = clock.now
    with config_lock(files, tmp_path / ".claude.json"):
        assert 8 <= clock.now - before <= 12
