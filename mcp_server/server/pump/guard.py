"""`python -I -S mcp_server/server/pump/guard.py [WORD...]`: asks the host's running server for the guard's verdict.

The command line is given as words, or as the hook's document on standard input. The verdict goes to standard output;
nothing is printed if no rule is against it. Exit code 1: no server answered in time, and the caller evaluates the
guard itself.
"""

import json
import os
import sys
from contextlib import suppress

ROOT = os.path.realpath(__file__).rsplit("/", 4)[0]
sys.path.insert(0, ROOT)

from mcp_server.clients.claude_hook import encode, event_of  # noqa: E402
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
        return 1
    with suppress(OSError, ValueError):
        os.chdir(state_path(os.environ, os.path.expanduser("~")) + "/run")
        if link := connect(server_name(ROOT)):
            question = {"hook": event, "cwd": cwd, "environment": sent_variables(os.environ)}
            if answer := _ask(link, json.dumps(question).encode() + b"\n"):
                sys.stdout.write(encode(words, answer["hook"]))
                return 0
    return 1


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
