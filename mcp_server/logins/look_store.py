"""Reads one credential store, and the lock that a client holds while it renews the login in it."""

import errno
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shlex import quote
from typing import Final, cast

from mcp_server.clients import claude
from mcp_server.fleet.look_home import users_folder
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import client_object
from mcp_server.logins.claude_login import parse as parse_login
from mcp_server.logins.claude_login import state_of
from mcp_server.logins.codex_and_gemini import ClientStore
from mcp_server.logins.store import Store
from mcp_server.operation.context import Context
from mcp_server.operation.world import World

_ROOM: Final = 64 * 1024
"Bytes that have to be free for a renewal."


_LARGEST: Final = 50_000_000
"Bytes of a config: one of several megabytes is usual."


def read_store(world: World, folder: Path, agents: tuple[str, ...], other: ClientStore | None = None) -> Store:
    """The store in `folder` as it is now: Claude Code's, or that of the client `other`."""
    file, parse, client = (
        (other.file, other.parse, other.client) if other else (claude.STORE_FILE, parse_login, claude.PROGRAM)
    )
    path = folder / file
    command = _login_command(world, folder, other)
    absent = Store(path, "absent", None, None, None, agents, client, login_command=command)
    try:
        data = world.files.read(path)
    except OpsError as error:
        if other is None and sys.platform == "darwin" and error.kind == "not_found":
            return replace(absent, state="in_keychain")
        return absent if error.kind == "not_found" else _unreadable(absent, error.message)
    try:
        login = parse(data)
    except OpsError as error:
        return _unreadable(absent, f"{path} holds no login that can be read: {error.message}")
    if login is None:
        return replace(absent, problems=(f"{path} holds no login",))
    refreshing = other is None and is_refreshing(world, folder)
    return replace(
        absent,
        state=state_of(login, world.clock.now(), refreshing=refreshing),
        access_expires_at=login.access_expires_at,
        login_expires_at=login.login_expires_at,
        generation=login.generation,
        account=login.account if other else _account_at(world, folder),
    )


def _account_at(world: World, folder: Path) -> str | None:
    """Whose login is in a folder, as the configs beside it say; None if they do not, or not the same."""
    found = {account for config in configs_beside(folder) if (account := _account_in(world, config))}
    return found.pop() if len(found) == 1 else None


def configs_beside(folder: Path) -> tuple[Path, ...]:
    """The configs that may say whose login is in a folder."""
    homes = (folder, folder.parent) if folder.name == claude.CONFIG_FOLDER else (folder,)
    return tuple(home / claude.CONFIG_FILE for home in homes)


def _account_in(world: World, config: Path) -> str | None:
    try:
        account = client_object(world.files.read(config, _LARGEST), config).get(claude.ACCOUNT)
    except OpsError:
        return None
    found = cast("Mapping[str, object]", account).get(claude.ACCOUNT_ID) if isinstance(account, dict) else None
    return found if isinstance(found, str) and found else None


def lock_age(world: World, folder: Path) -> timedelta | None:
    """Time since the holder of the store's refresh lock last touched it; None if nobody holds it."""
    lock = folder / claude.REFRESH_LOCK
    try:
        return None if world.files.kind(lock) == "absent" else world.clock.now() - world.files.modified(lock)
    except OpsError:
        return None


def is_refreshing(world: World, folder: Path) -> bool:
    """Whether a living client holds the store's refresh lock."""
    age = lock_age(world, folder)
    return age is not None and age <= claude.LOCK_DIES_AFTER


def unsavable(world: World, store: Store) -> OpsError | None:
    """Why a renewal of this store's login could not be saved; None if nothing speaks against it.

    Clients rotate the token before they try to save it: a renewal that cannot be saved ends the login.
    """
    reason = world.files.hindrance(store.path, _ROOM)
    if reason is None:
        return None
    message = f"a renewal could not be saved at {store.path}: {reason}; the next one would end the login"
    return OpsError("unavailable", message, savable_step(store.path, reason))


def savable_step(path: Path, reason: str) -> str:
    """What lets a renewal be saved at `path` again."""
    folder = quote(str(path.parent))
    if "immutable" in reason:
        return f"chattr -i {quote(str(path))}"
    if reason == os.strerror(errno.EACCES):
        return f"Let the user of its agents write in {path.parent}, see: ls -ld {folder}"
    return f"Free space or rights in {path.parent}, see: df -h {folder}"


def host_store(ctx: Context) -> Path:
    """The folder of the host's login: named in `fleet.toml`, else in the caller's environment, else `~/.claude`."""
    world = ctx.world
    if ctx.fleet.store:
        return ctx.fleet.store
    if storage := world.environment.get(claude.STORE_DIR):
        return world.cwd / storage
    return users_folder(ctx)


def other_host_store(ctx: Context, other: ClientStore) -> Path:
    """The folder of the host's login of another client: named in the caller's environment, else the usual one."""
    named = ctx.world.environment.get(other.variable)
    if named and ctx.holding(ctx.world.cwd / named) is None:
        return ctx.world.cwd / other.path(named, "")
    return Path(other.path(None, str(ctx.world.home)))


def _login_command(world: World, folder: Path, other: ClientStore | None) -> str:
    if other:
        return f"{other.variable}={quote(str(other.named_by(folder)))} {other.login_command}"
    usual = folder == world.files.real(world.home / claude.CONFIG_FOLDER)
    variable = "" if usual else f"{claude.STORE_DIR}={quote(str(folder))} "
    return f"{variable}claude, then /login"


def _unreadable(absent: Store, problem: str) -> Store:
    return replace(absent, state="unreadable", problems=(problem,))
