"""/ops:branch_start and /ops:pr_create in the real Claude Code: what then stands in git, and at the stand-in."""

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.claude import PLUGIN, SERVER, ask, environment
from tests.e2e.model import Call, ScriptedModel
from tests.e2e.terminal import past_onboarding, terminal
from tests.fixtures.clones import commit, git, push_commits
from tests.fixtures.github_double import Double, github_double

pytestmark = pytest.mark.e2e

_OPENS = Call(f"{SERVER}__pr_create", {"title": "add work", "body": "Why."})
_ALLOWED = ("--plugin-dir", str(PLUGIN), "--allowedTools", f"{SERVER}__pr_create")


@pytest.fixture
def double(fleet: DemoFleet, tmp_path: Path) -> Generator[Double]:
    """Ops-1 is on `ops` with a commit of its own; its origin has an address on the stand-in."""
    clone = fleet.agent("ops-1")
    with github_double(fleet.origin, tmp_path / "gh") as double:
        address = f"https://{double.address}/o/r.git"
        git(clone, "remote", "set-url", "origin", address)
        git(clone, "config", f"url.{double.origin}.insteadOf", address)
        (clone / ".env").write_text(f"AGENT_NAME=ops-1\n{double.env_file()}")
        commit(clone, "work.txt")
        yield double


def variables(double: Double, home: Path) -> dict[str, str]:
    return {"OPS_HOME": str(home / "state"), "AGENT_NAME": "ops-1", **double.environment}


def test_branch_start_puts_the_agent_on_its_branch_at_fresh_main(fleet: DemoFleet, home: Path) -> None:
    clone = fleet.agent("ops-1")
    git(clone, "switch", "--quiet", "main")
    git(fleet.folder, "clone", "--quiet", str(fleet.origin), "seed")
    main = push_commits(fleet.origin, ["fresh.txt"])
    extra = {"OPS_HOME": str(home / "state"), "AGENT_NAME": "ops-1"}
    with ScriptedModel([Call(f"{SERVER}__branch_start", {}), "done"]) as model:
        session = ask(model, "/ops:branch_start", home=home, cwd=clone, extra=extra)
    assert session.code == 0, session.errors
    assert json.loads(model.results[0][1])["outcome"] == "continued"
    assert [git(clone, "branch", "--show-current"), git(clone, "rev-parse", "HEAD")] == ["ops", main]
    assert git(clone, "rev-parse", "main") == main


def test_no_model_opens_a_pull_request_by_itself(fleet: DemoFleet, double: Double, home: Path) -> None:
    """Not by the Skill tool, not by the tool although it is allowed, and not by a `claude -p` with the command."""
    before = git(double.origin, "for-each-ref")
    for prompt, turns in (
        ("open it", [Call("Skill", {"skill": "ops:pr_create", "args": "add work"}), _OPENS, "done"]),
        ("/ops:pr_create add work", [_OPENS, "done"]),
    ):
        with ScriptedModel(turns) as model:
            ask(model, prompt, home=home, cwd=fleet.agent("ops-1"), extra=variables(double, home), options=_ALLOWED)
        assert [is_error for is_error, _ in model.results] == [True] * (len(turns) - 1), model.results
    assert git(double.origin, "for-each-ref") == before
    assert (double.pulls, double.seen) == ([], [])
    assert not list((home / "state").glob("approvals/*"))


def test_a_human_who_types_it_is_asked_once_more_and_then_it_is_opened(
    fleet: DemoFleet, double: Double, home: Path
) -> None:
    clone, options = fleet.agent("ops-1"), ["--permission-mode", "default", *_ALLOWED]
    with ScriptedModel([_OPENS, "all done"]) as model:
        own = environment(home, model.url, variables(double, home))
        past_onboarding(home / ".claude", clone)
        with terminal(options, own, clone) as screen:
            screen.see("for shortcuts")
            screen.press("-l", "/ops:pr_create add work")
            screen.see("add work")
            screen.press("Enter")
            assert "Pr Create" in screen.see("Do you want to proceed?")
            assert double.pulls == []
            screen.confirm("Do you want to proceed?")
            screen.see("all done")
    assert not model.results[0][0], model.results
    assert [(p["title"], p["headRefName"], p["baseRefName"]) for p in double.pulls] == [
        ("ops: add work", "ops", "main")
    ]
    assert git(double.origin, "rev-parse", "ops") == git(fleet.agent("ops-1"), "rev-parse", "HEAD")
