"""What git leaves in a file of which it could not merge two versions."""

import re
from typing import Final

from mcp_server.kernel.errors import OpsError

# The line of equals signs between the two is markdown too: the underline of a heading.
_MARK: Final = re.compile(r"(?m)^(?:<{7}|>{7})(?: |\r?$)")


def require_merged(path: str, text: str) -> None:
    """`conflict` where two versions stand in the text: what is added to one half is lost with it."""
    if found := _MARK.search(text):
        line = text.count("\n", 0, found.start()) + 1
        step = "Decide what stays, then again: ops runbook read index-merge-conflict"
        raise OpsError("conflict", f"{path}:{line}: two versions that git could not merge stand there", step)
