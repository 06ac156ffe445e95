"""Refs and refspecs: what a push would change on origin, and what a fetch would in the clone."""

import re
from collections.abc import Iterable, Iterator

from mcp_server.guard.shell import words as w

_VERSION = re.compile(r"v?\d+(?:\.\d+)+\S*")
"A tag by its looks."
_ORIGIN = re.compile(r"(?!\.)[\w.-]+|(?:https?|ssh|git)://.*|[\w.-]+@[^/]+:.*")
"A remote by name or address, not another folder of this host."


def short(ref: str) -> str:
    """`refs/heads/x` and `heads/x` are `x`."""
    return ref.removeprefix("refs/").removeprefix("heads/") if ref.startswith(("refs/heads/", "heads/")) else ref


def is_upstream(head: str, branch: str, fetched: str) -> bool:
    """Whether `head` names what origin has as `branch`: moving the branch there is no change of one's own."""
    names = {f"{lead}{branch}" for lead in ("origin/", "refs/remotes/origin/", "remotes/origin/", "upstream/")}
    own = {"@{u}", "@{upstream}", "HEAD", "@", branch, f"{branch}@{{u}}", f"{branch}@{{upstream}}"}
    if head in ("HEAD", "@", branch):
        return False
    return head in names | own or (head == "FETCH_HEAD" and fetched == branch)


def push_targets(specs: Iterable[str], here: str, *, deleting: bool) -> Iterator[str | None]:
    """The branches that the refspecs change on the other side; None for a refspec that takes all."""
    words = list(specs)
    while words:
        spec = words.pop(0)
        if spec == "tag" and words:
            words.pop(0)
            continue
        source, colon, target = spec.lstrip("+^").partition(":")
        if colon and not source and not target:
            yield None
            continue
        name = target or source
        if not deleting and not (colon and target) and name in ("HEAD", "@"):
            name = here
        if name.startswith("refs/") and not name.startswith("refs/heads/") and not w.is_unknown(name):
            if not name.startswith(("refs/tags/", "refs/notes/")):
                yield name
            continue
        if not colon and _VERSION.fullmatch(name):
            continue
        if "*" in name:
            if w.might_be(short(name), "main") or w.might_be(short(name), "master"):
                yield None
            continue
        yield short(name).replace(w.MANY, w.ANY)


def fetch_moves(remote: str, specs: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The local branches that a fetch with these refspecs moves, and whether each takes its own upstream."""
    for spec in specs:
        source, colon, target = spec.lstrip("+").partition(":")
        if not colon or not target:
            continue
        theirs = _ORIGIN.fullmatch(remote) is not None
        if target.startswith("refs/remotes/"):
            tracked = target.removeprefix("refs/remotes/").partition("/")[2]
            yield tracked, short(source) == tracked and theirs
        elif not target.startswith("refs/tags/"):
            own = short(source) == short(target) and theirs
            yield short(target), own or (remote == "." and is_upstream(source, short(target), ""))
