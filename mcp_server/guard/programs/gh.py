"""A `gh` command line: what it would change on the server."""

from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.programs.requests import judge_api, option
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Output, Shell

_CORE: Final = w.names(
    "agent-task alias api attestation auth browse cache codespace completion config copilot dash extension "
    "gist gpg-key help issue label models org pr preview project release repo ruleset run search secret skill "
    "ssh-key status variable version workflow"
)
"Commands of gh itself; any other word is an alias or an extension."
_OF_MERGING: Final = ("--default-branch", "--enable-auto-merge", "--visibility")
"Options of `gh repo edit` that change by what a branch is protected."
_DEEPEST: Final = 6
_FIELDS: Final = {"-f", "-F", "--field", "--raw-field", "--input"}


def run_gh(line: Line, shell: Shell, call: Call) -> Output:
    """Judge one call of gh."""
    rest = call.words[1:]
    plain = _plain(rest)
    if not plain:
        return None
    noun, verb = plain[0], plain[1] if len(plain) > 1 else ""
    alias = line.gh_aliases.get(noun) or (line.repositories.gh_alias(noun) if noun not in _CORE else None)
    if alias is not None and shell.depth < _DEEPEST:
        inner = shell.inner()
        inner.depth += 1
        line.walk.text(inner, _expanded(alias, plain[1:]))
    elif w.is_unknown(noun) or (noun == "pr" and w.is_unknown(verb)) or noun not in _CORE:
        line.record("opaque", detail="A gh command that is no plain one")
    elif noun == "pr" and verb == "merge":
        _merge(line, shell, rest, plain[2:])
    elif noun == "pr" and verb in ("create", "new") and not {"--dry-run", "--help", "-h"} & set(rest):
        line.record("open_pr")
    elif noun == "pr" and verb == "checkout":
        line.switch(shell.cwd, w.ANY)
    elif noun == "api":
        _api(line, rest)
    elif noun == "alias" and verb in ("set", "import"):
        _set_alias(line, shell, plain)
    elif noun == "repo" and (
        verb in ("delete", "archive")
        or any(word.startswith(_OF_MERGING) for word in rest)
        or (verb == "sync" and "--force" in rest)
    ):
        line.record("server", detail=f"gh repo {verb}")
    return None


def _plain(rest: list[str]) -> list[str]:
    """The words that are no options, nor the value of one of all gh commands."""
    found, skip = list[str](), False
    for word in rest:
        if skip:
            skip = False
        elif word in ("-R", "--repo", "--hostname"):
            skip = True
        elif not word.startswith("-"):
            found.append(word)
    return found


def _merge(line: Line, shell: Shell, rest: list[str], selectors: list[str]) -> None:
    if {"--disable-auto", "--help", "-h"} & set(rest):
        return
    detail = "--admin" if any(word.startswith("--adm") for word in rest) else ""
    taking = {"-b", "-F", "-t", "-A", "--body", "--body-file", "--subject", "--author-email", "--match-head-commit"}
    named = [word for word in selectors if rest[rest.index(word) - 1] not in taking]
    selector = named[0] if named else line.branch(shell.cwd) or w.ANY
    line.record(
        "merge", "" if selector.isdecimal() or "://" in selector or w.is_unknown(selector) else selector, detail
    )


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
    sends = any(
        word in _FIELDS or word.startswith(("-f", "-F", "--field=", "--raw-field=", "--input=")) for word in rest
    )
    method = option(rest, "-X", "--method") or ("POST" if sends else "GET")
    path = next(
        (
            word
            for word in _plain(rest[rest.index("api") + 1 :])
            if "/" in word or word == "graphql" or w.is_unknown(word)
        ),
        "",
    )
    judge_api(line, method, path, " ".join(rest), body_known=not any(_from_file(word) for word in rest))


def _from_file(word: str) -> bool:
    return "=@" in word or word.startswith("--input") or w.is_unknown(word)
