"""Programs that start another program: which of their options take a value, and where the other's words begin."""

import re
from collections.abc import Mapping
from posixpath import basename
from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.programs.writes import sets_credential
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell

_BARE: Final = (
    "nohup setsid command builtin unbuffer dbus-run-session busybox toybox torsocks coproc ! then do else { "
    "chronic ts linux64 prlimit rlwrap entr pkexec fakeroot"
)
# NAME:LETTERS:COUNT, the short options that take a value, and the number of plain words before the command.
_WITH_OPTIONS: Final = (
    "sudo:ugpCDhrtTU:0 doas:uC:0 exec:a:0 time:of:0 timeout:ks:1 nice:n:0 watch:n:0 ionice:cnp:0 stdbuf:ioe:0 "
    "strace:eopPsSIbEaUX:0 ltrace:eopsn:0 flock:wE:1 chroot::1 taskset::1 chrt::1 faketime::1 setarch::1 "
    "unshare:SGRw:0 nsenter:tSG:0 systemd-run:pu:0 xvfb-run:ensfp:0 caffeinate:tw:0 proxychains:f:0 "
    "proxychains4:f:0 hyperfine:wmMrpcnSN:0 cgexec:g:0 npx:p:0 direnv::2"
)
WRAPPERS: Final[Mapping[str, tuple[str, int]]] = {
    **dict.fromkeys(_BARE.split(), ("", 0)),
    **{name: (values, int(plain)) for name, values, plain in (row.split(":") for row in _WITH_OPTIONS.split())},
}
_LONG_WITH_VALUE: Final = w.names(
    "--user --group --signal --kill-after --adjustment --output --unset --chdir --timeout --interval "
    "--workdir --env --with --package --python --directory --project"
)
_XARGS_WITH_VALUE: Final = w.names("-n -P -L -d -a -E -s --max-args --max-procs --delimiter --arg-file")
RUNNERS: Final = {"uv": "run", "poetry": "run", "pipenv": "run", "pdm": "run"} | dict.fromkeys(
    ("mise", "bundle", "npm"), "exec"
)
CONTAINERS: Final = {
    "docker": {"exec", "run"},
    "podman": {"exec", "run"},
    **{name: {"exec"} for name in ("kubectl", "nerdctl", "lxc")},
}
SHELLS: Final = {"sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish", "rbash"}


def after_options(words: list[str], values: str, plain: int) -> list[str]:
    """The words after a wrapper's own options, assignments and plain words."""
    rest = list(words)
    while rest and (
        rest[0].startswith(("-", "+")) or (plain == 0 and "=" in rest[0] and rest[0].split("=")[0].isidentifier())
    ):
        option = rest.pop(0)
        if option == "--":
            break
        if rest and ((len(option) == 2 and option[1] in values) or option in _LONG_WITH_VALUE):
            rest.pop(0)
    return rest[plain:]


def wrapped(line: Line, shell: Shell, call: Call) -> Output:
    name, rest = basename(call.words[0]), call.words[1:]
    values, plain = WRAPPERS[name]
    if name == "command" and rest and rest[0] in ("-v", "-V"):
        return rest[-1] + "\n"
    if name == "systemd-run":  # its --user takes no value, as sudo's does
        rest = [word for word in rest if word != "--user"]
    if name == "flock" and "-c" in rest:
        return line.in_subshell(shell, rest[rest.index("-c") + 1])
    if name in ("watch", "hyperfine", "entr"):
        return line.in_subshell(shell, " ".join(after_options(rest, values, plain)))
    return _next(line, shell, call, after_options(rest, values, plain))


def after_verb(line: Line, shell: Shell, call: Call) -> Output:
    """`uv run COMMAND`, `npm exec COMMAND`."""
    return _next(line, shell, call, after_options(call.words[2:], "", 0))


def _next(line: Line, shell: Shell, call: Call, words: list[str]) -> Output:
    return line.run(shell, call.as_(words)) if words else ""


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
    rest, replaced = _of_xargs(call.words[1:])
    if not rest:
        return None
    if basename(rest[0]) in SHELLS and not replaced and "-c" in rest:
        inner = shell.inner()
        inner.arguments = None
        text = rest[rest.index("-c") + 1] if rest[-1] != "-c" else call.stdin or w.MANY
        return line.source(inner, text)
    given = call.stdin.split() if call.stdin else [w.MANY] if call.stdin is None else []
    if replaced:
        one = " ".join(given) if call.stdin else w.ANY
        words = [word.replace(replaced, one) for word in rest]
    else:
        words = [*rest, *given]
    return line.run(shell.inner(), Call(words, call.environment, ""))


def _of_xargs(words: list[str]) -> tuple[list[str], str]:
    """The command, and the part of it that xargs replaces."""
    rest, replaced = list(words), ""
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option.startswith("-I"):
            replaced = option[2:] or (rest.pop(0) if rest else "{}")
        elif option == "-i":
            replaced = "{}"
        elif option in _XARGS_WITH_VALUE and rest:
            rest.pop(0)
    return rest, replaced


def find(line: Line, shell: Shell, call: Call) -> Output:
    rest = call.words[1:]
    for at, word in enumerate(rest):
        if word in ("-exec", "-execdir", "-ok", "-okdir"):
            tail = rest[at + 1 :]
            end = next((n for n, each in enumerate(tail) if each in (";", "+")), len(tail))
            line.run(shell.inner(), Call([each.replace("{}", w.ANY) for each in tail[:end]] or ["true"], {}, ""))


def parallel(line: Line, shell: Shell, call: Call) -> Output:
    rest = after_options(call.words[1:], "jnNaS", 0)
    if ":::" in rest:
        at = rest.index(":::")
        command, given = rest[:at], [word for word in rest[at + 1 :] if word != ":::"]
    else:
        command, given = rest, (call.stdin.splitlines() if call.stdin else [w.MANY])
    for each in given[:40]:
        words = [word.replace("{}", each) for word in command]
        line.source(shell.inner(), " ".join(words if words != command else [*words, each]))


def ssh(line: Line, shell: Shell, call: Call) -> Output:
    rest = after_options(call.words[1:], "BbcDEeFIiJLlmOopQRSWw", 1)
    inner = shell.inner()
    inner.cwd = "/" + w.ANY
    return line.walk.text(inner, " ".join(rest)) if rest else None


def in_container(line: Line, shell: Shell, call: Call) -> Output:
    for at, word in enumerate(call.words[1:], 1):
        spaced = word in ("-e", "--env") and at + 1 < len(call.words)
        setting = call.words[at + 1] if spaced else word.removeprefix("--env=").removeprefix("-e")
        name, _, value = setting.partition("=")
        if sets_credential(name, value):
            line.record("credential", name)
        if basename(word) in {"git", "gh", *SHELLS} and at > 2:
            return line.run(shell.inner(), Call(call.words[at:], {}, call.stdin, call.source))
    return None
