"""`ops serve`, its `status` and `stop`, and `ops log`: the servers, and what they, and every write, left."""

import json
import os
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mcp_server.activity.journal import entries, following
from mcp_server.cli.programs import run_program
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.state_folder import state_folder
from mcp_server.server.pump.connection import connect
from mcp_server.server.pump.process import pid_of
from mcp_server.server.pump.reach import ask, run_folder

_STOPPED_WITHIN = 40.0
_NOT_SHOWN = ("at", "event", "pid", "id")


def serve(call: Namespace) -> int:
    """The server itself, in this process's place."""
    if call.http:
        from mcp_server.cli.serve_http import serve_http  # noqa: PLC0415  no other command waits for ssl

        serve_http(call)
    return run_program(["serve"])


def status(call: Namespace) -> int:
    """Every server of this state folder, what it has done and who is connected; 1 where there is none."""
    servers = [{"socket": name, **told} for name, told in _asked("status")]
    if call.json:
        print(json.dumps({"servers": servers}, indent=1))
    else:
        print("\n".join(map(_text, servers)) or "no ops server runs; the first client starts one")
    return 0 if servers else 1


def stop(call: Namespace) -> int:
    """Let every server end its calls and go; the next client starts another one."""
    stopped = [told["pid"] for _, told in _asked("stop")]
    deadline = time.monotonic() + _STOPPED_WITHIN
    for pid in stopped:
        while _is_on(pid) and time.monotonic() < deadline:
            time.sleep(0.05)  # it is not our child: there is no portable way to be told of its end
    left = [pid for pid in stopped if _is_on(pid)]
    if left:
        raise OpsError(
            "unavailable", f"still at work: {left}", f"End them by force: kill -9 {' '.join(map(str, left))}"
        )
    if call.json:
        print(json.dumps({"stopped": stopped}))
    else:
        print(f"stopped: {' '.join(map(str, stopped))}" if stopped else "no ops server runs")
    return 0


def _is_on(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def log(call: Namespace) -> int:
    """The newest entries of the server log and the audit trail; with `--follow`, what comes from then on too."""
    state = state_folder(os.environ, Path.home())
    new, found = following(state), list(entries(state, call.limit))
    if call.json and not call.follow:
        print(json.dumps({"entries": found}, indent=1))
        return 0
    show: Callable[[dict[str, Any]], str] = json.dumps if call.json else _entry_text
    for entry in found:
        print(show(entry), flush=call.follow)
    if call.follow:
        for entry in new:
            print(show(entry), flush=True)
    return 0


def _asked(question: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The answers of all servers that listen. One that hangs is ended, see `pump.reach`."""
    folder = state_folder(os.environ, Path.home()) / "run"
    if not folder.is_dir():
        return
    os.chdir(run_folder(str(folder.parent)))
    for name in sorted(path.name for path in folder.glob("*.sock")):
        if (link := connect(name)) and (answer := ask(link, json.dumps({"ask": question}).encode() + b"\n")):
            told = {"pid": pid_of(link), **json.loads(answer)}
            link.close()
            yield name, told


def _text(server: dict[str, Any]) -> str:
    agents = [agent if n == 1 else f"{agent} ({n})" for agent, n in server["connections"].items()]
    ended = [f"{n} {outcome}" for outcome, n in server["outcomes"].items()]
    latency, memory = server["latency_ms"], server["memory_bytes"]
    lines = [
        f"ops {server['version']}, process {server['pid']}, up {server['uptime_s']} s",
        f"  connected  {', '.join(agents) or 'nobody'}",
        f"  calls      {', '.join(ended) or 'none yet'}; {server['running']} running",
        f"  latency    p50 {latency['p50']} ms, p99 {latency['p99']} ms" if latency else "  latency    unknown",
        f"  memory     {memory // 1_000_000} MB" if memory else "  memory     unknown",
    ]
    return "\n".join(lines)


def _entry_text(entry: dict[str, Any]) -> str:
    shown = [f"{name}={value}" for name, value in entry.items() if name not in _NOT_SHOWN and value is not None]
    return f"{entry.get('at')}  {entry.get('event'):<9} {' '.join(shown)}"


SERVER_COMMANDS: Final[Mapping[str, Callable[[Namespace], int]]] = {
    "serve": serve,
    "status": status,
    "stop": stop,
    "log": log,
}
