"""A `gh` command: what it would change on the server."""

from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.programs.requests import judge_api, option
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Shell

_CORE: Final = w.names(
    "agent-task alias api attestation auth browse cache codespace completion config copilot dash extension "
    "gist gpg-key help issue label models org pr preview project release repo ruleset run search secret skill "
    "ssh-key status variable version workflow"
)
"The commands of gh itself; any other word is an alias or an extension."
_CHANGES_PROTECTION: Final = ("--default-branch", "--enable-auto-merge", "--visibility")
"Options of `gh repo edit` that change how branches are protected."
_DEEPEST: Final = 6
_SENDS: Final = ("-f", "-F", "--field", "--raw-field", "--input")
_MERGE_OPTIONS_WITH_VALUE: Final = w.names(
    "-b -F -t -A --body --body-file --subject --author-email --match-head-commit"
)


def run_gh(line: Line, shell: Shell, call: Call) -> None:
    rest = call.words[1:]
    plain = _plain(rest)
    if not plain:
        return
    noun, verb = plain[0], plain[1] if len(plain) > 1 else ""
    alias = line.gh_aliases.get(noun) or (line.repositories.gh_alias(noun) if noun not in _CORE else None)
    if alias is not None and shell.depth < _DEEPEST:
        inner = shell.inner()
        inner.depth += 1
        line.walk.text(inner, _expanded(alias, plain[1:]))
    elif w.is_unknown(noun) or (noun == "pr" and w.is_unknown(verb)) or noun not in _CORE:
        line.record("opaque", detail="An unknown gh command")
    elif noun == "pr":
        _pull_request(line, shell, verb, rest, plain[2:])
    elif noun == "api":
        _api(line, rest)
    elif noun == "alias" and verb in ("set", "import"):
        _set_alias(line, shell, plain)
    elif noun == "repo" and (
        verb in ("delete", "archive")
        or any(word.startswith(_CHANGES_PROTECTION) for word in rest)
        or (verb == "sync" and "--force" in rest)
    ):
        line.record("server", detail=f"gh repo {verb}")


def run_forge(line: Line, shell: Shell, call: Call) -> None:
    """`glab` and `tea`: the same on GitLab and Gitea."""
    rest = ["pr" if word in _MERGE_REQUESTS else "merge" if word == "accept" else word for word in call.words[1:]]
    if _plain(rest)[:1] in (["pr"], ["api"]):
        run_gh(line, shell, call.as_(["gh", *rest]))


_MERGE_REQUESTS: Final = ("mr", "merge-request", "pulls", "pull")


def _plain(rest: list[str]) -> list[str]:
    """The words that are no options, and no values of options that all gh commands take."""
    pairs = zip(["", *rest], rest, strict=False)
    return [word for before, word in pairs if word[:1] != "-" and before not in ("-R", "--repo", "--hostname")]


def _pull_request(line: Line, shell: Shell, verb: str, rest: list[str], selectors: list[str]) -> None:
    helps = bool({"--help", "-h"} & set(rest))
    if verb == "merge" and not helps and "--disable-auto" not in rest:
        detail = "--admin" if any(word.startswith("--adm") for word in rest) else ""
        named = [word for word in selectors if rest[rest.index(word) - 1] not in _MERGE_OPTIONS_WITH_VALUE]
        selector = named[0] if named else line.branch(shell.cwd) or w.ANY
        is_branch = not (selector.isdecimal() or "://" in selector or w.is_unknown(selector))
        line.record("merge", selector if is_branch else "", detail)
    elif verb in ("create", "new") and not helps and "--dry-run" not in rest:
        line.record("open_pr")
    elif verb == "checkout":
        line.switch(shell.cwd, w.ANY)


def _set_alias(line: Line, shell: Shell, plain: list[str]) -> None:
    if plain[1] == "import" or len(plain) < 4:
        line.record("opaque", detail="gh alias import")
        return
    text = " ".join(plain[3:])
    line.gh_aliases[plain[2]] = text
    line.in_subshell(shell, _expanded(text, []))


def _expanded(text: str, words: list[str]) -> str:
    for number, word in enumerate(words, 1):
        text = text.replace(f"${number}", word)
    return text[1:] if text.startswith("!") else f"gh {text}"


def _api(line: Line, rest: list[str]) -> None:
    sends = any(word.startswith(("-f", "-F")) or word.partition("=")[0] in _SENDS for word in rest)
    method = option(rest, "-X", "--method") or ("POST" if sends else "GET")
    words = _plain(rest[rest.index("api") + 1 :])
    path = next((word for word in words if "/" in word or word == "graphql" or w.is_unknown(word)), "")
    from_file = any("=@" in word or word.startswith("--input") or w.is_unknown(word) for word in rest)
    judge_api(line, method, path, " ".join(rest), body_known=not from_file)
