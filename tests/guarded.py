"""A throw-away clone with the layers of the guard, each of which can be left out, and what a line does there."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mcp_server.operations.guard_hooks import GUARD_INSTALL, Clones
from mcp_server.wiring import context_of
from tests.clones import clone_of, commit, git, make_origin

ROOT = Path(__file__).resolve().parents[1]
HOOK = ROOT / "hooks" / "pre-tool-use"
BOUND = 120.0
LINE = 30.0
"Seconds for a line; what it left running ends with it."
_BOTH = ("ops-1", "origin.git")
# Every mount but the scene's becomes read-only, no socket of the host is there, and no network.
_ALONE = """
mount --bind "$1" "$1"
while read -r _ at _; do
    at=$(printf %b "$at")
    case $at in "$1" | /proc* | /sys* | /dev*) continue ;; esac
    # What cannot be made so goes from here; one below a gone one is gone already.
    mount -o remount,bind,ro "$at" || umount -l "$at" || ! mountpoint -q "$at"
done <<MOUNTS
$(cat /proc/self/mounts)
MOUNTS
mount -t tmpfs tmpfs /run
: >"$1/began"
cd "$2"
exec bash -c "$3"
"""
_SPACES = (
    "unshare",
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "sh",
    "-ec",
    _ALONE,
    "sh",
)


def event(tool: str, given: Mapping[str, object], cwd: Path) -> str:
    """What Claude Code 2.1.328 gives a PreToolUse hook."""
    said = {
        "session_id": "s",
        "cwd": str(cwd),
        "hook_event_name": "PreToolUse",
        "tool_name": tool,
        "tool_input": given,
    }
    return json.dumps({**said, "tool_use_id": "toolu_1"}, separators=(",", ":"), ensure_ascii=False)


def decision(
    tool: str, given: Mapping[str, object], cwd: Path, environment: Mapping[str, str], script: Path = HOOK
) -> str:
    """What the real hook says, "" where it says nothing."""
    done = subprocess.run(
        [str(script)],
        input=event(tool, given, cwd),
        env={"PATH": os.environ["PATH"], "AGENT_NAME": "ops-1", **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=BOUND,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)["hookSpecificOutput"]["permissionDecision"] if done.stdout else ""


@dataclass(frozen=True)
class Scene:
    """`ops-1` on its branch `ops` with a changed file, and its origin beside it; made anew for each line.

    Its `ops` and its `main` each have a commit that nobody has pushed: a push of either would move something.
    """

    folder: Path
    mains: tuple[str, ...]
    alone: bool
    "Whether a line can write nowhere but here, and has no network: that takes root."

    @property
    def clone(self) -> Path:
        return self.folder / "now" / "ops-1"

    def anew(self, *, hooks: bool) -> Path:
        """The clone as it was, with git's hooks or without; returns the folder around it."""
        now = self.clone.parent
        shutil.rmtree(now, ignore_errors=True)
        return shutil.copytree(self.folder / ("hooked" if hooks else "plain"), now, symlinks=True)

    def run(self, line: str, *, hooks: bool, shims: bool) -> bool:
        """Whether main moved, in the clone or at its origin, when this was run with git's hooks, the shims, both."""
        now = self.anew(hooks=hooks)
        own = {"HOME": str(now), "TMPDIR": str(now), "TMUX_TMPDIR": str(now), "GIT_CONFIG_NOSYSTEM": "1"}
        own |= {"GIT_CONFIG_GLOBAL": os.environ["GIT_CONFIG_GLOBAL"], "OPS_HOME": str(now / "state")}
        path = f"{ROOT / 'hooks' / 'shims'}:{os.environ['PATH']}" if shims else os.environ["PATH"]
        command = [*_SPACES, str(now), str(self.clone), line] if self.alone else ["bash", "-c", line]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                command,
                cwd=self.clone,
                env={"PATH": path, "AGENT_NAME": "ops-1", **own},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=LINE,
                check=False,
            )
        assert not self.alone or (now / "began").exists(), "the namespaces could not be made, nothing was run"
        return _mains(now) != self.mains


def _mains(now: Path) -> tuple[str, ...]:
    """Where main stands in the clone and at its origin, "" where it is gone."""
    asked = (["git", "-C", str(now / name), "rev-parse", "-q", "--verify", "refs/heads/main"] for name in _BOTH)
    return tuple(subprocess.run(ask, capture_output=True, text=True, check=False).stdout for ask in asked)


def scene(folder: Path) -> Scene:
    """In `folder`, which is the test's own."""
    now = folder / "now"
    now.mkdir()
    origin = make_origin(now)
    shutil.rmtree(now / "seed")
    clone = clone_of(origin, now / "ops-1")
    git(clone, "switch", "--quiet", "-c", "ops")
    commit(clone, "own.txt")
    git(clone, "switch", "--quiet", "main")
    commit(clone, "mains.txt")
    git(clone, "switch", "--quiet", "ops")
    (clone / "README.md").write_text("changed\n")
    shutil.copytree(now, folder / "plain", symlinks=True)
    GUARD_INSTALL.run(context_of(os.environ, clone), Clones(clones=[str(clone)]))
    shutil.copytree(now, folder / "hooked", symlinks=True)
    return Scene(folder, _mains(now), alone=_can_be_alone(folder))


def _can_be_alone(folder: Path) -> bool:
    try:
        return (
            subprocess.run([*_SPACES, str(folder), str(folder), "true"], capture_output=True, check=False).returncode
            == 0
        )
    except FileNotFoundError:
        return False
