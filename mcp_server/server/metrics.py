"""What a running server tells of itself: uptime, connections by agent, calls, latencies, memory."""

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

from mcp_server.activity.journal import Journal

Outcome = str
"`ok`, or the kind of the error."
Calls = Callable[[str], AbstractContextManager[Callable[[Outcome], None]]]
"Around each call, by the tool's name; what it gives takes the outcome."

_METER = metrics.get_meter("ops")
# The names of https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
_DURATION = _METER.create_histogram("mcp.server.operation.duration", "s", "Duration of a call of a tool")
_CONNECTED = _METER.create_up_down_counter("ops.server.connections", "{connection}", "Clients that are connected")


@dataclass
class Figures:
    """Touched by the server's loop alone; events go to the journal too. Latencies are of the last 2,000 calls."""

    journal: Journal
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    outcomes: Counter[Outcome] = field(default_factory=Counter[Outcome])
    running: int = 0
    _agents: Counter[str] = field(default_factory=Counter[str])
    _seconds: deque[float] = field(default_factory=lambda: deque[float](maxlen=2000))
    _alone_since: float = field(default_factory=time.monotonic)

    @contextmanager
    def connection(self, agent: str) -> Generator[Calls]:
        """One is connected; what is yielded takes its calls."""
        self.note("connected", agent=agent)
        try:
            with self._present(agent):
                yield self.calls(agent)
        finally:
            self.note("left", agent=agent)

    def calls(self, agent: str) -> Calls:
        return partial(self._call, agent)

    @contextmanager
    def request(self, agent: str | None, address: str, method: str, path: str) -> Generator[Callable[[int], None]]:
        """An HTTP request is being answered; what is yielded takes the status. No query and no header is noted."""
        begun, status = time.monotonic(), [0]
        try:
            with self._present(agent or address):
                yield lambda said: status.__setitem__(0, said)
        finally:
            ms = round(1000 * (time.monotonic() - begun), 1)
            told = {"address": address, "method": method, "path": path, "status": status[0] or None}
            self.note("request", agent=agent, **told, ms=ms)

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
        """One call runs; what is yielded takes its outcome. A call that was cancelled has none."""
        begun, outcome = time.monotonic(), ["cancelled"]
        self.running += 1
        try:
            yield lambda said: outcome.__setitem__(0, said)
        finally:
            self.running -= 1
            self.outcomes[outcome[0]] += 1
            self._seconds.append(seconds := time.monotonic() - begun)
            error = {} if outcome[0] == "ok" else {"error.type": outcome[0]}
            _DURATION.record(seconds, {"mcp.method.name": "tools/call", "gen_ai.tool.name": tool, **error})
            self.note("call", agent=agent, tool=tool, outcome=outcome[0], ms=round(1000 * seconds, 1))

    def note(self, event: str, **facts: object) -> None:
        """A line in the journal; a full disk ends no call."""
        with suppress(OSError):
            self.journal.write(event, **facts)

    def alone_for(self) -> float:
        """Seconds since the last one left; 0 while somebody is connected."""
        return 0.0 if self._agents else time.monotonic() - self._alone_since

    async def quiet(self, patience: float) -> None:
        """Wait until no call runs, for `patience` seconds at most."""
        deadline = time.monotonic() + patience
        while self.running and time.monotonic() < deadline:
            await asyncio.sleep(0.05)

    def document(self) -> dict[str, Any]:
        """Milliseconds and bytes; what cannot be told is null."""
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
