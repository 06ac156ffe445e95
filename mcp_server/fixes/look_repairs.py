"""The steps that repair a finding, by its code. Nothing is changed here."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from mcp_server.clients.claude import CONFIG_FILE, STORE_FILE
from mcp_server.configs.look_configs import look_at_all, plan_digest
from mcp_server.configs.look_in_sync import InSyncCache
from mcp_server.configs.look_locations import config_files
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.look_settings import SWITCHES, settings_files, settings_hazards
from mcp_server.fixes.steps import AppendLine, ChangeMode, RemoveMember, RunCommand, Step, WriteFile
from mcp_server.kernel.finding import Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.look_indexes import written_indexes
from mcp_server.operation.context import Context
from mcp_server.workflow.look_git_locks import locks_in

Steps = Sequence[Step]
_NAME: Final = re.compile(rb"(?m)^([ \t]*(?:export[ \t]+)?AGENT_NAME[ \t]*=).*?(\r?)$")


def steps_for(ctx: Context, agent: Agent | None, finding: Finding) -> Steps:
    """The steps that repair this finding; none where a person has to."""
    if agent is None or finding.code in _OF_THE_FLEET:
        return _follow(ctx, None, finding) if finding.code in _OF_THE_FLEET else ()
    build = _BUILD.get(finding.code)
    return build(ctx, agent, finding) if build else ()


def _follow(ctx: Context, agent: Agent | None, finding: Finding) -> Steps:
    """The commands of the finding's own next step, if it is nothing but commands of git and ops."""
    commands = _commands(finding.next)
    if not commands or any(command[0] not in ("git", "ops") for command in commands):
        return ()
    folder = agent.folder if agent else ctx.fleet.root
    clone = folder if agent and ctx.world.files.kind(folder / ".git") != "absent" else None
    files = (folder / ".git" / "config",) if clone and ctx.world.files.kind(folder / ".git") == "folder" else ()
    return [RunCommand(command, folder if clone else ctx.fleet.root, clone, files) for command in commands]


def _commands(text: str) -> list[tuple[str, ...]]:
    try:
        words = shlex.split(text, comments=False)
    except ValueError:
        return []
    commands: list[list[str]] = [[]]
    for word in words:
        if word == "&&":
            commands.append([])
        else:
            commands[-1].append(word)
    return [tuple(command) for command in commands if command]


def _guard(ctx: Context, agent: Agent, finding: Finding) -> Steps:
    folder = str(agent.folder)
    undo = ("ops", "guard", "uninstall", folder)
    return [RunCommand(("ops", "guard", "install", folder), agent.folder, undo=undo)]


def _env(ctx: Context, agent: Agent, _: Finding) -> Steps:
    name = f"AGENT_NAME={agent.name}"
    if ctx.world.files.kind(agent.env_file) == "absent":
        stub = WriteFile(agent.env_file, agent.folder, f"{name}\n".encode(), name)
        is_clone = ctx.world.files.kind(agent.folder / ".git") != "absent"
        seen = is_clone and ctx.world.git.unignored(agent.folder, [agent.env_file.name])
        return [*(_ignored(ctx, agent, agent.env_file.name) if seen else ()), stub]
    before = ctx.world.files.read(agent.env_file)
    after = _NAME.sub(rb"\g<1>" + agent.name.encode() + rb"\g<2>", before)
    mode = ctx.world.files.mode(agent.env_file)
    return [WriteFile(agent.env_file, agent.folder, after, name, mode)] if after != before else ()


def _ignore(ctx: Context, agent: Agent, finding: Finding) -> Steps:
    """Ignore a private file in the clone alone; one that git tracks has to be taken out of the index by a person."""
    name = {"env_exposed": agent.env_file.name, "config_exposed": CONFIG_FILE}.get(finding.code, STORE_FILE)
    if ctx.world.git.committed(agent.folder, name) is not None:
        return ()
    return _ignored(ctx, agent, name)


def _ignored(ctx: Context, agent: Agent, name: str) -> Steps:
    exclude = agent.folder / ".git" / "info" / "exclude"
    if ctx.world.files.kind(exclude.parent) != "folder":
        return ()
    return [AppendLine(exclude, agent.folder, f"/{name}")]


def _locks(ctx: Context, agent: Agent, finding: Finding) -> Steps:
    found = locks_in(ctx.world, agent.folder)
    found = [lock for lock in found if str(lock.relative_to(agent.folder)) in finding.message]
    return [WriteFile(lock, agent.folder, None, "no git runs here") for lock in found]


def _mode(_: Context, agent: Agent, finding: Finding) -> Steps:
    commands = _commands(finding.next)
    if len(commands) != 1 or commands[0][:2] != ("chmod", "600") or len(commands[0]) != 3:
        return ()
    return [ChangeMode(Path(commands[0][2]), 0o600)]


def _config(ctx: Context, agent: Agent, _: Finding) -> Steps:
    masters = Masters(ctx)
    looks = look_at_all(ctx, config_files(ctx, (agent,)), masters, InSyncCache(ctx, masters))
    if any(look.problem and look.state != "absent" for look in looks):
        return ()
    if all(change.state == "conflict" for look in looks for change in look.changes):
        return ()
    sync = ("ops", "--json", "config", "sync", "--plan", plan_digest(ctx, masters, looks), agent.name)
    return [RunCommand(sync, agent.folder, undo=("ops", "config", "rollback", "{run}"))]


def _rows(ctx: Context, agent: Agent, _: Finding) -> Steps:
    files = tuple(index.file for index in written_indexes(ctx.world.files, agent.folder))
    command = ("ops", "--agent", agent.name, "docs", "check", "--fix")
    return [RunCommand(command, agent.folder, files=files)]


def _settings(ctx: Context, _: Agent, finding: Finding) -> Steps:
    files = [file for file in settings_files(ctx, ctx.fleet.agents) if str(file.path) in finding.message]
    return [
        RemoveMember(file.path, file.inside, SWITCHES[finding.code])
        for file in files
        if file.inside and any(each.message == finding.message for each in settings_hazards(ctx, file))
    ]


_Build = Callable[[Context, Agent, Finding], Steps]
_OF_THE_FLEET: Final = ("access_lapsed", "command_differs")
_FOLLOWED: Final = (
    *("behind", "dead_refresh_lock", "detached", "guard_untested", "no_commits", "no_default_branch", "no_origin"),
    *("on_main", "role_branch", "stale", "upstream_gone", "work_on_protected"),
)
_BUILD: Final[Mapping[str, _Build]] = {
    **dict.fromkeys(_FOLLOWED, _follow),
    **dict.fromkeys(("config_drift", "config_missing"), _config),
    **dict.fromkeys(("env_exposed", "config_exposed", "store_in_git"), _ignore),
    **dict.fromkeys(("env_missing", "name_differs"), _env),
    **dict.fromkeys(SWITCHES, _settings),
    "git_lock": _locks,
    "guard_inert": _guard,
    "index_row_missing": _rows,
    "wide_mode": _mode,
}
