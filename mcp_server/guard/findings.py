"""What the guard contributes to the audit: whether each clone's guard is in force, and where it stopped being so."""

from collections.abc import Sequence
from shlex import quote

from mcp_server.guard.look_installed import guard_state, tested_at
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context


def guard_findings(ctx: Context, agents: Sequence[Agent]) -> Contribution:
    """The columns `guard` and `guard_tested`. A clone that never had a guard is no finding."""
    guards: dict[str, str] = {agent.name: guard_state(ctx.world, agent.folder) for agent in agents}
    tested = {agent.name: when for agent in agents if (when := tested_at(ctx.world, agent.folder))}
    stopped = [agent for agent in agents if guards[agent.name] == "inert" and agent.name in tested]
    concerns = [Concern((agent.name,), _inert(agent, tested[agent.name])) for agent in stopped]
    untested = [agent for agent in agents if guards[agent.name] == "unknown"]
    concerns += [Concern((agent.name,), _untested(agent)) for agent in untested]
    return Contribution(tuple(concerns), {"guard": guards, "guard_tested": tested})


def _inert(agent: Agent, tested: str) -> Finding:
    message = f"the guard was in force when it was tested ({tested}), and no longer is"
    step = f"ops guard install {quote(str(agent.folder))}"
    return Finding("guard_inert", "warning", message, step)


def _untested(agent: Agent) -> Finding:
    message = "whether its guard is in force is not known: it was never tested, or its files cannot be read"
    return Finding("guard_untested", "notice", message, f"ops guard test {quote(str(agent.folder))}", unknown=True)
