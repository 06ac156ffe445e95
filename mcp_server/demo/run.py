"""Builds the fleet, injects the faults, and works on them through the tools of a real server."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mcp_server.clients import claude
from mcp_server.demo import fake_claude
from mcp_server.demo.faults import FAULTS
from mcp_server.demo.fleet import DemoFleet, build
from mcp_server.demo.on_disk import DiskState
from mcp_server.demo.steps import JOB, PROLOGUE, Answers, ManualStep, Step
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError

if TYPE_CHECKING:
    from mcp_server.demo.client import Tools

Report = Callable[[str, str], None]
"Called after each step with its name and its outcome."


@dataclass(frozen=True)
class Record:
    """The answers of the tools, and the state on disk before and after the work, by the name of the fault."""

    fleet: DemoFleet
    server: str
    answers: Answers
    before: Mapping[str, DiskState]
    after: Mapping[str, DiskState]


def run(folder: Path, report: Report) -> Record:
    """Build the fleet in `folder` and work on it; OpsError if a tool refuses a step."""
    fleet = build(folder, datetime.now(UTC))
    report("example fleet", f"{len(fleet.agents)} agents in {fleet.root}")
    fake_claude.install(folder / "stand-in", claude.SEEN_ON)
    answers: dict[str, Mapping[str, Json]] = {}
    from mcp_server.demo.client import connected  # noqa: PLC0415  the SDK takes a second to load: first report what is happening

    with connected(environment_of(fleet), fleet.agent("ops-1")) as tools:
        report("MCP server", tools.server)
        _work(fleet, tools, PROLOGUE, answers, report)
        before = {fault.name: fault.observe(fleet) for fault in FAULTS}
        _work(fleet, tools, JOB, answers, report)
        server = tools.server
    return Record(fleet, server, answers, before, {fault.name: fault.observe(fleet) for fault in FAULTS})


def environment_of(fleet: DemoFleet) -> dict[str, str]:
    """The server's environment: everything is in the demo's folder, nothing in the caller's home."""
    return {
        "OPS_FLEET": str(fleet.root),
        "OPS_HOME": str(fleet.folder / "state"),
        "OPS_CLAUDE": str(fleet.folder / "stand-in" / "claude"),
        "AGENT_NAME": "ops-1",
        "HOME": str(fleet.home),
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_GLOBAL": os.devnull,
    }


def _work(
    fleet: DemoFleet,
    tools: "Tools",
    steps: Iterable[Step | ManualStep],
    answers: dict[str, Mapping[str, Json]],
    report: Report,
) -> None:
    for step in steps:
        if isinstance(step, ManualStep):
            report(step.name, step.act(fleet))
            continue
        started = time.monotonic()
        answer = tools.call(step.tool, step.arguments(answers))
        if answer.error:
            raise _refused(step, answer.document)
        answers[step.name] = answer.document
        report(step.tool, f"{step.summarize(answer.document)} ({time.monotonic() - started:.1f} s)")


def _refused(step: Step, document: Mapping[str, Json]) -> OpsError:
    error = cast("Mapping[str, Json]", document.get("error", {}))
    message = f"{step.tool} refused ({step.name}): {error.get('message')}"
    return OpsError("unavailable", message, "Run ops demo --keep and look at what it leaves")
