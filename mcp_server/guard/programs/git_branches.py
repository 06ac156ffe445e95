"""git commands that create, rename, move or delete branches, and those that switch to one."""

import posixpath
import re
from typing import Final

from mcp_server.guard.policy import guards
from mcp_server.guard.programs.git_call import Git
from mcp_server.guard.programs.git_commits import COMMIT, takes_in
from mcp_server.guard.programs.git_settings import judge_setting
from mcp_server.guard.programs.refs import short
from mcp_server.guard.shell import words as w
from mcp_server.kernel.lazy_pattern import lazy_pattern

_TRACKED: Final = lazy_pattern(r"(?:refs/)?remotes/[^/]+/(.+)")
_SHOWS: Final = (
    *("list", "contains", "no-contains", "merged", "no-merged", "points-at", "show-current"),
    *("edit-description", "set-upstream-to", "unset-upstream"),
)
_CREATES: Final = ("b", "B", "create", "force-create", "orphan")


def branch(git: Git) -> None:
    if git.branch is None:
        return
    plain = git.plain
    if git.has("delete", "D"):
        for name in plain if not git.has("remotes") else ():
            if name in git.line.policy.protected:
                git.record("move", name, "its deletion")
    elif git.has("move", "M", "copy", "C"):
        _renames(git, plain, copies=git.has("copy", "C"))
    elif plain and not git.has(*_SHOWS):
        git.set_branch(plain[0], plain[1] if len(plain) > 1 else "HEAD")


def _renames(git: Git, plain: list[str], *, copies: bool) -> None:
    here = git.branch or w.DETACHED
    old = plain[0] if len(plain) > 1 else here
    if not copies:
        git.record("move", old, "its renaming")
    if plain:
        git.record("move", plain[-1], "another branch renamed to it")
        if old == here and not copies:
            git.line.switch(git.folder, plain[-1])


def checkout(git: Git) -> None:
    """`git checkout` and `git switch`."""
    plain, paths = git.plain, git.options.paths
    if name := git.options.value(*_CREATES):
        if guards(git.line.policy, name):
            git.set_branch(name, plain[0] if plain else "HEAD")
        git.line.switch(git.folder, name)
    elif len(plain) == 1 and not paths and not git.has("patch", "ours", "theirs", "pathspec-from-file"):
        _switch_to(git, plain[0])


def _switch_to(git: Git, name: str) -> None:
    origin = re.fullmatch(r"(?:remotes/)?origin/(.+)", name)
    if git.has("track") and origin:
        git.line.switch(git.folder, origin[1])
    elif git.has("detach") or origin or COMMIT.fullmatch(name):
        git.line.switch(git.folder, w.DETACHED)
    elif name == "-":
        git.line.switch(git.folder, w.ANY)
    elif name in git.line.policy.protected or not re.search(r"\.\w{1,6}$|^\.|/$|\*", name):
        git.line.switch(git.folder, name.replace(w.MANY, w.ANY))


def update_ref(git: Git) -> None:
    if git.has("stdin"):
        text = git.call.stdin
        if text is None or any(f"refs/heads/{name}" in text for name in git.line.policy.protected):
            git.record("opaque", detail="The input of git update-ref")
        return
    name, *values = git.plain or [""]
    new = values[0] if values and not git.has("d") else "(nothing)"
    if tracking := _TRACKED.fullmatch(name):
        if guards(git.line.policy, tracking[1]):
            git.record("move", tracking[1], "the clone's copy of origin's branch")
    elif name in ("HEAD", "@"):
        takes_in(git, [new], "update-ref")
    elif name.startswith("refs/heads/") or w.is_unknown(name):
        git.set_branch(short(name), new)


def symbolic_ref(git: Git) -> None:
    plain = git.plain
    if len(plain) < 2:
        return
    name, target = plain[0], short(plain[1])
    if name == "HEAD":
        git.line.switch(git.folder, target)
    elif name.startswith("refs/heads/") and git.branch is not None:
        guarded = next((each for each in (short(name), target) if guards(git.line.policy, each)), None)
        if guarded is not None:
            git.record("move", guarded, "an alias for it")


def stash(git: Git) -> None:
    if git.verb == "branch" and git.plain:
        if guards(git.line.policy, git.plain[0]):
            git.set_branch(git.plain[0], "the stash")
        git.line.switch(git.folder, git.plain[0])


def worktree(git: Git) -> None:
    if git.verb != "add" or not git.plain:
        return
    place, *start = git.plain
    made = git.options.value("b", "B")
    if made and guards(git.line.policy, made):
        git.set_branch(made, start[0] if start else "HEAD")
    name = made or (start[0] if start else place.rstrip("/").rpartition("/")[2])
    if git.branch is not None:
        path = posixpath.normpath(posixpath.join(git.folder, place))
        git.line.branches[path] = w.DETACHED if git.has("detach") else name


def clone(git: Git) -> None:
    if not git.plain:
        return
    source, *named = git.plain
    if setting := git.options.value("config"):
        judge_setting(git.line, *setting.partition("=")[::2])
    folder = named[0] if named else source.rstrip("/").rpartition("/")[2].removesuffix(".git")
    place = git.line.path(git.shell, folder).replace(w.MANY, w.ANY)
    if git.line.is_scratch(git.shell, source):
        git.line.new_repositories.add(place)
    else:
        git.line.branches[place] = git.options.value("branch") or "main"


def init(git: Git) -> None:
    folder = git.line.path(git.shell, git.plain[0].replace(w.MANY, w.ANY)) if git.plain else git.folder
    checkout = git.line.repositories.checkout(folder)
    if checkout is None or checkout.root != folder:
        git.line.new_repositories.add(folder)
