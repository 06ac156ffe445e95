"""The guard as a hook that a client calls before it uses a tool.

The host's shared server calls `respond`, or where there is none `mcp_server/server/pump/guard.py` itself.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mcp_server.clients.claude_hook import (
    answer,
    command_in,
    content_after,
    file_in,
    inform_human,
    missing_in,
)
from mcp_server.fleet.look_fleet import locate
from mcp_server.guard.evaluate import Evaluator
from mcp_server.guard.look_repositories import RepositoriesOnDisk, gh_folder
from mcp_server.guard.policy import ALLOWED, Verdict
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Fleet
from mcp_server.kernel.state_folder import state_folder
from mcp_server.system.files import Files

_UNJUDGED = "this use of {} was not judged, because its event has no {}; git's own hooks still guard the clone"


def respond(event: Mapping[str, Any], environment: Mapping[str, str], cwd: Path) -> dict[str, Any]:
    """The hook's answer to an event; empty if the policy allows the use of the tool.

    An event in a form that the client had not when it was tested is not judged, and the human learns that.
    """
    if missing := missing_in(event):
        return inform_human(f"ops guard: {_UNJUDGED.format(event['tool_name'], missing)}")
    verdict = _verdict(event, environment, Path(str(event.get("cwd") or cwd)))
    if verdict.verdict == "allow":
        return {}
    return answer(verdict.verdict, f"ops guard, {verdict.rule}: {verdict.reason}")


def _verdict(event: Mapping[str, Any], environment: Mapping[str, str], cwd: Path) -> Verdict:
    home = Path(environment.get("HOME") or Path.home())
    files = Files(state_folder(environment, home))
    fleet, unread = _fleet(files, environment, cwd)
    disk = RepositoriesOnDisk(files, cwd, home, fleet.root if fleet else None, gh=gh_folder(environment, home))
    evaluator = Evaluator(disk, fleet, cwd, environment.get("AGENT_NAME"), unread)
    if (command := command_in(event)) is not None:
        return evaluator.command(command)
    if path := file_in(event):
        return evaluator.write(path, content_after(event, _content(files, cwd / path)))
    return ALLOWED


def _content(files: Files, path: Path) -> str | None:
    try:
        return files.read_text(path)
    except OpsError:
        return None


def _fleet(files: Files, environment: Mapping[str, str], cwd: Path) -> tuple[Fleet | None, str]:
    """None outside of a fleet, where the default policy applies, or with the reason why it cannot be read."""
    try:
        return locate(files, environment, cwd, None), ""
    except OpsError as error:
        return None, "" if error.kind == "not_found" else f"{error.message}. {error.next}"
