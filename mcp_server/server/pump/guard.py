"""`python -I -S mcp_server/server/pump/guard.py [WORD...]`: asks the host's warm server what the guard says.

Of a command line given as words, else of the hook's document on standard input. The answer goes to standard output,
nothing where no rule is against it. Exit code 1: there is no server, or none that answers in time; the caller then
looks for itself.
"""

import json
import os
import sys
from contextlib import suppress

ROOT = os.path.realpath(__file__).rsplit("/", 4)[0]
sys.path.insert(0, ROOT)

from mcp_server.clients.claude_hook import encode, event_of  # noqa: E402
from mcp_server.kernel.state_folder import state_path  # noqa: E402
from mcp_server.server.pump.caller import here, needs_own_server, told  # noqa: E402
from mcp_server.server.pump.reach import Link, connect, server_name  # noqa: E402

_PATIENCE = 3.0
"Seconds. A warm server needs some milliseconds."


def main() -> int:
    words = sys.argv[1:]
    event, cwd = event_of(words, b"" if words else sys.stdin.buffer.read()), here()
    if needs_own_server(os.environ):
        return 1
    with suppress(OSError, ValueError):
        os.chdir(state_path(os.environ, os.path.expanduser("~")) + "/run")
        if link := connect(server_name(ROOT)):
            question = {"hook": event, "cwd": cwd, "environment": told(os.environ)}
            if answer := _asked(link, json.dumps(question).encode() + b"\n"):
                sys.stdout.write(encode(words, answer["hook"]))
                return 0
    return 1


def _asked(link: Link, line: bytes) -> dict[str, dict[str, object]] | None:
    link.settimeout(_PATIENCE)
    link.sendall(line)
    answer = b""
    while not answer.endswith(b"\n") and (chunk := link.recv(65536)):
        answer += chunk
    document = json.loads(answer)
    return document if "hook" in document else None


if __name__ == "__main__":
    sys.exit(main())
