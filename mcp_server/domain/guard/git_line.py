"""What a `git` command line would change: which branch moves, to where, and whether checks are switched off."""

import posixpath
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mcp_server.domain.guard import words as w
from mcp_server.domain.guard.refs import fetch_moves, is_upstream, push_targets, short
from mcp_server.domain.guard.shell import Call, Output, Shell

if TYPE_CHECKING:
    from mcp_server.domain.guard.line import Line

_RUNS: Final = frozenset(
    [
        "core.sshcommand",
        "core.editor",
        "core.pager",
        "sequence.editor",
        "diff.external",
        "core.askpass",
        "gpg.program",
        "core.gitproxy",
        "core.fsmonitor",
        "uploadpack.packobjectshook",
    ]
)
_RUNS_BY_NAME: Final = re.compile(
    r"(?:filter\..*\.(?:clean|smudge|process)|diff\..*\.(?:textconv|command)|merge\..*\.driver|credential(?:\..*)?\.helper|(?:diff|merge)tool\..*\.cmd|pager\..*)"
)
_HOOKS: Final = {"core.hookspath", "core.worktree"}
_STEERS: Final = re.compile(
    r"remote\..*\.(?:push|mirror|fetch)|remote\.pushdefault|branch\..*\.(?:merge|pushremote|remote)|include(?:if\..*)?\.path|push\.default|url\..*\.(?:insteadof|pushinsteadof)|remote\..*\.(?:receivepack|uploadpack)"
)
_PROGRAMS: Final = (
    "GIT_SSH_COMMAND",
    "GIT_SSH",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_ASKPASS",
    "GIT_PROXY_COMMAND",
    "EDITOR",
    "VISUAL",
    "PAGER",
)
_FETCH_VALUES: Final = (
    "--depth --deepen --jobs --upload-pack --refmap --negotiation-tip --shallow-since --shallow-exclude "
    "--server-option --filter"
)
_WITH_VALUE: Final = frozenset(
    [
        "-C",
        "-c",
        "--git-dir",
        "--work-tree",
        "--namespace",
        "--config-env",
        "--super-prefix",
        "--attr-source",
        "--exec-path",
    ]
)
_TRACKED: Final = re.compile(r"(?:refs/)?remotes/[^/]+/(.+)")
_COMMIT: Final = re.compile(r"[0-9a-f]{7,40}|.*[~^@:{].*|HEAD|ORIG_HEAD|FETCH_HEAD")
_TAKES_A_TEXT: Final = re.compile(r"-[a-zA-Z]*[mF]|--message|--file|--author|--date|--subject|--trailer")
_CONTINUES: Final = ("--abort", "--quit", "--show-current-patch", "--edit-todo")


@dataclass
class Git:
    """One git call after its global options."""

    line: "Line"
    shell: Shell
    folder: str
    words: list[str]
    call: Call

    @property
    def branch(self) -> str | None:
        return self.line.branch(self.folder)

    def has(self, *names: str) -> bool:
        """Whether an option is given, whole, abbreviated as git accepts it, or bundled (`-nm` for `-n`)."""
        return any(_is_option(word, name) for word in self.options() for name in names)

    def options(self) -> list[str]:
        end = self.words.index("--") if "--" in self.words else len(self.words)
        pairs = zip(["", *self.words], self.words[:end], strict=False)
        return [word for before, word in pairs if word.startswith("-") and not _TAKES_A_TEXT.fullmatch(before)]

    def plain(self, with_value: str = "", long: str = "") -> list[str]:
        """The words that are no options, before and after `--`; `with_value` are short options that take one."""
        found: list[str] = []
        rest = list(self.words)
        while rest:
            word = rest.pop(0)
            if word == "--":
                return [*found, *rest]
            if word in long.split() or (
                len(word) > 1 and word[0] == "-" and word[1] != "-" and word[-1] in with_value and with_value
            ):
                if rest:
                    rest.pop(0)
            elif not word.startswith("-") or word == "-":
                found.append(word)
        return found

    def did(self, kind: str, target: str = "", detail: str = "") -> None:
        self.line.did(kind, target, detail)  # pyright: ignore[reportArgumentType]


