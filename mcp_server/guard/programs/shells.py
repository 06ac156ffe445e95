"""Shells, interpreters and other programs that run a text given by an option, a file or standard input."""

import re
from itertools import pairwise
from posixpath import basename
from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.programs.code import judge_code, starts_others
from mcp_server.guard.programs.files import judge_client
from mcp_server.guard.programs.wrappers import SHELLS
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell
from mcp_server.kernel.lazy_pattern import lazy_pattern

INTERPRETERS: Final = lazy_pattern(
    r"(?:python[\d.]*|pypy3?|perl|ruby|node|nodejs|deno|bun|php|lua|osascript|awk|gawk|mawk|tclsh)"
)
_CODE: Final = {"-c", "-e", "-E", "-r", "-p", "--eval", "--print", "eval", "-pe", "-ne", "-pi"}
_FETCHERS: Final = {"curl", "wget", "cat", "(file)"}
"Sources of a text that the guard does not read: a download, a file on the disk."


def alias(line: Line, shell: Shell, call: Call) -> Output:
    inner = shell.inner()
    text = inner.aliases.pop(call.words[0])
    return line.walk.text(inner, f"{text} {w.quoted(call.words[1:])}")


def run_shell(line: Line, shell: Shell, call: Call) -> Output:
    rest, inner = call.words[1:], shell.inner()
    inner.exported.update(call.environment)
    at = 0
    while at < len(rest) and rest[at][:1] in ("-", "+") and rest[at] not in ("-", "--"):
        word = rest[at]
        if not word.startswith("--") and "c" in word[1:] and at + 1 < len(rest):
            while at + 1 < len(rest) and rest[at + 1][:1] in ("-", "+"):
                at += 1
            inner.arguments = rest[at + 3 :]
            return line.source(inner, rest[at + 1] if at + 1 < len(rest) else "")
        at += 2 if word in ("-o", "-O", "+o", "+O", "--rcfile", "--init-file") else 1
    names = [word for word in rest[at:] if word != "--"]
    if names and names[0] not in ("-", "/dev/stdin"):
        inner.arguments = names[1:]
        return script(line, inner, names[0], call)
    return standard_input(line, inner, call)


def script(line: Line, shell: Shell, name: str, call: Call) -> Output:
    if name in line.walk.expand.streams:
        text, source = line.walk.expand.streams[name], "(text)"
        return standard_input(line, shell, Call(call.words, {}, text, "(stream)" if text is None else source))
    return None


def standard_input(line: Line, shell: Shell, call: Call) -> Output:
    if call.stdin is None and call.source not in _FETCHERS:
        line.record("opaque", detail="A shell text that is not known before it runs")
    elif call.stdin:
        return line.source(shell, call.stdin)
    return None


def interpreter(line: Line, shell: Shell, call: Call) -> None:
    """Judge a program's text, and the text that it reads and may run."""
    if "mcp_server.cli" in call.words:
        judge_client(line, "ops", call.words[call.words.index("mcp_server.cli") + 1 :])
    program = _program(line, shell, call)
    python = basename(call.words[0]).startswith("py")
    judge_code(line, shell, "\n".join([program, call.stdin or ""]), python=python)
    if starts_others(program):
        for word in call.words[2:]:
            if word != program and not word.startswith("-"):
                line.in_subshell(shell, word)


def _program(line: Line, shell: Shell, call: Call) -> str:
    name, rest = basename(call.words[0]), call.words[1:]
    if name.endswith("awk"):
        return next((word for word in rest if not word.startswith("-")), "")
    for at, word in enumerate(rest):
        if word in _CODE or re.fullmatch(r"-\w*[eE]" if name == "perl" else r"-[A-Za-z]*c", word):
            return rest[at + 1] if at + 1 < len(rest) else ""
        if word.startswith("-c") and name.startswith("py"):
            return word[2:]
        if not word.startswith("-"):
            return line.walk.expand.streams.get(word) or ""
    return ""


def evaluate(line: Line, shell: Shell, call: Call) -> Output:
    return line.source(shell, " ".join(call.words[1:]))


def dot(line: Line, shell: Shell, call: Call) -> Output:
    names = call.words[1:]
    if names and names[0] == "/dev/stdin":
        return standard_input(line, shell, call)
    return script(line, shell, names[0], call) if names else ""


def cd(line: Line, shell: Shell, call: Call) -> Output:
    name = next((word for word in call.words[1:] if not word.startswith("-")), w.ANY)
    shell.cwd = line.path(shell, name.replace(w.MANY, w.ANY))
    return ""


def set_alias(line: Line, shell: Shell, call: Call) -> Output:
    for word in call.words[1:]:
        name, equals, text = word.partition("=")
        if equals:
            shell.aliases[name] = text
    return ""


def option_c(line: Line, shell: Shell, call: Call) -> None:
    """A program that runs a text given by `-c` or `--command`."""
    for word, after in pairwise([*call.words[1:], ""]):
        name, equals, text = word.partition("=")
        if name == "--command" or re.fullmatch(r"-\w*c", word):
            line.in_subshell(shell, text if equals else after)


def all_texts(line: Line, shell: Shell, call: Call) -> None:
    """A program that types or schedules commands: every word may be one, and so may all words together."""
    texts = [word for word in call.words if " " in word]
    starts = [at for at, word in enumerate(call.words) if basename(word) in {"git", "gh", *SHELLS}]
    for text in texts or [" ".join(word for word in call.words[at:] if word != "Enter") for at in starts[:1]]:
        line.in_subshell(shell, text)
    if call.stdin and call.words[0] in ("at", "batch", "crontab"):
        line.in_subshell(shell, re.sub(r"^(?:[\d*/,-]+ +){5}", "", call.stdin, flags=re.MULTILINE))


def trap(line: Line, shell: Shell, call: Call) -> Output:
    if len(call.words) > 2:
        line.in_subshell(shell, call.words[1])
    return ""


def make(line: Line, shell: Shell, call: Call) -> None:
    """Recipes from standard input."""
    for before, word in pairwise([*call.words, "-"]):  # the grammar loses a `-` that stands before a heredoc
        if before in ("-f", "--file", "--makefile") and word in ("-", "/dev/stdin"):
            for recipe in re.findall(r"^(?:\t|[^:=\n]*:[^=\n]*;)[@+-]*(.+)$", call.stdin or "", re.MULTILINE):
                line.in_subshell(shell, recipe.replace("$$", "$"))


def editor(line: Line, shell: Shell, call: Call) -> None:
    """`vim -c ':!COMMAND'`, `vim +'!COMMAND'`, `less +'!COMMAND'`."""
    for word in call.words[1:]:
        if found := re.match(r"\+?:?(?:silent\s*)?!(.+)", word, re.DOTALL):
            line.in_subshell(shell, found[1])
