"""The options of one git command as git reads them: bundles, abbreviations, `--no-` forms and values."""

from dataclasses import dataclass, field

from mcp_server.guard.programs.git_usage import NO_USAGE, USAGES, Usage
from mcp_server.guard.shell import words as w

_STOPS_AT_A_WORD = w.names("config for-each-repo submodule bisect")
"Commands whose options end with the first plain word."


@dataclass
class Options:
    """`flags`: by name, the last value that was given; True without a value, False for `--no-NAME`."""

    flags: dict[str, str | bool] = field(default_factory=dict[str, str | bool])
    plain: list[str] = field(default_factory=list[str])
    "The words that are neither options nor values of options."
    paths: list[str] | None = None
    "Those of them after `--`; None without it."
    unknown: bool = False
    "Whether the name of an option is not known before the line runs."

    def value(self, *names: str) -> str | None:
        """The value of the first of these options that has one."""
        return next((value for name in names if isinstance(value := self.flags.get(name), str)), None)


def read_options(command: str, words: list[str]) -> Options:
    """Read the words after `git COMMAND`. `command` may have two words: `worktree add`."""
    usage, found, rest = USAGES.get(command, NO_USAGE), Options(), list(words)
    while rest:
        word = rest.pop(0)
        if word in ("--", "--end-of-options"):
            found.paths = rest
            found.plain += rest
            break
        if not word.startswith("-") or word == "-":
            found.plain.append(word)
            if command in _STOPS_AT_A_WORD:
                found.plain += rest
                break
        elif word.startswith("--"):
            _long(usage, found, word[2:], rest)
        else:
            _bundle(usage, found, word[1:], rest)
    return found


def _long(usage: Usage, found: Options, word: str, rest: list[str]) -> None:
    plain, equals, value = word.partition("=")
    found.unknown |= w.is_unknown(plain)
    names = _named(usage, plain)
    takes = [usage.takes.get(name, "") for name, on in names if on]
    if takes == ["="] and not equals and rest:
        equals, value = "=", rest.pop(0)
    for name, on in names:
        found.flags[name] = (value if equals else True) if on else False


def _named(usage: Usage, plain: str) -> list[tuple[str, bool]]:
    """The options that a long name stands for, each on or off.

    Where it is short for several, git refuses it. What is ambiguous for one version of git is not for another, so
    all of those that it would turn on count.
    """
    every = {name: (name, True) for name in usage.takes if len(name) > 1}
    for name in usage.takes:
        off = name.removeprefix("no-") if name.startswith("no-") else f"no-{name}"
        every.setdefault(off, (name, False))
    if plain in every or not plain:
        return [every[plain]] if plain else []
    meant = [each for name, each in every.items() if name.startswith(plain)]
    return meant if len(meant) == 1 else [each for each in meant if each[1]] or [(plain, True)]


def _bundle(usage: Usage, found: Options, letters: str, rest: list[str]) -> None:
    for at, letter in enumerate(letters, 1):
        name = usage.letters.get(letter, letter)
        kind, value = usage.takes.get(name, ""), letters[at:]
        found.unknown |= w.is_unknown(letter)
        if kind == "=":
            found.flags[name] = value or (rest.pop(0) if rest else "")
            return
        found.flags[name] = value if kind == "?" and value else True
        if kind == "?":
            return
