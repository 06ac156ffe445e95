"""Shells, interpreters and other programs that run a text given by an option, a file or standard input."""

import re
from posixpath import basename
from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.programs.code import judge_code, starts_others
from mcp_server.guard.programs.files import judge_client
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell
from mcp_server.kernel.lazy_pattern import lazy_pattern

INTERPRETERS: Final = lazy_pattern(
    r"(?:python[\d.]*|pypy3?|perl|ruby|node|nodejs|deno|bun|php|lua|osascript|awk|gawk|mawk|tclsh)"
)
_CODE: Final = {"-c", "-e", "-E", "-r", "-p", "--eval", "--print", "eval", "-pe", "-ne", "-pi"}
_FETCHERS: Final = {"curl", "wget", "cat", "(file)"}
_TEXTS: Final = w.names(
    "echo printf cat tac rev head tail cut tr sed sort uniq paste fold column join awk gawk base64 base32 basenc xxd "
    "od hexdump uudecode openssl gpg gzip gunzip zcat bzip2 bzcat xz xzcat zstd zstdcat dd tee jq yq envsubst m4 "
    "iconv strings git env sudo sh bash dash zsh eval xargs command find grep rg"
)
"Programs that print what they are given."
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
        text = line.walk.expand.streams[name]
        return standard_input(line, shell, Call(call.words, {}, text, "(text)" if text is not None else call.source))
    return None


def standard_input(line: Line, shell: Shell, call: Call) -> Output:
    if call.stdin is None and first_of(call.source) not in _FETCHERS and not prints_its_own(call.source):
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
    text = " ".join(call.words[1:])
    if text.strip(w.ANY + w.MANY) == "" and prints_its_own(call.source):
        return None
    return line.source(shell, text)


def prints_its_own(command: str) -> bool:
    """Whether what a command prints is its own, as that of `ssh-agent -s`, and not a text that it was given."""
    name = basename(first_of(command))
    if name == "gh":
        return command.split()[1:2] == ["completion"]
    return (
        re.fullmatch(r"[A-Za-z][\w.+-]*", name) is not None
        and name not in _TEXTS
        and not INTERPRETERS.fullmatch(name)
    )


def first_of(command: str) -> str:
    return (command.split() or [""])[0]


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
