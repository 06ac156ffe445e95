"""Variables as lines that mean the same to bash, zsh, dash and fish. Pure.

A line holds no comment, as an interactive zsh takes `#` for a word, and no quoting that only some of them know.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from mcp_server.kernel.visible import visible

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHELLS_OWN: Final = re.compile(
    r"""_ | UID | EUID | GID | EGID | PPID | USERNAME | BASHOPTS | BASHPID | BASH_VERSINFO | SHELLOPTS
      | FISH_VERSION | PWD | SHLVL | ARGC | LINENO | LINES | COLUMNS | SECONDS | RANDOM | SRANDOM | OPTIND | HISTCMD
      | HISTSIZE | SAVEHIST | FUNCNEST | TTYIDLE | LISTMAX | KEYTIMEOUT | MAILCHECK | ZSH_EVAL_CONTEXT
      | ZSH_SUBSHELL | TRY_BLOCK_ERROR | TRY_BLOCK_INTERRUPT | fish_pid | fish_kill_signal | fish_killring | status
      | status_generation | pipestatus | argv | history | historywords | version | hostname | umask | path
      | cdpath | fpath | mailpath | manpath | module_path | fignore | psvar | watch | signals | functions
      | parameters | options | commands | aliases | modules | widgets | keymaps | builtins | dirstack | terminfo
      | termcap""",
    re.VERBOSE,
)
"Names that are read-only in one of these shells, or change the shell itself; assigning to them may end the script."


def settable(name: str) -> bool:
    """Whether each of the shells can set a variable of this name; a program can be started with any."""
    return bool(_NAME.fullmatch(name)) and not _SHELLS_OWN.fullmatch(name)


def exports(variables: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The lines that set these variables."""
    return (f"export {name}={quoted(value)}" for name, value in variables if settable(name))


def unset(names: Iterable[str]) -> Iterator[str]:
    """The line that removes them; fish has no `unset`."""
    if listed := " ".join(filter(settable, names)):
        yield f"command -v unset >/dev/null && unset {listed} || set -e {listed}"


def note(text: str) -> str:
    """A line that does nothing."""
    return f": {quoted(text)}"


def quoted(value: str) -> str:
    """The value for each of the shells. Control characters, which nothing prints raw, are made by `printf`."""
    body = value.rstrip("\n")
    end = quoted_plain(value[len(body) :]) if body != value else ""
    if visible(value) == value:
        return quoted_plain(value)
    octal = "".join(f"\\{byte:03o}" for byte in body.encode(errors="surrogateescape"))
    return f"\"$(printf '{octal}')\"{end}"


def quoted_plain(value: str) -> str:
    """In single quotes; fish knows `\\'` and `\\\\` in them, so these two are in double quotes."""
    if re.fullmatch(r"[A-Za-z0-9_@%+:,./-]+", value):
        return value
    parts = re.findall(r"[^'\\]+|'|\\", value)
    return "".join('"\'"' if part == "'" else '"\\\\"' if part == "\\" else f"'{part}'" for part in parts) or "''"
