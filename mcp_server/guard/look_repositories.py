"""What the guard reads from the disk: the clone around a folder, its branch, and the aliases of git and gh."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mcp_server.guard.line import Checkout, Repositories
from mcp_server.guard.shell.words import DETACHED, is_unknown
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.system.files import Files

_ORIGIN = lazy_pattern(r'^\s*\[remote "', re.MULTILINE)
_ADDRESS = lazy_pattern(r"^\s*(?:push)?url\s*=\s*(?:file://)?\"?([^\"\n]+)", re.MULTILINE | re.IGNORECASE)
SCRATCH = "ops-guard.scratch"
"A file in the repositories that agents make for trials; the guard's `git` puts it there."


@dataclass(frozen=True)
class RepositoriesOnDisk(Repositories):
    """Reads the files of git and gh, and runs neither.

    A repository is guarded if it has a remote or is in the fleet; others are fixtures or scratch folders.
    """

    files: Files
    cwd: Path
    home: Path
    fleet: Path | None = None
    "The fleet's root."
    branch: str | None = None
    "If given, the clone at `cwd` is taken to be on this branch."
    only: Path | None = None
    "If given, nothing outside of this folder is read."
    gh: Path | None = None
    "The folder of gh's configuration; without it gh has no aliases."

    def checkout(self, folder: str) -> Checkout | None:
        here = self._root(self.cwd) or self.cwd
        if is_unknown(folder):
            return Checkout(str(here), self.branch) if self.branch is not None else None
        root = self._root(Path(folder))
        if self.branch is not None and (root == here or (root is None and self._is_assumed(Path(folder)))):
            return Checkout(str(here), self.branch)
        return Checkout(str(root), self._head(root)) if root and self._is_guarded(root) else None

    def is_of_fleet(self, folder: str) -> bool:
        return Path(folder).parent == self.fleet or self.cwd.is_relative_to(folder)

    def is_scratch(self, folder: str) -> bool:
        return any(self._kind(Path(folder) / inner / SCRATCH) == "file" for inner in ("", ".git"))

    def has_tag(self, folder: str, name: str) -> bool:
        root = None if is_unknown(folder + name) else self._root(Path(folder))
        if root is None:
            return False
        git = self._git_folder(root)
        packed = self._text(git / "packed-refs")
        tag, branch = (
            f" refs/{kind}/{name}\n" in packed or self._kind(git / "refs" / kind / name) == "file"
            for kind in ("tags", "heads")
        )
        return tag and not branch

    def git_alias(self, folder: str, name: str) -> str | None:
        root = None if is_unknown(folder) else self._root(Path(folder))
        config = [self._git_folder(root) / "config"] if root else []
        pattern = re.compile(rf"^\s*{re.escape(name)}\s*=\s*(.+)$", re.MULTILINE | re.IGNORECASE)
        for path in (*config, self.home / ".gitconfig", self.home / ".config" / "git" / "config"):
            sections = re.findall(r"^\s*\[alias\]([^\[]*)", self._text(path), re.MULTILINE)
            if found := pattern.search("\n".join(sections)):
                return found[1].strip().strip('"')
        return None

    def gh_alias(self, name: str) -> str | None:
        """gh writes its aliases in `config.yml` below the key `aliases`, one on each line."""
        text = self._text(self.gh / "config.yml") if self.gh else ""
        section = re.search(r"^aliases:[^\n]*\n((?:[ \t].*\n?)*)", text, re.MULTILINE)
        found = re.search(rf"^\s+{re.escape(name)}:\s*(.+)$", section[1], re.MULTILINE) if section else None
        return found[1].strip().strip("'\"") if found else None

    def _is_assumed(self, folder: Path) -> bool:
        return folder.is_relative_to(self.cwd) or self._kind(folder) == "absent"

    def _root(self, folder: Path) -> Path | None:
        return next(
            (path for path in (folder, *folder.parents) if self._kind(path / ".git") in ("folder", "file")), None
        )

    def _git_folder(self, root: Path) -> Path:
        """The folder of a clone's configuration; a linked work tree shares that of its main clone."""
        if self._kind(root / ".git") == "folder":
            return root / ".git"
        linked = root / self._text(root / ".git").removeprefix("gitdir:").strip()
        return linked.parent.parent if linked.parent.name == "worktrees" else linked

    def _head(self, root: Path) -> str:
        own = root / ".git"
        head = own if self._kind(own) == "folder" else root / self._text(own).removeprefix("gitdir:").strip()
        named = self._text(head / "HEAD").strip()
        return named.removeprefix("ref: refs/heads/") if named.startswith("ref: ") else DETACHED

    def _is_guarded(self, root: Path) -> bool:
        within = self.fleet is not None and root.is_relative_to(self.fleet)
        config = self._text(self._git_folder(root) / "config")
        addresses = _ADDRESS.findall(config)
        own = bool(addresses) and all(self.is_scratch(str(root / each)) for each in addresses)
        return within or (_ORIGIN.search(config) is not None and not own)

    def _kind(self, path: Path) -> str:
        try:
            if self.only and not self.files.real(path.parent).is_relative_to(self.files.real(self.only)):
                return "absent"
            return self.files.kind(path)
        except (OpsError, ValueError, OSError):
            return "absent"

    def _text(self, path: Path) -> str:
        try:
            return self.files.read_text(path)
        except (OpsError, ValueError, OSError):
            return ""


def gh_folder(environment: Mapping[str, str], home: Path) -> Path:
    """The folder in which gh keeps its configuration."""
    named = environment.get("GH_CONFIG_DIR")
    return Path(named) if named else Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "gh"
