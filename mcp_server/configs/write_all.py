"""Syncs the configs of many agents, several at a time, and updates the in-sync cache."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from mcp_server.configs.look_after_write import RecentWrite, after_next_write
from mcp_server.configs.look_backups import replacement_digest
from mcp_server.configs.look_configs import ConfigLook, look_at
from mcp_server.configs.look_file import AgentConfig
from mcp_server.configs.look_in_sync import InSyncCache, path_of
from mcp_server.configs.three_way import is_written
from mcp_server.configs.write_agent import SyncedAgent, SyncRun, sync_agent


def sync_all(sync: SyncRun, looks: Sequence[ConfigLook], jobs: int) -> dict[Path, SyncedAgent]:
    """Sync these configs, `jobs` at a time; those of agents with a running session come last."""
    running = set[str]()
    if any(_has_changes(sync, look) for look in looks):
        running = {name for name, processes in sync.ctx.running.items() if processes}
    rows: dict[Path, SyncedAgent] = {}
    step = sync.ctx.steps(len(looks), "configs written")

    def sync_one(look: ConfigLook) -> SyncedAgent:
        step()
        return sync_agent(sync, look)

    with ThreadPoolExecutor(jobs) as pool:
        for live in (False, True):
            turn = [look for look in looks if (look.file.agent.name in running) is live]
            rows |= {row.path: row for row in pool.map(sync_one, turn)}
    return rows


def recheck(
    sync: SyncRun, looks: Sequence[ConfigLook], rows: Mapping[Path, SyncedAgent], patience: float
) -> Iterator[tuple[Path, SyncedAgent]]:
    """The rows of running agents, updated after their sessions' next write; needs no lock, so other syncs may run."""
    applied = [look.file for look in looks if rows[look.file.path].state == "applied"]
    writes = [
        RecentWrite(file, row.applied, replacement_digest(sync.ctx.world, row.backup))
        for file in applied
        if sync.ctx.running.get(file.agent.name) and (row := rows[file.path]).backup
    ]
    for file, message, undone in after_next_write(sync.ctx, writes, sync.masters, patience):
        row = rows[file.path]
        state, step = ("failed", "Plan again: ops config plan") if undone else (row.state, row.next)
        yield row.path, replace(row, state=state, why=f"{row.why}; {message}", next=step)


def update_cache(
    sync: SyncRun, cache: InSyncCache, files: Sequence[AgentConfig], looks: Sequence[ConfigLook]
) -> None:
    """Store for the next plan which of the fleet's `files` are in sync. Those just synced are compared again."""
    stamped = [(look.file, sync.ctx.world.files.stamp(path_of(look.file))) for look in looks]
    compared = [(file, stamp, look_at(sync.ctx, file, sync.masters)) for file, stamp in stamped if stamp]
    in_sync = (each for each in compared if each[2].state == "in_sync" and not each[2].accepted)
    cache.store(((file, stamp, look.digest) for file, stamp, look in in_sync), files)


def _has_changes(sync: SyncRun, look: ConfigLook) -> bool:
    changed = any(is_written(change.state, sync.choice.at(change.pointer)) for change in look.changes)
    return changed or any(is_written("kept", sync.choice.at(at)) for at in look.accepted)
