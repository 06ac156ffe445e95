"""The composition root: real adapters, the context of one call, and the catalogue of operations."""

import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from mcp_server.adapters.checks import run_check
from mcp_server.adapters.claude import OfficialClaude
from mcp_server.adapters.clock import SystemClock
from mcp_server.adapters.discovery import locate
from mcp_server.adapters.disk import DuDisk
from mcp_server.adapters.docker import DockerContainers
from mcp_server.adapters.files import DiskFiles
from mcp_server.adapters.gemini import GeminiCli
from mcp_server.adapters.gh import GhHub
from mcp_server.adapters.git import GitPythonGit
from mcp_server.adapters.grant import RefreshGrants
from mcp_server.adapters.http import HttpxHttp
from mcp_server.adapters.index_cache import IndexCache
from mcp_server.adapters.keyring import secret_of
from mcp_server.adapters.launch import become, consult
from mcp_server.adapters.processes import ProcProcesses
from mcp_server.adapters.terminal import ask_in_terminal
from mcp_server.domain.offered import Offered
from mcp_server.domain.places import state_folder
from mcp_server.operations import (
    adrs,
    agents,
    bearers,
    branch_start,
    commit,
    config_back,
    config_plan,
    config_sync,
    consolidate,
    docs,
    docs_fix,
    fleet,
    fleet_pull,
    guard,
    guard_hooks,
    guard_server,
    incident_list,
    incident_report,
    incident_update,
    incidents,
    index,
    notices,
    pull_request_merge,
    pull_requests,
    release,
    render,
    research,
    role,
    runbook_add,
    runbooks,
    session,
    token_refresh,
    token_watch,
    tokens,
)
from mcp_server.ports import Context, Operation, World


def catalogue() -> tuple[Operation, ...]:
    """What the MCP server and the command line both offer, in the order a reader meets them."""
    return (
        index.INDEX_CHECK,
        runbooks.RUNBOOK_READ,
        fleet.FLEET_AUDIT,
        tokens.TOKEN_CHECK,
        token_refresh.TOKEN_REFRESH,
        config_plan.CONFIG_PLAN,
        config_sync.CONFIG_SYNC,
        incidents.INCIDENT_OPEN,
        incident_update.INCIDENT_UPDATE,
        incident_list.INCIDENT_LIST,
        adrs.ADR_PROPOSE,
        release.RELEASE_PLAN,
        release.RELEASE_STEP,
        runbook_add.RUNBOOK_ADD,
        research.RESEARCH_WRITE,
        docs.DOCS_CHECK,
        guard.GUARD_CHECK,
        branch_start.BRANCH_START,
        pull_requests.PR_CREATE,
    )


def shell_catalogue() -> tuple[Operation, ...]:
    """What the command line offers: the tools, and what only a person in a checkout needs."""
    return (
        *catalogue(),
        commit.COMMIT,
        pull_requests.PR_APPROVE,
        pull_requests.PR_TYPED,
        pull_request_merge.PR_MERGE,
        fleet_pull.FLEET_PULL,
        adrs.ADR_STATUS,
        incident_report.INCIDENT_REPORT,
        consolidate.TOKEN_CONSOLIDATE,
        notices.NOTICE_SEND,
        notices.NOTICE_HOOK,
        token_watch.TOKEN_WATCH,
        token_watch.TOKEN_SYSTEMD,
        session.SESSION_START,
        role.ROLE,
        config_back.CONFIG_ROLLBACK,
        config_back.CONFIG_CAPTURE,
        agents.AGENT_RUN,
        agents.AGENT_ENV,
        fleet.FLEET_INIT,
        guard_hooks.GUARD_INSTALL,
        guard_hooks.GUARD_UNINSTALL,
        guard_hooks.GUARD_TEST,
        guard_server.GUARD_SERVER,
        docs_fix.DOCS_FIX,
        render.DOCS_RENDER,
        bearers.SERVE_TOKEN_ADD,
        bearers.SERVE_TOKEN_LIST,
        bearers.SERVE_TOKEN_REVOKE,
    )


def offered() -> Offered:
    """The names that a page may use."""
    calls = frozenset(operation.name for operation in shell_catalogue() if not operation.flag_of)
    return Offered(frozenset(operation.name for operation in catalogue()), calls)


@cache
def _indexes(state: Path) -> IndexCache:
    """One for all calls of this process: it keeps what it built."""
    return IndexCache(DiskFiles(state), state / "cache")


def context_of(
    environment: Mapping[str, str], cwd: Path, *, fleet: Path | None = None, agent: str | None = None
) -> Context:
    """The context of one call by a process with this environment and folder; the fleet is located when asked for."""
    home = Path(environment.get("HOME") or Path.home())
    state = state_folder(environment, home)
    files, git = DiskFiles(state), GitPythonGit(environment)
    http = HttpxHttp()
    world = World(
        files=files,
        git=git,
        hub=GhHub(environment),
        claude=OfficialClaude(environment, state),
        processes=ProcProcesses(),
        disk=DuDisk(),
        containers=DockerContainers(environment),
        indexes=_indexes(state),
        http=http,
        grants=RefreshGrants(files, http, state),
        research=GeminiCli(environment),
        clock=SystemClock(),
        become=become,
        consult=partial(consult, environment=environment),
        check=partial(run_check, environment=environment),
        secret=partial(secret_of, environment=environment),
        ask=ask_in_terminal,
        terminal=sys.stdin is not None and sys.stdin.isatty(),
        environment=environment,
        cwd=cwd,
        home=home,
        state=state,
        pack=Path(__file__).resolve().parent.parent,
    )
    return Context(
        world,
        lambda: locate(files, environment, cwd, fleet),
        agent or environment.get("AGENT_NAME") or None,
        offered(),
    )
