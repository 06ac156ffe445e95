"""`research_write`: a good note is kept, a bad one is sent back once and never kept, and its age is reported."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Finding
from mcp_server.operation.context import Context
from mcp_server.records.findings import note_findings
from mcp_server.records.research import FOLDER, required_sections
from mcp_server.records.research_write import RESEARCH_WRITE, WriteParams, Written
from tests.audit.test_docs_check import context
from tests.fixtures.clones import git
from tests.fixtures.stand_in_gemini import StandInGemini

CANARY = "AIza" + "c" * 35
BODY = "# Queues\n\n## Question\n\nWhich?\n\n## Summary\n\nOne.\n\n## Options\n\n- a\n\n## Recommendation\n\na\n\n"
GOOD = BODY + "## Sources\n\n- Docs, https://example.org/queues (read 2026-11-20)\n"


def write(fleet: DemoFleet, gemini: StandInGemini, topic: str = "Queues", question: str = "") -> Written:
    ctx = context(fleet, "ops-1", {"OPS_GEMINI": str(gemini.path)})
    return RESEARCH_WRITE.run(ctx, WriteParams(topic=topic, question=question))


def notes(fleet: DemoFleet) -> list[str]:
    return sorted(path.name for path in (fleet.agent("ops-1") / FOLDER).iterdir())


def test_a_note_has_the_sections_of_the_readme(fleet: DemoFleet, tmp_path: Path) -> None:
    env = fleet.agent("ops-1") / ".env"
    env.write_text(env.read_text() + f"GEMINI_API_KEY={CANARY}\n")
    gemini = StandInGemini(tmp_path / "g", f"Here it is:\n```markdown\n{GOOD}```", GOOD)
    written = write(fleet, StandInGemini(tmp_path / "h", f"```markdown\n{GOOD}\n```"), question="how many a day?")
    assert written.path == fleet.agent("ops-1") / FOLDER / "queues.md"
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert written.path.read_text() == f"---\nresearched: {today}\nmodel: gemini-3-pro-preview\n---\n\n{GOOD}"
    assert written.sections == ("Question", "Summary", "Options", "Recommendation", "Sources")
    assert CANARY not in RESEARCH_WRITE.text(written)
    assert write(fleet, gemini, "Other").path.name == "other.md"
    (requests, *_) = gemini.requests
    assert requests["environment"]["GEMINI_API_KEY"] == CANARY
    assert not any(name.startswith(("ANTHROPIC", "CLAUDE")) for name in requests["environment"])
    assert requests["folder"] == []
    assert "## Recommendation\n## Sources" in str(requests["prompt"])
    assert CANARY not in str(requests["prompt"]) + str(requests["arguments"])


def test_a_note_is_replaced_and_the_old_one_kept(fleet: DemoFleet, tmp_path: Path) -> None:
    before = (fleet.agent("ops-1") / FOLDER / "managed-postgres.md").read_bytes()
    written = write(fleet, StandInGemini(tmp_path / "g", GOOD), "Managed Postgres")
    assert written.backup
    assert written.backup.read_bytes() == before


BAD = {
    "a section missing": GOOD.replace("## Options\n\n- a\n\n", ""),
    "a section empty": GOOD.replace("- a\n", ""),
    "no source": BODY + "## Sources\n\nnone\n",
    "a source without a day": GOOD + "- a blog\n",
    "a source read in the future": GOOD.replace("2026-11-20", "2099-01-01"),
    "a credential": GOOD.replace("One.", CANARY),
    "too long": GOOD.replace("One.", "word " * 9_000),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_faulty_note_is_sent_back_once_then_refused(fleet: DemoFleet, tmp_path: Path, bad: str) -> None:
    before, gemini = notes(fleet), StandInGemini(tmp_path / "g", BAD[bad])
    with pytest.raises(OpsError, match="cannot be kept") as caught:
        write(fleet, gemini)
    assert CANARY not in caught.value.message
    assert len(gemini.requests) == 2
    assert notes(fleet) == before
    mended = StandInGemini(tmp_path / "m", BAD[bad], GOOD)
    assert write(fleet, mended).path.read_text().endswith(GOOD)


@pytest.mark.parametrize(
    ("answer", "message", "step"),
    [
        (41, "not logged in", "start `gemini` once"),
        (1, "exit code 1: no such model", "gemini --model"),
        (" ", "answered nothing", "Run the same again"),
    ],
)
def test_a_client_without_an_answer_is_an_error_with_a_next_step(
    fleet: DemoFleet, tmp_path: Path, answer: str | int, message: str, step: str
) -> None:
    with pytest.raises(OpsError, match=message) as caught:
        write(fleet, StandInGemini(tmp_path / "g", answer))
    assert step in caught.value.next
    assert "sk-ant" not in caught.value.message


def test_without_the_client_or_a_topic_there_is_a_next_step(fleet: DemoFleet, tmp_path: Path) -> None:
    (tmp_path / "git").symlink_to(shutil.which("git") or "git")
    ctx = context(fleet, "ops-1", {"PATH": str(tmp_path)})
    with pytest.raises(OpsError, match="no `gemini` is on the PATH") as caught:
        RESEARCH_WRITE.run(ctx, WriteParams(topic="Queues"))
    assert "npm install -g @google/gemini-cli" in caught.value.next
    with pytest.raises(OpsError, match="no topic") as caught:
        RESEARCH_WRITE.run(ctx, WriteParams(topic=" "))
    assert "managed Postgres options and tradeoffs; background job" in caught.value.next


def test_nothing_is_asked_for_a_clone_on_main_or_a_readme_without_sections(fleet: DemoFleet, tmp_path: Path) -> None:
    gemini = StandInGemini(tmp_path / "g", GOOD)
    (fleet.agent("ops-1") / FOLDER / "README.md").write_text("# Notes\n")
    with pytest.raises(OpsError, match="does not say which sections"):
        write(fleet, gemini)
    git(fleet.agent("ops-1"), "switch", "--quiet", "--force", "main")
    with pytest.raises(OpsError, match="is on main"):
        write(fleet, gemini)
    assert gemini.requests == []


def test_a_readme_may_list_the_sections_in_its_own_way() -> None:
    assert required_sections("1. `## Question`\n2. `### Sources` (dated)\n") == ("Question", "Sources")
    assert required_sections("Sections:\n\n- **Context**: why\n- Sources (with dates)\n") == ("Context", "Sources")
    assert required_sections("# Notes\n\nWrite well.\n") == ()


def findings(ctx: Context, clone: Path) -> list[Finding]:
    return [finding for finding in note_findings(ctx, clone) if "managed" not in finding.message]


def test_a_note_past_its_shelf_life_or_without_its_sections_is_a_finding(fleet: DemoFleet, tmp_path: Path) -> None:
    clone = fleet.agent("ops-1")
    written = write(fleet, StandInGemini(tmp_path / "g", GOOD))
    (clone / FOLDER / "half.md").write_text("# Half\n\n## Question\n\nx\n")
    ctx = context(fleet, "ops-1")
    assert [(f.code, f.severity) for f in findings(ctx, clone)] == [("note_incomplete", "warning")]
    (clone / FOLDER / "half.md").unlink()
    assert findings(ctx, clone) == []
    later = replace(ctx, world=replace(ctx.world, clock=Later(timedelta(days=181))))
    (stale,) = findings(later, clone)
    assert (stale.code, stale.severity) == ("note_stale", "notice")
    assert "181 days ago" in stale.message
    assert written.path.name in stale.message
    (fleet.root / "fleet.toml").write_text("[research]\nshelf_days = 200\n")
    longer = context(fleet, "ops-1")
    assert findings(replace(longer, world=later.world), clone) == []


class Later:
    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self._by