def run_git(line: "Line", shell: Shell, call: Call) -> Output:  # noqa: C901  # the one place where a git call is taken apart
    """Judge one call of git; returns what it prints where that is known."""
    folder, rest, given = _globals(line, shell, call)
    if not rest:
        return None
    name, words = rest[0], rest[1:]
    if "hub" in call.words[0] and ((name == "merge" and "://" in " ".join(words)) or name == "pull-request"):
        line.did(*(("merge",) if name == "merge" else ("open_pr",)))
    for option in words:
        for lead in ("--upload-pack=", "--receive-pack=", "--exec=", "--extcmd="):
            if option.startswith(lead):
                line.walk.text(shell.inner(), option[len(lead) :])
    alias = given.get(f"alias.{name}") or line.git_aliases.get(name)
    if alias is None and name not in _KNOWN and not w.is_open(name):
        alias = line.scene.git_alias(folder, name)
    if alias is not None:
        return _alias(line, shell, folder, alias, words)
    git = Git(line, shell, folder, words, call)
    if w.is_open(name):
        git.did("opaque", detail="A git command whose name is made while it runs")
        return None
    if git.has("--no-verify") and name in ("push", "commit", "merge", "am", "rebase", "pull", "cherry-pick"):
        git.did("bypass", detail="--no-verify")
    if name in _CHANGES:
        _CHANGES[name](git)
    return _printed(git, name)


def _globals(line: "Line", shell: Shell, call: Call) -> tuple[str, list[str], dict[str, str]]:  # noqa: C901, PLR0912  # one case for each global option
    """The folder git works in, the words from the command on, and the configuration given on the line."""
    environment = {**shell.exported, **call.environment}
    folder, rest, given = shell.cwd, list(call.words[1:]), dict(_from_variables(environment))
    for name in ("GIT_DIR", "GIT_WORK_TREE"):
        if environment.get(name):
            folder = line.path(shell, _without_git(environment[name]))
    while rest and rest[0].startswith("-"):
        option, equals, value = rest.pop(0).partition("=")
        if option in _WITH_VALUE and not equals and rest and option != "--exec-path":
            value = rest.pop(0)
        if option == "-C":
            folder = value if value.startswith("/") else f"{folder}/{value}".replace("/./", "/").removesuffix("/.")
        elif option in ("--git-dir", "--work-tree"):
            folder = line.path(shell, _without_git(value))
        elif option in ("-c", "--config-env"):
            key, _, setting = value.partition("=")
            given[key.lower()] = setting if option == "-c" else w.ANY
        elif option == "--exec-path" and equals:
            line.did("bypass", detail="--exec-path")
    for variable in _PROGRAMS:
        if environment.get(variable):
            line.walk.text(shell.inner(), environment[variable])
    for variable in (
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG",
        "GIT_EXEC_PATH",
        "GIT_CONFIG_PARAMETERS",
    ):
        if environment.get(variable, "/dev/null") not in ("/dev/null", ""):
            line.did("bypass", detail=variable)
    for key, value in given.items():
        judge_setting(line, shell, key, value)
    return line.path(shell, folder).replace(w.MANY, w.ANY), rest, given


