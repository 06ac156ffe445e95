"""A stand-in for the official Claude Code binary, as a real process: it renews a login, or does not.

The real binary is driven in tests/e2e/test_token_refresh.py. This one has no server: it makes up the new tokens.
It does what the file `behaviour` beside it says, after `wait:` only once a file `go` lies there (20 s at most).
"""

import json
import os
import sys
import time
from pathlib import Path

HERE = Path(sys.argv[0]).resolve().parent
STORE = Path(os.environ.get("CLAUDE_SECURESTORAGE_CONFIG_DIR", "/nowhere")) / ".credentials.json"


def note_the_run() -> None:
    seen = {
        "process": os.getpid(),
        "arguments": sys.argv[1:],
        "environment": dict(os.environ),
        "config": [path.name for path in Path(os.environ["CLAUDE_CONFIG_DIR"]).iterdir()],
        "work": [path.name for path in Path.cwd().iterdir()],
        "leads_its_session": os.getsid(0) == os.getpid(),
    }
    temporary = HERE / f"note-{os.getpid()}"
    temporary.write_text(json.dumps(seen), "utf-8")
    temporary.rename(HERE / f"run-{time.time_ns()}-{os.getpid()}.json")


def wait_for_go() -> None:
    for _ in range(2000):
        if (HERE / "go").exists():
            return
        time.sleep(0.01)  # the test makes the file `go`


def write(text: str) -> None:
    temporary = STORE.with_name(f".tmp-{os.getpid()}")
    temporary.touch(0o600)
    temporary.write_text(text, "utf-8")
    temporary.rename(STORE)


def renew(**changes: object) -> None:
    document = json.loads(STORE.read_text("utf-8"))
    document["claudeAiOauth"].update(changes)
    write(json.dumps(document))


def main() -> None:
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write("2.1.328 (Claude Code)\n")
        return
    note_the_run()
    behaviour = (HERE / "behaviour").read_text("utf-8")
    if behaviour.startswith("wait:"):
        wait_for_go()
    match behaviour.removeprefix("wait:"):
        case "rotate":
            later = int((time.time() + 8 * 3600) * 1000)
            renew(
                accessToken=f"made-up-access-{os.getpid()}",
                refreshToken=f"made-up-refresh-{os.getpid()}",
                expiresAt=later,
            )
        case "refused":
            renew(accessToken="", refreshToken="", expiresAt=0)
        case "garbage":
            write("{not json")
        case "lock":
            (STORE.parent / ".oauth_refresh.lock").mkdir()
        case _:
            pass


if __name__ == "__main__":
    main()
