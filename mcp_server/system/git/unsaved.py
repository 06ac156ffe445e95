"""What a clone has that origin has not, and that is lost with the clone. Each is asked of git as it is now."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.humanize import plural
from mcp_server.system.git.answers import Run, lines_of, output, output_if_any
from mcp_server.system.git.dirty import submodules
from mcp_server.system.git.state import CloneState, state_of

HasAll = Callable[[Path, str, str], bool]
"Whether a base has every change of a tip, in a clone."
_REPLACED = ("commit (amend)", "rebase", "pull")
"How a line of the reflog begins that put another commit in the place of the one before it."
_NOT_OWN = ("refs/remotes/", "refs/stash")
_MOST = 50
"Commits on no branch that are compared with origin's."


@dataclass(frozen=True)
class Unsaved:
    """One reason to keep the clone, and the command that shows or saves it."""

    what: str
    next: str


@dataclass(frozen=True)
class _Clone:
    run: Run
    path: Path
    state: CloneState
    refs: tuple[tuple[str, str], ...]
    "Every ref with its commit."
    on_origin: tuple[str, ...]
    "The commits of these refs to which a branch or tag of origin points at this moment."
    has_all: HasAll

    @property
    def git(self) -> str:
        return f"git -C {quote(str(self.path))}"

    def only_here(self, commits: Sequence[str], *beside: str) -> list[str]:
        """What can be reached from these commits and not from origin's, nor from the revisions `beside`."""
        if not commits:
            return []
        return lines_of(output(self.run, self.path, "rev-list", *commits, "--not", *beside, *self.on_origin))

    def is_in_main(self, tip: str) -> bool:
        """Whether origin's main has the changes of `tip`, as a single commit or as others."""
        main = self.state.tracked
        try:
            return main is not None and main in self.on_origin and self.has_all(self.path, main, tip)
        except OpsError:  # without a common commit, for example
            return False


def unsaved(run: Run, clone: Path, answer: str | None, has_all: HasAll) -> Iterator[Unsaved]:
    """Everything that would be lost with the clone, which has just fetched; raises `OpsError` if it is not one.

    `answer` is what `git ls-remote origin` prints at this moment, None if origin does not answer.
    """
    state = state_of(clone, run)
    form = "--format=%(refname) %(objectname)"
    refs = tuple((name, commit) for name, _, commit in _words(output(run, clone, "for-each-ref", form)))
    known, there = {commit for _, commit in refs}, {commit for commit, _, _ in _words(answer or "", "\t")}
    here = _Clone(run, clone, state, refs, tuple(known & there), has_all)
    yield from _in_work_tree(here)
    yield from _in_submodules(here)
    if answer is None:
        what = "origin does not answer, so whether it has every commit is not known"
        yield Unsaved(what, f"{here.git} fetch origin")
    else:
        yield from _on_branches(here)
        yield from _on_no_branch(here)


def _words(text: str, separator: str = " ") -> list[tuple[str, str, str]]:
    return [line.partition(separator) for line in lines_of(text)]


def _in_work_tree(here: _Clone) -> Iterator[Unsaved]:
    dirty = here.state.dirty
    if dirty is None:
        yield Unsaved("whether files have changed is not known", f"{here.git} status")
    elif dirty:
        yield Unsaved(plural(dirty, "changed file"), f"{here.git} status")
    stashes = output_if_any(here.run, here.path, "rev-list", "--walk-reflogs", "--count", "refs/stash", "--")
    if stashes:
        yield Unsaved("1 stash" if stashes == "1" else f"{stashes} stashes", f"{here.git} stash list")
    if here.state.operation:
        yield Unsaved(f"an operation is in progress ({here.state.operation})", f"{here.git} status")
    if (here.state.common / "worktrees").is_dir() or (here.path / ".git").is_file():
        yield Unsaved("other work trees share its repository", f"{here.git} worktree list")


def _in_submodules(here: _Clone) -> Iterator[Unsaved]:
    """Commits and stashes of submodules, compared with what each of them last fetched."""
    for name in submodules(here.run, here.path):
        listing = ("rev-list", "--count", "HEAD", "--branches", "--glob=refs/stash", "--not", "--remotes")
        if output_if_any(here.run, here.path / name, *listing) != "0":
            log = f"git -C {quote(str(here.path / name))} log --oneline HEAD --branches --not --remotes"
            yield Unsaved(f"commits of the submodule {name} that its origin does not have", log)


def _on_branches(here: _Clone) -> Iterator[Unsaved]:
    """Branches, tags and other refs, and the HEAD of a clone on no branch."""
    refs = [(name, commit) for name, commit in here.refs if not name.startswith(_NOT_OWN)]
    if here.state.head and here.state.branch is None:
        refs.append(("HEAD", here.state.head))
    for name, commit in refs:
        if (count := len(here.only_here([commit]))) and not here.is_in_main(commit):
            short = name.removeprefix("refs/heads/")
            log = f"{here.git} log --oneline {quote(short)} --not --remotes=origin"
            yield Unsaved(f"{plural(count, 'commit')} of {short} that origin does not have", log)


def _on_no_branch(here: _Clone) -> Iterator[Unsaved]:
    """Commits that were checked out once, and that nothing leads to now; not those that were replaced."""
    entries = _words(output_if_any(here.run, here.path, "log", "-g", "--format=%H %gs", "HEAD", "--") or "")
    replaced = {old[0] for new, old in pairwise(entries) if new[2].startswith(_REPLACED)}
    seen = [commit for commit in dict.fromkeys(commit for commit, _, _ in entries) if commit not in replaced]
    only = set(here.only_here(seen, "--all", "HEAD"))
    lost = [commit for commit in seen if commit in only]
    if len(lost) > _MOST or (lost := [commit for commit in lost if not here.is_in_main(commit)]):
        keep = f"{here.git} branch kept-{lost[0][:7]} {lost[0]}"
        yield Unsaved(f"{plural(len(lost), 'commit')} on no branch, such as {lost[0][:12]}", keep)
