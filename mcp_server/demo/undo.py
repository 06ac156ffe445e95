"""Changes to the example that can be taken back."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from mcp_server.demo import state
from mcp_server.demo.git import git
from mcp_server.domain.document import Json


def rewrite(undo: ExitStack, path: Path, text: str) -> None:
    """Write `text` in place of the file, or as a new one."""
    if path.exists():
        undo.callback(path.write_bytes, path.read_bytes())
    else:
        undo.callback(path.unlink)
    state.write(path, text)


def merge(undo: ExitStack, path: Path, changes: Mapping[str, Json]) -> None:
    """Merge `changes` into a JSON object, object by object."""
    text = path.read_text("utf-8")
    rewrite(undo, path, json.dumps(merged(json.loads(text), changes), indent=2) + text[len(text.rstrip()) :])


def merged(value: Json, changes: Mapping[str, Json]) -> Json:
    result = dict(value) if isinstance(value, dict) else {}
    for key, change in changes.items():
        result[key] = merged(result.get(key), change) if isinstance(change, dict) else change
    return result


def rewind_later(undo: ExitStack, clone: Path) -> None:
    """Take back what happens to a clone from here on: commits, branches, changed and new files."""
    branch = git(clone, "symbolic-ref", "--short", "HEAD")
    refs = git(clone, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()

    def rewind() -> None:
        git(clone, "checkout", "--quiet", "--force", "--detach")
        for ref in refs:
            git(clone, "update-ref", *ref.split())
        git(clone, "checkout", "--quiet", "--force", branch)
        git(clone, "clean", "--quiet", "--force", "-d")

    undo.callback(rewind)
