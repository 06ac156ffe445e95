"""What a program on a command line starts: wrappers unwrapped, shells and interpreters followed into their text."""

import re
from collections.abc import Mapping
from posixpath import basename
from typing import TYPE_CHECKING, Final

from mcp_server.domain.guard import words as w
from mcp_server.domain.guard.code import judge_code, starts_others
from mcp_server.domain.guard.git_line import run_git
from mcp_server.domain.guard.hosting import judge_request, run_gh
from mcp_server.domain.guard.shell import Call, Output, Shell
from mcp_server.domain.guard.writes import guards, sets_credential

if TYPE_CHECKING:
    from mcp_server.domain.guard.line import Line

# Wrappers: the options of each that take a value, and how many plain words stand before the command.
_BARE_WRAPPERS: Final = (
    "nohup setsid command builtin unbuffer dbus-run-session busybox toybox torsocks coproc ! then do else { "
    "chronic ts linux64 prlimit rlwrap entr pkexec fakeroot "
)
_WITH_OPTIONS: Final = (
    "sudo:ugpCDhrtTU:0 doas:uC:0 exec:a:0 time:of:0 timeout:ks:1 nice:n:0 watch:n:0 ionice:cnp:0 stdbuf:ioe:0 "
    "strace:eopPsSIbEaUX:0 ltrace:eopsn:0 flock:wE:1 chroot::1 taskset::1 chrt::1 faketime::1 setarch::1 "
    "unshare:SGRw:0 nsenter:tSG:0 systemd-run:pu:0 xvfb-run:ensfp:0 caffeinate:tw:0 proxychains:f:0 "
    "proxychains4:f:0 hyperfine:wmMrpcnSN:0 cgexec:g:0 npx:p:0 direnv::2 "
)
_WRAPPERS: Final[Mapping[str, tuple[str, int]]] = {
    **dict.fromkeys(_BARE_WRAPPERS.split(), ("", 0)),
    **{name: (values, int(plain)) for name, values, plain in (row.split(":") for row in _WITH_OPTIONS.split())},
}
_RUNNERS: Final = {
    "uv": "run",
    "poetry": "run",
    "pipenv": "run",
    "pdm": "run",
    "mise": "exec",
    "bundle": "exec",
    "npm": "exec",
}
_SHELLS: Final = {"sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish", "rbash"}
_INTERPRETERS: Final = re.compile(
    r"(?:python[\d.]*|pypy3?|perl|ruby|node|nodejs|deno|bun|php|lua|osascript|awk|gawk|mawk|tclsh)"
)
_CODE: Final = {"-c", "-e", "-E", "-r", "-p", "--eval", "--print", "eval", "-pe", "-ne", "-pi"}
_WORDS_OF_GIT: Final = re.compile(
    r"push|commit|merge|reset|rebase|cherry-pick|update-ref|branch|checkout|switch|pull|pr|api|config|am|revert|fetch|symbolic-ref|send-pack|worktree"
)
_CONTAINERS: Final = {
    "docker": {"exec", "run"},
    "podman": {"exec", "run"},
    "kubectl": {"exec"},
    "nerdctl": {"exec"},
    "lxc": {"exec"},
}
_FETCHERS: Final = {"curl", "wget", "cat", "(file)"}


