"""Installs the guard's hook in the settings that Claude Code has for one clone, and removes it again."""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from mcp_server.clients.claude_hook import LOCAL_SETTINGS, add_hook, remove_hook
from mcp_server.guard.client_hook import MARK, command_for
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_layout import Layout, dump, layout_of
from mcp_server.kernel.json_text import parse_object
from mcp_server.operation.world import World

_EXCLUDED: Final = f"/{LOCAL_SETTINGS}\n"


@dataclass(frozen=True)
class Undo:
    """What uninstalling needs: a backup of the previous file, and a digest of what was written in its place."""

    backup: str | None
    wrote: str
    made_folder: bool
    excluded: bool
    "Whether a line was added to `.git/info/exclude`."


def install_hook(world: World, clone: Path, common: Path, before: Undo | None) -> Undo:
    """Merge the hook into the clone's settings. Other settings stay; a second run writes nothing."""
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


def _prepared(world: World, clone: Path, common: Path, old: bytes | None) -> Undo:
    """Make git ignore the file, and back up what it contains."""
    path = clone / LOCAL_SETTINGS
    excluded = _exclude(world, clone, common)
    if old is not None and world.git.exposed(clone, path):
        if excluded:
            _include(world, common)
        step = f"git rm --cached {LOCAL_SETTINGS}, then ops guard install"
        raise OpsError("conflict", f"git tracks {path}: a hook in it would be committed for everyone", step)
    run = world.clock.now().strftime("guard-%Y%m%d-%H%M%S")
    backup = None if old is None else str(world.files.keep(path, old, run))
    return Undo(backup, "", world.files.kind(path.parent) == "absent", excluded)


def remove_hook_from(world: World, clone: Path, common: Path, before: Undo, run: str) -> None:
    """Restore the previous file. If it was changed after the installation, remove the hook and keep the rest."""
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
    """Make git ignore the file; returns whether that took a new line."""
    if not world.git.unignored(clone, (LOCAL_SETTINGS,)):
        return False
    path = common / "info" / "exclude"
    old = world.files.read(path) if world.files.kind(path) == "file" else b""
    world.files.make_folder(path.parent, inside=common)
    lines = old if old.endswith(b"\n") or not old else old + b"\n"
    world.files.replace(path, lines + _EXCLUDED.encode(), inside=common, mode=0o644)
    return True


def _include(world: World, common: Path) -> None:
    """Remove the line that `_exclude` added."""
    path = common / "info" / "exclude"
    if world.files.kind(path) == "file":
        world.files.replace(path, world.files.read(path).replace(_EXCLUDED.encode(), b"", 1), inside=common)
