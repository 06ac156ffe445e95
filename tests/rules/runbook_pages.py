"""The shipped runbooks for their tests, and their steps run as an operator runs them."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.markdown.steps import Step
from mcp_server.knowledge.runbook import Runbook, parse

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted(path for path in (ROOT / "runbooks").glob("*.md") if path.name not in ("INDEX.md", "README.md"))
PAGES: Mapping[str, Runbook] = {path.stem: parse(f"runbooks/{path.name}", path.read_text()) for path in PATHS}


# The values of a page's variables where any agent will do; ABOUT has those of the agent with the fault.
ANYBODY = {
    "AGENT": "opus-1",
    "CONTAINER": "test-1",
    "NAME": "agents-platform-test-1",
    "OTHER": "ops-1",
    "BRANCH": "opus/free-name",
    "PROBLEM": "login expired",
    "FILE": "docs/support/incidents/2026-10-08-queue-backlog.md",
    "INDEX": "docs/support/incidents/INDEX.md",
}
ABOUT: Mapping[str, Mapping[str, str]] = {
    "config-drifted": {"AGENT": "opus-2"},
    "config-unreadable": {"AGENT": "qa-1"},
    "commits-on-main": {"AGENT": "codex-5", "BRANCH": "codex/retry-limit"},
    "clone-behind-and-dirty": {"AGENT": "opus-4", "FILES": "src/queue/queue.ts notes.md"},
    "shadowed-login": {"AGENT": "pm-2"},
    "copied-login": {"AGENT": "opus-6"},
    "incident-without-row": {
        "AGENT": "ops-1",
        "FILE": "2026-11-18-tester-mount-stale.md",
        "SUMMARY": "Stale mount in test-2",
    },
    "row-without-file": {"AGENT": "ops-1"},
    "docs-have-rotted": {"AGENT": "ops-1"},
    "write-a-runbook": {
        "AGENT": "ops-1",
        "TITLE": "The queue's consumer stands still after a deploy",
        "PROBLEM": "consumer lag is growing: no heartbeat from worker-7",
        "STEPS": "1. Restart the consumer.\n\n```\necho restart\n```\n\nExpected: restart",
    },
    "update-an-incident": {"AGENT": "ops-1", "SUMMARY": "the consumer was restarted"},
    "propose-a-decision": {"AGENT": "ops-1", "TITLE": "Queue in Redis", "SUMMARY": "Postgres is too slow."},
    "release": {"AGENT": "ops-1", "PLAN": "0" * 16, "VERSION": "v1.0.0"},
    "research-a-topic": {"AGENT": "ops-1", "TOPIC": "Queues"},
    "open-an-incident": {"AGENT": "ops-1", "TITLE": "Jobs stand still", "SUMMARY": "since noon", "PROBLEM": "jobs"},
}


def variables(name: str) -> dict[str, str]:
    """The variables that an operator would set before the first step of the page."""
    return {**ANYBODY, **ABOUT.get(name, {})}


def commands(page: Runbook) -> Iterator[Step]:
    return (step for section in page.sections for step in section.steps if step.command is not None)


def steps(name: str, section: str) -> list[Step]:
    """The steps with a command in one section of a page."""
    found = next(part for part in PAGES[name].sections if part.heading == section)
    return [step for step in found.steps if step.command is not None]


def run(step: Step, fleet: DemoFleet, about: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """One command in the fleet's root, by sh, with `ops` on the PATH."""
    assert step.command is not None
    shell = f"set -u\n{step.command}"
    environment = {**os.environ, **about, "HOME": str(fleet.home), "STORE": str(fleet.store), "LC_ALL": "C"}
    environment["PATH"] = f"{_ops_folder(fleet)}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", shell],
        cwd=fleet.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_all(name: str, section: str, fleet: DemoFleet, about: Mapping[str, str]) -> list[str]:
    """Every command of a section, in order; each must succeed. Returns what each printed."""
    outputs: list[str] = []
    for step in steps(name, section):
        result = run(step, fleet, about)
        assert result.returncode == 0, f"{name} line {step.line}: {result.stderr or result.stdout}"
        outputs.append(result.stdout)
    return outputs


def _ops_folder(fleet: DemoFleet) -> Path:
    """A folder with an `ops` that runs this checkout, without setting up its environment."""
    folder = fleet.folder / "bin"
    if not folder.exists():
        folder.mkdir()
        script = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m mcp_server.cli "$@"\n'
        (folder / "ops").write_text(script)
        (folder / "ops").chmod(0o755)
    return folder


def output(name: str, section: str, number: int, fleet: DemoFleet, about: dict[str, str]) -> str:
    return run(steps(name, section)[number], fleet, about).stdout
