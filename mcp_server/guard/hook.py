"""The guard where a client calls it before a tool is used (PreToolUse), by the policy's one engine.

`answer` is asked by the host's warm server. Run as a program, this is the same without a server: one JSON document in
and out, as Claude Code 2.1.328 gives and takes it, or a command's words and the reason. Nothing is no objection.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mcp_server.fleet.discovery import locate
from mcp_server.guard.evaluate import Evaluator
from mcp_server.guard.look_repositories import RepositoriesOnDisk, gh_folder
from mcp_server.guard.policy import ALLOWED, Verdict
from mcp_server.guard.wire import asked, told
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Fleet
from mcp_server.kernel.state_folder import state_folder
from mcp_server.system.disk_files import DiskFiles
from mcp_server.system.files import Files


def answer(said: Mapping[str, Any], environment: Mapping[str, str], cwd: Path) -> dict[str, Any]:
    """The hook's answer to `said`; empty where no rule is against the tool's use."""
    verdict = _verdict(said, environment, Path(str(said.get("cwd") or cwd)))
    if verdict.verdict == "allow":
        return {}
    decision = {
        "hookEventName": "PreToolUse",
        "permissionDecision": verdict.verdict,
        "permissionDecisionReason": f"ops guard, {verdict.rule}: {verdict.reason}",
    }
    return {"hookSpecificOutput": decision}


def _verdict(said: Mapping[str, Any], environment: Mapping[str, str], cwd: Path) -> Verdict:
    given: dict[str, Any] = said.get("tool_input") or {}
    home = Path(environment.get("HOME") or Path.home())
    files = DiskFiles(state_folder(environment, home))
    fleet = _fleet(files, environment, cwd)
    disk = RepositoriesOnDisk(files, cwd, home, fleet.root if fleet else None, gh=gh_folder(environment, home))
    evaluator = Evaluator(disk, fleet, cwd, environment.get("AGENT_NAME"))
    if isinstance(command := given.get("command"), str):
        return evaluator.command(command)
    if path := given.get("file_path") or given.get("notebook_path"):
        return evaluator.write(str(path), _text_after(files, cwd / str(path), given))
    return ALLOWED


def _text_after(files: Files, path: Path, given: Mapping[str, Any]) -> str | None:
    """What the file would hold; None where that cannot be told."""
    if isinstance(content := given.get("content"), str):
        return content
    try:
        text = files.read_text(path)
    except OpsError:
        return None
    edits: list[Mapping[str, Any]] = given.get("edits") or [given]
    for edit in edits:
        old, new = str(edit.get("old_string") or ""), str(edit.get("new_string") or "")
        text = text.replace(old, new, -1 if edit.get("replace_all") else 1) if old else text + new
    return text


def _fleet(files: Files, environment: Mapping[str, str], cwd: Path) -> Fleet | None:
    """None, and so the default policy, outside of a fleet."""
    try:
        return locate(files, environment, cwd, None)
    except OpsError as error:
        if error.kind == "not_found":
            return None
        raise


def main(words: list[str]) -> None:
    said = asked(words, b"" if words else sys.stdin.buffer.read())
    sys.stdout.write(told(words, answer(said, os.environ, Path.cwd())))


if __name__ == "__main__":
    main(sys.argv[1:])
