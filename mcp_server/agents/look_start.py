"""Puts together how an agent is started: its command, its folder and its variables.

Claude Code gets a config folder of its own for each agent. Which login it uses, `logins` says for all of ops.
"""

import os
from collections.abc import Sequence
from shlex import quote

from mcp_server.agents.environment import IGNORED, PRIVATE, PROGRAMS, AgentStart
from mcp_server.agents.findings import said_in_clone, said_of_folder, step_out, step_to_ignore
from mcp_server.agents.look_container import container_command, require_run_mode
from mcp_server.agents.look_old_home import exposed_folder, look_at_old_home
from mcp_server.agents.look_telemetry import telemetry_options, telemetry_variables
from mcp_server.clients import claude
from mcp_server.clients.installed import client_program
from mcp_server.fleet.environment import AgentEnvironment, environment_of
from mcp_server.fleet.look_env import env_of
from mcp_server.fleet.look_home import home_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.json_text import client_object
from mcp_server.kernel.shims import SHIMS, past_shims
from mcp_server.logins.agent_login import AgentLogin
from mcp_server.logins.look_agent_login import agent_login
from mcp_server.operation.context import Context


def prepare(ctx: Context, name: str, arguments: Sequence[str] = (), *, reveal: bool = False) -> AgentStart:
    """How the agent `name` is started with these arguments of its client.

    Raises `not_found` if its folder is missing, `invalid` if it may belong in a container that nothing describes,
    `denied` if git would commit a private file from there.
    """
    agent = ctx.agent(name)
    require_run_mode(ctx, agent)
    _refuse_what_git_would_take(ctx, agent)
    _refuse_old_home(ctx, agent)
    _refuse_broken_config(ctx, agent)
    environment = environment_for(ctx, agent)
    withheld = {each.name for each in environment.withheld} - environment.whole().keys()
    ops = f"{quote(str(ctx.world.pack / 'bin' / 'ops'))} --fleet {quote(str(ctx.fleet.root))}"
    return AgentStart(
        agent.name,
        agent.folder,
        (*_command(ctx, agent, environment), *arguments),
        environment.variables,
        tuple(environment.values),
        tuple(sorted(withheld)),
        reveal,
        f"{ops} agent env {agent.name} --reveal",
        environment,
    )


def environment_for(ctx: Context, agent: Agent) -> AgentEnvironment:
    """The environment that `agent_run` gives to an agent's client."""
    login = agent_login(ctx, agent)
    env_file = {variable.name: variable.value for variable in env_of(ctx.world, agent).variables}
    named = {"AGENT_NAME": agent.name, **telemetry_variables(ctx, agent, env_file)}
    variables = named | _set_variables(ctx, agent, login)
    contained, declared = agent.run_mode == "docker", login.variables if login.token else ()
    return environment_of(variables, env_file, ctx.world.environment, contained=contained, declared=declared)


def _refuse_what_git_would_take(ctx: Context, agent: Agent) -> None:
    """Refuse to start an agent in a clone in which `git add .` would commit a config or a login."""
    if ctx.world.files.kind(ctx.world.files.real(agent.folder)) != "folder":
        problem = f"there is no folder {agent.folder}"
        raise OpsError("not_found", problem, f"Clone the repository to {agent.folder}")
    if ctx.world.git.clone_root(agent.folder) is None:
        return
    if exposed := ctx.world.git.unignored(agent.folder, PRIVATE):
        lines = " ".join(quote(line) for line in IGNORED)
        exclude = quote(str(agent.folder / ".git" / "info" / "exclude"))
        raise OpsError(
            "denied",
            f"in {agent.folder} git does not ignore {', '.join(exposed)}, so `git add .` would commit it",
            f"printf '%s\\n' {lines} >> {exclude}; if git tracks it already, see the runbook private-file-in-git",
        )


def _refuse_old_home(ctx: Context, agent: Agent) -> None:
    """Refuse to start an agent with sessions in its clone: old ones, which it would not find, or those to come."""
    old = look_at_old_home(ctx, agent)
    if old.moves:
        raise OpsError("denied", said_in_clone(agent, [source for source, _ in old.moves]), step_out(old))
    if folder := exposed_folder(ctx, agent):
        raise OpsError("denied", said_of_folder(agent, folder), step_to_ignore(agent, folder))


def _refuse_broken_config(ctx: Context, agent: Agent) -> None:
    """Refuse to start a client with a config that it could not read: it would offer to begin from nothing."""
    path = ctx.world.files.real(agent.folder / claude.CONFIG_FILE)
    if agent.client != "claude" or agent.run_mode == "docker" or ctx.world.files.kind(path) == "absent":
        return
    try:
        client_object(ctx.world.files.read(path, 50_000_000), "it")
    except OpsError as error:
        problem = f"{agent.folder / claude.CONFIG_FILE} cannot be used: {error.message}"
        raise OpsError("invalid", problem, f"See what brings it back: ops config plan {agent.name}") from None


def _set_variables(ctx: Context, agent: Agent, login: AgentLogin) -> dict[str, str]:
    if agent.run_mode == "docker":
        return {}
    # The guard's own `git` and `gh` come first, which ask the policy and then become the real programs.
    path = {"PATH": f"{ctx.world.pack / SHIMS}:{_path(ctx, agent)}"}
    if login.store:
        path |= {name: value.reveal() for name, value in login.variables.items()}
    if agent.client == "claude":
        path[claude.CONFIG_DIR] = str(home_of(ctx, agent))
    return path


def _path(ctx: Context, agent: Agent) -> str:
    """The caller's PATH; with the folder of the agent's client, where its installer put it, if that is not on it."""
    path = past_shims(ctx.world.environment.get("PATH", os.defpath))
    program = client_program(PROGRAMS[agent.client][0], ctx.world.environment)
    folder = os.path.dirname(program) if program else ""  # noqa: PTH120  (as it is on the PATH)
    return path if not folder or folder in path.split(os.pathsep) else f"{path}{os.pathsep}{folder}"


def _command(ctx: Context, agent: Agent, environment: AgentEnvironment) -> tuple[str, ...]:
    if agent.run_mode == "docker":
        return container_command(ctx, agent, environment.variables)
    if agent.client == "claude":
        return (*PROGRAMS["claude"], claude.PLUGIN_ARGUMENT, str(ctx.world.pack))
    return (*PROGRAMS[agent.client], *telemetry_options(ctx, agent, environment.values))
