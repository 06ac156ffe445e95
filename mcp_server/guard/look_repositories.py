"""What the guard looks up on the disk: which clone a folder lies in, its branch, and git's aliases."""

import re
from dataclasses import dataclass
from pathlib import Path

from mcp_server.guard.line import Spot
from mcp_server.guard.shell.words import DETACHED, is_open
from mcp_server.kernel.errors import OpsError
from mcp_server.system.files import Files

_ORIGIN = re.compile(r'^\s*\[remote "', re.MULTILINE)


@dataclass(frozen=True)
class DiskScene:
    """`line.Scene` by reading files alone. With `branch`, the clone at `cwd` is taken to stand on it.

    A repository without a remote that lies outside the fleet is nobody's clone: a fixture, a scratch folder.
    """

    files: Files
    cwd: Path
    home: Path
    fleet: Path | None
    branch: str | None = None
    only: Path | None = None
    "Where anything is looked at; None: everywhere. A folder outside of it is taken to be none."
    gh: Path | None = None

    def clone(self, folder: str) -> Spot | None:
        here = self._root(self.cwd) or self.cwd
        if is_open(folder):
            return Spot(str(here), self.branch) if self.branch is not None else None
        root = self._root(Path(folder))
        if self.branch is not None and (root == here or (root is None and self._is_assumed(Path(folder)))):
            return Spot(str(here), self.branch)
        return Spot(str(root), self._head(root)) if root and self._is_guarded(root) else None

    def git_alias(self, folder: str, name: str) -> str | None:
        root = None if is_open(folder) else self._root(Path(folder))
        config = [self._git_folder(root) / "config"] if root else []
        pattern = re.compile(rf"^\s*{re.escape(name)}\s*=\s*(.+)$", re.MULTILINE | re.IGNORECASE)
        for path in (*config, self.home / ".gitconfig", self.home / ".config" / "git" / "config"):
            sections = re.findall(r"^\s*\[alias\]([^\[]*)", self._text(path), re.MULTILINE)
            if found := pattern.search("\n".join(sections)):
                return found[1].strip().strip('"')
        return None

    def gh_alias(self, name: str) -> str | None:
        """gh writes its aliases below one key of its YAML, a line each."""
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
        """The repository of a clone; that of a linked work tree is its main one's."""
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
        return within or _ORIGIN.search(self._text(self._git_folder(root) / "config")) is not None

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
