"""The real Claude Code in its interactive form: a terminal of its own (tmux), an environment of its own."""

import json
import os
import shlex
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mcp_server.clients import claude
from tests.e2e.claude import binary

# A user that is not root, in a namespace where it owns our files: Claude Code refuses to bypass permissions as root.
UNPRIVILEGED = ("unshare", "--user", "--map-user=65534", "--map-group=65534")


def past_onboarding(config: Path, folder: Path) -> None:
    """A config folder whose owner has seen the introduction and trusts `folder`."""
    project: dict[str, Any] = {
        "hasTrustDialogAccepted": True,
        "hasCompletedProjectOnboarding": True,
        "allowedTools": [],
    }
    document: dict[str, Any] = {
        "hasCompletedOnboarding": True,
        "lastOnboardingVersion": claude.SEEN_ON,
        "numStartups": 5,
    }
    document |= {"theme": "dark", "projects": {str(folder): project}, "bypassPermissionsModeAccepted": True}
    (config / ".claude.json").write_text(json.dumps(document))


class Screen:
    def __init__(self, tmux: list[str], environment: dict[str, str]) -> None:
        self._tmux = tmux
        self._environment = environment

    def shown(self) -> str:
        done = subprocess.run(
            [*self._tmux, "capture-pane", "-p"], env=self._environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    def press(self, *keys: str) -> None:
        subprocess.run([*self._tmux, "send-keys", *keys], env=self._environment, check=True)

    def wait_for(self, is_over: Callable[[], bool], limit: float = 180) -> bool:
        """Look again until it is over; False, and the test fails with the screen, where it never is."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if is_over():
                return True
            time.sleep(0.2)  # a screen can only be looked at again
        return False

    def see(self, wanted: str) -> str:
        """The screen once it shows these words."""
        assert self.wait_for(lambda: wanted in self.shown()), self.shown()
        return self.shown()

    def confirm(self, question: str) -> None:
        """Say yes until the question is gone: in its first moment a dialog takes no key."""
        for _ in range(60):
            self.press("Enter")
            if self.wait_for(lambda: question not in self.shown(), limit=3):
                return
        raise AssertionError(self.shown())


@contextmanager
def in_terminal(command: list[str], environment: dict[str, str], cwd: Path) -> Generator[Screen]:
    """A program in a terminal, until the test ends."""
    tmux = ["tmux", "-S", str(Path(environment["HOME"]) / "t"), "-f", "/dev/null"]
    start = [*tmux, "new-session", "-d", "-x", "160", "-y", "50", "-c", str(cwd)]
    own = {"PATH": os.environ["PATH"], **environment}
    subprocess.run([*start, f"{shlex.join(command)}; sleep 600"], env=own, check=True)
    try:
        yield Screen(tmux, own)
    finally:
        subprocess.run([*tmux, "kill-server"], env=own, check=False, capture_output=True)


@contextmanager
def terminal(
    arguments: list[str], environment: dict[str, str], cwd: Path, lead: tuple[str, ...] = ()
) -> Generator[Screen]:
    """Claude Code with these arguments, run through `lead`, until the test ends."""
    own = {**environment, "TERM": "xterm-256color"}
    words = [*lead, "env", "-i", *(f"{name}={value}" for name, value in own.items()), binary(), *arguments]
    with in_terminal(words, own, cwd) as screen:
        yield screen