def run(line: "Line", shell: Shell, call: Call) -> Output:  # noqa: C901, PLR0911, PLR0912  # one case a kind of program
    """Judge one call; returns what it prints where that is known."""
    name = basename(call.words[0])
    rest = call.words[1:]
    for variable, value in call.environment.items():
        if sets_credential(variable, value):
            line.did("credential", variable)
    if call.words[0] in shell.aliases:
        return _alias(line, shell, call)
    if call.words[0] in shell.functions:
        return line.walk.call_function(shell, call)
    if "/" in call.words[0] and line.files.get(line.path(shell, call.words[0])):
        inner = shell.inner()
        inner.arguments = rest
        return _script(line, inner, call.words[0], call)
    if w.is_open(name) or (w.has_glob(call.words[0]) and w.might_be(name, "git")):
        return _unknown(line, shell, call)
    if name in ("git", "hub", "git.exe") or name.startswith("git-"):
        return run_git(line, shell, call if not name.startswith("git-") else _with(call, ["git", name[4:], *rest]))
    if name in ("gh", "gh.exe"):
        return run_gh(line, shell, call)
    if name in _SHELLS:
        return _shell(line, shell, call)
    if _INTERPRETERS.fullmatch(name):
        return _interpreter(line, shell, call)
    if name in _SPECIAL:
        return _SPECIAL[name](line, shell, call)
    if name in _WRAPPERS:
        values, plain = _WRAPPERS[name]
        if name in ("command", "type") and rest and rest[0] in ("-v", "-V"):
            return rest[-1] + "\n"
        if name == "flock" and "-c" in rest:
            return line.walk.text(shell.inner(), rest[rest.index("-c") + 1])
        if name in ("watch", "hyperfine", "entr"):
            return line.walk.text(shell.inner(), " ".join(_after_options(rest, values, plain)))
        return _next(line, shell, call, _after_options(rest, values, plain))
    if name in _RUNNERS and _RUNNERS[name] in rest[:1]:
        return _next(line, shell, call, _after_options(rest[1:], "", 0))
    if (name in _CONTAINERS and _CONTAINERS[name] & set(rest[:2])) or name.startswith("docker-compose"):
        return _in_container(line, shell, call)
    if name in ("curl", "wget", "http", "https", "xh"):
        judge_request(line, shell, name, rest, call.stdin)
        return None
    _files(line, shell, name, rest, call)
    return _printed(line, shell, name, rest, call)


def _with(call: Call, words: list[str]) -> Call:
    return Call(words, call.environment, call.stdin, call.piped, call.source)


def _next(line: "Line", shell: Shell, call: Call, words: list[str]) -> Output:
    return run(line, shell, _with(call, words)) if words else ""


def _after_options(words: list[str], values: str, plain: int) -> list[str]:
    """What stands after a wrapper's own options, assignments and plain words."""
    rest = list(words)
    while rest and (
        rest[0].startswith(("-", "+")) or (plain == 0 and "=" in rest[0] and rest[0].split("=")[0].isidentifier())
    ):
        option = rest.pop(0)
        if option == "--":
            break
        if (len(option) == 2 and option[1] in values and rest) or (
            option.startswith("--") and "=" not in option and rest and option in _LONG_WITH_VALUE
        ):
            rest.pop(0)
    return rest[plain:]


_LONG_WITH_VALUE: Final = frozenset(
    [
        "--user",
        "--group",
        "--signal",
        "--kill-after",
        "--adjustment",
        "--output",
        "--unset",
        "--chdir",
        "--timeout",
        "--interval",
        "--workdir",
        "--env",
        "--with",
        "--package",
        "--python",
        "--directory",
        "--project",
    ]
)


def _unknown(line: "Line", shell: Shell, call: Call) -> Output:
    """A command word that is not known: it matters where git or gh would fit it."""
    first, rest = call.words[0], call.words[1:]
    if not (w.might_be(basename(first), "git") or w.might_be(basename(first), "gh")) and w.MANY not in first:
        return None
    bare = w.MANY in first and len(first) == 1 and not rest
    if bare or any(_WORDS_OF_GIT.fullmatch(word) or (w.MANY in word and len(word) == 1) for word in rest[:4]):
        line.did("opaque", detail="A command whose name is made while it runs")
    return None


def _alias(line: "Line", shell: Shell, call: Call) -> Output:
    inner = shell.inner()
    text = inner.aliases.pop(call.words[0])
    rest = " ".join("'" + word.replace("'", "'\\''") + "'" for word in call.words[1:])
    return line.walk.text(inner, f"{text} {rest}")


def _shell(line: "Line", shell: Shell, call: Call) -> Output:
    rest, inner = call.words[1:], shell.inner()
    inner.exported.update(call.environment)
    at = 0
    while at < len(rest) and rest[at][:1] in ("-", "+") and rest[at] not in ("-", "--"):
        word = rest[at]
        if not word.startswith("--") and "c" in word[1:] and at + 1 < len(rest):
            while at + 1 < len(rest) and rest[at + 1][:1] in ("-", "+"):
                at += 1
            inner.arguments = rest[at + 3 :]
            return _source(line, inner, rest[at + 1] if at + 1 < len(rest) else "")
        at += 2 if word in ("-o", "-O", "+o", "+O", "--rcfile", "--init-file") else 1
    names = [word for word in rest[at:] if word not in ("--",)]
    if names and names[0] not in ("-", "/dev/stdin"):
        inner.arguments = names[1:]
        return _script(line, inner, names[0], call)
    return _standard_input(line, inner, call)


