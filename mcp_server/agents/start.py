"""How an agent is started the right way: `agent_env` tells it, `agent_run` does it.

Claude Code reads the `.claude.json` of the folder that CLAUDE_CONFIG_DIR names; CLAUDE_SECURESTORAGE_CONFIG_DIR keeps
the login in the one store of the host all the same: ten config folders on one store renewed it with one request
(seen on 2.1.328).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from pydantic import Field

from mcp_server.agents.environment import IGNORED, PRIVATE, PROGRAMS, is_allowed
from mcp_server.clients.claude import is_inherited
from mcp_server.fleet.look_containers import agent_containers
from mcp_server.fleet.look_env import env_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.secret import Secret
from mcp_server.kernel.shims import SHIMS, past_shims
from mcp_server.logins.look_stores import host_store
from mcp_server.logins.shadowing import LONG_LIVED, shadows
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class EnvParams(Params):
    name: str = Field(max_length=64, description="Name of the agent")
    reveal: bool = Field(default=False, description="Print the values of its .env as well, for a shell to evaluate")


class RunParams(Params):
    name: str = Field(max_length=64, description="Name of the agent")
    args: list[str] = Field(default=[], max_length=200, description="Arguments of its client, after --")


@dataclass(frozen=True)
class AgentStart:
    """`variables` are set, those in `from_env_file` come from the agent's `.env`, `withheld` do not reach it."""

    agent: str
    folder: Path
    command: tuple[str, ...]
    variables: Mapping[str, str]
    from_env_file: tuple[str, ...]
    withheld: tuple[str, ...]
    revealed: bool
    revealing: str
    "The command that prints the values of the `.env` as well."
    values: Mapping[str, Secret] = field(repr=False)
    "Of `from_env_file`; never a part of an answer."


def _prepared(ctx: Context, name: str, arguments: list[str], *, reveal: bool = False) -> AgentStart:
    agent = ctx.agent(name)
    _refuse_what_git_would_take(ctx, agent)
    assigned = env_of(ctx.world, agent)
    set_here = {"AGENT_NAME": agent.name, **_places(ctx, agent)}
    offered = {v.name: v.value for v in assigned.variables if v.name not in set_here}
    values = {} if agent.run_mode == "docker" else {n: v for n, v in offered.items() if is_allowed(n)}
    ours = set_here.keys() | values.keys()
    ops = f"{quote(str(ctx.world.pack / 'bin' / 'ops'))} --fleet {quote(str(ctx.fleet.root))}"
    withheld = {n for n in ctx.world.environment if not is_inherited(n)} | (offered.keys() - values.keys())
    return AgentStart(
        agent.name,
        agent.folder,
        (*_command(ctx, agent), *arguments),
        set_here,
        tuple(values),
        tuple(sorted(withheld - ours)),
        reveal,
        f"{ops} agent env {agent.name} --reveal",
        values,
    )


def _refuse_what_git_would_take(ctx: Context, agent: Agent) -> None:
    """A clone in which `git add .` would commit a config or a login is no place to start an agent in."""
    if ctx.world.files.kind(agent.folder) != "folder":
        step = f"Clone the repository to {agent.folder}"
        raise OpsError("not_found", f"there is no folder {agent.folder}", step)
    if ctx.world.git.clone_root(agent.folder) is None:
        return
    if seen := ctx.world.git.unignored(agent.folder, PRIVATE):
        lines = " ".join(quote(line) for line in IGNORED)
        exclude = quote(str(agent.folder / ".git" / "info" / "exclude"))
        raise OpsError(
            "denied",
            f"in {agent.folder} git does not ignore {', '.join(seen)}, so `git add .` would commit it",
            f"printf '%s\\n' {lines} >> {exclude}; if git tracks it already, see the runbook private-file-in-git",
        )


