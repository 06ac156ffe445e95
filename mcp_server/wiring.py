"""The composition root: real adapters, the context of one call, and the catalogue of operations."""

import sys
from collections.abc import Mapping
from pathlib import Path

from mcp_server.adapters.claude import OfficialClaude
from mcp_server.adapters.clock import SystemClock
from mcp_server.adapters.discovery import locate
from mcp_server.adapters.files import DiskFiles
from mcp_server.adapters.git import GitPythonGit
from mcp_server.operations import configs, docs, fleet, incidents, index, render, runbooks, tokens
from mcp_server.ports import Context, Operation, World


def catalogue() -> tuple[Operation, ...]:
    """What the MCP server and the command line both offer, in the order a reader meets them."""
    return (
        index.INDEX_CHECK,
        runbooks.RUNBOOK_READ,
        fleet.FLEET_AUDIT,
        tokens.TOKEN_CHECK,
        tokens.TOKEN_REFRESH,
        configs.CONFIG_PLAN,
        configs.CONFIG_SYNC,
        incidents.INCIDENT_OPEN,
    )


def shell_catalogue() -> tuple[Operation, ...]:
    """What the command line offers: the tools, and what only a person in a checkout needs."""
    return (*catalogue(), fleet.FLEET_INIT, docs.DOCS_CHECK, render.DOCS_RENDER)


def context_of(
    environment: Mapping[str, str], cwd: Path, *, fleet: Path | None = None, agent: str | None = None
) -> Context:
    """The context of one call by a process with this environment and folder; the fleet is located when asked for."""
    home = Path(environment.get("HOME") or Path.home())
    state = state_folder(environment, home)
    files, git = DiskFiles(state), GitPythonGit()
    world = World(
        files=files,
        git=git,
        claude=OfficialClaude(environment, state),
        clock=SystemClock(),
        environment=environment,
        cwd=cwd,
        home=home,
        state=state,
        pack=Path(__file__).resolve().parent.parent,
    )
    return Context(
        world, lambda: locate(files, environment, cwd, fleet), agent or environment.get("AGENT_NAME") or None
    )


def state_folder(environment: Mapping[str, str], home: Path) -> Path:
    """`OPS_HOME`, else the platform's place for state: locks, last-applied configs, backups, logs."""
    if environment.get("OPS_HOME"):
        return Path(environment["OPS_HOME"]).absolute()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "ops"
    return Path(environment.get("XDG_STATE_HOME") or home / ".local" / "state") / "ops"
