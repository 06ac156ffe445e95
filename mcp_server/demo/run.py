"""One run: the fleet is built, goes through a bad week, and is worked on through the tools of a real server."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mcp_server.demo import standin
from mcp_server.demo.faults import FAULTS
from mcp_server.demo.fleet import DemoFleet, build
from mcp_server.demo.look import Look
from mcp_server.demo.steps import JOB, PROLOGUE, Hand, Said, Step
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError

if TYPE_CHECKING:
    from mcp_server.demo.client import Tools

Tell = Callable[[str, str], None]
"Told after each step: what it was, and what came of it."


@dataclass(frozen=True)
class Record:
    """What was answered, and what stood on disk before the work and after it, by the names of the faults."""

    fleet: DemoFleet
    server: str
    said: Said
    before: Mapping[str, Look]
    after: Mapping[str, Look]


def run(folder: Path, tell: Tell) -> Record:
    """Build the fleet in `folder` and do the whole job. `OpsError` where a tool refuses a step."""
    fleet = build(folder, datetime.now(UTC))
    tell("example fleet", f"{len(fleet.agents)} agents in {fleet.root}")
    standin.install(folder / "stand-in")
    said: dict[str, Mapping[str, Json]] = {}
    from mcp_server.demo.client import connected  # noqa: PLC0415  (the SDK takes a second: first say what goes on)

    with connected(surroundings(fleet), fleet.agent("ops-1")) as tools:
        tell("MCP server", tools.server)
        _work(fleet, tools, PROLOGUE, said, tell)
        before = {fault.name: fault.look(fleet) for fault in FAULTS}
        _work(fleet, tools, JOB, said, tell)
        server = tools.server
    return Record(fleet, server, said, before, {fault.name: fault.look(fleet) for fault in FAULTS})


def surroundings(fleet: DemoFleet) -> dict[str, str]:
    """The environment that the server works in: everything in the demo's folder, nothing of the caller's home."""
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
    fleet: DemoFleet, tools: "Tools", story: Iterable[Step | Hand], said: dict[str, Mapping[str, Json]], tell: Tell
) -> None:
    for step in story:
        if isinstance(step, Hand):
            tell(step.name, step.act(fleet))
            continue
        started = time.monotonic()
        answer = tools.call(step.tool, step.arguments(said))
        if answer.error:
            raise _refused(step, answer.document)
        said[step.name] = answer.document
        tell(step.tool, f"{step.shows(answer.document)} ({time.monotonic() - started:.1f} s)")


def _refused(step: Step, document: Mapping[str, Json]) -> OpsError:
    error = cast("Mapping[str, Json]", document.get("error", {}))
    message = f"{step.tool} refused ({step.name}): {error.get('message')}"
    return OpsError("unavailable", message, "Run ops demo --keep and look at what it leaves")
