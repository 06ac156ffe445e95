"""Takes a step of a repair, and takes it back if nothing has changed since."""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import join
from typing import Any, Final, cast

from mcp_server.configs.look_file import decode, encode
from mcp_server.fixes.look_before import branches, content, seen
from mcp_server.fixes.steps import AppendLine, ChangeMode, RemoveMember, RunCommand, Step, WriteFile
from mcp_server.fixes.write_record import Record
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.json_edit import edit_json
from mcp_server.kernel.pointer import ABSENT
from mcp_server.kernel.secrets.detector import scrub
from mcp_server.operation.context import Context

_DONE: Final = {"ops": (0, 1), "git": (0,)}
"Exit codes of a program that did its work; `ops` ends with 1 if something else is still wrong."


def take(ctx: Context, record: Record, step: Step, inside: Path) -> None:
    """Take one step. Raises `conflict` if its command fails."""
    before, inside = seen(ctx, step), getattr(step, "inside", inside)
    record.add(event="begun", step=step.shown, inside=str(inside), before=before)
    answer = _do(ctx, step)
    undo = [part.replace("{run}", str(answer.get("run", ""))) for part in getattr(step, "undo", ())]
    record.add(event="done", step=step.shown, inside=str(inside), before=before, after=seen(ctx, step), undo=undo)


def _do(ctx: Context, step: Step) -> Mapping[str, Any]:
    match step:
        case WriteFile(data=None):
            step.path.unlink()
        case WriteFile():
            ctx.world.files.replace(step.path, step.data or b"", inside=step.inside, mode=step.mode)
        case AppendLine():
            before = ctx.world.files.read(step.path) if ctx.world.files.kind(step.path) == "file" else b""
            end = b"" if not before or before.endswith(b"\n") else b"\n"
            data = before + end + f"{step.line}\n".encode()
            ctx.world.files.replace(step.path, data, inside=step.inside, mode=0o644)
        case RemoveMember():
            text = decode(ctx.world.files.read(step.path))
            data = encode(edit_json(text, {step.pointer: ABSENT}))
            ctx.world.files.replace(step.path, data, inside=step.inside)
        case ChangeMode():
            step.path.chmod(step.mode)
        case RunCommand():
            return run(ctx, step.command, step.folder)
    return {}


def run(ctx: Context, command: tuple[str, ...], folder: Path) -> Mapping[str, Any]:
    """Run a command of git or ops; returns the JSON document that it prints, if it prints one."""
    program = str(ctx.world.pack / "bin" / "ops") if command[0] == "ops" else command[0]
    done = ctx.world.run_program([program, *command[1:]], "", folder)
    if done.code not in _DONE[command[0]]:
        reason = scrub((done.error or done.out).strip())[-400:]
        problem = f"{' '.join(command[:3])} failed: {shown(reason, 400)}"
        raise OpsError("conflict", problem, f"Run it by hand to see why: {join(command)}")
    try:
        answer = json.loads(done.out)
    except ValueError:
        return {}
    return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}


def take_back(ctx: Context, entry: Mapping[str, Any]) -> Iterator[str]:
    """Take one recorded step back; yields what could not be taken back, and why."""
    if entry.get("undo"):
        run(ctx, tuple(entry["undo"]), Path(entry["inside"]))
        return
    after = entry.get("after", entry["before"])
    before, inside = entry["before"], Path(entry["inside"])
    for path, old in before.get("files", {}).items():
        yield from _restore(ctx, Path(path), inside, old, after["files"][path])
    for path, mode in before.get("modes", {}).items():
        Path(path).chmod(mode)
    if "clone" in before and before != after:
        yield from _move_back(ctx, Path(before["clone"]), before, after)
    if before == after and entry["event"] == "done":
        yield f"{entry['step']}: it changed nothing that can be taken back"


def _restore(ctx: Context, path: Path, inside: Path, before: Any, after: Any) -> Iterator[str]:
    now = content(ctx, path)
    if now == before:
        return
    if now != after:
        yield f"{path} has changed since, and stays as it is"
    elif before is None:
        path.unlink()
    else:
        ctx.world.files.replace(path, b64decode(before[0]), inside=inside, mode=before[1])


def _move_back(ctx: Context, clone: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Check out what was checked out, then put back each branch that is where the step left it."""
    now = branches(ctx, clone)
    if (now["branch"], now["head"]) != (after["branch"], after["head"]):
        yield f"{clone} has other commits or another branch checked out since, and stays as it is"
        return
    git = ("git", "-C", str(clone))
    if before["branch"] != after["branch"]:
        target = ["--no-guess", before["branch"]] if before["branch"] else ["--detach", before["head"]]
        run(ctx, (*git, "switch", "--quiet", *target), clone)
    elif before["head"] != after["head"] and before["head"]:
        run(ctx, (*git, "reset", "--quiet", "--keep", before["head"]), clone)
    for ref in sorted({*before["refs"], *after["refs"]}):
        old, new = before["refs"].get(ref), after["refs"].get(ref)
        if old == new or branches(ctx, clone)["refs"].get(ref) != new:
            continue
        change = ["update-ref", ref, old, new or ""] if old else ["update-ref", "-d", ref, new]
        run(ctx, (*git, *change), clone)
