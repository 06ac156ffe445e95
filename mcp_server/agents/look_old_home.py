"""Finds what Claude Code wrote into an agent's clone, as it does where that is its config folder."""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mcp_server.clients import claude
from mcp_server.clients.claude_home import ALSO_USERS, SIGNS, WORDS
from mcp_server.fleet.look_home import home_of
from mcp_server.kernel.inventory import Agent
from mcp_server.logins.look_agent_login import agent_login
from mcp_server.operation.context import Context

_TOPS = ("projects", "sessions", "history.jsonl", ".last-cleanup", "backups", "file-history")
_DEEP = 3
"Levels below a config folder at which the signs of one are."


@dataclass(frozen=True)
class OldHome:
    """What a client wrote into an agent's clone: each path, and the place for it in the agent's own folder.

    `pids` are running sessions that still write there.
    """

    agent: Agent
    moves: tuple[tuple[Path, Path], ...]
    pids: tuple[int, ...]


def look_at_old_home(ctx: Context, agent: Agent) -> OldHome:
    """What is in the clone of an agent on this host; no moves for a clone that is in order."""
    if agent.client != "claude" or agent.run_mode == "docker":
        return OldHome(agent, (), ())
    folders = (agent.folder, agent.folder / claude.CONFIG_FOLDER)
    moves = tuple(move for folder in folders for move in _moves(ctx, agent, folder))
    return OldHome(agent, moves, _writers(ctx, agent, folders) if moves else ())


def exposed_folder(ctx: Context, agent: Agent) -> str | None:
    """The config folder of Codex or Gemini, relative to the clone, if it is in there and git does not ignore it.

    Whatever such a client writes is below this one folder.
    """
    git, real = ctx.world.git, ctx.world.files.real
    if agent.client == "claude" or agent.run_mode == "docker" or git.clone_root(agent.folder) is None:
        return None
    store, clone = agent_login(ctx, agent).store, real(agent.folder)
    if store is None or not store.is_relative_to(clone) or store == clone:
        return None
    name = str(store.relative_to(clone))
    return name if git.unignored(agent.folder, [f"{name}/anything"]) else None


def left_by_container(ctx: Context, agent: Agent) -> tuple[Path, ...]:
    """What a client in the agent's container, or an earlier one on the host, wrote into the clone."""
    if agent.client != "claude" or agent.run_mode == "host":
        return ()
    return tuple(source for source, _ in _moves(ctx, agent, agent.folder))


def _writers(ctx: Context, agent: Agent, folders: Collection[Path]) -> tuple[int, ...]:
    """The agent's processes for which one of these is the config folder."""
    real = [ctx.world.files.real(folder) for folder in folders]
    named = ((each.pid, each.folders.get(claude.CONFIG_DIR)) for each in ctx.running.get(agent.name, ()))
    return tuple(pid for pid, folder in named if folder and ctx.world.files.real(folder) in real)


def _moves(ctx: Context, agent: Agent, folder: Path) -> Iterator[tuple[Path, Path]]:
    """The files and folders of the client directly below `folder`, without those that git tracks."""
    files = ctx.world.files
    if not files.holds(folder, _TOPS):  # the usual case
        return
    found = ctx.world.git.untracked(folder, (*WORDS, *(ALSO_USERS if folder == agent.folder else ())))
    signs = (name for top in _TOPS for name in _below(ctx, folder, top, _DEEP))
    if not any(SIGNS.fullmatch(name) for name in signs if any(_covers(path, name) for path in found)):
        return
    home = home_of(ctx, agent)
    for name in found:
        yield folder / name, home / name


def _covers(path: str, name: str) -> bool:
    return name == path or name.startswith(f"{path}/")


def _below(ctx: Context, folder: Path, name: str, depth: int) -> Iterator[str]:
    if ctx.world.files.kind(folder / name) != "folder":
        yield name
    elif depth > 1:
        for below in ctx.world.files.names(folder / name):
            yield from _below(ctx, folder, f"{name}/{below}", depth - 1)
    else:
        yield name


def plan_digest(found: Sequence[OldHome]) -> str:
    """The name of a plan: it changes with each agent and each path to be moved."""
    parts = [[old.agent.name, *(str(source) for source, _ in old.moves)] for old in found]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
