"""A `jj` command: the git branches (bookmarks) that Jujutsu would push or move."""

from itertools import pairwise

from mcp_server.guard.line import Line
from mcp_server.guard.policy import guards
from mcp_server.guard.shell.state import Call, Shell


def run_jj(line: Line, shell: Shell, call: Call) -> None:
    rest = call.words[1:]
    if rest[:2] == ["git", "push"]:
        _push(line, rest[2:])
    elif rest[:1] in (["bookmark"], ["b"]) and rest[1:2] and rest[1] not in ("list", "l", "track", "untrack"):
        for name in (word for word in rest[2:] if not word.startswith("-")):
            if line.branch(shell.cwd) is not None and guards(line.policy, name):
                line.record("move", name, "jj bookmark")


def _push(line: Line, rest: list[str]) -> None:
    named = [after for word, after in pairwise(rest) if word in ("-b", "--bookmark")]
    named += [word.partition("=")[2] for word in rest if word.startswith("--bookmark=")]
    for name in named:
        line.record("push", name)
    if not named and not {"--dry-run", "-c", "--change"} & set(rest):
        line.record("push_all", detail="jj git push without a bookmark")
