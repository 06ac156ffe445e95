"""A page as the search sees it: title, symptoms, and sections."""

from collections.abc import Iterable
from typing import NamedTuple

from mcp_server.kernel.markdown.outline import Section
from mcp_server.kernel.markdown.page import read_page


class Page(NamedTuple):
    """`symptoms` are error lines or phrases, each as good as a title. `seen_before`: an incident."""

    path: str
    title: str
    sections: tuple[Section, ...]
    symptoms: tuple[str, ...] = ()
    command: str | None = None
    seen_before: bool = False


def page_of(path: str, text: str, symptoms: Iterable[str] = (), command: str | None = None) -> Page:
    """Read markdown; any text is a page.

    The title is the front matter's, else the first heading, else the file's name. `symptoms` are added to those of
    the front matter, and `command` takes precedence over the slash command there.
    """
    page = read_page(text)
    texts = page.front.texts
    titles = (*texts.get("title", ()), *(s.heading for s in page.sections if s.heading), _stem(path))
    known = (*texts.get("symptoms", ()), *symptoms)
    return Page(
        path=path,
        title=titles[0],
        sections=page.sections,
        symptoms=tuple(dict.fromkeys(symptom for symptom in known if symptom.strip())),
        command=command or next((name for name in texts.get("command", ()) if name.startswith("/")), None),
    )


def _stem(path: str) -> str:
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[0] or name or path
