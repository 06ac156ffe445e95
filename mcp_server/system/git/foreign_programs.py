"""Programs that the configuration of a clone would make git start, and the settings that keep git from it.

Anybody who can write into a clone, such as an agent in a container, can write its `.git/config`. A look at the clone
from the host must not run what that file names. See docs/adr/0085-a-look-runs-nothing-of-the-clone.md.
"""

from collections.abc import Iterable, Iterator
from typing import Final

Setting = tuple[str, str]

ALWAYS: Final = (
    ("core.hooksPath", "/dev/null"),
    ("core.alternateRefsCommand", "exit 0;"),  # empty, git would run the alternate's path
    ("log.showSignature", "false"),
    ("diff.autoRefreshIndex", "false"),  # it writes the index of a clone whose files were only copied or touched
    ("submodule.recurse", "false"),
    ("http.saveCookies", "false"),
)
"Settings with one name: file-system monitors are turned off for changes as well, in `process.py`."
READS_FILES: Final = frozenset({"status", "diff", "diff-files"})
"Commands that compare files of the work tree, for which git would run filters."
ASKS_OTHERS: Final = frozenset({"fetch", "ls-remote", "push"})
"Commands that need a transport. For every other one all are refused: a partial clone would fetch what it lacks."
LISTING: Final = ("config", "--list", "-z", "--show-scope")
_OWN: Final = ("local", "worktree")
_PACKS: Final = {"uploadpack": "git-upload-pack", "receivepack": "git-receive-pack"}


def overrides(listing: str) -> tuple[Setting, ...]:
    """The settings that take precedence over those in git's `LISTING`, so that none of them starts a program."""
    found = _settings(listing)
    return (*_by_name(key for _, key, _ in found), *_helpers(found))


def values_in(listing: str) -> dict[str, list[str]]:
    """The values of each setting in git's `LISTING`, those that came by the command line left out."""
    values: dict[str, list[str]] = {}
    for scope, key, value in _settings(listing):
        if scope != "command":
            values.setdefault(key, []).append(value)
    return values


def _settings(listing: str) -> list[tuple[str, str, str]]:
    """Scope, name and value."""
    fields = listing.split("\0")
    pairs = [(scope, entry.split("\n", 1)) for scope, entry in zip(fields[::2], fields[1::2], strict=False)]
    return [(scope, entry[0], entry[1] if entry[1:] else "true") for scope, entry in pairs]


def filters_in(settings: Iterable[Setting]) -> bool:
    """Whether a filter is among the overridden settings."""
    return any(key.startswith("filter.") for key, _ in settings)


def _by_name(keys: Iterable[str]) -> Iterator[Setting]:
    """For the sections whose names are free: filters, hooks in the configuration (git 2.54), programs of a remote."""
    for key in dict.fromkeys(keys):
        section, _, rest = key.partition(".")
        name, _, variable = rest.rpartition(".")
        if section == "filter" and variable in ("clean", "smudge", "process", "required"):
            yield key, "false" if variable == "required" else ""
        elif section == "hook":
            yield f"hook.{name}.enabled", "false"
        elif section == "remote" and variable in _PACKS:
            yield key, _PACKS[variable]


def _helpers(found: list[tuple[str, str, str]]) -> Iterator[Setting]:
    """The user's own credential helpers, without those of the clone; an empty one resets the list."""
    helpers = [each for each in found if each[1].startswith("credential.") and each[1].endswith(".helper")]
    if any(scope in _OWN for scope, _, _ in helpers):
        yield "credential.helper", ""
        yield from ((key, value) for scope, key, value in helpers if scope not in _OWN)
