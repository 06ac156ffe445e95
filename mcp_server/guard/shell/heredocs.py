"""Heredocs taken out of a text that the grammar cannot parse with them in place."""

from typing import Final

from mcp_server.kernel.lazy_pattern import lazy_pattern

_OPENER: Final = lazy_pattern(r"<<(-?)[ \t]*(?:'([^'\n]+)'|\"([^\"\n]+)\"|\\?([A-Za-z_]\w*))")


def extract_heredocs(text: str) -> tuple[str, dict[str, str | None]]:
    """The text with `<heredoc:N` in place of each `<<END ...`, and the bodies by these names."""
    bodies: dict[str, str | None] = {}
    kept: list[str] = []
    quotes: list[str] = []
    lines = iter(text.split("\n"))
    for line in lines:
        opened: list[tuple[str, str, bool]] = []
        kept.append(_replace_openers(line, quotes, opened, len(bodies)))
        for name, end, dashed in opened:
            body: list[str] = []
            for inner in lines:
                if (inner.lstrip("\t") if dashed else inner) == end:
                    break
                body.append(inner)
            bodies[name] = "\n".join(body) + "\n"
    return "\n".join(kept), bodies


def _replace_openers(line: str, quotes: list[str], opened: list[tuple[str, str, bool]], count: int) -> str:  # noqa: C901  # one case for each character that matters
    """The line with its heredoc openers replaced. `quotes` and `opened` are updated: what is open after the line."""
    out, at = "", 0
    while at < len(line):
        char, inside = line[at], quotes[-1] if quotes else ""
        if char == "\\" and inside != "'":
            out, at = out + line[at : at + 2], at + 2
            continue
        if inside == "'":
            if char == "'":
                quotes.pop()
        elif line.startswith("$(", at):
            quotes.append(")")
            out, at = out + "$", at + 1
            char = "("
        elif char == '"':
            quotes.pop() if inside == '"' else quotes.append('"')
        elif inside != '"':
            if char == "'":
                quotes.append("'")
            elif char == ")" and inside == ")":
                quotes.pop()
            elif char == "#" and (at == 0 or line[at - 1] in " \t;"):
                return out + line[at:]
            elif line.startswith("<<<", at):
                out, at = out + "<<<", at + 3
                continue
            elif found := _OPENER.match(line, at):
                name = f"heredoc:{count + len(opened)}"
                opened.append((name, found[2] or found[3] or found[4], bool(found[1])))
                out, at = out + f"<{name}", found.end()
                continue
        out, at = out + char, at + 1
    return out
