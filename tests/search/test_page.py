"""Any text is a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.kernel.markdown.outline import Section
from mcp_server.search import Page, page_of

WHOLE = """\ufeff---
name: login-expired
title: "Login expired"
symptoms:
  - "API Error: 401"
  - please log in
command: /ops:refresh
---

Before all.

# Login expired

## Meaning ##

The token is old.

```bash
# not a heading
```
"""


def test_front_matter_and_sections_make_the_page() -> None:
    page = page_of("auth/login.md", WHOLE, symptoms=["token too old"])
    assert (page.title, page.command) == ("Login expired", "/ops:refresh")
    assert page.symptoms == ("API Error: 401", "please log in", "token too old")
    assert [(s.heading, s.line) for s in page.sections] == [("", 10), ("Login expired", 12), ("Meaning", 14)]
    assert "# not a heading" in page.sections[2].body


def test_without_front_matter_the_first_heading_is_the_title() -> None:
    assert page_of("x.md", "text\n\n## Disk full\n").title == "Disk full"


def test_without_a_heading_the_name_is_the_title() -> None:
    page = page_of("a/disk-full.md", "only text")
    assert page == Page("a/disk-full.md", "disk-full", (Section("", "only text", 1, 0),))


def test_an_inline_list_of_symptoms_is_read_and_an_unclosed_front_matter_is_text() -> None:
    assert page_of("x.md", "---\nsymptoms: [one, 'two']\n---\n").symptoms == ("one", "two")
    assert "title: x" in page_of("x.md", "---\ntitle: x\n").sections[0].body


@pytest.mark.parametrize(
    ("front", "title", "symptoms"),
    [
        ("title: >-\n  The login\n  expired", "The login expired", ()),
        ("title: Expired # since May", "Expired", ()),
        ('title: A\nsymptoms: ["no space, none", b]', "A", ("no space, none", "b")),
    ],
    ids=["folded title", "comment", "comma in quotes"],
)
def test_front_matter_is_read_as_yaml(front: str, title: str, symptoms: tuple[str, ...]) -> None:
    page = page_of("x.md", f"---\n{front}\n---\n## Symptoms\n\ntext\n")
    assert (page.title, page.symptoms) == (title, symptoms)


@given(st.text(), st.text(min_size=1))
def test_any_text_is_a_page_with_sections_in_order(text: str, path: str) -> None:
    page = page_of(path, text)
    lines = [section.line for section in page.sections]
    assert page.title
    assert lines == sorted(set(lines))
