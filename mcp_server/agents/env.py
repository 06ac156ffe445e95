"""`agent_env`: what an agent is started with, as lines for a shell."""

from shlex import quote

from mcp_server.agents.environment import AgentStart
from mcp_server.agents.look_start import prepare
from mcp_server.kernel.checked import Field
from mcp_server.kernel.visible import visible
from mcp_server.operation.operation import Effect, Operation, Params


class EnvParams(Params):
    name: str = Field(max_length=64, description="Name of the agent")
    reveal: bool = Field(default=False, description="Print the values of its .env as well, for a shell to evaluate")


def _text(start: AgentStart) -> str:
    lines = [f"export {name}={_quoted(value)}" for name, value in start.variables.items()]
    lines += [f"unset {' '.join(start.withheld)}"] if start.withheld else []
    if start.revealed:
        lines += [f"export {name}={_quoted(value.reveal())}" for name, value in start.environment.values.items()]
    elif start.environment.values:
        lines.append(f'eval "$({start.revealing})"  # {", ".join(start.from_env_file)}')
    return "\n".join(lines)


def _quoted(value: str) -> str:
    """The value for a shell; with control characters, which nothing prints raw, as escapes that bash and zsh know."""
    if visible(value) == value:
        return quote(value)
    return "$'" + "".join(f"\\{byte:03o}" for byte in value.encode(errors="surrogateescape")) + "'"


AGENT_ENV = Operation(
    name="agent_env",
    title="An agent's variables",
    summary='Print what an agent is started with, as lines for a shell: eval "$(ops agent env opus-1)".',
    effect=Effect.READ,
    params=EnvParams,
    run=lambda ctx, params: prepare(ctx, params.name, reveal=params.reveal),
    text=_text,
    positional=("name",),
)
