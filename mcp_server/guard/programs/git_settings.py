"""Git's settings, variables and names of commands that decide what a call does, and settings that are refused."""

import re
from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.policy import guards
from mcp_server.guard.programs.refs import fetch_moves, short
from mcp_server.guard.shell import words as w
from mcp_server.kernel.lazy_pattern import lazy_pattern

SWITCHES_HOOKS: Final = {"core.hookspath", "core.worktree"}
_STEERS: Final = lazy_pattern(
    r"remote\..*\.(?:push|mirror|fetch)|remote\.pushdefault|branch\..*\.(?:merge|pushremote|remote)|include(?:if\..*)?\.path"
    r"|push\.default|url\..*\.(?:insteadof|pushinsteadof)|remote\..*\.(?:receivepack|uploadpack)"
)
"Settings that change where a push or fetch goes."
CONFIG_VARIABLES: Final = w.names(
    "GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG GIT_EXEC_PATH GIT_CONFIG_PARAMETERS"
)
_HOST: Final = lazy_pattern(r"(?:\w+://)?(?:[^@/]*@)?([\w.-]+)[/:]?.*", re.DOTALL)

PRINTS_THE_BRANCH: Final = frozenset(
    tuple(row.split())
    for row in (
        "branch --show-current",
        "rev-parse --abbrev-ref HEAD",
        "rev-parse --abbrev-ref @",
        "symbolic-ref --short HEAD",
        "symbolic-ref --short -q HEAD",
        "name-rev --name-only HEAD",
    )
)
PRINTS_A_NAME: Final = w.names("rev-parse merge-base write-tree commit-tree hash-object mktree rev-list describe")
CHANGES_NO_BRANCH: Final = w.names(
    "status log diff show ls-files grep blame stash tag rev-parse describe clean restore rm mv shortlog "
    "reflog gc fsck notes cat-file ls-remote ls-tree merge-base rev-list for-each-ref show-ref help version "
    "archive apply format-patch name-rev check-ignore check-attr difftool mergetool range-diff cherry count- "
    "objects maintenance sparse-checkout lfs commit-tree write-tree read-tree hash-object var bundle hook"
)
"Commands of git itself, which git never looks up as aliases."


def judge_setting(line: Line, key: str, value: str) -> None:
    """Judge a setting that a line gives or writes: whether it disables hooks or redirects pushes."""
    key = key.lower()
    steers = _STEERS.fullmatch(key)
    if key in SWITCHES_HOOKS or (w.is_unknown(key) and not steers):
        line.record("bypass", detail=key.replace("hookspath", "hooksPath").replace(w.ANY, "?").replace(w.MANY, "?"))
    elif steers and not _is_harmless(line, key, value):
        line.record("bypass", detail=key)


def _is_harmless(line: Line, key: str, value: str) -> bool:
    """Whether a setting that redirects pushes leaves the protected branches alone."""
    if key == "push.default":
        return value in ("simple", "current", "nothing")
    if key.endswith("insteadof"):  # another way to the same server
        hosts = [_HOST.fullmatch(address) for address in (key[4:].rpartition(".")[0], value)]
        return all(hosts) and len({found[1] for found in hosts if found}) == 1
    if key.endswith(".fetch"):
        return all(own or not guards(line.policy, target) for target, own in fetch_moves("origin", [value]))
    return key.endswith(".remote") or (key.endswith(".merge") and not guards(line.policy, short(value)))