def _source(line: "Line", shell: Shell, text: str) -> Output:
    """Run a text as shell; where it holds unknown parts they can only be seen as words of their own."""
    if text.strip(w.ANY + w.MANY + " ") == "" and text.strip():
        line.did("opaque", detail="A shell text made while it runs")
        return None
    return line.walk.text(shell, _as_source(text))


def _as_source(text: str) -> str:
    return text.replace(w.ANY, "${__unknown}").replace(w.MANY, "$__unknown")


def _script(line: "Line", shell: Shell, name: str, call: Call) -> Output:
    path = line.path(shell, name)
    if name in line.walk.streams:
        text, source = line.walk.streams[name], "(text)"
        return _standard_input(line, shell, Call(call.words, {}, text, True, "(stream)" if text is None else source))
    if path in line.files:
        text = line.files[path]
        if text is None:
            return None
        return _source(line, shell, text)
    return None


def _standard_input(line: "Line", shell: Shell, call: Call) -> Output:
    if call.stdin is None and call.source not in _FETCHERS:
        line.did("opaque", detail="A text made while it runs, and handed to a shell,")
    elif call.stdin:
        return _source(line, shell, call.stdin)
    return None


def _interpreter(line: "Line", shell: Shell, call: Call) -> Output:
    """A program's text, and what is handed to it, which it may run."""
    program = _program(line, shell, call)
    judge_code(line, shell, "\n".join([program, call.stdin or ""]))
    if starts_others(program):
        for word in call.words[2:]:
            if word != program and not word.startswith("-"):
                line.walk.text(shell.inner(), word)
    return None


def _program(line: "Line", shell: Shell, call: Call) -> str:
    name, rest = basename(call.words[0]), call.words[1:]
    if name.endswith("awk"):
        return next((word for word in rest if not word.startswith("-")), "")
    for at, word in enumerate(rest):
        flag = word in _CODE or re.fullmatch(r"-\w*[eE]" if name == "perl" else r"-[A-Za-z]*c", word)
        if flag:
            return rest[at + 1] if at + 1 < len(rest) else ""
        if word.startswith("-c") and name.startswith("py"):
            return word[2:]
        if not word.startswith("-"):
            return line.files.get(line.path(shell, word)) or line.walk.streams.get(word) or ""
    return ""


def _eval(line: "Line", shell: Shell, call: Call) -> Output:
    return _source(line, shell, " ".join(call.words[1:]))


def _dot(line: "Line", shell: Shell, call: Call) -> Output:
    names = call.words[1:]
    if names and names[0] == "/dev/stdin":
        return _standard_input(line, shell, call)
    return _script(line, shell, names[0], call) if names else ""


def _cd(line: "Line", shell: Shell, call: Call) -> Output:
    names = [word for word in call.words[1:] if not (word.startswith("-") and len(word) > 1)]
    shell.cwd = (
        line.path(shell, names[0].replace(w.MANY, w.ANY)) if names and names[0] != "-" else shell.cwd + "/" + w.ANY
    )
    return ""


def _set_alias(line: "Line", shell: Shell, call: Call) -> Output:
    for word in call.words[1:]:
        name, equals, text = word.partition("=")
        if equals:
            shell.aliases[name] = text
    return ""


def _env(line: "Line", shell: Shell, call: Call) -> Output:
    rest, environment = call.words[1:], dict(call.environment)
    inner = shell.inner()
    while rest:
        word = rest.pop(0)
        if word in ("-S", "--split-string") and rest:
            return line.walk.text(inner, " ".join(rest))
        if word.startswith(("-S", "--split-string=")):
            return line.walk.text(
                inner, " ".join([word.split("=", 1)[1] if "=" in word and word[1] == "-" else word[2:], *rest])
            )
        if word in ("-u", "--unset", "-C", "--chdir") and rest:
            value = rest.pop(0)
            if word in ("-C", "--chdir"):
                inner.cwd = line.path(inner, value)
            continue
        if word.startswith("-"):
            continue
        if "=" in word:
            name, _, value = word.partition("=")
            environment[name] = value
            if sets_credential(name, value):
                line.did("credential", name)
            continue
        return run(line, inner, Call([word, *rest], environment, call.stdin, call.piped, call.source))
    return None


