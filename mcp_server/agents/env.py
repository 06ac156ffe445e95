"""`agent_env`: what an agent is started with, as lines for a shell."""

from mcp_server.agents.environment import AgentStart
from mcp_server.agents.explanation import Explanation
from mcp_server.agents.explanation import text as explained
from mcp_server.agents.look_explanation import explain
from mcp_server.agents.look_start import prepare
from mcp_server.agents.shell_lines import exports, note, settable, unset
from mcp_server.agents.write_home import make_home
from mcp_server.kernel.checked import Field
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class EnvParams(Params):
    name: str = Field(max_length=64, description="Name of the agent")
    explain: bool = Field(
        default=False, description="Say what it uses instead: login, config, settings, each variable and why"
    )
    reveal: bool = Field(default=False, description="Print the values of its .env as well, for a shell to evaluate")


def _env(ctx: Context, params: EnvParams) -> AgentStart | Explanation:
    if params.explain:
        return explain(ctx, params.name)
    start = prepare(ctx, params.name, reveal=params.reveal)
    make_home(ctx, ctx.agent(params.name))
    return start


def _text(start: AgentStart | Explanation) -> str:
    if isinstance(start, Explanation):
        return explained(start)
    values = start.environment.values
    lines = [*exports(start.variables.items()), *unset(start.withheld)]
    if start.revealed:
        lines += exports((name, value.reveal()) for name, value in values.items())
    elif values:
        lines += [note(f"of its .env: {', '.join(values)}"), f'eval "$({start.revealing})"']
    if unsettable := [name for name in values if not settable(name)]:
        lines.append(note(f"not for a shell, given by ops agent run: {', '.join(unsettable)}"))
    return "\n".join(lines)


AGENT_ENV = Operation(
    name="agent_env",
    title="An agent's variables",
    summary='Print what an agent is started with, as lines for a shell: eval "$(ops agent env opus-1)".',
    effect=Effect.WRITE,
    params=EnvParams,
    run=_env,
    text=_text,
    positional=("name",),
)
