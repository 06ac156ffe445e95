"""Programs in other languages on a command line: whether they start git or gh, or send requests to the server."""

import re
from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.programs.requests import judge_text
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Shell

_STARTS: Final = re.compile(
    r"subprocess|os\.(?:system|popen|exec|spawn)|pty\.spawn|\bsystem\b|\bexec\w*\b|child_process|\bspawn|popen|shell_exec|"
    r"passthru|proc_open|`|%x|\bqx\b|Deno\.Command|Bun\.|do shell script|getattr|__import__"
)
_MADE: Final = re.compile(
    r"base64|b64decode|fromhex|unhexlify|\bchr\(|fromCharCode|\[::-1\]|reverse|rot13|codecs|pack\(|getattr|__import__|[\"']\s*[.+]\s*[\"']|join\("
)
_LIBRARY: Final = re.compile(r"(?:import|from)\s+(?:git|pygit2|dulwich)\b|simple-git|isomorphic-git|Rugged")
_CHANGES: Final = re.compile(r"\.(?:push|commit|merge|reset|set_commit|create_commit|set_reference)\b|porcelain\.")
_COMMAND: Final = re.compile(r"\b(?:git|gh)\b[^;\n&|]{1,300}")
_SENDS: Final = re.compile(r"requests|urllib|http\.client|httpx|fetch\(|Net::HTTP|LWP|axios|HTTPSConnection")
_GUARDED: Final = re.compile(r"\.git/(?:hooks|config|refs|packed-refs|HEAD)|core\.hooksPath")
_WRITES: Final = re.compile(r"write|open\(|unlink|remove|rename|rmtree|chmod|copy|>")


def starts_others(text: str) -> bool:
    """Whether a program can start others."""
    return _STARTS.search(text) is not None


def judge_code(line: Line, shell: Shell, text: str) -> None:
    """Judge a program's text. A command in it counts only if the program can start commands."""
    if _LIBRARY.search(text) and _CHANGES.search(text):
        line.record("opaque", detail="A program that changes a repository through a library")
    if _SENDS.search(text):
        judge_text(line, text)
    if _GUARDED.search(text) and _WRITES.search(text):
        line.record("bypass", detail="A program that writes into .git")
    if not starts_others(text):
        return
    before = len(line.verdicts)
    for found in _COMMAND.findall(_flat(text)):
        line.in_subshell(shell, found.strip())
    if len(line.verdicts) == before and (_MADE.search(text) or w.ANY in text):
        line.record("opaque", detail="A program that builds a command while it runs")


def _flat(text: str) -> str:
    """Lists of quoted words as one line: `['git', 'push']` becomes ` git  push `."""
    return re.sub(r"[\"'\[\]()`{},\\]+", " ", text.replace(w.ANY, " $__unknown "))
