"""What the audit says of a client whose version or session files are not as they were seen: a notice, no more."""

import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from mcp_server.audit.look_fleet import audit
from mcp_server.audit.report import Audit
from mcp_server.clients import claude
from mcp_server.demo import fake_claude
from mcp_server.demo.fleet import DemoFleet
from mcp_server.logins.check import TOKEN_CHECK
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Params
from mcp_server.server.wiring import context_of
from tests.audit.test_fleet_audit import codes, row


def context(fleet: DemoFleet, program: Path | None = None) -> Context:
    own = {"HOME": str(fleet.home), "OPS_HOME": str(fleet.folder / "state"), "PATH": os.environ["PATH"]}
    named = {"OPS_CLAUDE": str(program)} if program else {}
    return context_of({**own, **named}, fleet.root, fleet=fleet.root)


def audited(ctx: Context) -> Audit:
    return audit(ctx, ctx.agents(["opus-1"]), ask=False)


@pytest.fixture
def process(six: DemoFleet) -> Generator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["/bin/cat"], cwd=six.agent("opus-1"), stdin=subprocess.PIPE) as running:
        yield running


def note(fleet: DemoFleet, process: subprocess.Popen[bytes], **members: object) -> None:
    folder = fleet.home / claude.CONFIG_FOLDER / claude.SESSIONS
    folder.mkdir(exist_ok=True)
    (folder / f"{process.pid}.json").write_text(json.dumps({"pid": process.pid, **members}))


def test_an_old_client_and_one_without_a_version_are_a_notice_of_the_fleet_and_nothing_else_changes(
    six: DemoFleet,
) -> None:
    tested = audited(context(six, fake_claude.install(six.folder / "tested", claude.SEEN_ON)))
    nowhere = audited(context(six))
    for name, version in (("old", "1.9.9"), ("unnamed", "program")):
        found = audited(context(six, fake_claude.install(six.folder / name, version)))
        assert codes(found) == codes(tested) | {("", "client_untested")}
        (finding,) = (finding for finding in found.findings if finding.code == "client_untested")
        assert finding.severity == "notice"
        assert ("1.9.9 is older" in finding.message) == (name == "old")
        assert "not sure is that logins are renewed" in finding.message
    assert codes(nowhere) == codes(tested)
    assert (row(nowhere, "opus-1").client, row(tested, "opus-1").client) == ("absent", claude.SEEN_ON)


def test_a_session_file_that_does_not_say_when_it_began_makes_the_sessions_unknown_and_not_none(
    six: DemoFleet, process: subprocess.Popen[bytes]
) -> None:
    note(six, process, version="9.0.0", startedTicks=1)
    found = audited(context(six))
    assert (row(found, "opus-1").sessions, row(found, "opus-1").waiting) == ("unknown", "unknown")
    (finding,) = row(found, "opus-1").findings
    assert (finding.code, finding.severity) == ("session_unknown", "notice")
    assert f"process {process.pid} has no procStart" in finding.message
    checked = TOKEN_CHECK.run(context(six), Params())
    assert any(f"process {process.pid} has no procStart" in unknown for unknown in checked.unknown)


def test_a_session_file_of_an_earlier_process_is_no_session_and_no_finding(
    six: DemoFleet, process: subprocess.Popen[bytes]
) -> None:
    note(six, process, version="9.0.0", procStart="1")
    found = audited(context(six))
    assert (row(found, "opus-1").sessions, row(found, "opus-1").findings) == (0, ())
