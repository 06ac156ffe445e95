"""The files that the documentation names exist, and its links lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A link to a file of this repository, without its anchor.
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
NAMED = re.compile(r"`((?:mcp_server|tests|benchmarks|hooks|bin|docs|runbooks)/[\w./*-]+)")
# Folders that operated repositories have, and this one has not.
OF_A_FLEET = ("docs/systems/", "docs/support/", "docs/design/")
PAGES = [
    *(ROOT / name for name in ("README.md", "AGENTS.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    named = {name.rstrip("./") for name in NAMED.findall(page.read_text()) if not name.startswith(OF_A_FLEET)}
    assert [name for name in sorted(named) if "<" not in name and not list(ROOT.glob(name))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = set(LINK.findall(page.read_text()))
    assert [link for link in sorted(links) if not (page.parent / link).exists()] == []
