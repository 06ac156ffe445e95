"""The few lines of a section that matched, as they are written."""

from .words import words_of

_LONGEST = 300


def excerpt(body: str, wanted: set[str]) -> str:
    """At most 300 characters of `body`, from the line on where most of the `wanted` terms stand close together."""
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    said = [{term for word in words_of(line) for term in (*word.parts, word.whole)} & wanted for line in lines]
    windows = (_window(lines, said, start) for start in range(len(lines)))
    text = max(windows, key=lambda window: window[0], default=(0, ""))[1]
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _window(lines: list[str], said: list[set[str]], start: int) -> tuple[int, str]:
    """The lines from `start` that fit, and how many terms they have."""
    found, text = set(said[start]), lines[start]
    for line, terms in zip(lines[start + 1 :], said[start + 1 :], strict=True):
        if len(text) + 1 + len(line) > _LONGEST:
            break
        text += "\n" + line
        found |= terms
    return len(found), text
