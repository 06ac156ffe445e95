"""`ops role` and what an OPS agent's session starts with, on real clones."""

import json
from pathlib import Path

import bpe_openai
import pytest

from mcp_server.audit.session_start import SESSION_START
from mcp_server.demo.fleet import DemoFleet
from mcp_server.fleet.role import Met
from mcp_server.knowledge.look_role import Reading, reading
from mcp_server.knowledge.role import ROLE, Role
from mcp_server.operation.operation import Params
from mcp_server.server.wiring import context_of
from tests.audit.test_fleet_audit import context

DOCS = "docs/systems/architecture/ARCHITECTURE.md"


def role(fleet: DemoFleet, caller: str | None) -> Role:
    found = ROLE.run(context(fleet, caller), Params())
    assert isinstance(found, Role)
    return found


@pytest.mark.parametrize(
    ("caller", "met"),
    [("ops-1", ["unknown", "unknown", "yes"]), ("opus-1", ["no", "unknown", "no"]), (None, ["unknown"] * 3)],
)
def test_each_of_the_three_criteria_is_answered_and_what_only_the_human_knows_is_unknown(
    fleet: DemoFleet, caller: str | None, met: list[Met]
) -> None:
    found = role(fleet, caller)
    assert [criterion.met for criterion in found.criteria] == met
    assert found.ops == {"ops-1": "yes", "opus-1": "no", None: "unknown"}[caller]


def test_a_role_that_fleet_toml_assigns_counts_whatever_the_name(fleet: DemoFleet) -> None:
    (fleet.root / "fleet.toml").write_text('[agents.opus-1]\nrole = "ops"\n', "utf-8")
    found = role(fleet, "opus-1")
    assert (found.ops, [criterion.met for criterion in found.criteria]) == ("yes", ["yes", "unknown", "no"])


def test_a_name_with_ops_in_it_is_enough_where_there_is_no_fleet(tmp_path: Path) -> None:
    ctx = context_of({"HOME": str(tmp_path), "OPS_HOME": str(tmp_path / "state")}, tmp_path, agent="devops-2")
    found = ROLE.run(ctx, Params())
    assert found.ops == "yes"
    assert not found.read_first
    assert len(found.missing) == 8


def test_what_to_read_first_is_told_with_what_is_missing_of_it(fleet: DemoFleet) -> None:
    (fleet.agent("ops-1") / DOCS).unlink(missing_ok=True)
    found = role(fleet, "ops-1")
    assert DOCS in found.missing
    assert "docs/support/ops/INDEX.md" in found.read_first
    assert {*found.read_first, *found.missing} == {*_documents_of_the_seed()}
    assert f"{DOCS} (missing)" in ROLE.text(found)
    assert (fleet.agent("ops-1") / found.read_first[0]).is_file()
    assert found.next.endswith(found.read_first[0])


def test_the_context_of_a_session_has_at_most_300_tokens_even_with_all_documents_missing(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "OPS_HOME": str(tmp_path / "state")}
    seen: Reading = reading(context_of(environment, tmp_path, agent="ops-1"))
    assert seen.text.count("(missing)") == 8
    assert len(bpe_openai.get_encoding("o200k_base").encode(seen.text)) <= 300


@pytest.mark.parametrize(("caller", "is_told"), [("ops-1", True), ("opus-1", False)])
def test_an_ops_agent_is_told_its_role_and_another_nothing(fleet: DemoFleet, caller: str, is_told: bool) -> None:
    output = SESSION_START.text(SESSION_START.run(context(fleet, caller), Params()))
    assert bool(output) == is_told
    if is_told:
        answer = json.loads(output)
        assert answer["hookSpecificOutput"]["additionalContext"].startswith("You are the OPS worker")
        assert "systemMessage" not in answer


def _documents_of_the_seed() -> list[str]:
    systems = ["architecture/ARCHITECTURE-simple.md", "architecture/INDEX.md", "architecture/ARCHITECTURE.md"]
    support = ["ops/INDEX.md", "ops/README.md", "incidents/README.md", "releasing.md"]
    return [*(f"docs/systems/{p}" for p in [*systems, "adr/README.md"]), *(f"docs/support/{p}" for p in support)]
