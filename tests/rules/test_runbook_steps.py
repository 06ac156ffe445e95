"""Every read-only command of the runbooks runs and changes nothing."""

import re

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.markdown.steps import Step
from tests.fixtures.clones import stamps_of
from tests.rules.runbook_pages import PAGES, commands, run, variables


def read_only_commands() -> dict[str, tuple[Step, dict[str, str]]]:
    """Every read-only command with its variables, each once: pages share many of them."""
    found: dict[str, tuple[Step, dict[str, str]]] = {}
    for name, page in PAGES.items():
        for step in commands(page):
            if step.effect == "read-only":
                used = {key: value for key, value in variables(name).items() if f"${key}" in (step.command or "")}
                found.setdefault(f"{step.command} {sorted(used.items())}", (step, variables(name)))
    return found


def fingerprint(fleet: DemoFleet) -> dict[str, tuple[int, int]]:
    """Every file of the fleet except the index, which git may rewrite when it reads, and the folder that it is in."""
    stamps = stamps_of(fleet.root)
    return {path: stamp for path, stamp in stamps.items() if not path.endswith(("/index", "/.git"))}


@pytest.mark.parametrize(("step", "about"), read_only_commands().values(), ids=read_only_commands())
def test_a_read_only_command_runs_and_changes_nothing(
    step: Step, about: dict[str, str], demo_fleet: DemoFleet
) -> None:
    """Exit code 1 is a normal answer: findings, no match, no line."""
    before = fingerprint(demo_fleet)
    result = run(step, demo_fleet, about)
    assert result.returncode in (0, 1), result.stderr
    assert not re.search(r"(?i)usage:|not found|unbound|parameter not set|fatal:|crashed", result.stderr)
    assert fingerprint(demo_fleet) == before
