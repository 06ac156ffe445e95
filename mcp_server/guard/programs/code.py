"""Programs in other languages on a command line: whether they start git or gh, or send requests to the server."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.programs.requests import judge_text
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Shell

_STARTS: Final = (
    r"subprocess|os\.(?:system|popen|exec|spawn)|pty\.spawn|\bsystem\b|\bexec\w*\b|child_process|\bspawn|popen|shell_exec|"
    r"passthru|proc_open|`|%x|\bqx\b|Deno\.Command|Bun\.|do shell script|getattr|__import__"
)
_MADE: Final = (
    r"base64|b64decode|fromhex|unhexlify|\bchr\(|fromCharCode|\[::-1\]|reverse|rot13|codecs|pack\(|"
    r"getattr|__import__|[\"']\s*[.+]\s*[\"']|join\("
)
_LIBRARY: Final = r"(?:import|from)\s+(?:git|pygit2|dulwich)\b|simple-git|isomorphic-git|Rugged"
_CHANGES: Final = r"\.(?:push|commit|merge|reset|set_commit|create_commit|set_reference)\b|porcelain\."
_COMMAND: Final = r"\b(?:git|gh)\b[^;\n&|]{1,300}"
_SENDS: Final = r"requests|urllib|http\.client|httpx|fetch\(|Net::HTTP|LWP|axios|HTTPSConnection"
_GUARDED: Final = r"\.git/(?:hooks|config|refs|packed-refs|HEAD)|core\.hooksPath"
_WRITES: Final = r"write|open\(|unlink|remove|rename|rmtree|chmod|copy|>"
_RUNS: Final = (
    r"(?:run|call|create_subprocess_\w+|check_call|check_output|Popen|getoutput|getstatusoutput|system|"
    r"popen|exec\w*|spawn\w*)"
)
_MENTIONS: Final = r"[\s']*(?:\S*/)?(?:git|gh)[\s']"


def starts_others(text: str) -> bool:
    """Whether a program can start others."""
    return re.search(_STARTS, text) is not None


def judge_code(line: Line, shell: Shell, text: str, *, python: bool = False) -> None:
    """Judge a program's text. A command in it counts only if the program can start commands.

    A branch that only the program knows is left to git's hooks.
    """
    if re.search(_LIBRARY, text) and re.search(_CHANGES, text):
        line.record("opaque", detail="A program that changes a repository through a library")
    if re.search(_SENDS, text):
        judge_text(line, text)
    if re.search(_GUARDED, text) and re.search(_WRITES, text):
        line.record("bypass", detail="A program that writes into .git")
    if not starts_others(text):
        return
    commands = _python(text) if python else None
    before = len(line.verdicts)
    for found in re.findall(_COMMAND, _flat(text)) if commands is None else commands:
        if found.strip(w.ANY + " "):
            line.in_subshell(shell, found.replace(w.ANY, '"$__unknown"').strip())
    line.verdicts[before:] = [each for each in line.verdicts[before:] if each.rule != "unknown_branch"]
    if len(line.verdicts) == before and _is_made(text, commands):
        line.record("opaque", detail="A program that builds a command while it runs")


def _is_made(text: str, commands: list[str] | None) -> bool:
    """Whether the program may start a command that its text does not show."""
    if commands is None:
        return re.search(_MADE, text) is not None or w.ANY in text
    shown = [each for each in commands if each.strip(w.ANY + " ")]
    return len(shown) < len(commands) and (re.search(_MADE, text) is not None or w.ANY in text) and not shown


def _flat(text: str) -> str:
    """Lists of quoted words as one line: `['git', 'push']` becomes ` git  push `. Variables are unknown."""
    text = re.sub(r"\$\{[^}]*\}|#\{[^}]*\}|[\"']\s*[+.]\s*[A-Za-z_$][\w.$]*", w.ANY, text)
    text = re.sub(r"(?<=,)\s*[A-Za-z_$][\w.$]*\s*(?=[,\])])", w.ANY, text)
    return re.sub(r"[\"'\[\]()`{},\\]+", " ", text).replace(w.ANY, ' "$__unknown" ')


def _python(text: str) -> list[str] | None:
    """The commands that a Python program starts, `ANY` for what is not known; None if it is no valid Python."""
    try:
        tree = ast.parse(text.replace(w.ANY, "__unknown").replace(w.MANY, "__unknown"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return list(_Started(tree).commands())


_Values = dict[str, "ast.expr | None"]
"What names stand for; None if that is not known."


def _name(call: ast.Call) -> str:
    """The last part of the name that is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


