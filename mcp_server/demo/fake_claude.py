"""Stands in for the `claude` program: refreshes a credential store as `claude mcp list` does, without a network.

The demo cannot use the real program, because made-up tokens must not be sent to the real endpoint. Standard library
only.
"""

import json
import os
import secrets
import sys
import time
from pathlib import Path

MARGIN, LIFE = 300_000, 8 * 3_600_000
"Milliseconds. Claude Code refreshes an access token five minutes early; a new one lives for eight hours."


def install(folder: Path, version: str) -> Path:
    """Put `claude` into `folder` as the native installer does: a link to a file that is named by the version."""
    folder.mkdir(parents=True)
    program = folder / version
    quoted = " ".join("'" + part.replace("'", "'\\''") + "'" for part in (sys.executable, "-I", __file__))
    program.write_text(f'#!/bin/sh\nexec {quoted} "$@"\n', "utf-8")
    program.chmod(0o700)
    link = folder / "claude"
    link.symlink_to(program)
    return link


def renew(store: Path, now: int) -> None:
    """Replace a lapsed access token and its refresh token under Claude Code's lock. The login's expiry stays."""
    lock, path = store / ".oauth_refresh.lock", store / ".credentials.json"
    lock.mkdir()
    try:
        document = json.loads(path.read_text("utf-8"))
        login = document["claudeAiOauth"]
        if now + MARGIN < login["expiresAt"]:
            return
        login["accessToken"] = "sk-ant-" + "oat01-" + secrets.token_hex(47)
        login["refreshToken"] = "sk-ant-" + "ort01-" + secrets.token_hex(47)
        login["expiresAt"] = now + LIFE
        fresh = store / f".credentials.json.tmp.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(document, indent=2), "utf-8")
        fresh.replace(path)
    finally:
        lock.rmdir()


def main(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        print("0.0.0 (stand-in of ops demo)")
    elif arguments == ["mcp", "list"]:
        renew(Path(os.environ["CLAUDE_SECURESTORAGE_CONFIG_DIR"]), int(time.time() * 1000))
    else:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
