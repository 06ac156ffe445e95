"""Well-known programs: the files that they change, and what they print."""

import re

from mcp_server.clients.claude_hook import LOCAL_SETTINGS
from mcp_server.guard.line import Line
from mcp_server.guard.programs.writes import guards
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell

_COPIES = {"cp", "mv", "ln", "install", "rsync"}
_ALTERS = {"rm", "chmod", "chown", "truncate", "shred", "unlink", "rmdir", "patch", "ed", "ex", "touch"}
_SILENT = w.names("true false : mkdir touch sleep exit return set shift rm export")


def change_files(line: Line, shell: Shell, name: str, call: Call) -> None:
    """Programs that change the files they name."""
    rest = call.words[1:]
    plain = [word for word in rest if not word.startswith("-")]
    if name == "tee":
        _all_written(line, shell, plain, call.stdin)
    elif name in _COPIES and plain:
        content = line.files.get(line.path(shell, plain[0]))
        _all_written(line, shell, plain if name == "mv" else plain[-1:], content)
        line.files[line.path(shell, plain[-1])] = content
    elif name in _ALTERS:
        for target in plain:
            path = line.path(shell, target.replace(w.MANY, w.ANY))
            if not target.endswith(".lock") and (guards(line, path) or path.endswith(LOCAL_SETTINGS)):
                line.record("bypass", detail=f"{name} of {target}")
    elif name == "sed":
        for script in plain[:1]:
            _sed(line, shell, script)
        _edited_in_place(line, shell, rest, plain)
    elif name == "dd":
        _all_written(line, shell, [word[3:] for word in rest if word.startswith("of=")], call.stdin)


def _edited_in_place(line: Line, shell: Shell, rest: list[str], plain: list[str]) -> None:
    if any(re.fullmatch(r"-i.*|--in-place|-[a-zA-Z]*i", word) for word in rest):
        # The text of a, i and c may follow at once.
        content = re.sub(r"(?<=[\d$/])[aic]\\?", " ", plain[0]) if "/d" not in plain[0] else ""
        _all_written(line, shell, plain[1:] or plain, content)


def _sed(line: Line, shell: Shell, script: str) -> None:
    """The commands that sed's `e` runs."""
    for found in re.finditer(r"(?:^|[;{}\n\d$/])\s*e[ \t]+([^\n]+)", script):
        line.in_subshell(shell, found[1])
    if found := re.fullmatch(r"\S*s(.).*?\1(.*)\1\w*e\w*", script, re.DOTALL):
        line.in_subshell(shell, found[2])


def _all_written(line: Line, shell: Shell, targets: list[str], content: Output) -> None:
    for target in targets:
        line.write(shell, target, content)


def judge_client(line: Line, name: str, rest: list[str]) -> None:
    """`claude` and `ops`: what takes this guard out of force, and what gives the word that is a human's to give."""
    text = " ".join(rest)
    disables = re.search(r"\bplugin (?:disable|uninstall|remove)\b", " ".join(rest[:3]))
    if name == "claude" and (disables or "--bare" in rest or "disableAllHooks" in text):
        line.record("bypass", detail=f"claude {' '.join(rest[:2])}"[:60])
    if name == "ops" and _call_of_ops(rest) == ["guard", "uninstall"]:
        line.record("bypass", detail="ops guard uninstall")
    if name == "ops" and _call_of_ops(rest) == ["pr", "merge"]:
        line.record("merge")
    if name == "pr-word" or (name == "ops" and _call_of_ops(rest) in (["pr", "typed"], ["pr", "approve"])):
        line.record("open_pr")


def _call_of_ops(words: list[str]) -> list[str]:
    """Noun and verb, past the options that go before them."""
    before = ["", *words]
    found = [word for word, last in zip(words, before, strict=False) if last not in ("--fleet", "--agent")]
    return [word for word in found if not word.startswith("-")][:2]


def printed(line: Line, shell: Shell, name: str, call: Call) -> Output:
    """What well-known programs print."""
    rest = call.words[1:]
    match name:
        case "echo":
            return _echoed(rest)
        case "printf" if rest and rest[0] != "-v":
            return _formatted(rest)
        case "cat" | "tee":
            return _passed(line, shell, rest if name == "cat" else [], call.stdin)
        case "pwd":
            return shell.cwd + "\n"
        case "mktemp":
            return _made(line)
        case _:
            return "" if name in _SILENT else f"{rest[-1]}\n" if name == "which" and rest else None


def _echoed(rest: list[str]) -> str:
    words = list(rest)
    while words and re.fullmatch(r"-[neE]+", words[0]):
        del words[0]
    return (w.ansi_c(" ".join(words)) if "-e" in rest else " ".join(words)) + "\n"


def _passed(line: Line, shell: Shell, names: list[str], stdin: Output) -> Output:
    told = [line.files.get(line.path(shell, name)) for name in names if name != "-"]
    if not told:
        return stdin
    return None if None in told else "".join(part for part in told if part)


def _made(line: Line) -> str:
    made = f"/tmp/{w.ANY}made"  # noqa: S108  # a name, no file
    line.new_repositories.add(made)
    return made + "\n"


def _formatted(rest: list[str]) -> str:
    form, given = w.ansi_c(rest[0]), list(rest[1:])
    out = ""
    while True:
        before = len(given)
        out += re.sub(r"%[-\d.]*([sdbq%])", lambda m: "%" if m[1] == "%" else (given.pop(0) if given else ""), form)
        if not given or len(given) == before:
            return out
