"""`python -I -S mcp_server/server/pump/guard.py [WORD...]`: asks the host's running server for the guard's verdict.

The command line is given as words, or as the hook's document on standard input. The verdict goes to standard output;
nothing is printed if no rule is against it. If no server answers in time, this process evaluates the guard itself.
"""

import gc
import json
import os
import sys
from contextlib import suppress
from typing import Any

ROOT = os.path.realpath(__file__).rsplit("/", 4)[0]
sys.path.insert(0, ROOT)

from mcp_server.clients.claude_hook import encode, event_of  # noqa: E402
from mcp_server.kernel.lazy_module import load_when_used  # noqa: E402
from mcp_server.kernel.state_folder import state_path  # noqa: E402
from mcp_server.server.pump.caller import needs_own_server, sent_variables, working_folder  # noqa: E402
from mcp_server.server.pump.connection import Link, connect  # noqa: E402
from mcp_server.server.pump.reach import server_name  # noqa: E402

_PATIENCE = 3.0
"Seconds. A running server needs some milliseconds."


def main() -> int:
    words = sys.argv[1:]
    event, cwd = event_of(words, b"" if words else sys.stdin.buffer.read()), working_folder()
    if needs_own_server(os.environ):
        return _alone(words, event, cwd)
    with suppress(OSError, ValueError):
        os.chdir(state_path(os.environ, os.path.expanduser("~")) + "/run")
        if link := connect(server_name(ROOT)):
            question = {"hook": event, "cwd": cwd, "environment": sent_variables(os.environ)}
            if answer := _ask(link, json.dumps(question).encode() + b"\n"):
                sys.stdout.write(encode(words, answer["hook"]))
                return 0
    return _alone(words, event, cwd)


def _alone(words: list[str], event: dict[str, Any], cwd: str) -> int:
    """Evaluate the guard in this process, which was started without the environment's packages."""
    gc.disable()  # it ends in a moment
    for name in ("inspect", "ipaddress", "ast"):  # dataclasses, urllib.parse and a rare line need them
        load_when_used(name)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    sys.path.append(f"{os.path.dirname(os.path.dirname(sys.executable))}/lib/{version}/site-packages")
    from pathlib import Path  # noqa: PLC0415  # not needed where a server answers

    from mcp_server.guard.hook import respond  # noqa: PLC0415

    sys.stdout.write(encode(words, respond(event, os.environ, Path(cwd))))
    gc.freeze()  # Python's end would look at every object once more
    return 0


def _ask(link: Link, line: bytes) -> dict[str, dict[str, object]] | None:
    link.settimeout(_PATIENCE)
    link.sendall(line)
    answer = b""
    while not answer.endswith(b"\n") and (chunk := link.recv(65536)):
        answer += chunk
    document = json.loads(answer)
    return document if "hook" in document else None


if __name__ == "__main__":
    sys.exit(main())
