"""Tables of git's options, settings and variables, from `git help COMMAND`."""

import re
from collections.abc import Mapping
from typing import Final

from mcp_server.guard.shell import words as w

_VALUES: Final = """
git          -         --git-dir --work-tree --namespace --config-env --super-prefix --attr-source
commit       mFCctS    --message --file --author --date --reuse-message --fixup --squash --trailer --template \
--cleanup
merge        mFsXS     --message --file --strategy --strategy-option --into-name
rebase       xsXCS     --exec --onto --strategy --strategy-option
reset        U         -
pull         sXS       --strategy --strategy-option --depth -j --jobs --upload-pack
fetch        joS       --depth --deepen --jobs --upload-pack --refmap --negotiation-tip --shallow-since \
--shallow-exclude --server-option --filter
push         o         --push-option --repo --receive-pack --exec
branch       u         --set-upstream-to --contains --merged --no-merged --points-at --sort --format
update-ref   m         -
symbolic-ref m         -
config       f         --file --type --blob --default --comment --value
worktree     bB        --reason
clone        bocuj     --branch --origin --config --depth --template --reference --filter --jobs --upload-pack \
--separate-git-dir
init         b         --initial-branch --template --separate-git-dir
subtree      Pm        --prefix --message --branch
"""


def _rows(table: str) -> dict[str, tuple[str, frozenset[str]]]:
    rows = (row.split() for row in table.strip().splitlines())
    return {name: (short.strip("-"), frozenset(long) - {"-"}) for name, short, *long in rows}


WITH_VALUE: Final[Mapping[str, tuple[str, frozenset[str]]]] = _rows(_VALUES)
"command -> its options that take a value: the letters of the short ones (also in `-am TEXT`), and the long ones."
GLOBAL_WITH_VALUE: Final = {"-C", "-c", *WITH_VALUE["git"][1]}
TAKES_A_TEXT: Final = re.compile(r"-[a-zA-Z]*[mF]|--message|--file|--author|--date|--subject|--trailer")
"Options whose value may look like an option."
RUNS_ITS_VALUE: Final = ("--upload-pack=", "--receive-pack=", "--exec=", "--extcmd=")
CONTINUES: Final = ("--abort", "--quit", "--show-current-patch", "--edit-todo")
"Options for a merge, rebase, ... in progress that add no commit."
HAS_NO_VERIFY: Final = {"push", "commit", "merge", "am", "rebase", "pull", "cherry-pick"}

SWITCHES_HOOKS: Final = {"core.hookspath", "core.worktree"}
STEERS: Final = re.compile(
    r"remote\..*\.(?:push|mirror|fetch)|remote\.pushdefault|branch\..*\.(?:merge|pushremote|remote)|include(?:if\..*)?\.path"
    r"|push\.default|url\..*\.(?:insteadof|pushinsteadof)|remote\..*\.(?:receivepack|uploadpack)"
)
"Settings that change where a push or fetch goes."
RUNS_A_PROGRAM: Final = re.compile(
    r"core\.(?:sshcommand|editor|pager|askpass|gitproxy|fsmonitor)|sequence\.editor|diff\.external|gpg\.program"
    r"|uploadpack\.packobjectshook|filter\..*\.(?:clean|smudge|process)|diff\..*\.(?:textconv|command)|merge\..*\.driver"
    r"|credential(?:\..*)?\.helper|(?:diff|merge)tool\..*\.cmd|pager\..*"
)
PROGRAM_VARIABLES: Final = w.names(
    "GIT_SSH_COMMAND GIT_SSH GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_EXTERNAL_DIFF GIT_PAGER GIT_ASKPASS "
    "GIT_PROXY_COMMAND EDITOR VISUAL PAGER"
)
CONFIG_VARIABLES: Final = w.names(
    "GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG GIT_EXEC_PATH GIT_CONFIG_PARAMETERS"
)

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
