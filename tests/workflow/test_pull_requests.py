"""`pr_create`, `ops pr approve`, `ops pr merge`, `ops fleet pull`: real clones, `gh`, and a stand-in for GitHub.

Where `gh` is not installed, a stand-in takes its place; tests/e2e/test_stand_in_gh.py compares it with the real one.
"""

import json
import os
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mcp_server.guard.install import GUARD_INSTALL, Clones
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.server.wiring import context_of
from mcp_server.workflow.approval import Approved
from mcp_server.workflow.branch_start import BRANCH_START, StartParams
from mcp_server.workflow.fleet_pull import FLEET_PULL, Pulled, PullParams
from mcp_server.workflow.pr_approve import PR_APPROVE, ApproveParams
from mcp_server.workflow.pr_create import PR_CREATE, CreateParams, Opened
from mcp_server.workflow.pr_merge import PR_MERGE, Merged, MergeParams
from mcp_server.workflow.pr_typed import PR_TYPED, TypedParams
from tests.fixtures.clones import clone_of, commit, git, make_origin, push_commits
from tests.fixtures.copies import copied
from tests.fixtures.github_double import TOKEN, Double, github_double
from tests.fixtures.stand_in_gh import path_with_gh

TYPED = ("cli", "1")
AGENTS = ("ops-1", "opus-1", "pm-1", "human-1")


class Desk:
    """Four agents whose origin has an address on the stand-in; ops-1 is on `ops` with one commit."""

    def __init__(self, folder: Path, double: Double) -> None:
        self.root, self.double = folder / "fleet", double
        self.path = path_with_gh(folder / "bin")
        address = f"https://{double.address}/o/r.git"
        for name in AGENTS:
            clone = self.root / name
            config = (clone / ".git" / "config").read_text().replace(f"url = {double.origin}\n", f"url = {address}\n")
            assert address in config
            (clone / ".git" / "config").write_text(f'{config}[url "{double.origin}"]\n\tinsteadOf = {address}\n')
            (clone / ".env").write_text(f"AGENT_NAME={name}\n{double.env_file()}")
        self.head = git(self.clone, "rev-parse", "HEAD")

    @property
    def clone(self) -> Path:
        return self.root / "ops-1"

    def context(self, agent: str = "ops-1", typed: str = "", **more: str) -> Context:
        environment = {**os.environ, **self.double.environment, "PATH": self.path, **more}
        found = context_of(environment, self.root, fleet=self.root, agent=agent)

        def answer(_: str) -> str:
            return typed

        return replace(found, world=replace(found.world, ask=answer))

    def approve(self, title: str = "add work", typed: str = "ops") -> Approved:
        found = PR_APPROVE.run(self.context(typed=typed), ApproveParams(title=title))
        assert isinstance(found, Approved)
        return found

    def create(self, title: str = "add work", ctx: Context | None = None) -> Opened:
        found = PR_CREATE.run(ctx or self.context(), CreateParams(title=title, body="Why."))
        assert isinstance(found, Opened)
        return found

    def refusal(self, title: str = "add work", ctx: Context | None = None) -> OpsError:
        """Nothing is pushed, nothing is opened."""
        before = git(self.double.origin, "for-each-ref")
        with pytest.raises(OpsError) as caught:
            self.create(title, ctx)
        assert git(self.double.origin, "for-each-ref") == before
        return caught.value

    def merge(self, number: int = 1, agent: str = "pm-1", *, unchecked: bool = False) -> Merged:
        found = PR_MERGE.run(self.context(agent), MergeParams(number=number, unchecked=unchecked))
        assert isinstance(found, Merged)
        return found

    def not_merged(self, agent: str = "pm-1", number: int = 1) -> str:
        with pytest.raises(OpsError) as caught:
            self.merge(number, agent)
        assert "mergePullRequest" not in self.double.seen
        return caught.value.message


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Desk]:
    copied(origin_and_agents, tmp_path)
    with github_double(tmp_path / "origin.git", tmp_path / "gh") as double:
        yield Desk(tmp_path, double)


