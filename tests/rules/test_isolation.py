"""The tests' isolation works: no code can open, move or remove a login of the developer."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mcp_server.system.files import Files
from tests.fixtures.logins import write_store
from tests.isolation import RealLoginTouchedError

HOME = Path("/home-of-a-developer")
STORE = HOME / ".claude" / ".credentials.json"
TOUCHES: dict[str, Callable[[], object]] = {
    "open": STORE.open,
    "write": lambda: STORE.write_text("x"),
    "bytes": (HOME / ".codex" / "auth.json").read_bytes,
    "ops reading": lambda: Files(HOME).read(STORE),
    "list": lambda: list((HOME / ".claude").iterdir()),
    "remove": STORE.unlink,
    "rename away": lambda: STORE.rename("/tmp/x"),
    "rename onto": lambda: Path("/tmp/x").rename(STORE),
    "copy": lambda: shutil.copy("/etc/passwd", HOME / ".claude.json"),
    "make": (HOME / ".gemini").mkdir,
}


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES.keys())
def test_a_login_outside_of_the_tests_own_folder_cannot_be_touched(touch: Callable[[], object]) -> None:
    with pytest.raises(RealLoginTouchedError):
        touch()


def test_a_login_in_the_tests_own_folder_can(tmp_path: Path) -> None:
    assert write_store(tmp_path / ".claude", "own").read_bytes()
