"""The server's side: `gh`, and requests to its API by hand."""

import re
from typing import TYPE_CHECKING, Final

from mcp_server.domain.guard import words as w
from mcp_server.domain.guard.shell import Call, Output, Shell

if TYPE_CHECKING:
    from mcp_server.domain.guard.line import Line

_SOME: Final = r"[^/?\s\"']+"
_REPO: Final = rf"(?:repos/{_SOME}/{_SOME}|repositories/{_SOME})"
_MERGE: Final = re.compile(rf"{_REPO}/(?:pulls/{_SOME}/merge\b|merges\b|merge-upstream\b)")
_REF: Final = re.compile(rf"{_REPO}/git/refs(?:/heads/(?P<branch>[^?\s\"']+))?")
_CONTENT: Final = re.compile(rf"{_REPO}/contents/")
_PULLS: Final = re.compile(rf"{_REPO}/pulls/?(?:$|[\s\"'?])")
_RULES: Final = re.compile(
    rf"{_REPO}/(?:rulesets|branches/{_SOME}/(?:protection|rename)|actions/permissions)|orgs/{_SOME}/rulesets"
)
_GRAPHQL: Final = re.compile(r"\bgraphql\b")
_MUTATES: Final = re.compile(
    r"\b(mergePullRequest|mergeBranch|enablePullRequestAutoMerge|enqueuePullRequest|updateRefs?|createRef|deleteRef|createCommitOnBranch)\b"
)
_OPENS: Final = re.compile(r"\bcreatePullRequest\b")
_UNRULES: Final = re.compile(r"\b(?:create|update|delete)(?:BranchProtectionRule|RepositoryRuleset)\b")
_SENDING: Final = re.compile(
    r"method\s*[:=]\s*[\"'](?:PUT|POST|PATCH|DELETE)|\.(?:put|post|patch|delete)\(|[\"'](?:PUT|POST|PATCH|DELETE)[\"']",
    re.IGNORECASE,
)
_CORE: Final = frozenset(
    [
        "agent-task",
        "alias",
        "api",
        "attestation",
        "auth",
        "browse",
        "cache",
        "codespace",
        "completion",
        "config",
        "copilot",
        "dash",
        "extension",
        "gist",
        "gpg-key",
        "help",
        "issue",
        "label",
        "org",
        "pr",
        "preview",
        "project",
        "release",
        "repo",
        "ruleset",
        "run",
        "search",
        "secret",
        "ssh-key",
        "status",
        "variable",
        "version",
        "workflow",
        "models",
        "skill",
    ]
)
_FIELDS: Final = {"-f", "-F", "--field", "--raw-field", "--input"}


def run_gh(line: "Line", shell: Shell, call: Call) -> Output:
    """Judge one call of gh."""
    rest = call.words[1:]
    plain = _plain(rest)
    if not plain:
        return None
    noun, verb = plain[0], plain[1] if len(plain) > 1 else ""
    if noun in line.gh_aliases:
        line.walk.text(shell.inner(), _expanded(line.gh_aliases[noun], plain[1:]))
    elif w.is_open(noun) or (noun == "pr" and w.is_open(verb)) or noun not in _CORE:
        line.did("opaque", detail="A gh command that is no plain one")
    elif noun == "pr" and verb == "merge":
        _merge(line, shell, rest, plain[2:])
    elif noun == "pr" and verb in ("create", "new") and not {"--dry-run", "--help", "-h"} & set(rest):
        line.did("open_pr")
    elif noun == "pr" and verb == "checkout":
        line.switch(shell.cwd, w.ANY)
    elif noun == "api":
        _api(line, rest)
    elif noun == "alias" and verb in ("set", "import"):
        _set_alias(line, shell, plain)
    elif noun == "repo" and (
        verb in ("delete", "archive") or any(word.startswith("--default-branch") for word in rest)
    ):
        line.did("server", detail=f"gh repo {verb}")
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


def _merge(line: "Line", shell: Shell, rest: list[str], selectors: list[str]) -> None:
    if {"--disable-auto", "--help", "-h"} & set(rest):
        return
    detail = "--admin" if any(word.startswith("--adm") for word in rest) else ""
    taking = {"-b", "-F", "-t", "-A", "--body", "--body-file", "--subject", "--author-email", "--match-head-commit"}
    named = [word for word in selectors if rest[rest.index(word) - 1] not in taking]
    selector = named[0] if named else line.branch(shell.cwd) or w.ANY
    line.did("merge", "" if selector.isdecimal() or "://" in selector or w.is_open(selector) else selector, detail)


def _set_alias(line: "Line", shell: Shell, plain: list[str]) -> None:
    if plain[1] == "import" or len(plain) < 4:
        line.did("opaque", detail="gh alias import")
        return
    text = " ".join(plain[3:])
    line.gh_aliases[plain[2]] = text
    line.walk.text(shell.inner(), _expanded(text, []))