def _xargs(line: "Line", shell: Shell, call: Call) -> Output:
    rest, replaced = call.words[1:], ""
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option.startswith("-I"):
            replaced = option[2:] or (rest.pop(0) if rest else "{}")
        elif option == "-i":
            replaced = "{}"
        elif (
            option
            in ("-n", "-P", "-L", "-d", "-a", "-E", "-s", "--max-args", "--max-procs", "--delimiter", "--arg-file")
            and rest
        ):
            rest.pop(0)
    if not rest:
        return None
    given = call.stdin.split() if call.stdin else [w.MANY] if call.stdin is None else []
    if replaced:
        given = [" ".join(given)] if call.stdin else [w.ANY]
        words = [word.replace(replaced, given[0]) for word in rest]
    else:
        words = [*rest, *given]
    if basename(rest[0]) in _SHELLS and not replaced and "-c" in rest:
        inner = shell.inner()
        inner.arguments = None
        return _source(line, inner, rest[rest.index("-c") + 1] if rest[-1] != "-c" else call.stdin or w.MANY)
    return run(line, shell.inner(), Call(words, call.environment, ""))


def _find(line: "Line", shell: Shell, call: Call) -> Output:
    rest = call.words[1:]
    for at, word in enumerate(rest):
        if word in ("-exec", "-execdir", "-ok", "-okdir"):
            tail = rest[at + 1 :]
            end = next((n for n, each in enumerate(tail) if each in (";", "+")), len(tail))
            run(line, shell.inner(), Call([each.replace("{}", w.ANY) for each in tail[:end]] or ["true"], {}, ""))
    return None


def _parallel(line: "Line", shell: Shell, call: Call) -> Output:
    rest = _after_options(call.words[1:], "jnNaS", 0)
    if ":::" in rest:
        at = rest.index(":::")
        command, given = rest[:at], [word for word in rest[at + 1 :] if word != ":::"]
    else:
        command, given = rest, (call.stdin.splitlines() if call.stdin else [w.MANY])
    for each in given[:40]:
        words = [word.replace("{}", each) for word in command]
        text = " ".join(words if any("{}" in word for word in command) else [*words, each])
        _source(line, shell.inner(), text)
    return None


def _text_of(option: str) -> "Callable[[Line, Shell, Call], Output]":
    """A program that takes a shell text after an option."""

    def judge(line: "Line", shell: Shell, call: Call) -> Output:
        for at, word in enumerate(call.words[1:-1], 1):
            if (
                word == option
                or (word.startswith("-") and not word.startswith("--") and word.endswith(option[-1]))
                or word == "--command"
            ):
                line.walk.text(shell.inner(), call.words[at + 1])
        for word in call.words[1:]:
            if word.startswith("--command="):
                line.walk.text(shell.inner(), word.partition("=")[2])
        return None

    return judge


def _all_texts(line: "Line", shell: Shell, call: Call) -> Output:
    """A program that types or schedules texts as commands: every word may be one, all together too."""
    texts = [word for word in call.words[1:] if " " in word]
    starts = [at for at, word in enumerate(call.words) if basename(word) in {"git", "gh", *_SHELLS}]
    for text in texts or [" ".join(word for word in call.words[at:] if word != "Enter") for at in starts[:1]]:
        line.walk.text(shell.inner(), text)
    if call.stdin and call.words[0] in ("at", "batch", "crontab"):
        line.walk.text(shell.inner(), re.sub(r"^(?:[\d*/,-]+ +){5}", "", call.stdin, flags=re.MULTILINE))
    return None


def _trap(line: "Line", shell: Shell, call: Call) -> Output:
    if len(call.words) > 2:
        line.walk.text(shell.inner(), call.words[1])
    return ""


def _ssh(line: "Line", shell: Shell, call: Call) -> Output:
    rest = _after_options(call.words[1:], "BbcDEeFIiJLlmOopQRSWw", 1)
    inner = shell.inner()
    inner.cwd = "/" + w.ANY
    return line.walk.text(inner, " ".join(rest)) if rest else None


def _in_container(line: "Line", shell: Shell, call: Call) -> Output:
    for at, word in enumerate(call.words[1:], 1):
        name, _, value = (
            call.words[at + 1]
            if word in ("-e", "--env") and at + 1 < len(call.words)
            else word.removeprefix("--env=").removeprefix("-e")
        ).partition("=")
        if sets_credential(name, value):
            line.did("credential", name)
        if basename(word) in {"git", "gh", *_SHELLS} and at > 2:
            return run(line, shell.inner(), Call(call.words[at:], {}, call.stdin, call.piped, call.source))
    return None


