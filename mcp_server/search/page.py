"""A page as the search sees it: a title, its symptoms, and sections of text under their headings."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_LINE_END = re.compile(r"\r\n|\r|\n")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_KEY = re.compile(r"([A-Za-z][\w-]*)\s*:\s*(.*?)\s*$")
_ITEM = re.compile(r"\s*-\s+(.*?)\s*$")


class Section(NamedTuple):
    """`body` is the text below `heading` as written; `line` is the heading's line, counted from 1."""

    heading: str
    body: str
    line: int


class Page(NamedTuple):
    """`symptoms` are the words the problem is met with, each as good as a title; `seen_before` marks an incident."""

    path: str
    title: str
    sections: tuple[Section, ...]
    symptoms: tuple[str, ...] = ()
    command: str | None = None
    seen_before: bool = False


def page_of(path: str, text: str, symptoms: Iterable[str] = (), command: str | None = None) -> Page:
    """The page that a markdown `text` is.

    Title: the front matter's, else the first heading, else the file's name.  `symptoms` are added to those of the
    front matter; `command` wins over the slash command there.  Any text is a page, however it is marked up.
    """
    lines = _LINE_END.split(text.removeprefix("\ufeff"))
    front, start = _front_matter(lines)
    sections = tuple(_sections(lines, start))
    titles = front.get("title", ()) or tuple(s.heading for s in sections if s.heading) or (_stem(path),)
    known = front.get("symptoms", ())
    return Page(
        path=path,
        title=titles[0],
        sections=sections,
        symptoms=tuple(dict.fromkeys(s for s in (*known, *symptoms) if s.strip())),
        command=command or next((known for known in front.get("command", ()) if known.startswith("/")), None),
    )


def _stem(path: str) -> str:
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[0] or name or path


def _front_matter(lines: list[str]) -> tuple[dict[str, tuple[str, ...]], int]:
    """The front matter's keys with their values (a list, or one), and the first line after it."""
    if not lines or lines[0].strip() != "---":
        return {}, 0
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() in ("---", "...")), 0)
    found: dict[str, tuple[str, ...]] = {}
    key = ""
    for line in lines[1:end]:
        if match := _KEY.match(line):
            key = match[1].lower()
            found[key] = _values(match[2])
        elif key and (item := _ITEM.match(line)):
            found[key] += _values(item[1])
    return found, end + 1 if end else 0


def _values(written: str) -> tuple[str, ...]:
    if written.startswith("[") and written.endswith("]"):
        return tuple(value for part in written[1:-1].split(",") for value in _values(part.strip()))
    quoted = len(written) > 1 and written[0] == written[-1] and written[0] in "\"'"
    value = written[1:-1] if quoted else written
    return (value,) if value and value not in ("null", "~", "|", ">", "|-", ">-") else ()


def _sections(lines: list[str], start: int) -> Iterable[Section]:
    heading, first, body, fence = "", start + 1, list[str](), ""
    for number, line in enumerate(lines[start:], start + 1):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        found = None if fence or mark else _HEADING.match(line)
        if not found:
            body.append(line)
            continue
        if heading or any(map(str.strip, body)):
            yield Section(heading, "\n".join(body).strip("\n"), first)
        heading, first, body = found[2], number, []
    if heading or any(map(str.strip, body)):
        yield Section(heading, "\n".join(body).strip("\n"), first)
