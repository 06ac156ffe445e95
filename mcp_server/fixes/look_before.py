"""What a step may change, as it is at this moment: files with their modes, and the branches of a clone."""

from base64 import b64encode
from pathlib import Path
from typing import Any

from mcp_server.fixes.steps import AppendLine, ChangeMode, RemoveMember, RunCommand, Step, WriteFile
from mcp_server.operation.context import Context


def seen(ctx: Context, step: Step) -> dict[str, Any]:
    """The state before or after a step, as JSON. Equal states are equal documents."""
    match step:
        case WriteFile() | AppendLine() | RemoveMember():
            return {"files": {str(step.path): content(ctx, step.path)}}
        case ChangeMode():
            return {"modes": {str(step.path): ctx.world.files.mode(step.path)}}
        case RunCommand():
            files = {str(path): content(ctx, path) for path in step.files}
            return {"files": files, **(branches(ctx, step.clone) if step.clone else {})}


def branches(ctx: Context, clone: Path) -> dict[str, Any]:
    """The branch that is checked out, HEAD's commit, and the commit of each local branch."""
    state, refs = ctx.world.git.state(clone), ctx.world.git.refs(clone)
    local = {ref: commit for ref, commit in refs.items() if ref.startswith("refs/heads/")}
    return {"clone": str(clone), "branch": state.branch, "head": state.head, "refs": local}


def content(ctx: Context, path: Path) -> list[Any] | None:
    """A file's bytes, in base64, and its mode; None where there is none."""
    if ctx.world.files.kind(path) != "file":
        return None
    return [b64encode(ctx.world.files.read(path)).decode(), ctx.world.files.mode(path)]
