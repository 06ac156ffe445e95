"""Front matter and sections, read from any text; the outline agrees with a full markdown parser."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from mcp_server.kernel.markdown.page import read_page

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "runbooks").glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "commands").glob("*.md")])
LINES = [
    *("# Disk `full` ##", "  ## C#", "####### text", "#text", "    # code", "Text", "  more", "===", "---"),
    *("- item", "  # in the item", "  text of the item", "10. ten", "    ## in ten", "```sh", "  ```", "    ```"),
    *("> text", "<!-- comment", "-->", "~~~", "", "", ""),
]


def headings_of(body: str) -> list[tuple[int, int]]:
    nodes = SyntaxTreeNode(MarkdownIt("commonmark").parse(body)).children
    return [(int(node.tag[1:]), (node.map or (0, 0))[0] + 1) for node in nodes if node.type == "heading"]


def fences_of(body: str) -> list[range]:
    tokens = MarkdownIt("commonmark").parse(body)
    return [range(token.map[0] + 1, token.map[1] + 1) for token in tokens if token.type == "fence" and token.map]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_headings_and_fences_are_those_of_a_full_parser(path: Path) -> None:
    page = read_page(path.read_text())
    assert [(section.level, section.line) for section in page.sections if section.level] == headings_of(page.body)
    assert list(page.fences) == fences_of(page.body)


@pytest.mark.parametrize(
    "text",
    [
        "Title\n=====\n\ntext\n\nTwo\nlines\n---\n",
        "- item\n\n  ```sh\n  # comment\n\n# Next\n",
        "1. one\n\n   ## in the item\n\ntext\n\n## after\n",
        "> ```\n> # quoted\n\n# after\n",
        "````\n```\n# code\n````\n# after\n",
        "```\n```sh\n# code\n```\n# after\n",
        "<!--\n# comment\n-->\n# after\n",
        "- a\nb\n---\n\n# after\n",
        "| a |\n|---|\n\n# after\n",
        "    # code\n\ttext\n# after",
        "#\n##  \n### closed ###\n",
        "a\fb\u2028# no heading\n# after\n",
    ],
)
def test_what_only_looks_like_a_heading_is_none(text: str) -> None:
    page = read_page(text)
    assert [(section.level, section.line) for section in page.sections if section.level] == headings_of(page.body)


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_headings_of_generated_pages_are_those_of_a_full_parser(lines: list[str]) -> None:
    page = read_page("\n".join(["x", *lines]))
    assert [(section.level, section.line) for section in page.sections if section.level] == headings_of(page.body)


def test_a_heading_is_plain_text() -> None:
    headings = "# The `x` of **all** [pages](a.md)\n\n## GH_TOKEN is set ##\n\n## C#\n\n## a \\* <br>b\n"
    assert [section.heading for section in read_page(headings).sections] == [
        "The x of all pages",
        "GH_TOKEN is set",
        "C#",
        "a * b",
    ]


def test_a_section_includes_its_subsections_and_ends_at_the_next_of_its_level() -> None:
    page = read_page("---\na: b\n---\n# T\n\n## Summary\n\none\n\n### More\n\n```\n## code\n```\n\n## Next\n\ntwo\n")
    assert page.section("summary") == "one\n\n### More\n\n```\n## code\n```"
    assert (page.section("Next"), page.section("More"), page.section("None")) == ("two", "", "")


def test_front_matter_leaves_the_line_numbers_of_the_body_alone() -> None:
    page = read_page("\ufeff---\r\ntitle: A\r\nname: b\r\n---\r\n# Heading\r\n")
    assert page.front.values == {"title": "A", "name": "b"}
    assert page.front.lines == {"title": 2, "name": 3}
    assert page.sections[0].line == 5


def test_front_matter_is_read_as_yaml() -> None:
    block = (
        "title: >-\n  The disk\n  is full\nsymptoms:\n  - 'no space, none'\n  - API Error: 401\n  - 0123\n"
        'owner: ops  # the role\nSeverity: "sev1"\nempty:\ntools: ["a, b", c]\n'
    )
    assert read_page(f"---\n{block}---\n").front.texts == {
        "title": ("The disk is full",),
        "symptoms": ("no space, none", "API Error: 401", "0123"),
        "owner": ("ops",),
        "severity": ("sev1",),
        "empty": (),
        "tools": ("a, b", "c"),
    }


def test_broken_front_matter_is_reported_with_its_line_and_keeps_what_can_be_read() -> None:
    page = read_page("---\ntitle: Fix: the disk\nname: b\nsymptoms: [one, two]\n---\n# Heading\n")
    assert page.front.error is not None
    assert page.front.error[0] == 2
    assert page.front.values == {}
    assert page.front.texts == {"title": ("Fix: the disk",), "name": ("b",), "symptoms": ("one", "two")}
    assert page.sections[0].heading == "Heading"


@pytest.mark.parametrize("block", ["[" * 50_000, "- " * 50_000, "? " * 50_000, "a: " + "{a: " * 50_000])
def test_front_matter_that_is_nested_without_end_is_an_error(block: str) -> None:
    assert read_page(f"---\n{block}\n---\n").front.error is not None


@given(st.text())
def test_any_text_is_a_page_with_its_sections_in_order(text: str) -> None:
    lines = [section.line for section in read_page(text).sections]
    assert lines == sorted(set(lines))


@given(st.text(alphabet="-:# \n\t\"'[]{}&*!|>%@`a1", max_size=60))
def test_any_block_of_yaml_like_text_is_front_matter_or_an_error(block: str) -> None:
    front = read_page(f"---\n{block}\n---\n").front
    assert front.error is None or front.error[0] >= 1
