"""A `git` command: what it would change. One function for each command that changes anything."""

import shlex
from collections.abc import Callable, Mapping
from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.programs import git_branches, git_commits, git_push
from mcp_server.guard.programs.gh import run_gh
from mcp_server.guard.programs.git_call import Git, Globals
from mcp_server.guard.programs.git_settings import (
    CHANGES_NO_BRANCH,
    PRINTS_A_NAME,
    PRINTS_THE_BRANCH,
    SWITCHES_HOOKS,
    judge_setting,
)
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell

_RUN_THEIR_VALUE: Final = ("exec", "upload-pack", "receive-pack", "extcmd")
"Options whose value git runs as shell."


def run_git(line: Line, shell: Shell, call: Call) -> Output:
    given = Globals(line, shell, call)
    if not given.rest:
        return None
    name, words = given.rest[0], given.rest[1:]
    git = Git(line, shell, given.folder, name, words, call)
    if "hub" in call.words[0]:
        _hub(git)
    alias = given.settings.get(f"alias.{name.lower()}") or line.git_aliases.get(name.lower())
    if alias is None and name not in _CHANGES and name not in CHANGES_NO_BRANCH and not w.is_unknown(name):
        alias = line.repositories.git_alias(given.folder, name)
    return _command(git) if alias is None else _alias(git, alias, given.settings)


def _command(git: Git) -> Output:
    if w.is_unknown(git.name):
        git.record("opaque", detail="A git command whose name is not known before it runs")
        return None
    for option in _RUN_THEIR_VALUE:
        if text := git.options.value(option):
            git.runs(text)
    if git.name in _CHANGES:
        if git.has("no-verify") or git.options.flags.get("verify") is False:
            git.record("bypass", detail="--no-verify")
        if git.options.unknown:
            git.record("opaque", detail=f"An option of git {git.name} that is not known before it runs")
        _CHANGES[git.name](git)
    return _output(git)


def _hub(git: Git) -> None:
    if git.name in ("api", "pr"):
        run_gh(git.line, git.shell, git.call)
    elif git.name == "merge" and "://" in " ".join(git.words):
        git.record("merge")
    elif git.name == "pull-request":
        git.record("open_pr")


def _alias(git: Git, alias: str, settings: Mapping[str, str]) -> Output:
    """Git does not expand an alias within itself; those of `-c` are known to what it stands for."""
    others = git.line.git_aliases
    given = {key[6:]: value for key, value in settings.items() if key.startswith("alias.")}
    git.line.git_aliases = {name: value for name, value in {**others, **given}.items() if value != alias}
    try:
        return git.runs_in_folder(f"{_text_of_alias(alias)} {w.quoted(git.words)}", deeper=1)
    finally:
        git.line.git_aliases = others


def _text_of_alias(alias: str) -> str:
    return alias[1:] if alias.startswith("!") else f"git {alias}"


def _config(git: Git) -> None:
    plain = git.plain
    verb = plain[0] if plain and plain[0] in _CONFIG_VERBS else ""
    words = plain[1:] if verb else plain
    if git.has("get", "list", "get-all", "get-regexp", "get-urlmatch", "show-origin") or verb in ("get", "list"):
        return
    if git.has("edit") or verb == "edit":
        git.record("opaque", detail="git config --edit")
    removes = git.has("unset", "unset-all", "remove-section", "rename-section")
    if removes or verb in ("unset", "remove-section", "rename-section"):
        if words and words[0].lower() in {*SWITCHES_HOOKS, "core"}:
            git.record("bypass", detail=f"unsetting {words[0]}")
    elif len(words) > 1:
        _set(git, words[0], words[1])


_CONFIG_VERBS: Final = w.names("set unset get list edit remove-section rename-section")


def _set(git: Git, key: str, value: str) -> None:
    if key.lower().startswith("alias."):
        git.line.git_aliases[key[6:].lower()] = value
        git.runs_in_folder(_text_of_alias(value))
    else:
        judge_setting(git.line, key, value)


def _runs_rest(git: Git) -> None:
    """`submodule foreach COMMAND`, `bisect run COMMAND`."""
    for lead in ("foreach", "run"):
        if lead in git.words[:2]:
            words = git.words[git.words.index(lead) + 1 :]
            rest = [word for word in words if word not in ("--recursive", "--quiet", "-q")]
            git.runs(rest[0] if len(rest) == 1 else shlex.join(rest))


def _for_each(git: Git) -> None:
    """`for-each-repo --config=KEY COMMAND`: the repositories that a setting lists, this one among them perhaps."""
    git.runs_in_folder(f"git {w.quoted(git.plain)}", deeper=1)


def _tag(git: Git) -> None:
    if git.plain and not git.has("delete", "list", "verify"):
        git.line.tags.add(git.plain[0])


def _fast_import(git: Git) -> None:
    git.record("opaque", detail="A stream of commits that git reads")


def _output(git: Git) -> Output:
    """The output of commands that agents use in the same line."""
    command, here = (git.name, *git.words), git.branch
    if command in PRINTS_THE_BRANCH:
        return (w.ANY if here is None else here or "HEAD") + "\n"
    if command == ("rev-parse", "--show-toplevel"):
        checkout = git.line.repositories.checkout(git.folder)
        return (checkout.root if checkout else git.folder) + "\n"
    return w.ANY + "\n" if git.name in PRINTS_A_NAME else None


_CHANGES: Final[Mapping[str, Callable[[Git], None]]] = {
    **dict.fromkeys(("add", "stage"), git_commits.add),
    **dict.fromkeys(("am", "cherry-pick", "revert"), git_commits.pick),
    **dict.fromkeys(("bisect", "submodule"), _runs_rest),
    **dict.fromkeys(("checkout", "switch"), git_branches.checkout),
    **dict.fromkeys(("filter-branch", "filter-repo"), git_commits.rewrite),
    **dict.fromkeys(("send-pack", "http-push"), git_push.send_pack),
    "branch": git_branches.branch,
    "clone": git_branches.clone,
    "commit": git_commits.commit,
    "config": _config,
    "fast-import": _fast_import,
    "fetch": git_push.fetch,
    "for-each-repo": _for_each,
    "init": git_branches.init,
    "merge": git_commits.merge,
    "pull": git_commits.pull,
    "push": git_push.push,
    "rebase": git_commits.rebase,
    "remote": git_push.remote,
    "reset": git_commits.reset,
    "stash": git_branches.stash,
    "subtree": git_commits.subtree,
    "symbolic-ref": git_branches.symbolic_ref,
    "tag": _tag,
    "update-ref": git_branches.update_ref,
    "worktree": git_branches.worktree,
}
