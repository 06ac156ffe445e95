"""Which operations there are, and the module that holds each: `NAME` there is the operation `name`.

A module is loaded when its operation is asked for: a command of the shell waits for its own alone.
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
"What the MCP server and the command line both offer, in the order a reader meets them."
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
    "agent_env": "agents.env",
    "fleet_init": "fleet.init",
    "guard_install": "guard.install",
    "guard_uninstall": "guard.install",
    "guard_test": "guard.install",
    "guard_server": "guard.server_rules",
    "docs_render": "knowledge.render",
    "serve_token_add": "server.http.token_commands",
    "serve_token_list": "server.http.token_commands",
    "serve_token_revoke": "server.http.token_commands",
}
"What only a person in a checkout needs."
OPTIONS: Final = {
    "token_watch": ("token_systemd", "logins.systemd"),
    "docs_check": ("docs_fix", "knowledge.docs_fix"),
    "notice_send": ("notice_hook", "notices.send"),
}
"By the command that offers it as an option of its own: the operation, and its module."
_OF_THE_HOST: Final = {"--version", "log"}
"What the command line answers without any operation."
MODULES: Final = TOOLS | COMMANDS | dict(OPTIONS.values())


@cache
def operation(name: str) -> Operation:
    """KeyError where there is none of this name."""
    return getattr(import_module(f"mcp_server.{MODULES[name]}"), name.upper())


def catalogue() -> tuple[Operation, ...]:
    """The tools."""
    return tuple(map(operation, TOOLS))


def shell_catalogue(words: Sequence[str] = ()) -> tuple[Operation, ...]:
    """What the command line offers; for a call that begins with these words, at least what they may mean."""
    return tuple(map(operation, _with_options(_meant(words))))


def _meant(words: Sequence[str]) -> Iterable[str]:
    names = TOOLS | COMMANDS
    for length in (3, 2, 1):
        if (name := "_".join(words[:length])) in names:
            return [name]
    if words and words[0] in _OF_THE_HOST:
        return []
    of_noun = [name for name in names if words and name.startswith(f"{words[0]}_")]
    return of_noun or names


def _with_options(names: Iterable[str]) -> list[str]:
    return [*names, *(OPTIONS[name][0] for name in names if name in OPTIONS)]


def known_commands() -> KnownCommands:
    """The names that a page may use."""
    return KnownCommands(frozenset(TOOLS), frozenset(TOOLS | COMMANDS))
