"""`runbook_read`: a page, or one section of it, as steps with their commands, effects and expected results."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import cast

from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.markdown.page import read_page
from mcp_server.kernel.markdown.steps import PageSection, Step, sections_with_steps
from mcp_server.knowledge.look_pages import page_files
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_MOST = 12_000
_KEYS = ("severity", "tools", "command", "owner", "reviewed", "applies_to", "symptoms")


class ReadParams(Params):
    name: str = Field(min_length=1, max_length=300, description="The page's name, or its path from index_check")
    section: str | None = Field(default=None, max_length=200, description="One heading only, such as Resolution")


@dataclass(frozen=True)
class PageRead:
    """`front` is the front matter. `omitted` are the headings that did not fit in the answer."""

    name: str
    title: str
    path: str
    front: Mapping[str, str | tuple[str, ...]]
    sections: tuple[PageSection, ...]
    omitted: tuple[str, ...]
    next: str | None


def _read(context: Context, params: ReadParams) -> PageRead:
    files = page_files(context)
    path = _found(files, params.name)
    page = read_page(context.world.files.read_text(files[path]))
    front, sections = page.front, sections_with_steps(page)
    name = _name(path)
    heads = [section.heading for section in sections if section.heading]
    title = front.values.get("title") or (heads[0] if heads else name)
    shown_sections, omitted = _bounded(_chosen(path, sections, params.section))
    return PageRead(
        name,
        str(title),
        path,
        {key: _shortened(front.values[key]) for key in _KEYS if front.values.get(key)},
        shown_sections,
        omitted,
        f"Call runbook_read with section {omitted[0]!r} for the rest" if omitted else None,
    )


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".md")


def _found(files: Collection[str], name: str) -> str:
    """The path of a page, given its name or path; if several have the name, the first."""
    names: dict[str, str] = {}
    for path in files:
        names.setdefault(_name(path), path)
    path = name if name in files else names.get(_name(name.replace("\\", "/").strip()))
    if path:
        return path
    from difflib import get_close_matches  # noqa: PLC0415  only for a misspelt name

    near = get_close_matches(_name(name).lower(), names, n=1, cutoff=0.5)
    step = f"Read {near[0]}, the nearest name" if near else "Find the page with index_check in your own words"
    raise OpsError("not_found", f"no runbook is named {shown(name)}", step)


def _chosen(path: str, sections: tuple[PageSection, ...], heading: str | None) -> tuple[PageSection, ...]:
    if heading is None:
        return sections
    found = tuple(section for section in sections if section.heading.casefold() == heading.strip().casefold())
    if not found:
        known = ", ".join(section.heading for section in sections if section.heading) or "no headings"
        raise OpsError("not_found", f"{path} has no section {shown(heading)}", f"Ask for one of: {known}"[:400])
    return found


def _bounded(sections: tuple[PageSection, ...]) -> tuple[tuple[PageSection, ...], tuple[str, ...]]:
    """The sections that fit in the answer, and the headings of the rest; a section larger than the answer is cut."""
    room, kept = _MOST, list[PageSection]()
    for number, section in enumerate(sections):
        size = len(section.text) + sum(map(_size, section.steps))
        if size > room and kept:
            return tuple(kept), tuple(left.heading for left in sections[number:])
        kept.append(_cut(section) if size > room else section)
        room -= size
    return tuple(kept), ()


def _size(step: Step) -> int:
    return len(step.text) + len(step.command or "") + len(step.expected or "")


def _cut(section: PageSection) -> PageSection:
    text, steps, room = section.text[: _MOST // 2], list[Step](), _MOST // 2
    for step in section.steps:
        room -= _size(step)
        if room < 0:
            break
        steps.append(step)
    note = f"\n[cut here: {len(section.steps) - len(steps)} steps and the rest of the text are in the file]"
    return replace(section, text=text + note, steps=tuple(steps))


def _shortened(value: object) -> str | tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(item)[:200] for item in cast("list[object]", value)[:50])
    return str(value)[:200]


def _text(page: PageRead) -> str:
    lines = [f"{page.title}  ({page.path})"]
    lines += [f"{key}: {value if isinstance(value, str) else ' | '.join(value)}" for key, value in page.front.items()]
    for section in page.sections:
        lines += ["", f"## {section.heading}"] if section.heading else [""]
        lines += [section.text] if section.text else []
        for number, step in enumerate(section.steps, 1):
            lines += _step_lines(number, step)
    return "\n".join([*lines, *(["", f"Next: {page.next}"] if page.next else [])])


def _step_lines(number: int, step: Step) -> list[str]:
    lines = [f"{number}. {step.text}"]
    if step.command is not None:
        lines += [f"   [{step.effect}]", *(f"     {line}" for line in step.command.splitlines())]
    return [*lines, *([f"   Expected: {step.expected}"] if step.expected else [])]


RUNBOOK_READ = Operation(
    name="runbook_read",
    title="Read a runbook",
    summary="One runbook as structure: front matter, sections, steps with their commands, each marked read-only or "
    "changing, and what to expect. Pass section for one part of it.",
    effect=Effect.READ,
    params=ReadParams,
    run=_read,
    text=_text,
    positional=("name",),
)
