"""`config_sync` against real Claude Code sessions that write the same file all the while, and the `cp` loop.

Bounded as it stands here; OPS_FULL=1 runs 12 `claude -p`, two sessions in a terminal and 500 syncs.
"""

import json
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mcp_server.clients import claude
from mcp_server.configs.sync import CONFIG_SYNC
from mcp_server.kernel.document import Json
from tests.e2e.claude import binary, environment
from tests.e2e.model import ScriptedModel
from tests.fixtures.configs import ConfigFleet, configs, write
from tests.fixtures.lengths import CLAUDE_RUNS, SYNCS, TERMINALS

__all__ = ["configs"]  # the fixture
pytestmark = pytest.mark.e2e


@dataclass
class Seen:
    """What a reader that never stops finds in the file."""

    reads: int = 0
    unreadable: int = 0
    keys: set[str] = field(default_factory=set[str])


@contextmanager
def reading(path: Path) -> Generator[Seen]:
    seen, over = Seen(), threading.Event()

    def poll() -> None:
        while not over.is_set():
            seen.reads += 1
            try:
                seen.keys |= json.loads(path.read_bytes()).keys()
            except (OSError, ValueError):
                seen.unreadable += 1

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def variables(configs: ConfigFleet, home: Path, model: ScriptedModel) -> dict[str, str]:
    return environment(home, model.url, {"CLAUDE_CONFIG_DIR": str(configs.path("opus-1").parent)})


@contextmanager
def sessions(configs: ConfigFleet, home: Path, model: ScriptedModel) -> Generator[list["subprocess.Popen[bytes]"]]:
    """Real clients on opus-1's config: `claude -p`, one after another in two lines, and the terminal's."""
    folder, env = configs.path("opus-1").parent, variables(configs, home, model)
    one = shlex.join([binary(), "-p", "hi"])
    line = f"for n in $(seq {CLAUDE_RUNS // 2}); do {one} || exit 1; done"
    null = subprocess.DEVNULL
    with terminals(folder, env, home):
        lines = [
            subprocess.Popen(["sh", "-c", line], cwd=folder, env=env, stdin=null, stdout=null, stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        try:
            yield lines
        finally:
            for each in lines:
                each.communicate(timeout=300)


@contextmanager
def terminals(folder: Path, env: dict[str, str], home: Path) -> Generator[None]:
    tmux = ["tmux", "-S", str(home / "t"), "-f", "/dev/null"]
    words = shlex.join(["env", "-i", *(f"{k}={v}" for k, v in {**env, "TERM": "xterm-256color"}.items()), binary()])
    shell = f"{words} --permission-mode default hi; sleep 600"
    for number in range(TERMINALS):
        subprocess.run(
            [*tmux, "new-session", "-d", "-s", f"s{number}", "-c", str(folder), shell], env=env, check=True
        )
    try:
        yield
    finally:
        subprocess.run([*tmux, "kill-server"], env=env, check=False, capture_output=True)


def hammer(configs: ConfigFleet, home: Path, write_once: Callable[[int], None]) -> tuple[Seen, int]:
    """`write_once` as often as asked for, and on until the clients are through, while a reader polls.

    Gives what the reader saw, and how many of the lines of clients did not get through.
    """
    with (
        ScriptedModel(["done"] * 4) as model,
        reading(configs.path("opus-1")) as seen,
        sessions(configs, home, model) as lines,
    ):
        number = 0
        while number < SYNCS or any(each.poll() is None for each in lines):
            write_once(number)
            number += 1
    failed = sum(each.returncode != 0 for each in lines)
    counts = (
        f"{number} writes, {seen.reads} reads, {seen.unreadable} unreadable; {failed} of two lines of clients failed"
    )
    sys.stdout.write(counts + "\n")  # pytest -s shows it
    return seen, failed


@pytest.fixture
def ready(configs: ConfigFleet, tmp_path: Path) -> Path:
    """Opus-1 is past its onboarding and trusts its folder."""
    folder = configs.path("opus-1").parent
    trust: Json = {"hasTrustDialogAccepted": True, "allowedTools": []}
    past: dict[str, Json] = {
        "hasCompletedOnboarding": True,
        "lastOnboardingVersion": claude.SEEN_ON,
        "numStartups": 3,
    }
    past |= {"projects": {str(folder): trust}, "oauthAccount": {"emailAddress": "someone@example.test"}}
    write(configs.path("opus-1"), past)
    return tmp_path


def test_nothing_of_anybodys_is_lost_and_the_file_is_whole_at_every_read(configs: ConfigFleet, ready: Path) -> None:
    write(configs.master, {"round": -1})
    synced: list[int] = []

    def sync(number: int) -> None:
        write(configs.master, {"round": number, f"team{number % 7}": number})
        done = configs.sync("opus-1", take="master", watch=0)
        assert CONFIG_SYNC.ok(done), CONFIG_SYNC.text(done)
        found = configs.read("opus-1")
        assert (found["round"], found[f"team{number % 7}"]) == (number, number)
        synced.append(number)

    seen, failed = hammer(configs, ready, sync)
    assert failed == 0
    assert len(synced) >= SYNCS
    assert (seen.unreadable, seen.reads > len(synced)) == (0, True)
    final: dict[str, Any] = dict(configs.read("opus-1"))
    assert {"oauthAccount", "projects", "userID", "machineID", "firstStartTime"} <= final.keys()
    assert {key for key in seen.keys - final.keys() if not key.startswith("team")} <= _DROPPED_BY_CLAUDE_ITSELF
    assert final["projects"][str(configs.path("opus-1").parent)]["hasTrustDialogAccepted"] is True
    assert not list(configs.path("opus-1").parent.glob(".claude.json.tmp.ops-*"))


def test_the_copying_loop_loses_the_account_and_the_trust_in_the_same_run(configs: ConfigFleet, ready: Path) -> None:
    write(configs.master, {"round": 0})
    seen, _ = hammer(configs, ready, lambda _: (shutil.copyfile(configs.master, configs.path("opus-1")), None)[1])
    shutil.copyfile(configs.master, configs.path("opus-1"))
    assert seen.keys >= {"oauthAccount", "projects"}
    assert configs.read("opus-1").keys() == {"round"}
    sys.stdout.write(f"lost by the copying loop: {sorted(seen.keys - {'round'})}\n")


_DROPPED_BY_CLAUDE_ITSELF = {"fullscreenBootPending", "theme"}
