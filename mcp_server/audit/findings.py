"""The audit's own findings, about the host and the clients on it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Final

from mcp_server.activity.look_sessions import undated_sessions
from mcp_server.clients.tested import doubt
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context

_LEAST_FREE: Final = 1 << 30
"Bytes."
_CLIENT_PAGE: Final = "ops runbook read client-untested"


def disk_findings(ctx: Context) -> Contribution:
    free = ctx.world.disk.free(ctx.fleet.root)
    if free is None or free >= _LEAST_FREE:
        return Contribution(())
    message = f"{free >> 20} MiB are free on the disk of {ctx.fleet.root}"
    return Contribution((Concern((), Finding("disk_low", "warning", message, "ops runbook read disk-full")),))


def client_findings(ctx: Context, agents: Sequence[Agent], installed: Mapping[str, str | None]) -> Contribution:
    """What is not sure: a client is older than the tested one, has no version, or has other session files."""
    hosted = {agent.client for agent in agents if agent.run_mode == "host"}
    found = {client: installed[client] for client in sorted(hosted)}
    doubts = [said for client, version in found.items() if version is not None and (said := doubt(client, version))]
    versions = (Concern((), Finding("client_untested", "notice", said, _CLIENT_PAGE)) for said in doubts)
    return Contribution((*versions, *_session_findings(ctx)))


def _session_findings(ctx: Context) -> Iterator[Concern]:
    for session in undated_sessions(ctx):
        found = Finding("session_unknown", "notice", session.message, _CLIENT_PAGE, unknown=True)
        yield Concern((session.agent,), found)


def unseen_findings(ctx: Context, agents: Sequence[Agent], disk: Mapping[Path, int]) -> Contribution:
    """What could not be looked at on this host: processes, the size of folders, the container engine."""
    hosted = tuple(agent.name for agent in agents if agent.run_mode == "host")
    unseen = tuple(name for name in hosted if name not in ctx.running)
    unmeasured = [agent for agent in agents if agent.folder not in disk and agent.folder.is_dir()]
    found: list[Concern] = []
    if unseen:
        message = "which sessions run is not known: processes cannot be listed"
        found.append(Concern(unseen, Finding("processes_unseen", "notice", message, _CLIENT_PAGE, unknown=True)))
    if unmeasured:
        message = "the size of the folder is not known: it was not counted in time"
        step = f"du -sm {' '.join(quote(str(agent.folder)) for agent in unmeasured)}"
        names = tuple(agent.name for agent in unmeasured)
        found.append(Concern(names, Finding("disk_unmeasured", "notice", message, step, unknown=True)))
    if isinstance(ctx.engine, OpsError):
        contained = tuple(agent.name for agent in agents if agent.run_mode == "docker")
        silent = Finding.unread("engine_silent", ctx.engine)
        found += [Concern(contained, silent)] if contained else []
    return Contribution(tuple(found))
