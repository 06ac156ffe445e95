"""Whether a file could be replaced, on real small disks, and that the look leaves no trace."""

import os
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from mcp_server.system.savable import hindrance

SIZE = 64 * 1024
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")


@pytest.fixture
def disk(tmp_path: Path) -> Generator[Path]:
    """A folder on a disk of its own of one megabyte, with a file in it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=9,mode=700", "none", str(folder)]
    subprocess.run(mounted, check=True)
    (folder / "file").write_text("old")
    yield folder
    subprocess.run(["umount", "-l", str(folder / "file")], check=False, capture_output=True)
    subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(place: Path) -> None:
    subprocess.run(["mount", "-o", "remount,bind,ro", str(place)], check=True)


def bind(place: Path) -> None:
    subprocess.run(["mount", "--bind", str(place), str(place)], check=True)


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def test_a_file_that_can_be_saved_is_not_hindered_and_nothing_is_left(disk: Path) -> None:
    before = disk.stat()
    assert hindrance(disk / "file", SIZE) is None
    assert hindrance(disk / "new", SIZE) is None
    assert [path.name for path in disk.iterdir()] == ["file"]
    assert (disk.stat().st_mtime_ns, disk.stat().st_ctime_ns) == (before.st_mtime_ns, before.st_ctime_ns)


def test_a_full_disk_hinders_until_there_is_room(disk: Path) -> None:
    fill(disk)
    assert hindrance(disk / "file", SIZE) == "No space left on device"
    (disk / "filler").unlink()
    assert hindrance(disk / "file", SIZE) is None


def test_a_disk_without_a_free_inode_hinders(disk: Path) -> None:
    for number in range(7):
        (disk / str(number)).touch()
    assert hindrance(disk / "file", SIZE) == "No space left on device"


def test_a_folder_that_is_mounted_read_only_hinders_root_as_well(disk: Path) -> None:
    remount(disk)
    assert hindrance(disk / "file", SIZE) == "Read-only file system"
    subprocess.run(["mount", "-o", "remount,bind,rw", str(disk)], check=True)


def test_a_file_that_is_mounted_read_only_by_itself_hinders(disk: Path) -> None:
    bind(disk / "file")
    assert hindrance(disk / "file", SIZE) is None
    remount(disk / "file")
    assert hindrance(disk / "file", SIZE) == "Read-only file system"


def test_an_immutable_file_or_folder_hinders(disk: Path) -> None:
    for place in (disk / "file", disk):
        if subprocess.run(["chattr", "+i", str(place)], check=False, capture_output=True).returncode:
            pytest.skip("this kernel's tmpfs knows no immutable files")  # it does since Linux 6.6
        assert hindrance(disk / "file", SIZE)
        subprocess.run(["chattr", "-i", str(place)], check=True)
    assert hindrance(disk / "file", SIZE) is None


def test_what_stops_the_owner_of_a_folder_stops_root_that_looks_for_him(disk: Path) -> None:
    os.chown(disk, 1234, 1234)
    assert hindrance(disk / "file", SIZE) is None
    disk.chmod(0o500)
    assert hindrance(disk / "file", SIZE) == "its owner may not write there"


@pytest.mark.parametrize("way", ["full", "read-only", "free"])
def test_where_files_without_a_name_are_not_known_numbers_decide(
    disk: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE")
    match way:
        case "full":
            fill(disk)
        case "read-only":
            remount(disk)
        case _:
            pass
    expected = {"full": "No space left on device", "read-only": "Read-only file system", "free": None}
    assert hindrance(disk / "file", SIZE) == expected[way]
    subprocess.run(["mount", "-o", "remount,bind,rw", str(disk)], check=True)


def test_a_folder_that_is_not_there_is_no_hindrance(tmp_path: Path) -> None:
    assert hindrance(tmp_path / "none" / "file", SIZE) is None
