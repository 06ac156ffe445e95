"""What a running server reports about itself: uptime, connections by agent, calls, latencies, memory."""

import asyncio
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any

from opentelemetry import metrics

from mcp_server.activity.write_journal import Journal

Outcome = str
"`ok`, or the kind of the error."
Calls = Callable[[str], AbstractContextManager[Callable[[Outcome], None]]]
"A context manager around each call, by the tool's name; it yields a function that takes the outcome."

_METER = metrics.get_meter("ops")
# The names of https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
_DURATION = _METER.create_histogram("mcp.server.operation.duration", "s", "Duration of a call of a tool")
_CONNECTED = _METER.create_up_down_counter("ops.server.connections", "{connection}", "Clients that are connected")


@dataclass
class Metrics:
    """Counts for one server, and its events for the journal. Latencies cover the last 2,000 calls.

    Only the server's event loop may use it.
    """

    journal: Journal
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    outcomes: Counter[Outcome] = field(default_factory=Counter[Outcome])
    running: int = 0
    _agents: Counter[str] = field(default_factory=Counter[str])
    _seconds: deque[float] = field(default_factory=lambda: deque[float](maxlen=2000))
    _alone_since: float = field(default_factory=time.monotonic)

    @contextmanager
    def connection(self, agent: str) -> Generator[Calls]:
        """A client is connected; yields what its calls run in."""
        self.record("connected", agent=agent)
        try:
            with self._present(agent):
                yield self.calls(agent)
        finally:
            self.record("left", agent=agent)

    def calls(self, agent: str) -> Calls:
        return partial(self._call, agent)

    @contextmanager
    def request(self, agent: str | None, address: str, method: str, path: str) -> Generator[Callable[[int], None]]:
        """An HTTP request runs; yields a function that takes the status. Queries and headers are not recorded."""
        begun, status = time.monotonic(), [0]
        try:
            with self._present(agent or address):
                yield lambda code: status.__setitem__(0, code)
        finally:
            ms = round(1000 * (time.monotonic() - begun), 1)
            facts = {"address": address, "method": method, "path": path, "status": status[0] or None}
            self.record("request", agent=agent, **facts, ms=ms)

    @contextmanager
    def _present(self, agent: str) -> Generator[None]:
        self._agents[agent] += 1
        _CONNECTED.add(1)
        try:
            yield
        finally:
            self._agents -= Counter({agent: 1})
            _CONNECTED.add(-1)
            self._alone_since = time.monotonic()

    @contextmanager
    def _call(self, agent: str, tool: str) -> Generator[Callable[[Outcome], None]]:
        """A call runs; yields a function that takes its outcome. Without one, the call was cancelled."""
        begun, outcome = time.monotonic(), ["cancelled"]
        self.running += 1
        try:
            yield lambda value: outcome.__setitem__(0, value)
        finally:
            self.running -= 1
            self.outcomes[outcome[0]] += 1
            self._seconds.append(seconds := time.monotonic() - begun)
            error = {} if outcome[0] == "ok" else {"error.type": outcome[0]}
            _DURATION.record(seconds, {"mcp.method.name": "tools/call", "gen_ai.tool.name": tool, **error})
            self.record("call", agent=agent, tool=tool, outcome=outcome[0], ms=round(1000 * seconds, 1))

    def record(self, event: str, **facts: object) -> None:
        """Write an event to the journal. A full disk ends no call."""
        with suppress(OSError):
            self.journal.write(event, **facts)

    def alone_for(self) -> float:
        """Seconds since the last client left; 0 while one is connected."""
        return 0.0 if self._agents else time.monotonic() - self._alone_since

    async def wait_until_idle(self, timeout: float) -> None:
        """Wait until no call runs, for `timeout` seconds at most."""
        deadline = time.monotonic() + timeout
        while self.running and time.monotonic() < deadline:
            await asyncio.sleep(0.05)

    def document(self) -> dict[str, Any]:
        """The answer to `ops serve status`. Times are in ms; a value that is unknown is null."""
        cuts = [1000 * cut for cut in quantiles(self._seconds, n=100)] if len(self._seconds) > 1 else None
        return {
            "started": self.started.isoformat(timespec="seconds"),
            "uptime_s": round((datetime.now(UTC) - self.started).total_seconds()),
            "connections": dict(self._agents),
            "calls": sum(self.outcomes.values()),
            "outcomes": dict(self.outcomes),
            "running": self.running,
            "latency_ms": {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1)} if cuts else None,
            "memory_bytes": _resident(),
        }


def _resident() -> int | None:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None
