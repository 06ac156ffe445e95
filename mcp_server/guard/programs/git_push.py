"""What a push changes in the other repository, and which branches a fetch moves in the clone."""

from mcp_server.guard.programs.git_call import Git
from mcp_server.guard.programs.refs import fetch_moves, push_targets, short
from mcp_server.guard.shell import words as w


def push(git: Git) -> None:
    if git.has("--dry-run", "-n"):
        return
    for option in ("--all", "--mirror", "--branches"):
        if git.has(option):
            git.record("push_all", detail=f"git push {option}")
    plain = git.plain()
    if w.MANY in plain:
        git.record("opaque", detail="What git push sends")
        return
    specs = plain if any(word.startswith("--repo") for word in git.options()) else plain[1:]
    branch = git.branch
    if specs:
        _sends(git, specs, deleting=git.has("--delete", "-d"))
    elif not git.has("--tags") and branch is not None and branch != w.DETACHED:
        git.record("push", branch)


def send_pack(git: Git) -> None:
    _sends(git, git.plain()[1:], deleting=False)
    if git.has("--all", "--mirror"):
        git.record("push_all", detail="git send-pack --all")


def _sends(git: Git, specs: list[str], *, deleting: bool) -> None:
    for target in push_targets(specs, git.branch or w.ANY, deleting=deleting):
        if target is None:
            git.record("push_all", detail="This refspec")
        else:
            git.record("push", target)


def fetch(git: Git) -> None:
    fetched(git, git.plain())


def fetched(git: Git, plain: list[str]) -> None:
    """`plain` is the remote, then refspecs."""
    remote, specs = (plain[0] if plain else "origin"), plain[1:]
    git.line.fetched = short(specs[0].lstrip("+").partition(":")[0]) if specs else git.line.fetched
    for target, own in fetch_moves(remote, specs):
        if not own:
            git.record("move", target, "fetch of another branch into it")


def remote(git: Git) -> None:
    if git.words[:1] == ["add"] and any(word.startswith("--mirror") for word in git.words):
        git.record("push_all", detail="A mirror")
