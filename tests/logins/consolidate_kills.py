"""Consolidate the same copies again and again, each time killed (SIGKILL) at the next step that writes.

`python -m tests.logins.consolidate_kills FLEET STORE` prints how often it was killed before one came to its end.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from mcp_server.logins.consolidate import TOKEN_CONSOLIDATE, ConsolidateParams, TokenConsolidate
from mcp_server.server.wiring import context_of
from tests.fixtures.logins import write_store


def main(root: Path, store: Path) -> int:
    host = write_store(store, "copied")
    login = host.read_bytes()
    copies = [root / name / host.name for name in ("opus-1", "opus-2")]
    for number in range(200):
        shutil.rmtree(os.environ["OPS_HOME"], ignore_errors=True)
        for copy in copies:
            copy.write_bytes(login)
        killed = killed_at(number, lambda: _consolidate(root))
        aside = [path.read_bytes() for path in Path(os.environ["OPS_HOME"]).glob("backups/**/.credentials.json")]
        assert host.read_bytes() == login
        assert all(copy.read_bytes() == login if copy.exists() else login in aside for copy in copies)
        for folder in (store, *(copy.parent for copy in copies)):
            shutil.rmtree(folder / ".oauth_refresh.lock", ignore_errors=True)  # what a client does with a stale one
        _consolidate(root)
        assert not any(copy.exists() for copy in copies)
        if not killed:
            return number
    raise AssertionError("no attempt came to its end")


def _consolidate(root: Path) -> None:
    def run(plan: str | None) -> TokenConsolidate:
        context = context_of(dict(os.environ), root, fleet=root)
        answer = TOKEN_CONSOLIDATE.run(context, ConsolidateParams(plan=plan))
        assert isinstance(answer, TokenConsolidate)
        return answer

    assert TOKEN_CONSOLIDATE.ok(run(run(None).plan))


def killed_at(number: int, action: Callable[[], None]) -> bool:
    """Whether `action`, in a child process that is killed at its step `number`, had so many steps."""
    child = os.fork()
    if child == 0:
        _die_at(number)
        action()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _die_at(number: int) -> None:
    left = number

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        mode = arguments[2] if event == "open" else 0
        writes = isinstance(mode, int) and mode & (os.O_WRONLY | os.O_RDWR)
        if writes or event in ("os.mkdir", "os.rename", "os.rmdir", "os.remove", "os.link"):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


if __name__ == "__main__":
    sys.stdout.write(str(main(Path(sys.argv[1]), Path(sys.argv[2]))))
