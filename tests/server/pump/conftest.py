"""The shared server's state folder, and a `git` that blocks."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.server.pump.agents import release


@pytest.fixture
def state(home: Path) -> Path:
    return home / "state"


@pytest.fixture
def stuck_git(tmp_path: Path) -> Generator[Path]:
    """A folder with a `git` that writes its process id to `started` there, and ends when somebody opens its FIFO."""
    folder = tmp_path / "stuck"
    folder.mkdir()
    os.mkfifo(folder / "gate")
    git = folder / "git"
    announce = f"echo $$ > {folder}/$$; mv {folder}/$$ {folder}/started"
    git.write_text(f"#!/bin/sh\n{announce}\nread line < {folder}/gate\nexit 1\n")
    git.chmod(0o755)
    yield folder
    release(folder / "gate")
