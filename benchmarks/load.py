"""The shared server under load: `python -m benchmarks.load [--agents 10000] [--calls 100000]`.

Prints how long `index_check` takes alone, and beside another client's `config_plan` of a large fleet, as p50 and p99
and their ratio; then the server's resident memory after each tenth of many calls.
"""

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.configs import build
from benchmarks.server import PUMP, Client, hosts

_WARM, _MEASURED = 20, 300
_PLANS = 3


def timed(client: Client, goes_on: Callable[[int], bool]) -> list[float]:
    """Milliseconds of each `index_check`, while it goes on."""
    taken: list[float] = []
    while goes_on(len(taken)):
        begun = time.perf_counter()
        call(client, "index_check", problem="login expired, please run /login")
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


def call(client: Client, tool: str, **arguments: Any) -> None:
    answer = client.ask("tools/call", name=tool, arguments=arguments)
    assert not answer["result"].get("isError"), answer


def beside(env: dict[str, str], fleet: Path, agents: int) -> None:
    build(fleet, agents)
    quick, busy = Client(PUMP, env), Client(PUMP, {**env, "OPS_FLEET": str(fleet)})
    timed(quick, lambda done: done < _WARM)
    alone = timed(quick, lambda done: done < _MEASURED)
    plans: list[float] = []

    def plan() -> None:
        for _ in range(_PLANS):
            begun = time.perf_counter()
            call(busy, "config_plan")
            plans.append(time.perf_counter() - begun)

    thread = threading.Thread(target=plan)
    thread.start()
    loaded = timed(quick, lambda _: thread.is_alive())
    thread.join()
    print(f"config_plan of {agents} agents: {', '.join(f'{took:.1f} s' for took in plans)}")
    taken_by_name = {"index_check alone": alone, "index_check beside it": loaded}
    for name, taken in taken_by_name.items():
        cuts = quantiles(taken, n=100)
        shown = f"p50 {cuts[49]:7.2f} ms  p99 {cuts[98]:7.2f} ms  max {max(taken):7.2f} ms"
        print(f"{name:<24}{len(taken):>7} calls  {shown}")
    ratio = quantiles(loaded, n=100)[98] / quantiles(alone, n=100)[98]
    print(f"p99 beside it is {ratio:.1f} of p99 alone")
    quick.leave()
    busy.leave()


def endure(env: dict[str, str], calls: int) -> None:
    client = Client(PUMP, env)
    timed(client, lambda done: done < _WARM)
    [host] = hosts(env)
    begun = time.perf_counter()
    for tenth in range(11):
        pages = int(Path(f"/proc/{host}/statm").read_text().split()[1])
        print(f"{tenth * calls // 10:>8} calls  {pages * os.sysconf('SC_PAGE_SIZE') / 1e6:7.1f} MB", flush=True)
        if tenth < 10:
            timed(client, lambda done: done < calls // 10)
    print(f"{calls / (time.perf_counter() - begun):.0f} calls per second")
    client.leave()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--calls", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ops-benchmark-") as folder:
        env = {"PATH": os.environ["PATH"], "HOME": folder, "OPS_HOME": f"{folder}/state"}
        try:
            if options.agents:
                beside(env, Path(folder) / "fleet", options.agents)
            if options.calls:
                endure(env, options.calls)
        finally:
            for pid in hosts(env):
                os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
