"""`/ops:research` in the real Claude Code, with the real Gemini CLI behind it and a model of each on loopback."""

import json
import os
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import OpsError
from mcp_server.records.research import FOLDER
from mcp_server.records.research_write import RESEARCH_WRITE, WriteParams
from tests.audit.test_docs_check import context
from tests.e2e.gemini_model import GeminiModel
from tests.e2e.test_commands import answer, call, prompt_of, run_command
from tests.fixtures.clones import git
from tests.records.test_research import GOOD

pytestmark = pytest.mark.e2e


def gemini() -> str:
    path = os.environ.get("OPS_E2E_GEMINI")
    assert path, "set OPS_E2E_GEMINI to a gemini program (.ci/run installs one)"
    return path


def logged_in(home: Path, url: str) -> dict[str, str]:
    (home / ".gemini").mkdir()
    (home / ".gemini" / "settings.json").write_text('{"security":{"auth":{"selectedType":"gemini-api-key"}}}')
    return {"OPS_GEMINI": gemini(), "GOOGLE_GEMINI_BASE_URL": url}


def test_a_topic_typed_in_claude_code_becomes_a_note_by_gemini(own_demo_fleet: DemoFleet, home: Path) -> None:
    asking = call("research_write", topic="Queues", question="How many jobs a day?")
    without_options = GOOD.replace("- a\n", "")
    with GeminiModel([f"```markdown\n{without_options}```", GOOD]) as model:
        extra = logged_in(home, model.url)
        _, shown = run_command(own_demo_fleet, home, "/ops:research Queues", asking, "ok", extra=extra)
    assert "research_write" in prompt_of(shown)
    assert "secret management patterns" in prompt_of(shown)
    path = Path(answer(shown)["path"])
    assert path == own_demo_fleet.agent("ops-1") / FOLDER / "queues.md"
    assert path.read_text().endswith(GOOD)
    assert git(own_demo_fleet.agent("ops-1"), "status", "--short", FOLDER) == f"?? {FOLDER}/queues.md"
    (where, first), (_, second) = model.requests
    assert "pro-preview:streamGenerateContent" in where
    assert "How many jobs a day?" in json.dumps(first)
    assert "the section 'Options' is empty" in json.dumps(second)


def test_a_gemini_cli_that_is_not_logged_in_gives_the_one_next_step(fleet: DemoFleet, home: Path) -> None:
    (fleet.agent("ops-1") / ".env").write_text("AGENT_NAME=ops-1\n")
    variables = {"OPS_GEMINI": gemini(), "HOME": str(home), "HTTPS_PROXY": "http://127.0.0.1:9"}
    with pytest.raises(OpsError, match="not logged in") as caught:
        RESEARCH_WRITE.run(context(fleet, "ops-1", variables), WriteParams(topic="Queues"))
    assert "sign in" in caught.value.next
    assert not (fleet.agent("ops-1") / FOLDER / "queues.md").exists()
