"""What a push changes in the other repository, and which branches a fetch moves in the clone."""

from mcp_server.guard.policy import guards
from mcp_server.guard.programs.git_call import Git
from mcp_server.guard.programs.refs import fetch_moves, push_targets, short
from mcp_server.guard.shell import words as w


def push(git: Git) -> None:
    if git.has("dry-run"):
        return
    named, plain = git.options.value("repo"), git.plain
    remote, specs = (named, plain) if named is not None else ((plain or [""])[0], plain[1:])
    if git.line.is_scratch_remote(git.shell, git.folder, remote):
        return
    for option in ("all", "mirror", "branches"):
        if git.has(option):
            git.record("push_all", detail=f"git push --{option}")
    if w.MANY in plain:
        git.record("opaque", detail="What git push sends")
        return
    branch = git.branch
    if specs:
        _sends(git, specs, deleting=git.has("delete"))
    elif not git.has("tags") and branch is not None and branch != w.DETACHED:
        git.record("push", branch)


def send_pack(git: Git) -> None:
    if git.has("dry-run") or git.line.is_scratch_remote(git.shell, git.folder, (git.plain or [""])[0]):
        return
    specs = git.plain[1:]
    if git.has("stdin"):
        specs += _lines(git)
    if git.has("all", "mirror"):
        git.record("push_all", detail=f"git {git.name} --all")
    _sends(git, specs, deleting=git.has("delete", "D"))


def _lines(git: Git) -> list[str]:
    """The refspecs on standard input."""
    if not git.call.stdin or w.is_unknown(git.call.stdin):
        git.record("opaque", detail=f"The input of git {git.name} --stdin")
        return []
    return git.call.stdin.split()


def _sends(git: Git, specs: list[str], *, deleting: bool) -> None:
    def is_tag(name: str) -> bool:
        return not guards(git.line.policy, name) and git.line.is_tag(git.folder, name)

    for target in push_targets(specs, git.branch or w.ANY, is_tag, deleting=deleting):
        if target is None:
            git.record("push_all", detail="This refspec")
        else:
            git.record("push", target)


def fetch(git: Git) -> None:
    several = git.has("multiple", "all")
    fetched(git, [] if several else git.plain + (_lines(git) if git.has("stdin") else []))


def fetched(git: Git, plain: list[str]) -> None:
    """`plain` is the remote, then refspecs."""
    remote, specs = (plain[0] if plain else "origin"), plain[1:]
    git.line.fetched = short(specs[0].lstrip("+").partition(":")[0]) if specs else git.line.fetched
    if git.branch is None:
        return
    for target, own in fetch_moves(remote, [*specs, *filter(None, [git.options.value("refmap")])]):
        if not own:
            git.record("move", target, "fetch of another branch into it")


def remote(git: Git) -> None:
    if git.verb == "add" and git.has("mirror"):
        git.record("push_all", detail="A mirror")
    if git.verb in ("add", "set-url") and len(git.plain) > 1:
        git.line.remotes[git.folder, git.plain[0]] = git.plain[1]
