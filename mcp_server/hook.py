"""The guard where a client calls it before a tool is used (PreToolUse), by the policy's one engine.

`answer` is asked by the host's warm server; run as a program, this is the same without a server: input and answer
are one JSON document, as Claude Code 2.1.328 gives and takes it. No document means: no rule is against it.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mcp_server.adapters.discovery import locate
from mcp_server.adapters.files import DiskFiles
from mcp_server.domain.errors import OpsError
from mcp_server.domain.guard.policy import ALLOWED, Verdict
from mcp_server.domain.inventory import Fleet
from mcp_server.domain.places import state_folder
from mcp_server.observe.verdicts import Asker
from mcp_server.ports import Files


def answer(said: Mapping[str, Any], environment: Mapping[str, str], cwd: Path) -> dict[str, Any]:
    """The hook's answer to `said`; empty where no rule is against the tool's use."""
    verdict = _verdict(said, environment, Path(str(said.get("cwd") or cwd)))
    if verdict.verdict == "allow":
        return {}
    told = {
        "hookEventName": "PreToolUse",
        "permissionDecision": verdict.verdict,
        "permissionDecisionReason": f"ops guard, {verdict.rule}: {verdict.reason}",
    }
    return {"hookSpecificOutput": told}


def _verdict(said: Mapping[str, Any], environment: Mapping[str, str], cwd: Path) -> Verdict:
    given: dict[str, Any] = said.get("tool_input") or {}
    home = Path(environment.get("HOME") or Path.home())
    files = DiskFiles(state_folder(environment, home))
    asker = Asker(files, home, _fleet(files, environment, cwd), cwd, environment.get("AGENT_NAME") or None)
    if isinstance(command := given.get("command"), str):
        return asker.on_line(command)
    if path := given.get("file_path") or given.get("notebook_path"):
        return asker.on_write(str(path), _text_after(files, cwd / str(path), given))
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


def main() -> None:
    if told := answer(json.loads(sys.stdin.buffer.read()), os.environ, Path.cwd()):
        sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
