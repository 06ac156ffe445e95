"""Which operations there are, and the module of `operations/` that holds each: `NAME` there is the operation `name`.

A module is loaded when its operation is asked for: a command of the shell waits for its own alone.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import Final

from mcp_server.domain.offered import Offered
from mcp_server.ports import Operation

TOOLS: Final = {
    "index_check": "index",
    "runbook_read": "runbooks",
    "fleet_audit": "fleet",
    "token_check": "tokens",
    "token_refresh": "token_refresh",
    "config_plan": "config_plan",
    "config_sync": "config_sync",
    "incident_open": "incidents",
    "incident_update": "incident_update",
    "incident_list": "incident_list",
    "adr_propose": "adrs",
    "release_plan": "release",
    "release_step": "release",
    "runbook_add": "runbook_add",
    "research_write": "research",
    "docs_check": "docs",
    "guard_check": "guard",
    "branch_start": "branch_start",
    "pr_create": "pull_requests",
}
"What the MCP server and the command line both offer, in the order a reader meets them."
COMMANDS: Final = {
    "commit": "commit",
    "pr_approve": "pull_requests",
    "pr_typed": "pull_requests",
    "pr_merge": "pull_request_merge",
    "fleet_pull": "fleet_pull",
    "adr_status": "adrs",
    "incident_report": "incident_report",
    "token_consolidate": "consolidate",
    "notice_send": "notices",
    "token_watch": "token_watch",
    "session_start": "session",
    "role": "role",
    "config_rollback": "config_back",
    "config_capture": "config_back",
    "agent_run": "agents",
    "agent_env": "agents",
    "fleet_init": "fleet",
    "guard_install": "guard_hooks",
    "guard_uninstall": "guard_hooks",
    "guard_test": "guard_hooks",
    "guard_server": "guard_server",
    "docs_render": "render",
    "serve_token_add": "bearers",
    "serve_token_list": "bearers",
    "serve_token_revoke": "bearers",
}
"What only a person in a checkout needs."
OPTIONS: Final = {
    "token_watch": ("token_systemd", "token_watch"),
    "docs_check": ("docs_fix", "docs_fix"),
    "notice_send": ("notice_hook", "notices"),
}
"By the command that offers it as an option of its own: the operation, and its module."
_OF_THE_HOST: Final = {"--version", "log"}
"What the command line answers without any operation."
_MODULES: Final = TOOLS | COMMANDS | dict(OPTIONS.values())


@cache
def operation(name: str) -> Operation:
    """KeyError where there is none of this name."""
    return getattr(import_module(f"mcp_server.operations.{_MODULES[name]}"), name.upper())


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


def offered() -> Offered:
    """The names that a page may use."""
    return Offered(frozenset(TOOLS), frozenset(TOOLS | COMMANDS))
