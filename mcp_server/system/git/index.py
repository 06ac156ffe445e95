"""A quick check of a clone's index, which saves a git process if git's answer is certain."""

from collections.abc import Collection
from pathlib import Path

# DIRC, then the version; from version 4 on the names are compressed (gitformat-index(5)).
_PLAIN = (b"DIRC\0\0\0\2", b"DIRC\0\0\0\3")
_SPLIT = b"link\0"
"The extension that keeps entries in another file; its size is always below 16 MiB."


def may_hold_submodules(clone: Path) -> bool:
    """Whether the index may have an entry of a submodule: the mode of one is 0160000."""
    try:
        index = (clone / ".git" / "index").read_bytes()
    except FileNotFoundError:
        return not (clone / ".git").is_dir()
    except OSError:
        return True  # a linked work tree
    return b"\0\0\xe0\0" in index or _SPLIT in index


def may_hold(clone: Path, paths: Collection[Path], untracked: frozenset[str]) -> bool:
    """Whether git may track one of these files in the clone's root, or lists it as untracked."""
    names = [path.name for path in paths]
    if any(path.parent != clone for path in paths) or untracked & {w for n in names for w in (n, f"{n}/")}:
        return True
    try:
        index = (clone / ".git" / "index").read_bytes()
    except OSError:
        return True  # a linked work tree, or nothing was ever added
    unclear = not index.startswith(_PLAIN) or _SPLIT in index
    return unclear or any(f"{name}{end}".encode() in index for name in names for end in ("\0", "/"))
