"""What the guard contributes to the audit: whether each clone's guard is in force, and where it stopped being so."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

from mcp_server.guard.look_installed import HooksOf, guard_state, tested_at
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context


def guard_findings(ctx: Context, agents: Sequence[Agent], hooks: Mapping[str, HooksOf]) -> Contribution:
    """The columns `guard` and `guard_tested`. A clone that never had a guard is no finding.

    `hooks`, by agent name, is where git looks for the hooks of each clone that could be read.
    """
    looked = [agent for agent in agents if agent.name in hooks]
    guards: dict[str, str] = {a.name: guard_state(ctx.world, a.folder, hooks[a.name]) for a in looked}
    tested = {a.name: when for a in looked if (when := tested_at(ctx.world, hooks[a.name].common))}
    stopped = [agent for agent in looked if guards[agent.name] == "inert" and agent.name in tested]
    concerns = [
        Concern((agent.name,), _inert(agent, tested[agent.name], hooks[agent.name].astray)) for agent in stopped
    ]
    untested = [agent for agent in looked if guards[agent.name] == "unknown"]
    concerns += [Concern((agent.name,), _untested(agent)) for agent in untested]
    return Contribution(tuple(concerns), {"guard": guards, "guard_tested": tested})


def _inert(agent: Agent, tested: str, astray: Sequence[Path]) -> Finding:
    where = f" in {', '.join(map(str, astray))}, where git looks for hooks elsewhere" if astray else ""
    message = f"the guard was tested ({tested}), and is not in force{where}"
    step = f"ops guard install {' '.join(quote(str(folder)) for folder in astray or (agent.folder,))}"
    return Finding("guard_inert", "warning", message, step)


def _untested(agent: Agent) -> Finding:
    message = "whether its guard is in force is not known: it was never tested, or its files cannot be read"
    return Finding("guard_untested", "notice", message, f"ops guard test {quote(str(agent.folder))}", unknown=True)
