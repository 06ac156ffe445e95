"""Refs and refspecs: what a push would change at origin, and what a fetch would change in the clone."""

import re
from collections.abc import Callable, Iterable, Iterator

from mcp_server.guard.shell import words as w
from mcp_server.kernel.lazy_pattern import lazy_pattern

_ORIGIN = lazy_pattern(r"(?!\.)[\w.-]+|(?:https?|ssh|git)://.*|[\w.-]+@[^/]+:.*")
"A remote by name or address, but not a folder of this host."


def short(ref: str) -> str:
    """The name of a branch: `x` for `refs/heads/x` and `heads/x`."""
    return re.sub(r"^(?:refs/)?heads/", "", ref)


def is_upstream(head: str, branch: str, fetched: str) -> bool:
    """Whether `head` is the upstream of `branch`: moving the branch there adds no work of one's own."""
    names = {f"{lead}{branch}" for lead in ("origin/", "refs/remotes/origin/", "remotes/origin/", "upstream/")}
    own = {"@{u}", "@{upstream}", "HEAD", "@", branch, f"{branch}@{{u}}", f"{branch}@{{upstream}}"}
    if head in ("HEAD", "@", branch):
        return False
    return head in names | own or (head == "FETCH_HEAD" and fetched == branch)


def push_targets(
    specs: Iterable[str], here: str, is_tag: Callable[[str], bool], *, deleting: bool
) -> Iterator[str | None]:
    """The branches that these refspecs change in the other repository; None for a refspec that changes all."""
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
            if not name.startswith(("refs/tags/", "refs/notes/", "refs/for/")):
                yield name
            continue
        if not colon and is_tag(name):
            continue
        if "*" in name:
            if w.might_be(short(name), "main") or w.might_be(short(name), "master"):
                yield None
            continue
        yield short(name).replace(w.MANY, w.ANY)


def fetch_moves(remote: str, specs: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The local branches that a fetch with these refspecs moves, and whether each moves to its own upstream."""
    for spec in specs:
        source, colon, target = spec.lstrip("+").partition(":")
        if not colon or not target:
            continue
        theirs = _ORIGIN.fullmatch(remote) is not None
        if target.startswith("refs/remotes/"):
            tracked = target.removeprefix("refs/remotes/").partition("/")[2]
            yield tracked.replace("*", w.ANY), short(source) == tracked and theirs
        elif not target.startswith("refs/tags/"):
            own = short(source) == short(target) and theirs
            yield short(target).replace("*", w.ANY), own or (remote == "." and is_upstream(source, short(target), ""))
