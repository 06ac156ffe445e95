"""`ops token refresh`, killed (SIGKILL) at system calls between its start and its end, with the real Claude Code.

What it is killed at is drawn; the seed is printed where the test fails, and can be set with OPS_E2E_SEED.
"""

import os
import random
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.renewal import LIMIT, host_store, server, start, told
from tests.e2e.token_server import TokenServer
from tests.logins import LAPSED, tokens_of, write_store

__all__ = ["server"]
pytestmark = pytest.mark.e2e
STRACE = ("strace", "-qq", "-e", "signal=none")
SAMPLES = 8
"So many of all calls once the store was looked at, and as many of those that concern it or a lock."


@pytest.mark.parametrize(("options", "left"), [((), LAPSED), (("--early",), timedelta(hours=3))])
def test_killed_at_any_system_call_the_login_lives_and_the_next_call_works(
    fleet: DemoFleet, server: TokenServer, tmp_path: Path, options: tuple[str, ...], left: timedelta
) -> None:
    seed = int(os.environ.get("OPS_E2E_SEED") or random.randrange(10**6))
    lapse(fleet, server, left)
    calls = traced(fleet, server, tmp_path, options)
    first = next(number for number, call in enumerate(calls) if ".credentials.json" in call)
    drawn = random.Random(seed)
    near = [
        n for n in range(first, len(calls)) if any(word in calls[n] for word in (".credentials", ".lock", "rename"))
    ]
    points = [
        drawn.randrange(1, first),
        *drawn.sample(range(first, len(calls)), SAMPLES),
        *drawn.sample(near, SAMPLES),
    ]
    died = 0
    for point in sorted(points):
        lapse(fleet, server, left)
        old = tokens_of(host_store(fleet))
        killed = start(fleet, server, *options, below=dying_at(calls[: point + 1]))
        killed.communicate(timeout=LIMIT)
        died += killed.returncode == -SIGKILL
        about = f"seed {seed}, killed at {point} of {len(calls)}: {calls[point][:80]}"
        assert tokens_of(host_store(fleet)) in (old, now(server)), about  # whole, and the old or the new one
        age_the_lock_of_the_dead(fleet)
        assert told(start(fleet, server))[0] in ("refreshed", "not_needed"), about
        assert not server.revoked, about
        assert server.grants in ([], ["rotated"]), about
        assert tokens_of(host_store(fleet)) == (now(server) if server.grants else old), about
    assert died > SAMPLES // 2, f"seed {seed}"  # a run may take fewer calls than the one that was traced


def lapse(fleet: DemoFleet, server: TokenServer, left: timedelta) -> None:
    """The server's current login with `left` of its access token; nothing was asked for yet."""
    store = write_store(fleet.store, "host", left)
    if server.used:
        old_access, old_refresh = tokens_of(store)
        access, refresh = now(server)
        store.write_text(store.read_text("utf-8").replace(old_refresh, refresh).replace(old_access, access), "utf-8")
    server.grants.clear()


def dying_at(calls: list[str]) -> tuple[str, ...]:
    """A program under which a call is killed as it makes the last of these; strace counts each kind by itself."""
    names = [call.partition("(")[0] for call in calls]
    injection = f"inject={names[-1]}:signal=KILL:when={names.count(names[-1])}"
    return (*STRACE, "-o", os.devnull, "-e", f"trace={names[-1]}", "-e", injection)


def now(server: TokenServer) -> tuple[str, str]:
    return f"made-up-access-{len(server.used)}", server.current


def traced(fleet: DemoFleet, server: TokenServer, tmp_path: Path, options: tuple[str, ...]) -> list[str]:
    """The system calls of a call that nobody kills."""
    trace = tmp_path / "trace"
    assert told(start(fleet, server, *options, below=(*STRACE, "-o", str(trace))))[0] == "refreshed"
    return trace.read_text("utf-8", "replace").splitlines()


def age_the_lock_of_the_dead(fleet: DemoFleet) -> None:
    """A minute later, for Claude Code's own lock that only `--early` takes, for some milliseconds."""
    for name in (".oauth_refresh.lock", ".storage-write.lock"):
        lock = fleet.store / name
        if lock.exists() and not (fleet.store / f"{name}.owner").exists():
            os.utime(lock, (0, 0))
