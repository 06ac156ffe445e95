"""The guard's hook in a clone's own settings of Claude Code: merged in, taken out again, and tried."""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from mcp_server.clients.claude_hook import LOCAL_SETTINGS, add_hook, remove_hook
from mcp_server.guard.client_hook import MARK, command_for
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import Layout, dump, layout_of, parse_object
from mcp_server.operation.world import World

_EXCLUDED: Final = f"/{LOCAL_SETTINGS}\n"


@dataclass(frozen=True)
class Before:
    """What uninstalling needs: a backup of the file that stood there, a digest of what was written in its place."""

    backup: str | None
    wrote: str
    made_folder: bool
    excluded: bool
    "Whether a line was added to `.git/info/exclude`."


def put_hook(world: World, clone: Path, common: Path, before: Before | None) -> Before:
    """Merge our hook into the clone's settings; what else stands there stays. Nothing is written the second time."""
    files, path = world.files, clone / LOCAL_SETTINGS
    old = files.read(path) if files.kind(path) != "absent" else None
    text = old.decode() if old else "{}"
    wanted = add_hook(parse_object(text, path), command_for(str(world.pack)), MARK)
    new = dump(wanted, layout_of(text) if old else Layout()).encode()
    if new == old and before:
        return before
    first = before or _prepared(world, clone, common, old)
    if first.made_folder:
        files.make_folder(path.parent, inside=clone)
    files.replace(path, new, inside=clone)
    return replace(first, wrote=sha256(new).hexdigest())


def _prepared(world: World, clone: Path, common: Path, old: bytes | None) -> Before:
    """Have git ignore the file, and keep what stands there."""
    path = clone / LOCAL_SETTINGS
    excluded = _exclude(world, clone, common)
    if old is not None and world.git.exposed(clone, path):
        if excluded:
            _include(world, common)
        step = f"git rm --cached {LOCAL_SETTINGS}, then ops guard install"
        raise OpsError("conflict", f"git tracks {path}, so that a hook in it would be everybody's", step)
    run = world.clock.now().strftime("guard-%Y%m%d-%H%M%S")
    backup = None if old is None else str(world.files.keep(path, old, run))
    return Before(backup, "", world.files.kind(path.parent) == "absent", excluded)


def take_hook(world: World, clone: Path, common: Path, before: Before, run: str) -> None:
    """Put the bytes back that stood there; where somebody wrote meanwhile, only our hook goes."""
    files, path = world.files, clone / LOCAL_SETTINGS
    if files.kind(path) != "absent":
        now = files.read(path)
        unchanged = sha256(now).hexdigest() == before.wrote
        if unchanged and before.backup is None:
            files.set_aside(path, run)
        elif unchanged and before.backup and files.kind(Path(before.backup)) == "file":
            files.replace(path, files.read(Path(before.backup)), inside=clone)
        else:
            left = remove_hook(parse_object(now.decode(), path), MARK)
            files.replace(path, dump(left, layout_of(now.decode())).encode(), inside=clone)
    if before.made_folder and files.kind(path.parent) == "folder" and not files.names(path.parent):
        files.take_folder(path.parent)
    if before.excluded:
        _include(world, common)


def _exclude(world: World, clone: Path, common: Path) -> bool:
    """Have git ignore the file where it would not; whether a line was added."""
    if not world.git.unignored(clone, (LOCAL_SETTINGS,)):
        return False
    path = common / "info" / "exclude"
    old = world.files.read(path) if world.files.kind(path) == "file" else b""
    world.files.make_folder(path.parent, inside=common)
    lines = old if old.endswith(b"\n") or not old else old + b"\n"
    world.files.replace(path, lines + _EXCLUDED.encode(), inside=common, mode=0o644)
    return True


def _include(world: World, common: Path) -> None:
    """Take that line out again."""
    path = common / "info" / "exclude"
    if world.files.kind(path) == "file":
        world.files.replace(path, world.files.read(path).replace(_EXCLUDED.encode(), b"", 1), inside=common)
