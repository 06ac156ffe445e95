"""Programs that tests write in Python, to be found and started by their name."""

import sys
from pathlib import Path
from shlex import quote


def write_script(path: Path, source: str, options: str = "") -> None:
    """An executable file. No `#!` line can name a Python whose path holds a space: a shell starts it, to which the
    rest is one word.
    """
    path.write_text(f"#!/bin/sh\n'''exec' {quote(sys.executable)} {options} \"$0\" \"$@\"\n' '''\n{source}", "utf-8")
    path.chmod(0o755)
