"""A connection to a server's socket.

Loaded at each start of each client, 25 at once on one host: `socket` would take longer than all that is done here.
"""

import _socket

PATIENCE = 10.0
"Seconds within which a healthy server answers a greeting; its loop does nothing but wait. Else it hangs."
GONE = (FileNotFoundError, ConnectionRefusedError, ConnectionResetError, BrokenPipeError)

Link = _socket.socket
"A connection to a server."


def connect(name: str) -> Link | None:
    """A connection to the socket `name` in the working folder; None where nobody listens."""
    link = _socket.socket(_socket.AF_UNIX)
    link.settimeout(PATIENCE)
    try:
        link.connect(name)
    except GONE:
        link.close()
        return None
    return link
