"""Puts together what an agent uses: the same answer from which `agent_run` starts it."""

from pathlib import Path
from typing import cast

from mcp_server.agents.explanation import Explanation, given
from mcp_server.agents.look_start import prepare
from mcp_server.clients import claude
from mcp_server.fleet.look_env import env_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.json_text import client_object
from mcp_server.logins.look_agent_login import agent_login
from mcp_server.logins.look_store import configs_beside
from mcp_server.operation.context import Context


def explain(ctx: Context, name: str) -> Explanation:
    """What `agent_run` would give to the agent; raises what that would raise."""
    start, agent = prepare(ctx, name), ctx.agent(name)
    variables = start.environment.variables
    home, login = variables.get(claude.CONFIG_DIR), agent_login(ctx, agent)
    config = agent.folder / claude.CONFIG_FILE
    return Explanation(
        agent.name,
        agent.client,
        agent.run_mode,
        agent.folder,
        start.command,
        login.store,
        f"{login.kind}: {login.source}",
        _account(ctx, login.store, config) if home and login.store else None,
        Path(home) if home else None,
        config if home else None,
        tuple(_settings(ctx, agent, Path(home))) if home else (),
        tuple(given(start.environment)),
        start.environment.withheld,
        env_of(ctx.world, agent).unread,
    )


def _account(ctx: Context, store: Path, config: Path) -> str | None:
    """The address of the account of a store, as the configs beside it say; else the one in the agent's config."""
    found = (_address(ctx, each) for each in (*configs_beside(store), config))
    return next((address for address in found if address), None)


def _address(ctx: Context, config: Path) -> str | None:
    """The address of the account in a config, which Claude Code fills in after a login."""
    try:
        data = ctx.world.files.read(ctx.world.files.real(config), 50_000_000)
        account = client_object(data, config).get(claude.ACCOUNT)
    except OpsError:
        return None
    address = cast("dict[str, object]", account).get("emailAddress") if isinstance(account, dict) else None
    return str(address) if address else None


def _settings(ctx: Context, agent: Agent, home: Path) -> list[Path]:
    """The settings files that exist or are made at the start."""
    of_clone = agent.folder / claude.CONFIG_FOLDER
    own = [of_clone / name for name in (claude.SETTINGS_FILE, claude.LOCAL_SETTINGS_FILE)]
    return [home / claude.SETTINGS_FILE, *(path for path in own if ctx.world.files.kind(path) != "absent")]
