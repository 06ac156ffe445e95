"""A session of the real Claude Code is seen with its version and its store, as it notes itself."""

import subprocess
import time
from pathlib import Path

import pytest

from mcp_server.activity.look_sessions import sessions
from mcp_server.demo.fleet import DemoFleet
from tests.e2e.claude import binary, environment, version
from tests.e2e.model import ScriptedModel
from tests.fixtures.logins import context, write_store

pytestmark = pytest.mark.e2e


def test_a_live_session_is_seen_with_version_and_store(fleet: DemoFleet, tmp_path: Path) -> None:
    write_store(tmp_path / "vault", "vault")
    command = [binary(), "-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"]
    extra = {"CLAUDE_SECURESTORAGE_CONFIG_DIR": str(tmp_path / "vault")}
    with ScriptedModel(["done"]) as model:
        own, pipe = environment(fleet.home, model.url, extra), subprocess.PIPE
        client = subprocess.Popen(command, cwd=fleet.agent("opus-1"), env=own, stdin=pipe, stdout=pipe, stderr=pipe)
        try:
            for _ in range(600):
                if found := list(sessions(context(fleet))):
                    break
                time.sleep(0.1)  # the client writes its session file when it likes
            else:
                pytest.fail("no session was seen within a minute")
        finally:
            client.communicate(timeout=120)
    (session,) = found
    assert (session.agent, session.process.pid) == ("opus-1", client.pid)
    assert (session.version, session.store) == (version(), tmp_path / "vault")
    assert session.process.shadows == ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL")
    assert list(sessions(context(fleet))) == []
    assert context(fleet, OPS_CLAUDE=binary()).world.claude.version() == version()
