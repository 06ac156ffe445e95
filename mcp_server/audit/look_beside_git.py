"""What an audit looks at while git reads the clones. A module of its own because it loads every package."""

from collections.abc import Mapping, Sequence

from mcp_server.agents.findings import home_findings
from mcp_server.audit.findings import client_findings, disk_findings
from mcp_server.configs.findings import config_findings
from mcp_server.fleet.findings import env_findings
from mcp_server.kernel.finding import Contribution
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.findings import index_findings
from mcp_server.logins.findings import login_findings
from mcp_server.operation.context import Context
from mcp_server.workflow.findings import lock_findings
from mcp_server.workflow.look_git_locks import locks_in


def beside_git(
    ctx: Context, agents: Sequence[Agent], installed: Mapping[str, str | None]
) -> tuple[Contribution, ...]:
    """What each package finds without the state of the clones; `installed` has the version of each client."""
    locks = {agent.name: locks_in(ctx.world, agent.folder) for agent in agents}
    present = [agent for agent in agents if _is_present(agent)]
    return (
        lock_findings(ctx, locks),
        disk_findings(ctx),
        client_findings(ctx, agents, installed),
        config_findings(ctx, present),
        env_findings(ctx, present),
        home_findings(ctx, present),
        login_findings(ctx, agents),
        index_findings(ctx),
    )


def _is_present(agent: Agent) -> bool:
    """Whether the agent's folder exists, even if it cannot be read."""
    try:
        return agent.folder.is_dir()
    except OSError:
        return True