def _expanded(text: str, words: list[str]) -> str:
    for number, word in enumerate(words, 1):
        text = text.replace(f"${number}", word)
    return text[1:] if text.startswith("!") else f"gh {text}"


def _api(line: "Line", rest: list[str]) -> None:
    sends = any(
        word in _FIELDS or word.startswith(("-f", "-F", "--field=", "--raw-field=", "--input=")) for word in rest
    )
    method = _option(rest, "-X", "--method") or ("POST" if sends else "GET")
    path = next(
        (
            word
            for word in _plain(rest[rest.index("api") + 1 :])
            if "/" in word or word == "graphql" or w.is_open(word)
        ),
        "",
    )
    judge_api(line, method, path, " ".join(rest), body_known=not any(_from_file(word) for word in rest))


def _from_file(word: str) -> bool:
    return "=@" in word or word.startswith("--input") or w.is_open(word)


def _option(rest: list[str], brief: str, long: str) -> str:
    for at, word in enumerate(rest):
        if word in (brief, long) and at + 1 < len(rest):
            return rest[at + 1].upper()
        if word.startswith(f"{long}="):
            return word.partition("=")[2].upper()
        bundle = re.fullmatch(rf"-[a-zA-Z]*{brief[1]}=?([A-Za-z]+)", word)
        if bundle and not word.startswith("--"):
            return bundle[1].upper()
        if re.fullmatch(rf"-[a-zA-Z]+{brief[1]}", word) and at + 1 < len(rest):
            return rest[at + 1].upper()
    return ""


def judge_api(line: "Line", method: str, path: str, body: str, *, body_known: bool = True) -> None:
    """Judge a request to the server's API by what it would change."""
    if _GRAPHQL.search(path):
        return _graphql(line, body, body_known=body_known)
    if method in ("GET", "HEAD"):
        return None
    if _MERGE.search(path):
        line.did("merge", "", "A request to the server")
    elif _RULES.search(path):
        line.did("server", detail=f"{method} on the rules of branches")
    elif found := _REF.search(path):
        named = found["branch"] or " ".join(re.findall(r"refs/heads/([\w./-]+)", body)) or w.ANY
        for branch in named.split():
            line.did("push", branch)
    elif _CONTENT.search(path):
        branch = re.search(r"branch[=\"':\s]+([\w./-]+)", body)
        line.did("push", branch[1] if branch else line.policy.protected[0])
    elif _PULLS.search(path):
        line.did("open_pr")
    elif w.is_open(path) and not re.search(r"issues|comments|labels|reviewers|statuses|check-runs", path):
        line.did("opaque", detail="A request to an address made while it runs")
    return None


def _graphql(line: "Line", body: str, *, body_known: bool) -> None:
    if found := _MUTATES.search(body):
        line.did("merge", "", found[1])
    elif _UNRULES.search(body):
        line.did("server", detail="A change of the rules of branches")
    elif _OPENS.search(body):
        line.did("open_pr")
    elif not body_known and not re.search(r"query=\s*(?:query\b|\{)", body):
        line.did("opaque", detail="A query that is read from elsewhere")


def judge_request(line: "Line", shell: Shell, name: str, rest: list[str], stdin: Output) -> None:
    """curl, wget, httpie: judge the requests that go to such an API."""
    brief, long = ("-X", "--request") if name == "curl" else ("--method", "--method")
    method = _option(rest, brief, long)
    if not method and name in ("http", "https", "xh"):
        method = next((word for word in rest if word in ("PUT", "POST", "PATCH", "DELETE")), "GET")
    if not method:
        sends = any(word.startswith(("-d", "--data", "--json", "-F", "--form", "--post-")) for word in rest)
        method = "PUT" if any(word in ("-T", "--upload-file") for word in rest) else "POST" if sends else "GET"
    files = [
        line.files.get(line.path(shell, word.lstrip("@"))) for word in rest if word.startswith("@") and word != "@-"
    ]
    body = " ".join([*rest, stdin or "", *(text or "" for text in files)])
    known = (
        not any(word.startswith("@") or "=@" in word for word in rest)
        or (bool(files) and None not in files)
        or bool(stdin)
    )
    for url in rest:
        if re.search(r"repos/|/graphql|repositories/", url) and not url.startswith("-"):
            judge_api(line, method, url, body, body_known=known)


def judge_text(line: "Line", text: str) -> None:
    """A program that sends requests: what its text says it asks for."""
    if not (_SENDING.search(text) or "graphql" in text):
        return None
    for pattern in (_MERGE, _RULES, _REF, _PULLS):
        if found := pattern.search(text):
            return judge_api(line, "PUT", found[0].strip("\"' "), text)
    if _MUTATES.search(text) or _OPENS.search(text):
        _graphql(line, text, body_known=True)
    return None
