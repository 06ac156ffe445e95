"""The programs that the guard knows: one table names the function that judges each."""

from collections.abc import Callable, Mapping
from posixpath import basename
from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.programs import shells, wrappers
from mcp_server.guard.programs.files import CHANGERS, change_files, judge_client, output_of
from mcp_server.guard.programs.gh import run_forge, run_gh
from mcp_server.guard.programs.git import run_git
from mcp_server.guard.programs.jj import run_jj
from mcp_server.guard.programs.requests import judge_request
from mcp_server.guard.programs.writes import sets_credential
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell
from mcp_server.kernel.lazy_pattern import lazy_pattern

Judge = Callable[[Line, Shell, Call], Output]


_WORDS_OF_GIT: Final = lazy_pattern(
    r"push|commit|merge|reset|rebase|cherry-pick|update-ref|branch|checkout|switch|pull|pr|api|config|am|revert|fetch"
    r"|symbolic-ref|send-pack|worktree"
)


def run(line: Line, shell: Shell, call: Call) -> Output:
    """Judge one call; returns its output, None if that is not known."""
    first = call.words[0]
    for variable, value in call.environment.items():
        if sets_credential(variable, value):
            line.record("credential", variable)
        if variable == "PROMPT_COMMAND":
            line.in_subshell(shell, value)
    if first in shell.aliases:
        return shells.alias(line, shell, call)
    if first in shell.functions:
        return line.walk.call_function(shell, call)
    if w.is_unknown(basename(first)) or (w.has_glob(first) and w.might_be(basename(first), "git")):
        return _unknown(line, shell, call)
    return _program(line, shell, basename(first), call)


def _program(line: Line, shell: Shell, name: str, call: Call) -> Output:
    judge = JUDGES.get(name) or _judge_by_kind(name, call.words[1:])
    if judge is not None:
        return judge(line, shell, call)
    change_files(line, shell, name, call)
    judge_client(line, name, call.words[1:])
    return output_of(line, shell, name, call)


def _judge_by_kind(name: str, rest: list[str]) -> Judge | None:
    if name.startswith("git-"):
        return lambda line, shell, call: run_git(line, shell, call.as_(["git", name[4:], *rest]))
    if shells.INTERPRETERS.fullmatch(name):
        return shells.interpreter
    if wrappers.starts_another(name, rest):
        return lambda line, shell, call: wrappers.wrapped(line, shell, call, _is_known)
    return None


def _is_known(name: str) -> bool:
    return name in JUDGES or name in CHANGERS or name.startswith("git-") or _judge_by_kind(name, []) is not None


def _unknown(line: Line, shell: Shell, call: Call) -> None:
    """A command whose name is not known matters if it might be git or gh, or runs one of them or a shell text."""
    first, rest = call.words[0], call.words[1:]
    if basename(rest[0] if rest else "") in {"git", "gh", "env", *wrappers.SHELLS}:
        run(line, shell.inner(), call.as_(rest))
    if "-c" in rest[:-1]:
        line.in_subshell(shell, rest[rest.index("-c") + 1])
    fits = w.might_be(basename(first), "git") or w.might_be(basename(first), "gh")
    if not fits and w.MANY not in first:
        return
    bare = first == w.MANY and not rest
    if bare or any(_WORDS_OF_GIT.fullmatch(word) or word == w.MANY for word in rest[:4]):
        line.record("opaque", detail="A command whose name is not known before it runs")


JUDGES: Final[Mapping[str, Judge]] = {
    **dict.fromkeys(("git", "hub", "git.exe"), run_git),
    **dict.fromkeys(("gh", "gh.exe"), run_gh),
    **dict.fromkeys(("glab", "tea"), run_forge),
    **dict.fromkeys(("curl", "wget", "http", "https", "xh"), judge_request),
    **dict.fromkeys(wrappers.SHELLS, shells.run_shell),
    **dict.fromkeys((".", "source"), shells.dot),
    **dict.fromkeys(("cd", "pushd"), shells.cd),
    **dict.fromkeys(("find", "fd"), wrappers.find),
    "alias": shells.set_alias,
    "env": wrappers.env,
    "eval": shells.evaluate,
    "jj": run_jj,
    "xargs": wrappers.xargs,
}
