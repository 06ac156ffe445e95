"""One call of git: the folder it works in, the configuration given on the line, its options and words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.policy import Kind, guards
from mcp_server.guard.programs.git_options import Options, read_options
from mcp_server.guard.programs.git_settings import CONFIG_VARIABLES, judge_setting
from mcp_server.guard.programs.refs import is_upstream
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell

_WITH_VALUE: Final = {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--super-prefix"} | {
    "--attr-source"
}
_WITH_VERBS: Final = w.names("worktree remote stash bundle notes")


@dataclass
class Git:
    """One git call after its global options: `git -C folder name words`."""

    line: Line
    shell: Shell
    folder: str
    name: str
    words: list[str]
    call: Call

    @property
    def branch(self) -> str | None:
        return self.line.branch(self.folder)

    @property
    def on_protected(self) -> bool:
        return self.branch is not None and guards(self.line.policy, self.branch)

    @property
    def verb(self) -> str:
        """The word after `git worktree`, `git remote`, ..."""
        return self.words[0] if self.words and self.name in _WITH_VERBS else ""

    @cached_property
    def options(self) -> Options:
        return read_options(*((f"{self.name} {self.verb}", self.words[1:]) if self.verb else (self.name, self.words)))

    @property
    def plain(self) -> list[str]:
        """The words that are neither options nor values of options, before and after `--`."""
        return self.options.plain

    def has(self, *names: str) -> bool:
        """Whether one of these options is in force, each by its long name or its letter if it has none."""
        return any(self.options.flags.get(name, False) is not False for name in names)

    def record(self, kind: Kind, target: str = "", detail: str = "") -> None:
        self.line.record(kind, target, detail)

    def runs(self, text: str) -> None:
        """git runs a text as shell."""
        self.line.in_subshell(self.shell, text)

    def runs_in_folder(self, text: str, deeper: int = 0) -> Output:
        """git runs a text as shell in the folder it works in."""
        inner = self.shell.inner()
        inner.cwd, inner.depth = self.folder, inner.depth + deeper
        return self.line.walk.text(inner, text)

    def set_branch(self, name: str, start: str) -> None:
        """Creates a branch at `start`, or moves it there."""
        if self.branch is not None and not is_upstream(start, name, self.line.fetched):
            self.record("move", name, f"moved to {start}".replace(w.ANY, "?").replace(w.MANY, "?"))


class Globals:
    """The options before git's command, and its environment."""

    def __init__(self, line: Line, shell: Shell, call: Call) -> None:
        self.line, self.shell = line, shell
        environment = {**shell.exported, **call.environment}
        self.folder, self.rest = shell.cwd, list(call.words[1:])
        self.settings = dict(_settings_of(environment))
        "The configuration that the line gives."
        for name in ("GIT_DIR", "GIT_WORK_TREE"):
            if environment.get(name):
                self._in(environment[name])
        while self.rest and self.rest[0].startswith("-"):
            self._option(self.rest.pop(0))
        for variable in CONFIG_VARIABLES:
            if environment.get(variable, "/dev/null") not in ("/dev/null", ""):
                line.record("bypass", detail=variable)
        for key, value in self.settings.items():
            judge_setting(line, key, value)
        self.folder = line.path(shell, self.folder).replace(w.MANY, w.ANY)

    def _in(self, repository: str) -> None:
        self.folder = self.line.path(self.shell, re.sub(r"/?\.git/?$", "", repository) or ".")

    def _option(self, word: str) -> None:
        option, equals, value = word.partition("=")
        if option in _WITH_VALUE and not equals and self.rest:
            value = self.rest.pop(0)
        match option:
            case "-C":
                within = f"{self.folder}/{value}".replace("/./", "/").removesuffix("/.")
                self.folder = value if value.startswith("/") else within
            case "--git-dir" | "--work-tree":
                self._in(value)
            case "-c" | "--config-env":
                key, _, setting = value.partition("=")
                self.settings[key.lower()] = setting if option == "-c" else w.ANY
            case "--exec-path" if equals:
                self.line.record("bypass", detail="--exec-path")
            case _:
                pass


def _settings_of(environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, key in environment.items():
        if name.startswith("GIT_CONFIG_KEY_"):
            yield key.lower(), environment.get("GIT_CONFIG_VALUE_" + name.removeprefix("GIT_CONFIG_KEY_"), w.ANY)
