"""The person at the terminal that this process belongs to."""

import os

from mcp_server.domain.errors import OpsError


def ask_in_terminal(question: str) -> str:
    """`ports.World.ask`: past standard input and output, which may be anybody's."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        raise OpsError(
            "denied", "only a person in a terminal can give the word, and there is none here", "Type it in a terminal"
        ) from None
    with os.fdopen(terminal, "r+b", buffering=0) as both:
        both.write(question.encode())
        return both.readline(500).decode("utf-8", "replace").strip()
