"""git commands that create, rename, move or delete branches, and those that switch to one."""

import posixpath
import re
from typing import Final

from mcp_server.guard.policy import guards
from mcp_server.guard.programs.git_call import Git
from mcp_server.guard.programs.git_commits import COMMIT, takes_in
from mcp_server.guard.programs.refs import short
from mcp_server.guard.shell import words as w

_TRACKED: Final = re.compile(r"(?:refs/)?remotes/[^/]+/(.+)")
_SHOWS: Final = ("-l", "--list", "-a", "-r", "-v", "--show", "--contains", "--merged", "--edit", "-u", "--set-up")
_REMOTES: Final = {"-r", "-dr", "-rd", "-Dr", "--remotes"}
_OF_FILES: Final = ("-p", "--patch", "--ours", "--theirs", "--pathspec-from-file")


def branch(git: Git) -> None:
    if git.branch is None:
        return
    plain, options = git.plain(), git.options()
    if git.has("-d", "-D", "--delete") and not _REMOTES & set(options):
        for name in plain:
            if name in git.line.policy.protected:
                git.record("move", name, "its deletion")
    elif any(re.fullmatch(r"-[mMcC]|--move|--copy", option) for option in options):
        _renames(git, plain, copies=bool({"-c", "-C", "--copy"} & set(options)))
    elif plain and not any(option.startswith(_SHOWS) for option in options):
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
    if _creates(git):
        return
    words, plain = git.words, git.plain()
    of_files = "--" in words and (words.index("--") < len(words) - 1 or not plain)
    if len(plain) == 1 and not of_files and not git.has(*_OF_FILES):
        _switch_to(git, plain[0])


def _creates(git: Git) -> bool:
    """Whether a branch is created: -b NAME, -BNAME, --orphan NAME, ..."""
    for at, word in enumerate(git.words):
        bundle = re.fullmatch(r"-[a-zA-Z]*[bBcC](.*)", word)
        if bundle or word in ("--orphan", "--create", "--force-create"):
            rest = git.words[at + 1 :] or [w.ANY]
            name, after = (bundle[1], rest) if bundle and bundle[1] else (rest[0], rest[1:])
            start = next((x for x in after if not x.startswith("-")), "HEAD")
            if git.branch is not None and guards(git.line.policy, name):
                git.set_branch(name, start)
            git.line.switch(git.folder, name)
            return True
    return False


def _switch_to(git: Git, name: str) -> None:
    origin = re.fullmatch(r"(?:remotes/)?origin/(.+)", name)
    if git.has("--track", "-t") and origin:
        git.line.switch(git.folder, origin[1])
    elif git.has("--detach", "-d") or origin or COMMIT.fullmatch(name):
        git.line.switch(git.folder, w.DETACHED)
    elif name == "-":
        git.line.switch(git.folder, w.ANY)
    elif name in git.line.policy.protected or not re.search(r"\.\w{1,6}$|^\.|/$|\*", name):
        git.line.switch(git.folder, name.replace(w.MANY, w.ANY))


def update_ref(git: Git) -> None:
    if git.has("--stdin"):
        text = git.call.stdin
        if text is None or any(f"refs/heads/{name}" in text for name in git.line.policy.protected):
            git.record("opaque", detail="The input of git update-ref")
        return
    name, *values = git.plain() or [""]
    new = values[0] if values and not git.has("-d", "--delete") else "(nothing)"
    if tracking := _TRACKED.fullmatch(name):
        if guards(git.line.policy, tracking[1]):
            git.record("move", tracking[1], "the clone's copy of origin's branch")
    elif name in ("HEAD", "@"):
        takes_in(git, [new], "update-ref")
    elif name.startswith("refs/heads/") or w.is_unknown(name):
        git.set_branch(short(name), new)


def symbolic_ref(git: Git) -> None:
    plain = git.plain()
    if len(plain) < 2:
        return
    name, target = plain[0], short(plain[1])
    if name == "HEAD":
        git.line.switch(git.folder, target)
    elif name.startswith("refs/heads/"):
        guarded = next((each for each in (short(name), target) if guards(git.line.policy, each)), None)
        if guarded is not None:
            git.record("move", guarded, "an alias for it")


def stash(git: Git) -> None:
    if git.words[:1] == ["branch"] and len(git.words) > 1:
        if guards(git.line.policy, git.words[1]):
            git.set_branch(git.words[1], "the stash")
        git.line.switch(git.folder, git.words[1])


def worktree(git: Git) -> None:
    if git.words[:1] != ["add"]:
        return
    plain = git.plain(git.words[1:])
    if not plain:
        return
    made = _value_of(git, "-b", "-B")
    if made and guards(git.line.policy, made):
        git.set_branch(made, plain[1] if len(plain) > 1 else "HEAD")
    name = made or (plain[1] if len(plain) > 1 else plain[0].rpartition("/")[2])
    path = posixpath.normpath(posixpath.join(git.folder, plain[0]))
    git.line.branches[path] = w.DETACHED if git.has("--detach", "-d") else name


def clone(git: Git) -> None:
    plain = git.plain()
    if plain:
        folder = plain[1] if len(plain) > 1 else plain[0].rstrip("/").rpartition("/")[2].removesuffix(".git")
        place = git.line.path(git.shell, folder).replace(w.MANY, w.ANY)
        git.line.branches[place] = _value_of(git, "-b", "--branch") or "main"


def init(git: Git) -> None:
    plain = git.plain()
    folder = git.line.path(git.shell, plain[0].replace(w.MANY, w.ANY)) if plain else git.folder
    if git.line.repositories.checkout(folder) is None or w.ANY in folder:
        git.line.new_repositories.add(folder)


def _value_of(git: Git, *names: str) -> str | None:
    return next((word for before, word in zip(git.words, git.words[1:], strict=False) if before in names), None)
