"""`ops serve`, `ops serve status`, `ops serve stop` and `ops log`: the servers and their journal."""

import json
import os
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mcp_server.activity.look_journal import entries, following
from mcp_server.cli.output import print_json, print_text
from mcp_server.cli.programs import run_program
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.state_folder import state_folder
from mcp_server.server.pump.connection import connect
from mcp_server.server.pump.process import pid_of
from mcp_server.server.pump.reach import ask, run_folder

_STOP_SECONDS = 40.0
_NOT_SHOWN = ("at", "event", "pid", "id")


def serve(call: Namespace) -> int:
    """Replace this process by the server."""
    if call.http:
        from mcp_server.cli.serve_http import serve_http  # noqa: PLC0415  no other command waits for ssl

        serve_http(call)
    return run_program(["serve"])


def status(call: Namespace) -> int:
    """Show each server of this state folder, its clients and its calls. Exit code 1 if none runs."""
    servers = [{"socket": name, **answer} for name, answer in _ask_all("status")]
    if call.json:
        print_json({"servers": servers})
    else:
        print_text("\n".join(map(_text, servers)) or "no ops server runs; the first client starts one")
    return 0 if servers else 1


def stop(call: Namespace) -> int:
    """Stop every server once its calls are done; the next client starts a new one."""
    stopped = [answer["pid"] for _, answer in _ask_all("stop")]
    deadline = time.monotonic() + _STOP_SECONDS
    for pid in stopped:
        while _is_running(pid) and time.monotonic() < deadline:
            time.sleep(0.05)  # not a child process: there is no portable way to wait for it
    left = [pid for pid in stopped if _is_running(pid)]
    if left:
        raise OpsError("unavailable", f"servers still run: {left}", f"Kill them: kill -9 {' '.join(map(str, left))}")
    if call.json:
        print_json({"stopped": stopped}, indent=None)
    else:
        print_text(f"stopped: {' '.join(map(str, stopped))}" if stopped else "no ops server runs")
    return 0


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def log(call: Namespace) -> int:
    """Print the newest entries of the server log and the audit trail, and with `--follow` new ones as they come."""
    state = state_folder(os.environ, Path.home())
    new, found = following(state), list(entries(state, call.limit))
    if call.json and not call.follow:
        print_json({"entries": found})
        return 0
    for entry in found:
        _print_entry(entry, call)
    if call.follow:
        for entry in new:
            _print_entry(entry, call)
    return 0


def _print_entry(entry: dict[str, Any], call: Namespace) -> None:
    if call.json:
        print_json(entry, indent=None, flush=call.follow)
    else:
        print_text(_entry_text(entry), flush=call.follow)


def _ask_all(question: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The answers of all servers. One that hangs is killed, see `pump.reach`."""
    folder = state_folder(os.environ, Path.home()) / "run"
    if not folder.is_dir():
        return
    os.chdir(run_folder(str(folder.parent)))
    for name in sorted(path.name for path in folder.glob("*.sock")):
        if (link := connect(name)) and (answer := ask(link, json.dumps({"ask": question}).encode() + b"\n")):
            reply = {"pid": pid_of(link), **json.loads(answer)}
            link.close()
            yield name, reply


def _text(server: dict[str, Any]) -> str:
    agents = [agent if n == 1 else f"{agent} ({n})" for agent, n in server["connections"].items()]
    ended = [f"{n} {outcome}" for outcome, n in server["outcomes"].items()]
    latency, memory = server["latency_ms"], server["memory_bytes"]
    lines = [
        f"ops {server['version']}, process {server['pid']}, up {server['uptime_s']} s",
        f"  connected  {', '.join(agents) or 'no clients'}",
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