def origin_and_agents(folder: Path) -> None:
    origin, root = make_origin(folder), folder / "fleet"
    root.mkdir()
    for name in AGENTS:
        clone = clone_of(origin, root / name)
        (clone / ".git" / "info" / "exclude").write_text(".env\n")
    GUARD_INSTALL.run(context_of(os.environ, root, fleet=root, agent="pm-1"), Clones())
    BRANCH_START.run(context_of(os.environ, root, fleet=root, agent="ops-1"), StartParams())
    commit(root / "ops-1", "work.txt")


def test_without_approval_nothing_is_pushed_or_opened(desk: Desk) -> None:
    error = desk.refusal()
    assert (error.kind, error.message) == ("denied", "no human has approved this pull request")
    assert "/ops:pr_create ops: add work" in error.next
    assert desk.double.seen == []


def test_what_was_approved_is_opened_and_read_back(desk: Desk) -> None:
    description = desk.approve().told
    assert f"ops -> main, at {desk.head[:12]}" in description
    assert "add work.txt" in description
    found = desk.create()
    assert (found.number, found.title, found.head, found.base) == (1, "ops: add work", "ops", "main")
    assert found.commit == git(desk.double.origin, "rev-parse", "ops") == desk.head
    assert [(p["title"], p["body"]) for p in desk.double.pulls] == [("ops: add work", "Why.")]


def test_an_approval_is_used_once(desk: Desk) -> None:
    desk.approve()
    desk.create()
    assert "open pull request" in desk.refusal().message
    desk.double.pulls[0]["state"] = "CLOSED"
    assert desk.refusal().message == "no human has approved this pull request"
    assert desk.double.seen == ["createPullRequest"]


def test_an_approval_of_another_commit_or_title_does_not_count(desk: Desk) -> None:
    desk.approve()
    assert desk.refusal("something else").message.endswith("the approval is for another title")
    commit(desk.clone, "more.txt")
    assert desk.refusal().message.endswith("the approval is for another commit")


def test_an_approval_of_another_branch_or_agent_does_not_count(desk: Desk) -> None:
    desk.approve()
    git(desk.clone, "switch", "--quiet", "-c", "ops-2")
    assert desk.refusal().message.endswith("the approval is for another head")
    BRANCH_START.run(desk.context("opus-1"), StartParams())
    git(desk.root / "opus-1", "fetch", "--quiet", str(desk.clone), "ops")
    git(desk.root / "opus-1", "merge", "--quiet", desk.head)
    assert desk.refusal("ops: add work", desk.context("opus-1")).kind == "denied", (
        "the same commit in another's clone"
    )
    git(desk.clone, "switch", "--quiet", "ops")
    assert desk.create().head == "ops", "the approval is still there for its own branch"
    assert desk.double.seen == ["createPullRequest"]


def test_an_approval_expires_and_an_edited_one_does_not_count(desk: Desk) -> None:
    digest = desk.approve().digest
    ctx = desk.context()
    later = ctx.world.clock.now() + timedelta(minutes=16)
    late = replace(ctx, world=replace(ctx.world, clock=Later(later)))
    record = ctx.world.state / "approvals" / f"{digest}.json"
    assert record.stat().st_mode & 0o777 == 0o600
    assert "expired" in desk.refusal(ctx=late).message
    desk.approve()
    record.write_text(json.dumps({**json.loads(record.read_text()), "commit": "0" * 40}))
    assert "for another pull request" in desk.refusal().message


@dataclass(frozen=True)
class Later:
    """A stopped clock."""

    time: datetime

    def now(self) -> datetime:
        return self.time


def test_a_wrong_answer_approves_nothing(desk: Desk) -> None:
    with pytest.raises(OpsError, match="not approved"):
        desk.approve(typed="yes")
    desk.refusal()


def test_typing_the_command_approves_and_an_automated_call_does_not(desk: Desk) -> None:
    event = {
        "hook_event_name": "UserPromptExpansion",
        "expansion_type": "slash_command",
        "command_name": "ops:pr_create",
        "command_args": "add work",
    }
    for wrong, (entrypoint, attended) in (
        ({}, ("cli", "0")),
        ({}, ("sdk-cli", "1")),
        ({"hook_event_name": "UserPromptSubmit"}, TYPED),
        ({"command_name": "ops:branch_start"}, TYPED),
    ):
        params = TypedParams(event=json.dumps({**event, **wrong}), entrypoint=entrypoint, attended=attended)
        with pytest.raises(OpsError, match="not typed by a human"):
            PR_TYPED.run(desk.context(), params)
    desk.refusal()
    PR_TYPED.run(desk.context(), TypedParams(event=json.dumps(event), entrypoint="cli", attended="1"))
    assert desk.create().title == "ops: add work"


