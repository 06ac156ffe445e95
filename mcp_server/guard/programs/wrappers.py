"""Programs that start another program, or a shell text, which their words contain."""

import re
from collections.abc import Callable
from posixpath import basename
from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.programs.writes import sets_credential
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell

SHELLS: Final = {"sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish", "rbash"}
WRAPPERS: Final = w.names(
    "nohup setsid command builtin unbuffer dbus-run-session busybox toybox torsocks coproc ! then do else { chronic "
    "ts linux64 prlimit rlwrap entr pkexec fakeroot sudo doas exec time timeout nice watch ionice stdbuf strace "
    "ltrace flock chroot taskset chrt faketime setarch unshare nsenter systemd-run xvfb-run caffeinate proxychains "
    "proxychains4 hyperfine cgexec npx direnv ssh parallel trap su runuser script nix-shell tmux screen "
    "expect vi vim nvim view ex less more"
)
_VERBS: Final = {
    **dict.fromkeys(("uv", "poetry", "pipenv", "pdm"), ("run",)),
    **dict.fromkeys(("mise", "bundle", "npm", "kubectl", "nerdctl", "lxc"), ("exec",)),
    **dict.fromkeys(("docker", "podman", "docker-compose"), ("exec", "run")),
}
_ELSEWHERE: Final = {"ssh", "docker", "podman", "docker-compose", "kubectl", "nerdctl", "lxc"}
_MENTIONS: Final = re.compile(r"\b(?:git|gh|hub)[ \t]")
_XARGS_WITH_VALUE: Final = w.names("-n -P -L -d -a -E -s --max-args --max-procs --delimiter --arg-file")


def starts_another(name: str, rest: list[str]) -> bool:
    return name in WRAPPERS or bool({*_VERBS.get(name, ())} & {*rest[:2]})


def wrapped(line: Line, shell: Shell, call: Call, is_known: Callable[[str], bool]) -> Output:
    """Judge the call that begins with the first known program among the words, and the texts that mention git."""
    name, rest = basename(call.words[0]), [word for word in call.words[1:] if word.strip(":")]
    if name == "command" and rest and rest[0] in ("-v", "-V"):
        return rest[-1] + "\n"
    inner = shell.inner()
    if name in _ELSEWHERE:
        inner.cwd = "/" + w.ANY
        _judge_environment(line, rest)
    texts = [word for word in rest if " " in word and _MENTIONS.search(word)]
    for text in texts:
        line.in_subshell(inner, re.sub(r"^[+:!\s\d*/,-]+|^spawn ", "", text, flags=re.MULTILINE))
    own = True
    for at, word in enumerate(rest):
        if is_known(basename(word)) or (w.is_unknown(word) and own):
            return line.run(inner if name in _ELSEWHERE else shell, call.as_(rest[at:]))
        own &= re.fullmatch(r"-.*|\d.*|[A-Z]+|run|exec|.*=.*", word) is not None
    return None


def _judge_environment(line: Line, rest: list[str]) -> None:
    """`docker run -e NAME=VALUE`"""
    for before, word in zip(["", *rest], rest, strict=False):
        setting = word if before in ("-e", "--env") else word.removeprefix("--env=").removeprefix("-e")
        name, _, value = setting.partition("=")
        if sets_credential(name, value):
            line.record("credential", name)


def env(line: Line, shell: Shell, call: Call) -> Output:
    rest, environment, inner = call.words[1:], dict(call.environment), shell.inner()
    while rest:
        word = rest.pop(0)
        split = re.fullmatch(r"-S(.*)|--split-string(?:=(.*))?", word, re.DOTALL)
        if split:
            return line.walk.text(inner, " ".join([split[1] or split[2] or "", *rest]))
        if word in ("-u", "--unset", "-C", "--chdir") and rest:
            value = rest.pop(0)
            if word in ("-C", "--chdir"):
                inner.cwd = line.path(inner, value)
        elif "=" in word and not word.startswith("-"):
            name, _, value = word.partition("=")
            environment[name] = value
            if sets_credential(name, value):
                line.record("credential", name)
        elif not word.startswith("-"):
            return line.run(inner, Call([word, *rest], environment, call.stdin, call.source))
    return None


def xargs(line: Line, shell: Shell, call: Call) -> Output:
    """The words after the command are those of standard input, or take the place of what `-I` names."""
    rest, replaced = call.words[1:], ""
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option == "-i" or option.startswith("-I"):
            replaced = option[2:] or (rest.pop(0) if option == "-I" and rest else "{}")
        elif option in _XARGS_WITH_VALUE and rest:
            rest.pop(0)
    given = call.stdin.split() if call.stdin else [w.MANY] if call.stdin is None else []
    if replaced:
        given = [" ".join(given) if call.stdin else w.ANY]
        words = [word.replace(replaced, given[0]) for word in rest]
    elif rest[-1:] == ["-c"] and call.stdin:
        words = [*rest, call.stdin]
    else:
        words = [*rest, *given]
    return line.run(shell.inner(), Call(words, call.environment, "")) if rest else None


def find(line: Line, shell: Shell, call: Call) -> Output:
    rest = call.words[1:]
    for at, word in enumerate(rest):
        if word in ("-exec", "-execdir", "-ok", "-okdir"):
            tail = rest[at + 1 :]
            end = next((n for n, each in enumerate(tail) if each in (";", "+")), len(tail))
            line.run(shell.inner(), Call([each.replace("{}", w.ANY) for each in tail[:end]] or ["true"], {}, ""))
