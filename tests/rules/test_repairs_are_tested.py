"""Each runbook that changes something has a test that runs its steps."""

from pathlib import Path

from tests.rules.runbook_pages import PAGES, commands


def test_every_page_that_changes_something_has_a_test_that_runs_it() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_repairs_of_*.py"))
    changing = {name for name, page in PAGES.items() if any(step.effect == "changing" for step in commands(page))}
    only_ops_commands = {"access-token-expired", "rendered-files-differ"}
    assert {name for name in changing - only_ops_commands if f'"{name}"' not in tests} == set()