def _files(line: "Line", shell: Shell, name: str, rest: list[str], call: Call) -> None:  # noqa: C901  # one case for each program
    """Programs that change the files they name."""
    plain = [word for word in rest if not word.startswith("-")]
    if name == "tee":
        for target in plain:
            line.wrote(shell, target, call.stdin)
    elif name in ("cp", "mv", "ln", "install", "rsync") and plain:
        content = line.files.get(line.path(shell, plain[0]))
        for target in plain if name == "mv" else plain[-1:]:
            line.wrote(shell, target, content)
        line.files[line.path(shell, plain[-1])] = content
    elif name in ("rm", "chmod", "chown", "truncate", "shred", "unlink", "rmdir", "patch", "ed", "ex", "touch"):
        for target in plain:
            if not target.endswith(".lock") and guards(line, line.path(shell, target.replace(w.MANY, w.ANY))):
                line.did("bypass", detail=f"{name} of {target}")
    elif name == "sed" and any(
        word.startswith("-i") or word == "--in-place" or re.fullmatch(r"-[a-zA-Z]*i", word) for word in rest
    ):
        for target in plain[1:] or plain:
            line.wrote(shell, target, " ".join(plain[:1]) if "/d" not in plain[0] else "")
    elif name == "dd":
        for target in (word[3:] for word in rest if word.startswith("of=")):
            line.wrote(shell, target, call.stdin)
    elif name in ("claude", "ops") or name.endswith("/ops"):
        _clients(line, name, rest)


def _clients(line: "Line", name: str, rest: list[str]) -> None:
    text = " ".join(rest)
    if name == "claude" and (
        re.search(r"\bplugin (?:disable|uninstall|remove)\b", " ".join(rest[:3]))
        or "--bare" in rest
        or "disableAllHooks" in text
    ):
        line.did("bypass", detail=f"claude {' '.join(rest[:2])}"[:60])
    if name == "ops" and re.search(r"\bguard uninstall\b", text):
        line.did("bypass", detail="ops guard uninstall")


def _printed(line: "Line", shell: Shell, name: str, rest: list[str], call: Call) -> Output:  # noqa: C901, PLR0911  # one case for each program
    """What well-known programs print."""
    match name:
        case "echo":
            while rest and re.fullmatch(r"-[neE]+", rest[0]):
                rest = rest[1:]
            return w.ansi_c(" ".join(rest)) + "\n" if "-e" in call.words else " ".join(rest) + "\n"
        case "printf" if rest and rest[0] != "-v":
            return _formatted(rest)
        case "cat" if not rest or rest == ["-"]:
            return call.stdin
        case "cat":
            told = [line.files.get(line.path(shell, word)) for word in rest]
            return None if None in told else "".join(part for part in told if part)
        case "tee":
            return call.stdin
        case "pwd":
            return shell.cwd + "\n"
        case "which":
            return rest[-1] + "\n" if rest else ""
        case "mktemp":
            made = f"/tmp/{w.ANY}made"  # noqa: S108  # a name, no file
            line.fresh.add(made)
            return made + "\n"
        case (
            "true"
            | "false"
            | ":"
            | "mkdir"
            | "touch"
            | "sleep"
            | "exit"
            | "return"
            | "set"
            | "shift"
            | "rm"
            | "export"
        ):
            return ""
        case _:
            return None


def _formatted(rest: list[str]) -> str:
    form, given = w.ansi_c(rest[0]), list(rest[1:])
    out = ""
    while True:
        before = len(given)
        out += re.sub(r"%[-\d.]*([sdbq%])", lambda m: "%" if m[1] == "%" else (given.pop(0) if given else ""), form)
        if not given or len(given) == before:
            return out


if TYPE_CHECKING:
    from collections.abc import Callable

_SPECIAL: Final[dict[str, "Callable[[Line, Shell, Call], Output]"]] = {
    "eval": _eval,
    ".": _dot,
    "source": _dot,
    "cd": _cd,
    "pushd": _cd,
    "alias": _set_alias,
    "env": _env,
    "xargs": _xargs,
    "find": _find,
    "fd": _find,
    "parallel": _parallel,
    "su": _text_of("-c"),
    "runuser": _text_of("-c"),
    "script": _text_of("-c"),
    "nix-shell": _text_of("-c"),
    "tmux": _all_texts,
    "screen": _all_texts,
    "at": _all_texts,
    "batch": _all_texts,
    "crontab": _all_texts,
    "expect": _all_texts,
    "trap": _trap,
    "ssh": _ssh,
}
