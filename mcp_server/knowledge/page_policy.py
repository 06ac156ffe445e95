"""What a page must not ask for: see docs/runbook-form.md."""

import re
from collections.abc import Iterator

from mcp_server.clients.claude import API_KEY, BEARER
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.knowledge.runbook_page import RunbookBody

_KEY = rf"(?:{API_KEY}|{BEARER})"
_SUGGESTION = re.compile(
    rf"(?i)\b(?:export|set|add|use|put|create|paste)\W+(?:the\W+|an?\W+|your\W+)?{_KEY}|(?:^|[\s;'\"]){_KEY}=[^\s/'\"]"
)
_LOGIN = "Leave it out; for a login that has ended name /ops:opus_token_refresh"
_AGAINST = re.compile(r"(?i)\b(?:never|not|no|without|instead of)\b|n't\b")
_GIT = r"\bgit\s+(?:-[cC]\s+\S+\s+|--\S+\s+)*"
_DISCARDS = re.compile(
    rf"{_GIT}(?:reset\s.*--hard|push\s.*(?:--force(?!-with)|\s-\w*f\b|\s\+\S)|checkout\s+(?:-\w*f|--force)|clean\s+-)"
)
_CHANGES = re.compile(
    r"(?m)(?:^|[;&|(]|\bsudo\s|\bxargs\s)\s*(?:rm|rmdir|mv|cp|dd|ln|tee|touch|mkdir|chmod|chown|truncate|kill|pkill|"
    rf"killall|reboot|shutdown)\s|\bsed\s+-\w*i|{_GIT}(?:add|commit|push|pull|merge|rebase|reset|checkout|switch|"
    r"restore|clean|stash|rm|mv)\b"
)


def require_fit(body: RunbookBody) -> None:
    """Raise `denied` for a page that suggests an API key, discards work, or changes something in a read-only step."""
    texts = [body.meaning, body.escalation, *_texts(body)]
    if any(map(_suggests_a_key, texts)):
        raise OpsError("denied", "the page suggests an API key, and agents use the Claude Max login", _LOGIN)
    for text in texts:
        if found := _DISCARDS.search(text):
            message = f"the page throws work away: {shown(found[0])}"
            raise OpsError("denied", message, "Give a step that keeps the work")
    for step in body.looks:
        if found := _CHANGES.search(step.command or ""):
            message = f"a step that only looks changes something: {shown(found[0].strip())}"
            raise OpsError("denied", message, "Move that step to the resolution")


def _texts(body: RunbookBody) -> Iterator[str]:
    for step in body.steps:
        yield from (step.text, step.command or "", step.expected or "")


def _suggests_a_key(text: str) -> bool:
    hits = _SUGGESTION.finditer(text)
    return any(not _AGAINST.search(text[max(0, hit.start() - 30) : hit.start()]) for hit in hits)
