"""The guard's hook in a document of Claude Code's settings: put in, found, taken out; all else stays as it is."""

from shlex import quote
from typing import Final, cast

from mcp_server.kernel.document import Json

LAYER: Final = "PreToolUse"
SETTINGS: Final = ".claude/settings.local.json"
"Claude Code's settings of one clone, which git is not to see."
MARK: Final = "hooks/pre-tool-use"
"What tells our hook among others."
MATCHER: Final = "Bash|Monitor|PowerShell|Write|Edit|MultiEdit|NotebookEdit"
TIMEOUT: Final = 30
"Seconds, after which Claude Code goes on without a verdict."

# The plugin may be moved away: then what may reach git or gh is asked about, and all else goes on.
_COMMAND: Final = """h={script}; [ ! -x "$h" ] || exec "$h"; s=$(cat); case ${{s#*tool_input}} in \
*git*|*'gh '*) echo '{{"hookSpecificOutput":{{"hookEventName":"PreToolUse","permissionDecision":"ask",\
"permissionDecisionReason":"ops guard: the plugin is not where it was. Next: ops guard install"}}}}';; esac"""


def command_for(pack: str) -> str:
    """The hook's command for the plugin at `pack`."""
    return _COMMAND.format(script=quote(f"{pack}/{MARK}"))


def with_hook(settings: dict[str, Json], command: str) -> dict[str, Json]:
    """The settings with our hook, once."""
    entry: Json = {"matcher": MATCHER, "hooks": [{"type": "command", "command": command, "timeout": TIMEOUT}]}
    plain = without_hook(settings)
    hooks = _object(plain.get("hooks"))
    return {**plain, "hooks": {**hooks, "PreToolUse": [*_list(hooks.get("PreToolUse")), entry]}}


def without_hook(settings: dict[str, Json]) -> dict[str, Json]:
    """The settings without our hook, and without what it alone had filled."""
    hooks = _object(settings.get("hooks"))
    before = _list(hooks.get("PreToolUse"))
    kept = [entry for entry in before if not _is_ours(entry)]
    if len(kept) == len(before):
        return settings
    left: dict[str, Json] = {key: value for key, value in hooks.items() if key != "PreToolUse"}
    left |= {"PreToolUse": kept} if kept else {}
    return {k: left if k == "hooks" else v for k, v in settings.items() if k != "hooks" or left}


def hook_command(settings: dict[str, Json]) -> str | None:
    """Our hook's command; None where it is not there, or hooks are switched off."""
    if settings.get("disableAllHooks") is True:
        return None
    for entry in _list(_object(settings.get("hooks")).get("PreToolUse")):
        if _is_ours(entry):
            return str(_object(_list(_object(entry)["hooks"])[0])["command"])
    return None


def _is_ours(entry: Json) -> bool:
    return any(MARK in str(_object(hook).get("command")) for hook in _list(_object(entry).get("hooks")))


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else cast("dict[str, Json]", {})


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else cast("list[Json]", [])
