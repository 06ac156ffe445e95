"""The linked work trees of a repository, as the files below its `.git` describe them (gitrepository-layout(5))."""

from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.system.plain_file import read_plain

_LONGEST = 10_000
"Bytes: these files hold one path."


def git_folder(root: Path) -> Path | None:
    """The folder of the work tree's own git files: its `.git`, or the one that a `.git` file names."""
    own = root / ".git"
    if own.is_dir():
        return own
    text = _line(own)
    return root / text.removeprefix("gitdir:").strip() if text.startswith("gitdir:") else None


def common_folder(own: Path) -> Path:
    """The folder that all work trees of a repository share; `own` is that of one of them."""
    return Path(own, _line(own / "commondir") or ".")


def main_of(root: Path) -> Path | None:
    """The folder with the repository of a linked work tree: its main work tree, or the bare repository itself."""
    own = git_folder(root) if (root / ".git").is_file() else None
    if own is None or not _line(own / "commondir"):
        return None
    common = common_folder(own).resolve()
    return common.parent if common.name == ".git" else common


def _line(file: Path) -> str:
    try:
        return read_plain(file.resolve(), _LONGEST).decode("utf-8", "surrogateescape").rstrip("\n")
    except (OpsError, OSError):
        return ""
