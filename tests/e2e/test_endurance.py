"""Many calls: the server's memory stays what it is after the first few thousand. The long run: `benchmarks.load`."""

from pathlib import Path

import pytest

from tests.server.pump.agents import agent
from tests.server.pump.servers import sockets, status

pytestmark = pytest.mark.e2e
_FIRST, _MORE, _BYTES_A_CALL = 2500, 2000, 2000


def test_a_call_leaves_nothing_behind(home: Path) -> None:
    with agent(home) as client:

        def memory_after(calls: int) -> int:
            for _ in range(calls):
                assert "result" in client.ask("tools/call", name="runbook_read", arguments={"name": "login-ended"})
            [path] = sockets(home / "state")
            return status(path)["memory_bytes"]

        settled = memory_after(_FIRST)
        assert memory_after(_MORE) - settled < _MORE * _BYTES_A_CALL
