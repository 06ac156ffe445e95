"""The conflict markers that git leaves in a file if it could not merge two versions."""

import re
from typing import Final

from mcp_server.kernel.errors import OpsError

# The line of equals signs between them can also be the underline of a markdown heading.
_MARK: Final = re.compile(r"(?m)^(?:<{7}|>{7})(?: |\r?$)")


def require_merged(path: str, text: str) -> None:
    """`conflict` if the text has conflict markers: anything added to one of the versions would be lost with it."""
    if found := _MARK.search(text):
        line = text.count("\n", 0, found.start()) + 1
        step = "Resolve the conflict, then run the same again: ops runbook read index-merge-conflict"
        raise OpsError("conflict", f"{path}:{line}: git could not merge two versions here", step)