def _places(ctx: Context, agent: Agent) -> dict[str, str]:
    if agent.run_mode == "docker":
        return {}
    path = {"PATH": _with_shims(ctx)}
    if agent.client != "claude":
        return path
    folders = {"CLAUDE_CONFIG_DIR": agent.folder, "CLAUDE_SECURESTORAGE_CONFIG_DIR": host_store(ctx)}
    return path | {name: str(ctx.world.files.real(folder)) for name, folder in folders.items()}


def _with_shims(ctx: Context) -> str:
    """The PATH with the guard's own programs first, which ask the policy and then become the real ones."""
    return f"{ctx.world.pack / SHIMS}:{past_shims(ctx.world.environment.get('PATH', os.defpath))}"


def _command(ctx: Context, agent: Agent) -> tuple[str, ...]:
    if agent.run_mode == "docker":
        return _in_container(ctx, agent)
    if agent.client == "claude":
        return (*PROGRAMS["claude"], "--plugin-dir", str(ctx.world.pack))
    return PROGRAMS[agent.client]


def _in_container(ctx: Context, agent: Agent) -> tuple[str, ...]:
    """`docker compose exec`, without what would shadow the container's login."""
    if ctx.fleet.compose is None:
        raise OpsError(
            "not_found", f"there is no compose file for {agent.name}", "Name it in fleet.toml: [fleet] compose"
        )
    container = agent_containers(ctx).get(agent.name)
    variables = {v.name: v.value for v in env_of(ctx.world, agent).variables}
    variables |= container.environment if container else {}
    unset = [part for name in shadows(variables) if name != LONG_LIVED for part in ("-u", name)]
    terminal = () if ctx.world.terminal else ("-T",)
    named = ("-e", f"AGENT_NAME={agent.name}", agent.name)
    compose = ("docker", "compose", "-f", str(ctx.fleet.compose), "exec", *terminal, *named)
    return (*compose, "env", *unset) if unset else compose


def _env(ctx: Context, params: EnvParams) -> AgentStart:
    return _prepared(ctx, params.name, [], reveal=params.reveal)


def _run(ctx: Context, params: RunParams) -> AgentStart:
    agent = ctx.agent(params.name)
    # Without a command one gets a shell in the container.
    arguments = params.args or (["sh"] if agent.run_mode == "docker" else [])
    start = _prepared(ctx, params.name, arguments)
    if agent.run_mode == "docker" and ctx.fleet.compose:
        ctx.world.containers.up(ctx.fleet.compose, agent.name)
    inherited = {name: value for name, value in ctx.world.environment.items() if is_inherited(name)}
    own = {name: value.reveal() for name, value in start.values.items()}
    environment = {**inherited, **own, **start.variables}
    ctx.world.replace_process(_chosen(start.command, environment), environment, start.folder)
    return start


def _chosen(command: tuple[str, ...], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The command, with the `claude` that OPS_CLAUDE names."""
    program = environment.get("OPS_CLAUDE") if command[0] == "claude" else None
    return (program, *command[1:]) if program else command


def _text(start: AgentStart) -> str:
    lines = [f"export {name}={quote(value)}" for name, value in start.variables.items()]
    lines += [f"unset {' '.join(start.withheld)}"] if start.withheld else []
    if start.revealed:
        lines += [f"export {name}={quote(value.reveal())}" for name, value in start.values.items()]
    elif start.values:
        lines.append(f'eval "$({start.revealing})"  # {", ".join(start.from_env_file)}')
    return "\n".join(lines)


AGENT_ENV = Operation(
    name="agent_env",
    title="An agent's variables",
    summary='Print what an agent is started with, as lines for a shell: eval "$(ops agent env opus-1)".',
    effect=Effect.READ,
    params=EnvParams,
    run=_env,
    text=_text,
    positional=("name",),
)

AGENT_RUN = Operation(
    name="agent_run",
    title="Start an agent",
    summary="Become an agent's client: in its folder, with its own config, its .env without Anthropic's keys, the "
    "host's one login and this plugin; a Docker agent in its container. After -- come arguments of the client.",
    effect=Effect.WRITE,
    params=RunParams,
    run=_run,
    text=lambda start: f"{start.agent} was started",
    positional=("name", "args"),
)
