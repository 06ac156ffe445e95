"""The few lines of a section that matched, as written."""

from mcp_server.search.words import words_of

_LONGEST = 300


def excerpt(body: str, wanted: set[str]) -> str:
    """At most 300 characters of `body`, from the line where most of the `wanted` terms are close together."""
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    terms = [{term for word in words_of(line) for term in (*word.parts, word.whole)} & wanted for line in lines]
    windows = (_window(lines, terms, start) for start in range(len(lines)))
    text = max(windows, key=lambda window: window[0], default=(0, ""))[1]
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _window(lines: list[str], terms: list[set[str]], start: int) -> tuple[int, str]:
    """The lines from `start` that fit, and how many wanted terms they contain."""
    found, text = set(terms[start]), lines[start]
    for line, more in zip(lines[start + 1 :], terms[start + 1 :], strict=True):
        if len(text) + 1 + len(line) > _LONGEST:
            break
        text += "\n" + line
        found |= more
    return len(found), text
