"""What a running server tells of itself: uptime, connections by agent, calls, latencies, memory."""

import asyncio
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

Outcome = str
"`ok`, or the kind of the error."


@dataclass
class Figures:
    """Touched by the server's loop alone. Latencies are of the last 2,000 calls."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    outcomes: Counter[Outcome] = field(default_factory=Counter[Outcome])
    running: int = 0
    _agents: Counter[str] = field(default_factory=Counter[str])
    _seconds: deque[float] = field(default_factory=lambda: deque[float](maxlen=2000))
    _alone_since: float = field(default_factory=time.monotonic)

    @contextmanager
    def connection(self, agent: str) -> Generator[None]:
        """One is connected."""
        self._agents[agent] += 1
        try:
            yield
        finally:
            self._agents -= Counter({agent: 1})
            self._alone_since = time.monotonic()

    @contextmanager
    def call(self) -> Generator[Callable[[Outcome], None]]:
        """One call runs; what is yielded takes its outcome. A call that was cancelled has none."""
        begun, outcome = time.monotonic(), ["cancelled"]
        self.running += 1
        try:
            yield lambda said: outcome.__setitem__(0, said)
        finally:
            self.running -= 1
            self.outcomes[outcome[0]] += 1
            self._seconds.append(time.monotonic() - begun)

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
