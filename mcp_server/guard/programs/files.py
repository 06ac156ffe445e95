"""Well-known programs: the files that they change, and their output."""

import re

from mcp_server.clients.claude_hook import LOCAL_SETTINGS
from mcp_server.guard.line import Line
from mcp_server.guard.programs.writes import holds_guard
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell

_COPIES = {"cp", "mv", "ln", "install", "rsync"}
_ALTERS = {"rm", "chmod", "chown", "truncate", "shred", "unlink", "rmdir", "patch", "ed", "ex", "touch"}
CHANGERS = _COPIES | _ALTERS | {"tee", "sed", "dd", "claude", "ops", "pr-word"}
_SILENT = w.names("true false : mkdir touch sleep exit return set shift rm export")


def change_files(line: Line, shell: Shell, name: str, call: Call) -> None:
    """Programs that change the files they name."""
    rest = call.words[1:]
    plain = [word for word in rest if not word.startswith("-")]
    if name == "tee":
        _write_all(line, shell, plain, call.stdin)
    elif name in _COPIES and plain:
        _write_all(line, shell, plain if name == "mv" else plain[-1:], None)
    elif name in _ALTERS:
        for target in plain:
            path = line.path(shell, target.replace(w.MANY, w.ANY))
            copy = (
                name == "rm"
                and path.endswith("/.git")
                and not line.repositories.is_of_fleet(path.removesuffix("/.git"))
            )
            if (
                not target.endswith(".lock")
                and not copy
                and (holds_guard(line, path) or path.endswith(LOCAL_SETTINGS))
            ):
                line.record("bypass", detail=f"{name} of {target}")
    elif name == "sed" and plain:
        if any(re.fullmatch(r"-i.*|--in-place|-[a-zA-Z]*i", word) for word in rest):
            # The text of a, i and c may follow at once.
            content = re.sub(r"(?<=[\d$/])[aic]\\?", " ", plain[0]) if "/d" not in plain[0] else ""
            _write_all(line, shell, plain[1:] or plain, content)
    elif name == "dd":
        _write_all(line, shell, [word[3:] for word in rest if word.startswith("of=")], call.stdin)


def _write_all(line: Line, shell: Shell, targets: list[str], content: Output) -> None:
    for target in targets:
        line.write(shell, target, content)


def judge_client(line: Line, name: str, rest: list[str]) -> None:
    """`claude` and `ops`: what disables this guard, and approvals that only a human may give."""
    if name == "claude":
        disables = re.search(r"\bplugin (?:disable|uninstall|remove)\b", " ".join(rest[:3]))
        if disables or "--bare" in rest or "disableAllHooks" in " ".join(rest):
            line.record("bypass", detail=f"claude {' '.join(rest[:2])}"[:60])
    command = _ops_command(rest) if name == "ops" else []
    if command == ["guard", "uninstall"]:
        line.record("bypass", detail="ops guard uninstall")
    elif command == ["pr", "merge"]:
        line.record("merge")
    elif name == "pr-word" or command in (["pr", "typed"], ["pr", "approve"]):
        line.record("open_pr")


def _ops_command(words: list[str]) -> list[str]:
    """The noun and the verb, without the options that may precede them."""
    found = [word for before, word in zip(["", *words], words, strict=False) if before not in ("--fleet", "--agent")]
    return [word for word in found if not word.startswith("-")][:2]


def output_of(line: Line, shell: Shell, name: str, call: Call) -> Output:  # noqa: PLR0911  # one case for each program
    """The output of well-known programs; None if it is not known."""
    rest = call.words[1:]
    match name:
        case "echo":
            return _echo(rest)
        case "printf" if rest and rest[0] != "-v":
            return _printf(rest)
        case "cat" | "tee":
            return None if name == "cat" and set(rest) - {"-"} else call.stdin
        case "pwd":
            return shell.cwd + "\n"
        case "mktemp":
            made = f"/tmp/{w.ANY}made"  # noqa: S108  # nothing is created
            line.new_repositories.add(made)
            return made + "\n"
        case "which" if rest:
            return f"{rest[-1]}\n"
        case _:
            return "" if name in _SILENT else None


def _echo(rest: list[str]) -> str:
    words = list(rest)
    while words and re.fullmatch(r"-[neE]+", words[0]):
        del words[0]
    return (w.ansi_c(" ".join(words)) if "-e" in rest else " ".join(words)) + "\n"


def _printf(rest: list[str]) -> str:
    form, given = w.ansi_c(rest[0]), list(rest[1:])
    out = ""
    while True:
        before = len(given)
        out += re.sub(r"%[-\d.]*([sdbq%])", lambda m: "%" if m[1] == "%" else (given.pop(0) if given else ""), form)
        if not given or len(given) == before:
            return out
