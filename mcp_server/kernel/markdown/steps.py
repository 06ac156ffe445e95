"""The steps of a page: what to do, the command, whether it changes anything, and what to expect.

Any page can be read. In the runbook form (docs/runbook-form.md) every command is marked with its effect; on other
pages the effect of an unmarked command is `unknown`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from textwrap import dedent
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.markdown.page import MarkdownPage

StepEffect = Literal["read-only", "changing", "unknown"]
_EXPECTED = "Expected:"
_TASK = lazy_pattern(r"^\[[ xX]\] ")
_TICKED = lazy_pattern(r"^\[[xX]\] ")
_parser = MarkdownIt("commonmark")


@dataclass(frozen=True)
class Step:
    """One thing to do. `command` is shell text; a step without one is done by hand, and has no `effect`."""

    text: str
    command: str | None = None
    effect: StepEffect | None = None
    expected: str | None = None
    line: int = field(default=0, repr=False)
    ticked: bool = False
    "Whether it is an item of a task list that is ticked (`[x]`)."


@dataclass(frozen=True)
class PageSection:
    """`text` is everything below the heading except the steps, as written; `level` is 1 to 6, 0 without a heading."""

    heading: str
    text: str
    steps: tuple[Step, ...]
    level: int = field(default=0, repr=False)
    line: int = field(default=0, repr=False)


def sections_with_steps(page: MarkdownPage, *, tasks: bool = False) -> tuple[PageSection, ...]:
    """The sections of a page; text above the first heading is a section with the heading "".

    With `tasks`, the items of a task list (`- [ ] ...`) are steps like those of a numbered list.
    """
    lines, lists = page.body.split("\n"), ("ordered_list", "bullet_list") if tasks else ("ordered_list",)
    starts = [section.line for section in page.sections]
    nodes: list[list[SyntaxTreeNode]] = [[] for _ in starts]
    for node in SyntaxTreeNode(_parser.parse(page.body)).children:
        if node.type != "heading":
            nodes[max(0, bisect_right(starts, _line(node)) - 1)].append(node)
    heads = (PageSection(section.heading, "", (), section.level, section.line) for section in page.sections)
    found = (_filled(head, own, lines, lists) for head, own in zip(heads, nodes, strict=True))
    return tuple(section for section in found if section.level or section.text or section.steps)


def _filled(
    head: PageSection, nodes: Sequence[SyntaxTreeNode], lines: Sequence[str], lists: tuple[str, ...]
) -> PageSection:
    prose: list[SyntaxTreeNode] = []
    steps: list[Step] = []
    for node in nodes:
        if node.type in lists:
            steps += (step for item in node.children for step in _steps_of(item.children, lines))
        elif node.type == "fence":
            before = prose.pop() if prose and prose[-1].type == "paragraph" else None
            steps.append(_commanded(Step(_inline(before) if before else ""), node))
        elif _is_expected(node) and steps and steps[-1].expected is None:
            steps[-1] = replace(steps[-1], expected=_expected(node))
        else:
            prose.append(node)
    return replace(head, text="\n\n".join(_source(node, lines) for node in prose), steps=tuple(steps))


def _steps_of(nodes: Iterable[SyntaxTreeNode], lines: Sequence[str]) -> list[Step]:
    """The steps in one item of a numbered list: one, or one for each of its commands."""
    steps = [Step("")]
    for node in nodes:
        if node.type == "fence":
            if steps[-1].command is not None:
                steps.append(Step(""))
            steps[-1] = _commanded(steps[-1], node)
        elif _is_expected(node) and steps[-1].expected is None:
            steps[-1] = replace(steps[-1], expected=_expected(node))
        else:
            source = _inline(node) if node.type == "paragraph" else _source(node, lines)
            ticked = steps[-1].ticked or bool(_TICKED.match(source))
            text = "\n".join(filter(None, (steps[-1].text, _TASK.sub("", source))))
            steps[-1] = replace(steps[-1], text=text, line=steps[-1].line or _line(node), ticked=ticked)
    return steps


def _commanded(step: Step, fence: SyntaxTreeNode) -> Step:
    marks = fence.info.split()[1:]
    effect: StepEffect = "unknown"
    if marks == ["read-only"]:
        effect = "read-only"
    elif marks == ["changing"]:
        effect = "changing"
    return replace(step, command=fence.content.rstrip("\n"), effect=effect, line=_line(fence))


def _inline(node: SyntaxTreeNode) -> str:
    return "".join(child.content for child in node.children)


def _is_expected(node: SyntaxTreeNode) -> bool:
    return node.type == "paragraph" and _inline(node).startswith(_EXPECTED)


def _expected(node: SyntaxTreeNode) -> str:
    return _inline(node).removeprefix(_EXPECTED).strip()


def _source(node: SyntaxTreeNode, lines: Sequence[str]) -> str:
    first, end = node.map or (0, 0)
    return dedent("\n".join(lines[first:end])).strip()


def _line(node: SyntaxTreeNode) -> int:
    return node.map[0] + 1 if node.map else 0
