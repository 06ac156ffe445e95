"""`ops token refresh`, killed (SIGKILL) at system calls between its start and its end, with the real Claude Code."""

import os
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.renewal import LIMIT, host_store, report, server, start
from tests.e2e.token_server import TokenServer
from tests.fixtures.logins import LAPSED, tokens_of, write_store
from tests.fixtures.strace import about, drawn, dying_at, traced

__all__ = ["server"]
pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(("options", "left"), [((), LAPSED), (("--early",), timedelta(hours=3))])
def test_killed_at_any_system_call_the_login_lives_and_the_next_call_works(
    fleet: DemoFleet, server: TokenServer, tmp_path: Path, options: tuple[str, ...], left: timedelta
) -> None:
    lapse(fleet, server, left)
    calls = traced(lambda below: report(start(fleet, server, *options, below=below)), tmp_path)
    assert server.grants == ["rotated"]
    points, died = drawn(calls, ".credentials.json"), 0
    for point in points:
        lapse(fleet, server, left)
        old, where = tokens_of(host_store(fleet)), about(calls, point)
        killed = start(fleet, server, *options, below=dying_at(calls, point))
        killed.communicate(timeout=LIMIT)
        died += killed.returncode == -SIGKILL
        assert tokens_of(host_store(fleet)) in (old, now(server)), where  # whole, and the old or the new one
        age_the_lock_of_the_dead(fleet)
        assert report(start(fleet, server))[0] in ("refreshed", "not_needed"), where
        assert not server.revoked, where
        assert server.grants in ([], ["rotated"]), where
        assert tokens_of(host_store(fleet)) == (now(server) if server.grants else old), where
        assert not list(fleet.store.glob("*.lock")), where
    assert died > len(points) // 2, about(calls, 0)  # a run may take fewer calls than the one that was traced


def lapse(fleet: DemoFleet, server: TokenServer, left: timedelta) -> None:
    """The server's current login with `left` of its access token; nothing was asked for yet."""
    store = write_store(fleet.store, "host", left)
    if server.used:
        old_access, old_refresh = tokens_of(store)
        access, refresh = now(server)
        store.write_text(store.read_text("utf-8").replace(old_refresh, refresh).replace(old_access, access), "utf-8")
    server.grants.clear()


def now(server: TokenServer) -> tuple[str, str]:
    return f"made-up-access-{len(server.used)}", server.current


def age_the_lock_of_the_dead(fleet: DemoFleet) -> None:
    """A minute later, for Claude Code's own lock that only `--early` takes, for some milliseconds."""
    for name in (".oauth_refresh.lock", ".storage-write.lock"):
        lock = fleet.store / name
        if lock.exists() and not (fleet.store / f"{name}.owner").exists():
            os.utime(lock, (0, 0))