def _from_variables(environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, key in environment.items():
        if name.startswith("GIT_CONFIG_KEY_"):
            yield key.lower(), environment.get("GIT_CONFIG_VALUE_" + name.removeprefix("GIT_CONFIG_KEY_"), w.ANY)


def _without_git(folder: str) -> str:
    return re.sub(r"/?\.git/?$", "", folder) or "."


def judge_setting(line: "Line", shell: Shell, key: str, value: str) -> None:
    """A git setting that is given or written."""
    key = key.lower()
    if key in _HOOKS or w.is_open(key):
        line.did("bypass", detail=key.replace("hookspath", "hooksPath").replace(w.ANY, "?").replace(w.MANY, "?"))
    elif _STEERS.fullmatch(key) and not (key == "push.default" and value in ("simple", "current", "nothing")):
        harmless = key.endswith((".remote", ".fetch")) or (
            key.endswith(".merge") and not line.policy.guards(short(value))
        )
        if not (harmless or (key.endswith("insteadof") and "://" in value)):
            line.did("bypass", detail=key)
    elif key in _RUNS or _RUNS_BY_NAME.fullmatch(key):
        line.walk.text(shell.inner(), value.removeprefix("!"))


def _alias(line: "Line", shell: Shell, folder: str, alias: str, words: list[str]) -> Output:
    inner = shell.inner()
    inner.cwd, inner.depth = folder, shell.depth + 1
    tail = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    text = f"{alias[1:]} {tail}" if alias.startswith("!") else f"git {alias} {tail}"
    kept = dict(line.git_aliases)
    line.git_aliases = {name: value for name, value in kept.items() if value != alias}
    try:
        return line.walk.text(inner, text)
    finally:
        line.git_aliases = kept


def _is_option(word: str, name: str) -> bool:
    if name.startswith("--"):
        plain = word.partition("=")[0]
        return plain == name or (
            len(plain) > 5
            and plain.startswith("--")
            and name.startswith(plain)
            and plain not in ("--force", "--mirror"[:5])
        )
    return not word.startswith("--") and name[1] in re.split(r"[mFCcutS]", word[1:], maxsplit=1)[0]


def _guarded_here(git: Git) -> bool:
    return git.branch is not None and git.line.policy.guards(git.branch)


def _commit(git: Git) -> None:
    if git.has("--dry-run", "--abort", "--quit"):
        return
    if git.has("-n"):
        git.did("bypass", detail="--no-verify (-n)")
    if git.branch is not None:
        git.did("commit", git.branch)
    for name in git.plain(
        "mFCctS", "--message --file --author --date --reuse-message --fixup --squash --trailer --template --cleanup"
    ):
        git.did("stage", name)


def _add(git: Git) -> None:
    for name in git.plain():
        if not git.has("--dry-run", "-n"):
            git.did("stage", name)


def _moves_here(git: Git, heads: list[str], how: str) -> None:
    """The branch one stands on takes in `heads`: allowed on a protected one where they are its own upstream."""
    branch = git.branch
    if branch is None:
        return
    # Where the branch is not known, taking in what origin has of a protected one is right on each.
    on = git.line.policy.protected if w.is_open(branch) else (branch,)
    if not all(any(is_upstream(head, name, git.line.fetched) for name in on) for head in heads):
        git.did("move", branch, how)


def _merge(git: Git) -> None:
    if git.has(*_CONTINUES):
        return None
    if git.has("--continue") and _guarded_here(git):
        return git.did("commit", git.branch or "")
    _moves_here(git, git.plain("mFsXS", "--message --file --strategy --strategy-option --into-name"), "merge")
    if git.has("--no-ff") and _guarded_here(git):
        git.did("move", git.branch or "", "a merge commit")
    return None


def _picks(git: Git) -> None:
    if git.has(*_CONTINUES, "-n", "--no-commit") or git.branch is None:
        return
    git.did("commit", git.branch)


def _am(git: Git) -> None:
    if not git.has(*_CONTINUES) and git.branch is not None:
        git.did("commit", git.branch)


def _rebase(git: Git) -> None:
    for at, word in enumerate(git.words[:-1]):
        if word in ("-x", "--exec"):
            git.line.walk.text(git.shell.inner(), git.words[at + 1])
    for word in git.words:
        if word.startswith(("-x", "--exec=")) and len(word) > 2:
            git.line.walk.text(git.shell.inner(), word.removeprefix("--exec=").removeprefix("-x"))
    if git.has(*_CONTINUES):
        return
    plain = git.plain("xsXCS", "--exec --onto --strategy --strategy-option")
    if len(plain) > 1:
        git.line.switch(git.folder, plain[1])
    if git.has("--onto") and _guarded_here(git):
        git.did("move", git.branch or "", "rebase --onto")
    _moves_here(git, plain[:1] or ["@{u}"], "rebase")


def _reset(git: Git) -> None:
    if "--" in git.words and git.words.index("--") < len(git.words) - 1:
        return
    plain = git.plain("U")
    whole = git.has("--hard", "--soft", "--merge", "--keep")
    target = plain[0] if plain else "HEAD"
    if target in ("HEAD", "@") or (
        not whole and (len(plain) > 1 or not (_COMMIT.fullmatch(target) or _looks_like_ref(target)))
    ):
        return
    _moves_here(git, [target], "reset")


def _looks_like_ref(word: str) -> bool:
    return word.startswith(("origin/", "refs/", "upstream/")) or w.is_open(word)


def _pull(git: Git) -> None:
    plain = git.plain("sXS", "--strategy --strategy-option --depth -j --jobs --upload-pack")
    specs, branch = plain[1:], git.branch
    _fetched(git, plain)
    if branch is None:
        return
    if plain and plain[0] != "origin" and plain[0] != "upstream" and git.line.policy.guards(branch):
        git.did("move", branch, f"pull from {plain[0]}")
    for spec in specs:
        source = short(spec.lstrip("+").partition(":")[0])
        if source != branch and not (w.is_open(branch) and source in git.line.policy.protected):
            git.did("move", branch, f"pull of {source}")
    if git.has("--no-ff") and _guarded_here(git):
        git.did("move", branch, "a merge commit")


def _fetch(git: Git) -> None:
    _fetched(
        git,
        git.plain("joS", _FETCH_VALUES),
    )


def _fetched(git: Git, plain: list[str]) -> None:
    remote, specs = (plain[0] if plain else "origin"), plain[1:]
    git.line.fetched = short(specs[0].lstrip("+").partition(":")[0]) if specs else git.line.fetched
    for target, own in fetch_moves(remote, specs):
        if not own:
            git.did("move", target, "fetch of another branch into it")


def _push(git: Git) -> None:
    if git.has("--dry-run", "-n"):
        return
    for option in ("--all", "--mirror", "--branches"):
        if git.has(option):
            git.did("push_all", detail=f"git push {option}")
    plain = git.plain("o", "--push-option --repo --receive-pack --exec")
    specs = plain[1:] if not any(word.startswith("--repo") for word in git.options()) else plain
    if any(word == w.MANY for word in plain):
        git.did("opaque", detail="What git push sends")
        return
    tags_only = git.has("--tags") and not specs
    branch = git.branch
    if not specs and not tags_only:
        if branch is not None and branch != w.DETACHED:
            git.did("push", branch)
        return
    for target in push_targets(specs, branch or w.ANY, deleting=git.has("--delete", "-d")):
        if target is None:
            git.did("push_all", detail="This refspec")
        else:
            git.did("push", target)


def _branch_command(git: Git) -> None:  # one case for each use of git branch
    plain = git.plain("u", "--set-upstream-to --contains --merged --no-merged --points-at --sort --format")
    here = git.branch
    if here is None:
        return
    if git.has("-d", "-D", "--delete") and not any(
        word in ("-r", "-dr", "-rd", "-Dr", "--remotes") for word in git.options()
    ):
        for name in plain:
            if name in git.line.policy.protected:
                git.did("move", name, "its deletion")
    elif git.has("-m", "-M", "--move", "-c", "-C", "--copy") and any(
        re.fullmatch(r"-[mMcC]|--move|--copy", o) for o in git.options()
    ):
        copies = any(o in ("-c", "-C", "--copy") for o in git.options())
        old = plain[0] if len(plain) > 1 else here
        if not copies:
            git.did("move", old, "its renaming")
        if plain:
            git.did("move", plain[-1], "another branch renamed to it")
            if old == here and not copies:
                git.line.switch(git.folder, plain[-1])
    elif (
        plain
        and (git.has("-f", "--force") or git.line.policy.guards(plain[0]))
        and not any(
            word.startswith(
                ("-l", "--list", "-a", "-r", "-v", "--show", "--contains", "--merged", "--edit", "-u", "--set-up")
            )
            for word in git.options()
        )
    ):
        _put(git, plain[0], plain[1] if len(plain) > 1 else "HEAD")


def _put(git: Git, name: str, start: str) -> None:
    """A branch is made at, or forced to, `start`."""
    if not is_upstream(start, name, git.line.fetched):
        git.did("move", name, f"put to {start}".replace(w.ANY, "?").replace(w.MANY, "?"))


def _checkout(git: Git) -> None:
    words = git.words
    for at, word in enumerate(words):
        bundle = re.fullmatch(r"-[a-zA-Z]*([bBcC])(.*)", word)
        if bundle or word in ("--orphan", "--create", "--force-create"):
            name = bundle[2] if bundle and bundle[2] else (words[at + 1] if at + 1 < len(words) else w.ANY)
            after = [x for x in words[at + (1 if bundle and bundle[2] else 2) :] if not x.startswith("-")]
            if git.branch is not None and git.line.policy.guards(name):
                _put(git, name, after[0] if after else "HEAD")
            git.line.switch(git.folder, name)
            return
    plain = git.plain()
    if ("--" in words and (words.index("--") < len(words) - 1 or not plain)) or git.has(
        "-p", "--patch", "--ours", "--theirs", "--pathspec-from-file"
    ):
        return
    if len(plain) != 1:
        return
    _stand_on(git, plain[0])


def _stand_on(git: Git, name: str) -> None:
    policy = git.line.policy
    remote = re.fullmatch(r"(?:remotes/)?origin/(.+)", name)
    if git.has("--track", "-t") and remote:
        git.line.switch(git.folder, remote[1])
    elif git.has("--detach", "-d") or remote or _COMMIT.fullmatch(name):
        git.line.switch(git.folder, w.DETACHED)
    elif name == "-":
        git.line.switch(git.folder, w.ANY)
    elif name in policy.protected or not re.search(r"\.\w{1,6}$|^\.|/$|\*", name):
        git.line.switch(git.folder, name.replace(w.MANY, w.ANY))


def _update_ref(git: Git) -> None:
    if git.has("--stdin"):
        text = git.call.stdin
        named = text is None or any(f"refs/heads/{name}" in text for name in git.line.policy.protected)
        return git.did("opaque", detail="What git update-ref reads") if named else None
    plain = git.plain("m")
    if not plain:
        return None
    name, new = plain[0], plain[1] if len(plain) > 1 and not git.has("-d", "--delete") else "(nothing)"
    tracking = _TRACKED.fullmatch(name)
    if tracking:
        if git.line.policy.guards(tracking[1]):
            git.did("move", tracking[1], "what the clone takes for origin's branch")
    elif name in ("HEAD", "@"):
        _moves_here(git, [new], "update-ref")
    elif name.startswith("refs/heads/") or w.is_open(name):
        _put(git, short(name), new)
    return None


def _symbolic_ref(git: Git) -> None:
    plain = git.plain("m")
    if len(plain) < 2:
        return
    if plain[0] == "HEAD":
        git.line.switch(git.folder, short(plain[1]))
    elif plain[0].startswith("refs/heads/") and (
        git.line.policy.guards(short(plain[0])) or git.line.policy.guards(short(plain[1]))
    ):
        git.did(
            "move", next(n for n in map(short, (plain[0], plain[1])) if git.line.policy.guards(n)), "an alias of it"
        )


def _config(git: Git) -> None:
    words = [
        word
        for word in git.plain("f", "--file --type --blob --default --comment --value")
        if word not in ("set", "unset", "get", "list")
    ]
    verb = next(
        (
            word
            for word in git.words
            if word in ("set", "unset", "get", "list", "edit", "remove-section", "rename-section")
        ),
        "",
    )
    if git.has("--get", "--list", "--get-all", "--get-regexp", "--get-urlmatch", "-l", "--show-origin") or verb in (
        "get",
        "list",
    ):
        return
    if git.has("--edit", "-e") or verb == "edit":
        git.did("opaque", detail="git config --edit")
    if git.has("--unset", "--unset-all", "--remove-section", "--rename-section") or verb in (
        "unset",
        "remove-section",
        "rename-section",
    ):
        if words and (words[0].lower() in _HOOKS or words[0].lower() == "core"):
            git.did("bypass", detail=f"unsetting {words[0]}")
        return
    if len(words) < 2:
        return
    key, value = words[0], words[1]
    if key.lower().startswith("alias."):
        git.line.git_aliases[key[6:]] = value
        inner = git.shell.inner()
        inner.cwd = git.folder
        git.line.walk.text(inner, value[1:] if value.startswith("!") else f"git {value}")
    else:
        judge_setting(git.line, git.shell, key, value)


def _worktree(git: Git) -> None:
    if git.words[:1] != ["add"]:
        return
    inner = Git(git.line, git.shell, git.folder, git.words[1:], git.call)
    plain = inner.plain("bB", "--reason")
    made = next((git.words[at + 1] for at, word in enumerate(git.words[:-1]) if word in ("-b", "-B")), None)
    if not plain:
        return
    name = made or (plain[1] if len(plain) > 1 else plain[0].rpartition("/")[2])
    if made and git.line.policy.guards(made):
        _put(git, made, plain[1] if len(plain) > 1 else "HEAD")
    path = plain[0] if plain[0].startswith("/") else f"{git.folder}/{plain[0]}"
    git.line.branches[posixpath.normpath(path)] = w.DETACHED if git.has("--detach", "-d") else name


def _clone(git: Git) -> None:
    plain = git.plain(
        "bocuj",
        "--branch --origin --config --depth --template --reference --filter --jobs --upload-pack --separate-git-dir",
    )
    if not plain:
        return
    named = next((git.words[at + 1] for at, word in enumerate(git.words[:-1]) if word in ("-b", "--branch")), "main")
    folder = plain[1] if len(plain) > 1 else plain[0].rstrip("/").rpartition("/")[2].removesuffix(".git")
    git.line.branches[git.line.path(git.shell, folder).replace(w.MANY, w.ANY)] = named


def _init(git: Git) -> None:
    plain = git.plain("b", "--initial-branch --template --separate-git-dir")
    folder = git.line.path(git.shell, plain[0].replace(w.MANY, w.ANY)) if plain else git.folder
    if git.line.scene.clone(folder) is None or w.ANY in folder:
        git.line.fresh.add(folder)


def _runs_rest(git: Git) -> None:
    """`submodule foreach CMD`, `bisect run CMD`, `for-each-repo`: the rest is a command."""
    for lead in ("foreach", "run"):
        if lead in git.words[:2]:
            rest = [
                word
                for word in git.words[git.words.index(lead) + 1 :]
                if word not in ("--recursive", "--quiet", "-q")
            ]
            git.line.walk.text(git.shell.inner(), rest[0] if len(rest) == 1 else shlex.join(rest))


def _rewrites(git: Git) -> None:
    names = [name for name in git.words if short(name) in git.line.policy.protected or name == "--all"]
    if names or _guarded_here(git):
        git.did("move", git.line.policy.protected[0], "a rewrite of history")


def _subtree(git: Git) -> None:
    plain = git.plain("Pm", "--prefix --message --branch")
    if plain[:1] == ["push"] and len(plain) > 2:
        git.did("push", short(plain[2].partition(":")[2] or plain[2]))
    elif plain[:1] and plain[0] in ("add", "merge", "pull") and git.branch is not None:
        git.did("commit", git.branch)


def _send_pack(git: Git) -> None:
    for target in push_targets(git.plain()[1:], git.branch or w.ANY, deleting=False):
        git.did("push", target) if target else git.did("push_all", detail="This refspec")
    if git.has("--all", "--mirror"):
        git.did("push_all", detail="git send-pack --all")


def _fast_import(git: Git) -> None:
    git.did("opaque", detail="What git reads as a stream of commits")


def _remote(git: Git) -> None:
    if git.words[:1] == ["add"] and any(word.startswith("--mirror") for word in git.words):
        git.did("push_all", detail="A mirror")


def _printed(git: Git, name: str) -> Output:
    """What agents read from git to use it in the same line."""
    words, here = git.words, git.branch
    asks = (name, *words)
    if asks in {
        ("branch", "--show-current"),
        ("rev-parse", "--abbrev-ref", "HEAD"),
        ("symbolic-ref", "--short", "HEAD"),
        ("rev-parse", "--abbrev-ref", "@"),
        ("symbolic-ref", "--short", "-q", "HEAD"),
        ("name-rev", "--name-only", "HEAD"),
    }:
        return (here or "HEAD") + "\n" if here is not None else w.ANY + "\n"
    if asks == ("rev-parse", "--show-toplevel"):
        spot = git.line.scene.clone(git.folder)
        return (spot.root if spot else git.folder) + "\n"
    if name in (
        "rev-parse",
        "merge-base",
        "write-tree",
        "commit-tree",
        "hash-object",
        "mktree",
        "rev-list",
        "describe",
    ):
        return w.ANY + "\n"
    return None


_CHANGES: Final[dict[str, Callable[[Git], None]]] = {
    "commit": _commit,
    "add": _add,
    "stage": _add,
    "merge": _merge,
    "cherry-pick": _picks,
    "revert": _picks,
    "am": _am,
    "rebase": _rebase,
    "reset": _reset,
    "pull": _pull,
    "fetch": _fetch,
    "push": _push,
    "branch": _branch_command,
    "checkout": _checkout,
    "switch": _checkout,
    "update-ref": _update_ref,
    "symbolic-ref": _symbolic_ref,
    "config": _config,
    "worktree": _worktree,
    "clone": _clone,
    "init": _init,
    "submodule": _runs_rest,
    "bisect": _runs_rest,
    "filter-branch": _rewrites,
    "filter-repo": _rewrites,
    "subtree": _subtree,
    "send-pack": _send_pack,
    "http-push": _send_pack,
    "fast-import": _fast_import,
    "remote": _remote,
}
_KNOWN: Final = {
    *_CHANGES,
    *[
        "status",
        "log",
        "diff",
        "show",
        "ls-files",
        "grep",
        "blame",
        "stash",
        "tag",
        "rev-parse",
        "describe",
        "clean",
        "restore",
        "rm",
        "mv",
        "shortlog",
        "reflog",
        "gc",
        "fsck",
        "notes",
        "cat-file",
        "ls-remote",
        "ls-tree",
        "merge-base",
        "rev-list",
        "for-each-ref",
        "show-ref",
        "help",
        "version",
        "archive",
        "apply",
        "format-patch",
        "name-rev",
        "check-ignore",
        "check-attr",
        "difftool",
        "mergetool",
        "range-diff",
        "cherry",
        "count-objects",
        "maintenance",
        "sparse-checkout",
        "lfs",
        "commit-tree",
        "write-tree",
        "read-tree",
        "hash-object",
        "var",
        "bundle",
        "hook",
    ],
}
