"""Which backups are kept."""

import os
import time
from pathlib import Path

import pytest

from mcp_server.system.backups import DAYS, MOST
from mcp_server.system.files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "state")


def _backed_up(files: Files, path: Path, texts: list[str], days: float = 0) -> None:
    for number, text in enumerate(texts):
        path.write_text(text)
        backup = files.back_up(path, f"2026010{number // 10}T00000{number % 10}Z-a")
        when = time.time() - days * 86_400
        os.utime(backup, (when, when))


def _is_good(backup: Path) -> bool:
    return backup.read_text().startswith("good")


def test_the_newest_backups_are_kept_and_older_ones_removed_with_their_folders(files: Files, tmp_path: Path) -> None:
    path, other = tmp_path / "a" / "config", tmp_path / "a" / "other"
    path.parent.mkdir()
    _backed_up(files, path, [f"good {n}" for n in range(MOST + 5)])
    other.write_text("x")
    files.back_up(other, "20260100T000000Z-a")
    files.prune_backups(path, _is_good)
    assert [found.read_text() for found in files.backups(path)] == [f"good {n}" for n in range(MOST + 4, 4, -1)]
    assert len(files.backups(other)) == 1
    assert len(list((tmp_path / "state" / "backups").iterdir())) == MOST + 1


def test_the_last_good_backup_stays_however_many_bad_ones_follow(files: Files, tmp_path: Path) -> None:
    path = tmp_path / "config"
    _backed_up(files, path, ["good 0", "good 1", *("bad" for _ in range(MOST + 5))])
    files.prune_backups(path, _is_good)
    assert [found.read_text() for found in files.backups(path)] == ["bad"] * MOST + ["good 1"]


def test_old_backups_are_removed_except_the_last_good_one(files: Files, tmp_path: Path) -> None:
    path = tmp_path / "config"
    _backed_up(files, path, ["good 0", "good 1", "bad"], days=DAYS + 1)
    files.prune_backups(path, _is_good)
    assert [found.read_text() for found in files.backups(path)] == ["good 1"]
