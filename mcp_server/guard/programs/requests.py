"""Requests to the API of a git server, by `gh api`, curl or a program: what they would change there."""

import re
from itertools import pairwise
from posixpath import basename
from typing import Final

from mcp_server.guard.line import Line
from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.state import Call, Shell

_SOME: Final = r"[^/?\s\"']+"
_REPO: Final = rf"(?:repos/{_SOME}/{_SOME}|repositories/{_SOME}|projects/{_SOME})"
_MERGE: Final = rf"{_REPO}/(?:(?:pulls|merge_requests)/{_SOME}/merge\b|merges\b|merge-upstream\b)"
_REF: Final = rf"{_REPO}/(?:git/refs(?:/heads/)?|repository/branches/?)(?P<branch>[^?\s\"']+)?"
_CONTENT: Final = rf"{_REPO}/(?:contents/|repository/(?:commits|files))"
_PULLS: Final = rf"{_REPO}/(?:pulls|merge_requests)/?(?:$|[\s\"'?])"
_RULES: Final = (
    rf"{_REPO}/(?:rulesets|protected_branches|branches/{_SOME}/(?:protection|rename)|actions/permissions)|"
    rf"orgs/{_SOME}/rulesets"
)
_GRAPHQL: Final = r"\bgraphql\b"
_MUTATES: Final = (
    r"\b(mergePullRequest|mergeBranch|enablePullRequestAutoMerge|enqueuePullRequest|updateRefs?|createRef|"
    r"deleteRef|createCommitOnBranch)\b"
)
_OPENS: Final = r"\bcreatePullRequest\b"
_UNRULES: Final = r"\b(?:create|update|delete)(?:BranchProtectionRule|RepositoryRuleset)\b"
_SENDING: Final = (
    r"(?i)method\s*[:=]\s*[\"'](?:PUT|POST|PATCH|DELETE)|\.(?:put|post|patch|delete)\(|[\"'](?:PUT|POST|"
    r"PATCH|DELETE)[\"']"
)

_SENDS_A_BODY: Final = ("-d", "--data", "--json", "-F", "--form", "--post-")


def option(rest: list[str], brief: str, long: str) -> str:
    """The value of an option in upper case, also from `-sXPUT` and `-sX PUT`; empty if it is not given."""
    for word, after in pairwise([*rest, ""]):
        if after and (word == long or re.fullmatch(rf"(?!--)-[a-zA-Z]*{brief[1]}", word)):
            return after.upper()
        if found := re.fullmatch(rf"{long}=(.*)|(?!--)-[a-zA-Z]*{brief[1]}=?([A-Za-z]+)", word, re.DOTALL):
            return (found[1] or found[2] or "").upper()
    return ""


def judge_api(line: Line, method: str, path: str, body: str, *, body_known: bool = True) -> None:
    """Judge a request by what it would change; `body_known` is False if its body is read from elsewhere."""
    if re.search(_GRAPHQL, path):
        return _graphql(line, body, body_known=body_known)
    if method in ("GET", "HEAD"):
        return None
    if re.search(_MERGE, path):
        line.record("merge", "", "A request to the server")
    elif re.search(_RULES, path):
        line.record("server", detail=f"{method} on the branch rules")
    elif found := re.search(_REF, path):
        named = found["branch"] or " ".join(re.findall(r"refs/heads/([\w./-]+)", body)) or w.ANY
        for branch in named.split():
            line.record("push", branch)
    elif re.search(_CONTENT, path):
        branch = re.search(r"branch[=\"':\s]+([\w./-]+)", body)
        line.record("push", branch[1] if branch else line.policy.protected[0])
    elif re.search(_PULLS, path):
        line.record("open_pr")
    elif w.is_unknown(path) and not re.search(r"issues|comments|labels|reviewers|statuses|check-runs", path):
        line.record("opaque", detail="A request to an address that is not known before it runs")
    return None


def _graphql(line: Line, body: str, *, body_known: bool) -> None:
    if found := re.search(_MUTATES, body):
        line.record("merge", "", found[1])
    elif re.search(_UNRULES, body):
        line.record("server", detail="A change of the branch rules")
    elif re.search(_OPENS, body):
        line.record("open_pr")
    elif not body_known and not re.search(r"query=\s*(?:query\b|\{)", body):
        line.record("opaque", detail="A query from a file")


def judge_request(line: Line, shell: Shell, call: Call) -> None:
    """curl, wget, httpie: judge the requests that go to the API of a git server."""
    rest = call.words[1:]
    body = " ".join([*rest, call.stdin or ""])
    known = bool(call.stdin) or not any(word.startswith("@") or "=@" in word for word in rest)
    for url in rest:
        if re.search(r"repos/|/graphql|repositories/|projects/", url) and not url.startswith("-"):
            judge_api(line, _method(basename(call.words[0]), rest), url, body, body_known=known)


def _method(name: str, rest: list[str]) -> str:
    given = option(rest, "-X", "--request") if name == "curl" else option(rest, "--method", "--method")
    if given:
        return given
    if name in ("http", "https", "xh"):
        return next((word for word in rest if word in ("PUT", "POST", "PATCH", "DELETE")), "GET")
    if {"-T", "--upload-file"} & set(rest):
        return "PUT"
    return "POST" if any(word.startswith(_SENDS_A_BODY) for word in rest) else "GET"


def judge_text(line: Line, text: str) -> None:
    """Judge a program that sends requests by the addresses and queries in its text."""
    if not (re.search(_SENDING, text) or "graphql" in text):
        return None
    for pattern in (_MERGE, _RULES, _REF, _PULLS):
        if found := re.search(pattern, text):
            return judge_api(line, "PUT", found[0].strip("\"' "), text)
    if re.search(_MUTATES, text) or re.search(_OPENS, text):
        _graphql(line, text, body_known=True)
    return None
