"""The operations, and the module of each, where the constant `NAME` is the operation `name`.

A module is loaded when its operation is needed, so a command of the shell loads only its own.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import Final

from mcp_server.kernel.known_commands import KnownCommands
from mcp_server.operation.operation import Operation

TOOLS: Final = {
    "index_check": "knowledge.index_check",
    "runbook_read": "knowledge.runbook_read",
    "fleet_audit": "audit.fleet_audit",
    "token_check": "logins.check",
    "token_refresh": "logins.refresh",
    "config_plan": "configs.plan",
    "config_sync": "configs.sync",
    "incident_open": "records.incident_open",
    "incident_update": "records.incident_update",
    "incident_list": "records.incident_list",
    "adr_propose": "records.adr_propose",
    "release_plan": "records.release_plan",
    "release_step": "records.release_step",
    "runbook_add": "knowledge.runbook_add",
    "research_write": "records.research_write",
    "docs_check": "audit.docs_check",
    "guard_check": "guard.check",
    "branch_start": "workflow.branch_start",
    "pr_create": "workflow.pr_create",
}
"Tools of the MCP server, which are also commands, in the order in which they are listed."
COMMANDS: Final = {
    "commit": "workflow.commit",
    "pr_approve": "workflow.pr_approve",
    "pr_typed": "workflow.pr_typed",
    "pr_merge": "workflow.pr_merge",
    "fleet_pull": "workflow.fleet_pull",
    "adr_status": "records.adr_status",
    "incident_report": "records.incident_report",
    "token_consolidate": "logins.consolidate",
    "notice_send": "notices.send",
    "token_watch": "logins.watch",
    "session_start": "audit.session_start",
    "role": "knowledge.role",
    "config_rollback": "configs.rollback",
    "config_capture": "configs.capture",
    "agent_run": "agents.run",
    "agent_attach": "agents.attach",
    "agent_stop": "agents.stop",
    "agent_add": "agents.add",
    "agent_remove": "agents.remove",
    "agent_list": "agents.list",
    "agent_status": "agents.list",
    "agent_env": "agents.env",
    "agent_home": "agents.home",
    "agent_here": "agents.here",
    "fleet_init": "fleet.init",
    "fleet_fix": "fixes.fleet_fix",
    "guard_install": "guard.install",
    "guard_uninstall": "guard.install",
    "guard_test": "guard.install",
    "guard_server": "guard.server_rules",
    "docs_render": "knowledge.render",
    "serve_token_add": "server.http.token_add",
    "serve_token_list": "server.http.token_list",
    "serve_token_revoke": "server.http.token_revoke",
}
"Commands of the shell only."
OPTIONS: Final = {
    "token_watch": ("token_systemd", "logins.systemd"),
    "docs_check": ("docs_fix", "knowledge.docs_fix"),
    "notice_send": ("notice_hook", "notices.send"),
}
"Operations that are an option of another command, by that command: name and module."
_WITHOUT_OPERATION: Final = {"--version", "log"}
"What the command line answers without an operation."
MODULES: Final = TOOLS | COMMANDS | dict(OPTIONS.values())


@cache
def operation(name: str) -> Operation:
    """The operation of this name; KeyError if there is none."""
    return getattr(import_module(f"mcp_server.{MODULES[name]}"), name.upper())


def catalogue() -> tuple[Operation, ...]:
    """The tools."""
    return tuple(map(operation, TOOLS))


def shell_catalogue(words: Sequence[str] = ()) -> tuple[Operation, ...]:
    """The operations of the command line; with the first words of a call, only those that they may mean."""
    return tuple(map(operation, _with_options(_matching(words))))


def _matching(words: Sequence[str]) -> Iterable[str]:
    names = TOOLS | COMMANDS
    for length in (3, 2, 1):
        if (name := "_".join(words[:length])) in names:
            return [name]
    if words and words[0] in _WITHOUT_OPERATION:
        return []
    of_noun = [name for name in names if words and name.startswith(f"{words[0]}_")]
    return of_noun or names


def _with_options(names: Iterable[str]) -> list[str]:
    return [*names, *(OPTIONS[name][0] for name in names if name in OPTIONS)]


def known_commands() -> KnownCommands:
    """The names that a page may use."""
    return KnownCommands(frozenset(TOOLS), frozenset(TOOLS | COMMANDS))
