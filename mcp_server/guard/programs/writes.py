"""Files that a line writes: those that keep the guard in force, and those that could replace a login."""

import posixpath
import re
from typing import Final

from mcp_server.clients import claude
from mcp_server.clients.claude_hook import LOCAL_SETTINGS
from mcp_server.guard.client_hook import MARK
from mcp_server.guard.line import Line
from mcp_server.guard.policy import CREDENTIALS
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Output, Shell
from mcp_server.kernel.lazy_pattern import lazy_pattern

_OF_GIT: Final = lazy_pattern(
    r"(?:^|/)\.git(?:$|/(?:hooks|config|config\.worktree|refs|packed-refs|HEAD|ops-guard\.\w+)(?:/|$|\*|\.))"
)
_OF_GUARD: Final = lazy_pattern(r"(?:^|/)(?:fleet\.toml|hooks/hooks\.json|managed-settings\.json)$")
_SETTINGS: Final = (claude.SETTINGS_FILE, claude.LOCAL_SETTINGS_FILE, claude.CONFIG_FILE)
_HOLDS_HOOK: Final = lazy_pattern(rf"(?:^|/){re.escape(LOCAL_SETTINGS)}$")
_SWITCHES_OFF: Final = lazy_pattern(r"(disableAllHooks)|(?<=\")(ops@[\w.-]+)\"\s*:\s*false")
_GIT_CONFIG: Final = lazy_pattern(r"(?:^|/)\.gitconfig$|/git/config$")
_SET: Final = lazy_pattern(rf"(?<![\w-])(?:{'|'.join(CREDENTIALS)})[\"']?\s*[=:]\s*[\"']?(?=[^\s\"'&|;)])")
_ENVIRONMENT: Final = lazy_pattern(
    r"(?:^|/)\.env(?:\.[\w-]+)?$|(?:^|/)\.(?:bashrc|profile|bash_profile|zshrc|zshenv|envrc)$|\.ya?ml$"
)


def judge_write(line: Line, shell: Shell, target: str, content: Output) -> None:
    """`content` is None if it is not known."""
    name = target.replace(w.MANY, w.ANY)
    path = line.path(shell, name)
    if holds_guard(line, path) and not (path.endswith(".git") and line.branch(path) is None):
        line.record("bypass", detail=f"A write to {name.replace(w.ANY, '?')}")
    text = content or ""
    if posixpath.basename(path) in _SETTINGS and (found := _SWITCHES_OFF.search(text)):
        line.record("bypass", detail=found[1] or found[2])
    elif _HOLDS_HOOK.search(path) and MARK not in text and line.branch(posixpath.dirname(path)) is not None:
        line.record("opaque", detail=f"A write to {name}, which contains the guard's hook,")
    if path.endswith(f"/{claude.STORE_FILE}"):
        line.record("credential", f"{claude.STORE_FILE} written by hand")
    if _GIT_CONFIG.search(path) and (content is None or "hookspath" in text.lower()):
        line.record("bypass", detail="core.hooksPath")
    if (_ENVIRONMENT.search(path) or posixpath.basename(path) in _SETTINGS) and (found := _SET.search(text)):
        line.record("credential", re.split(r"[\"'\s=:]", found[0])[0])


def holds_guard(line: Line, path: str) -> bool:
    """Whether a file is part of the guard, or of a guarded clone's own `.git`."""
    if _OF_GUARD.search(path):
        return True
    found = _OF_GIT.search(path)
    return bool(found) and line.branch(path[: found.start()] or "/") is not None


def sets_credential(name: str, value: str) -> bool:
    return name in CREDENTIALS and value != ""
