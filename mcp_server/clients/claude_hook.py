"""Claude Code's hooks, as seen on `claude.SEEN_ON`: events, answers, and the PreToolUse entry in the settings.

Standard library only: the hook loads this before anything else.
"""

import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from mcp_server.kernel.visible import visible

if TYPE_CHECKING:
    from mcp_server.kernel.document import Json

PRE_TOOL_USE: Final = "PreToolUse"
SESSION_START: Final = "SessionStart"
SETTINGS: Final = ".claude/settings.json"
LOCAL_SETTINGS: Final = ".claude/settings.local.json"
"The settings of one clone that are not committed."
MATCHER: Final = "Bash|Monitor|PowerShell|Write|Edit|MultiEdit|NotebookEdit"
"The tools that run commands or write files."
_INPUT: Final = {"Bash": "command", "Write": "file_path", "Edit": "file_path"}
"What is judged of a tool's input."
TIMEOUT: Final = 30
"Seconds after which Claude Code goes on without an answer."


def event_of(words: list[str], data: bytes) -> dict[str, Any]:
    """The event that the hook reads; a command line given as words becomes the event of a tool that would run it."""
    return {"tool_input": {"command": shlex.join(words)}} if words else json.loads(data)


def command_event(command: str, cwd: str) -> str:
    """The event of the Bash tool for a command line, as Claude Code writes it."""
    event = {"hook_event_name": PRE_TOOL_USE, "cwd": cwd, "tool_name": "Bash", "tool_input": {"command": command}}
    return json.dumps(event, separators=(",", ":"))


class TypedCommand(NamedTuple):
    """A slash command that a human typed, its arguments, and the session's id."""

    name: str
    arguments: str
    session: str


def typed_command(event: Mapping[str, object], entrypoint: str, attended: str) -> TypedCommand | None:
    """The command of a UserPromptExpansion event; None unless a human typed it in an interactive session.

    `entrypoint` and `attended` are CLAUDE_CODE_ENTRYPOINT and CLAUDE_CODE_SESSION_ATTENDED of the hook.
    """
    typed = (event.get("hook_event_name"), event.get("expansion_type"), entrypoint, attended)
    if typed != ("UserPromptExpansion", "slash_command", "cli", "1"):
        return None
    return TypedCommand(
        str(event.get("command_name")), str(event.get("command_args") or ""), str(event.get("session_id"))
    )


def answer(decision: str, reason: str) -> dict[str, Any]:
    """`decision` is deny or ask; an event without an objection gets no answer."""
    output = {
        "hookEventName": PRE_TOOL_USE,
        "permissionDecision": decision,
        "permissionDecisionReason": visible(reason),
    }
    return {"hookSpecificOutput": output}


def inform(event: str, context: str, message: str) -> str:
    """The answer of another hook, as text: `context` is for the agent, `message` for its human, or "" for none."""
    output = {"hookEventName": event, "additionalContext": visible(context)}
    return json.dumps({**({"systemMessage": visible(message)} if message else {}), "hookSpecificOutput": output})


def missing_in(event: Mapping[str, Any]) -> str | None:
    """The member that the event of a tool should have and has not; None if it is complete, or of an unknown tool."""
    wanted = _INPUT.get(str(event.get("tool_name")))
    return f"tool_input.{wanted}" if wanted and wanted not in _tool_input(event) else None


def inform_human(message: str) -> dict[str, Any]:
    """An answer without an objection that shows the human a message."""
    return {"systemMessage": message}


def encode(words: list[str], answer: Mapping[str, Any]) -> str:
    """The answer as text: JSON for the hook, the reason alone for a command given as words; "" for no objection."""
    if not answer:
        return ""
    return answer["hookSpecificOutput"]["permissionDecisionReason"] if words else json.dumps(answer)


def command_in(event: Mapping[str, Any]) -> str | None:
    """The command line that the tool would run."""
    command = _tool_input(event).get("command")
    return command if isinstance(command, str) else None


def file_in(event: Mapping[str, Any]) -> str | None:
    """The path of the file that the tool would write."""
    path = _tool_input(event).get("file_path") or _tool_input(event).get("notebook_path")
    return str(path) if path else None


def content_after(event: Mapping[str, Any], before: str | None) -> str | None:
    """What the file would contain; `before` is what it contains, None (also as a result) if that is not known."""
    tool_input = _tool_input(event)
    if isinstance(content := tool_input.get("content"), str) or before is None:
        return content if isinstance(content, str) else None
    edits: list[Mapping[str, Any]] = tool_input.get("edits") or [tool_input]
    for edit in edits:
        old, new = str(edit.get("old_string") or ""), str(edit.get("new_string") or "")
        before = before.replace(old, new, -1 if edit.get("replace_all") else 1) if old else before + new
    return before


def _tool_input(event: Mapping[str, Any]) -> Mapping[str, Any]:
    given = event.get("tool_input")
    return cast("Mapping[str, Any]", given) if isinstance(given, dict) else {}


def add_hook(settings: "dict[str, Json]", command: str, mark: str) -> "dict[str, Json]":
    """The settings with the hook, once. `mark` is a part of its command by which it is found again."""
    entry: Json = {"matcher": MATCHER, "hooks": [{"type": "command", "command": command, "timeout": TIMEOUT}]}
    others = remove_hook(settings, mark)
    hooks = _object(others.get("hooks"))
    return {**others, "hooks": {**hooks, PRE_TOOL_USE: [*_list(hooks.get(PRE_TOOL_USE)), entry]}}


def remove_hook(settings: "dict[str, Json]", mark: str) -> "dict[str, Json]":
    """The settings without the hook, and without the keys that are empty without it."""
    hooks = _object(settings.get("hooks"))
    before = _list(hooks.get(PRE_TOOL_USE))
    kept = [entry for entry in before if not _commands(entry, mark)]
    if len(kept) == len(before):
        return settings
    left: dict[str, Json] = {key: value for key, value in hooks.items() if key != PRE_TOOL_USE}
    left |= {PRE_TOOL_USE: kept} if kept else {}
    return {k: left if k == "hooks" else v for k, v in settings.items() if k != "hooks" or left}


def find_hook(settings: "dict[str, Json]", mark: str) -> str | None:
    """The command of the hook; None if it is missing or all hooks are disabled."""
    if settings.get("disableAllHooks") is True:
        return None
    entries = _list(_object(settings.get("hooks")).get(PRE_TOOL_USE))
    return next((command for entry in entries for command in _commands(entry, mark)), None)


def _commands(entry: "Json", mark: str) -> list[str]:
    commands = (str(_object(hook).get("command")) for hook in _list(_object(entry).get("hooks")))
    return [command for command in commands if mark in command]


def _object(value: "Json") -> "dict[str, Json]":
    return value if isinstance(value, dict) else cast("dict[str, Json]", {})


def _list(value: "Json") -> "list[Json]":
    return value if isinstance(value, list) else cast("list[Json]", [])
