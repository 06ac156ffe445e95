"""Each page that changes something has a test that follows it."""

from pathlib import Path

from tests.rules.runbook_pages import PAGES, commands


def test_every_page_that_changes_something_is_followed_in_a_test() -> None:
    told = "".join(path.read_text() for path in Path(__file__).parent.glob("test_repairs_of_*.py"))
    changing = {name for name, page in PAGES.items() if any(step.effect == "changing" for step in commands(page))}
    by_ours_alone = {"access-token-expired", "rendered-files-differ"}
    assert {name for name in changing - by_ours_alone if f'"{name}"' not in told} == set()
