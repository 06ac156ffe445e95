"""The example repository: the files of `template/repository` and the commits that added them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict, cast

import yaml

from mcp_server.demo.git import git, identity

TEMPLATE = Path(__file__).parent / "template"
_LINK = re.compile(r"\]\(([^)#]+\.md)")


class Commit(TypedDict):
    """A row of `history.yaml`."""

    date: datetime
    author: str
    subject: str
    files: list[str]


def commits() -> list[Commit]:
    return cast("list[Commit]", yaml.safe_load((TEMPLATE / "history.yaml").read_text("utf-8")))


def make_origin(folder: Path) -> None:
    """A bare repository with the whole history on `main`; the same hashes on every machine."""
    git(folder.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(folder))
    git(folder, "config", "gc.auto", "0")
    git(folder, "fast-import", "--quiet", feed=b"".join(_stream()))


def _stream() -> Iterator[bytes]:
    present: dict[str, bytes] = {}
    for commit in commits():
        before = dict(present)
        names = {*present, *commit["files"]}
        present = {name: _as_of(name, names) for name in sorted(names)}
        yield _head(commit)
        for name, content in present.items():
            if before.get(name) != content:
                yield f"M 100644 inline {name}\ndata {len(content)}\n".encode() + content + b"\n"


def _head(commit: Commit) -> bytes:
    when = f"{int(commit['date'].replace(tzinfo=UTC).timestamp())} +0000"
    author, merger = identity(commit["author"]), identity("pm-1")
    message = f"{commit['subject']}\n".encode()
    lines = f"commit refs/heads/main\nauthor {author} {when}\ncommitter {merger} {when}\ndata {len(message)}\n"
    return lines.encode() + message


def _as_of(name: str, names: set[str]) -> bytes:
    """The file as it is now; of an index only the rows whose linked pages are among `names`."""
    text = (TEMPLATE / "repository" / name).read_text("utf-8")
    if not name.endswith("/INDEX.md"):
        return text.encode()
    folder = name.rsplit("/", 1)[0]
    linked = ((line, _LINK.search(line)) for line in text.splitlines(keepends=True))
    return "".join(line for line, link in linked if not link or f"{folder}/{link[1]}" in names).encode()