class _Started:
    """The values of names that are assigned once, and the commands of the calls that start programs."""

    def __init__(self, tree: ast.Module) -> None:
        self._nodes = list(ast.walk(tree))
        self._values: _Values = {}
        self._calls: dict[str, list[ast.Call]] = {}
        for call in self._nodes:
            if isinstance(call, ast.Call):
                self._calls.setdefault(_name(call), []).append(call)
        for node in self._nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                self._values[name] = None if name in self._values else node.value

    def commands(self) -> Iterator[str]:
        functions = [node for node in self._nodes if isinstance(node, ast.FunctionDef)]
        within = {id(inner): function for function in functions for inner in ast.walk(function)}
        known = True
        for name, calls in self._calls.items():
            for node in calls if re.fullmatch(_RUNS, name) else ():
                given = [*node.args, *(each.value for each in node.keywords if each.arg in ("args", "cmd"))]
                for values in self._bound(within.get(id(node))) if given else ():
                    text = self._command(name, given, self._values | values)
                    known &= text.strip(w.ANY + " ") != ""
                    yield text
        if not known:  # it may be any command that the program writes out
            texts = (
                self._text(each, {}) for each in self._nodes if isinstance(each, ast.List | ast.Tuple | ast.Constant)
            )
            yield from (text for text in texts if re.match(_MENTIONS, text))

    def _bound(self, function: ast.FunctionDef | None) -> Iterator[_Values]:
        """The parameters of a function in each call of it."""
        called = self._calls.get(function.name) if function else None
        if function is None or not called:
            yield {}
            return
        names = [each.arg for each in function.args.args]
        for call in called[:40]:
            given = list(call.args)
            values: _Values = dict(zip(names, given, strict=False))
            if function.args.vararg:
                values[function.args.vararg.arg] = ast.Tuple(given[len(names) :])
            yield values

    def _command(self, name: str, given: list[ast.expr], values: _Values) -> str:
        skipped = (
            2 if name.startswith("spawn") else 1 if name.startswith("exec") else 0
        )  # execlp("git", "git", "push")
        if isinstance(given[0], ast.List | ast.Tuple) or not (skipped or name.endswith("_exec")):
            return self._text(given[0], values)
        return " ".join(self._text(each, values, listed=True) for each in given[skipped:])

    def _text(self, node: ast.expr, values: _Values, *, listed: bool = False) -> str:  # noqa: PLR0911  # one case for each expression
        match node:
            case ast.Constant(value=str(text)):
                return w.quoted([text]) if listed else text
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return " ".join(self._text(part, values, listed=True) for part in parts)
            case ast.Starred(value=inner):
                return self._text(inner, values, listed=listed)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                lists = isinstance(left, ast.List) or isinstance(right, ast.List)
                return (" " if lists else "").join(
                    self._text(each, values, listed=listed or lists) for each in (left, right)
                )
            case ast.JoinedStr(values=parts):
                return "".join(str(each.value) if isinstance(each, ast.Constant) else w.ANY for each in parts)
            case ast.Call(func=ast.Attribute(value=inner, attr="split"), args=[]):
                return self._text(inner, values)
            case ast.Name(id=name) if (value := values.get(name)) is not None:
                return self._text(value, {**values, name: None}, listed=listed)
            case _:
                return w.ANY