def test_without_a_title_the_newest_commit_gives_it(desk: Desk) -> None:
    desk.approve("")
    assert desk.create("").title == "ops: add work.txt"


def test_a_branch_without_commits_and_a_refused_login_are_errors_with_a_next_step(desk: Desk) -> None:
    desk.approve()
    (desk.clone / ".env").write_text("GH_TOKEN=" + "w" * 30 + "\n")
    error = desk.refusal()
    assert (error.kind, error.next) == ("denied", "ops runbook read gh-not-authenticated")
    assert TOKEN not in error.message
    BRANCH_START.run(desk.context("opus-1"), StartParams())
    with pytest.raises(OpsError, match="no commit that main lacks"):
        PR_CREATE.run(desk.context("opus-1"), CreateParams())


def test_only_the_pm_merges_and_only_green_pull_requests_of_other_roles(desk: Desk) -> None:
    desk.approve()
    desk.create()
    assert "no checks" in desk.not_merged()
    desk.double.checks = [{"__typename": "CheckRun", "name": "test", "status": "IN_PROGRESS", "conclusion": ""}]
    assert "pending" in desk.not_merged()
    desk.double.checks[0].update(status="COMPLETED", conclusion="FAILURE")
    assert "failed" in desk.not_merged()
    desk.double.checks[0].update(conclusion="SUCCESS")
    assert "Nobody merges a pull request of their own" in desk.not_merged("ops-1")
    desk.double.pulls[0]["headRefName"] = "pm/plan"
    git(desk.double.origin, "branch", "pm/plan", "ops")
    assert "branch of your own role" in desk.not_merged()
    desk.double.pulls[0]["headRefName"] = "ops"
    found = desk.merge()
    assert found.merged_as == git(desk.double.origin, "rev-parse", "main")
    with pytest.raises(OpsError, match="it is merged"):
        desk.merge()


def test_after_a_merge_clean_clones_on_main_are_fast_forwarded_and_no_other_is_touched(desk: Desk) -> None:
    desk.approve()
    desk.create()
    main = desk.merge(unchecked=True).merged_as
    dirty = desk.root / "human-1"
    (dirty / "notes.txt").write_text("mine\n")
    refs = git(dirty, "for-each-ref")
    found = FLEET_PULL.run(desk.context("pm-1"), PullParams())
    assert isinstance(found, Pulled)
    report = {row.agent: (row.outcome, row.behind) for row in found.clones}
    assert report == {"ops-1": ("left", 1), "opus-1": ("pulled", 0), "pm-1": ("pulled", 0), "human-1": ("left", 2)}
    assert git(desk.root / "opus-1", "rev-parse", "HEAD", "main") == f"{main}\n{main}"
    assert git(dirty, "for-each-ref") == refs
    assert not found.synced
    assert "NOT synced" in FLEET_PULL.text(found)
    (dirty / "notes.txt").unlink()
    BRANCH_START.run(desk.context(), StartParams())
    again = FLEET_PULL.run(desk.context("pm-1"), PullParams())
    assert FLEET_PULL.text(again).endswith("\nAll synced")


def test_it_never_reports_all_synced_while_a_clone_is_behind_or_origin_is_silent(desk: Desk, tmp_path: Path) -> None:
    tree = clone_of(desk.double.origin, tmp_path / "tree")
    git(tree, "switch", "--quiet", "-c", "mine")
    push_commits(desk.double.origin, ["later.txt"])
    BRANCH_START.run(desk.context(), StartParams())
    found = FLEET_PULL.run(desk.context("pm-1"), PullParams(tree=str(tree)))
    assert [(row.agent, row.behind) for row in found.clones if row.behind] == [("(tree)", 1)]
    assert not found.synced
    desk.double.origin.rename(tmp_path / "away")
    assert not FLEET_PULL.run(desk.context("pm-1"), PullParams()).synced
