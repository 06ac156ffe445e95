"""Git settings that a line gives or writes: those that disable hooks, redirect pushes or run a program."""

from mcp_server.guard.line import Line
from mcp_server.guard.policy import guards
from mcp_server.guard.programs.git_options import RUNS_A_PROGRAM, STEERS, SWITCHES_HOOKS
from mcp_server.guard.programs.refs import short
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Shell


def judge_setting(line: Line, shell: Shell, key: str, value: str) -> None:
    key = key.lower()
    if key in SWITCHES_HOOKS or w.is_unknown(key):
        line.record("bypass", detail=key.replace("hookspath", "hooksPath").replace(w.ANY, "?").replace(w.MANY, "?"))
    elif STEERS.fullmatch(key):
        if not _is_harmless(line, key, value):
            line.record("bypass", detail=key)
    elif RUNS_A_PROGRAM.fullmatch(key):
        line.in_subshell(shell, value.removeprefix("!"))


def _is_harmless(line: Line, key: str, value: str) -> bool:
    """Whether a setting that redirects pushes leaves the protected branches alone."""
    if key == "push.default":
        return value in ("simple", "current", "nothing")
    if key.endswith("insteadof"):
        return "://" in value
    return key.endswith((".remote", ".fetch")) or (key.endswith(".merge") and not guards(line.policy, short(value)))
