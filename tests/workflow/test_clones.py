"""How far the clones of a fleet are from origin, also where their last fetch is old."""

import subprocess
from pathlib import Path

import pytest

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.system.git.git import Git
from mcp_server.workflow.findings import findings_of
from mcp_server.workflow.look_clones import Clone, Look, look_at_clones, silent_origins
from tests.fixtures.clones import clone_of, commit, everything_in, git, make_origin, push_commits


class Three:
    """An origin and three clones of it."""

    def __init__(self, folder: Path) -> None:
        self.origin = make_origin(folder)
        self.agents = tuple(Agent(f"opus-{n}", "opus", "host", folder / f"opus-{n}") for n in (1, 2, 3))
        for agent in self.agents:
            clone_of(self.origin, agent.folder)

    def __getitem__(self, number: int) -> Path:
        return self.agents[number - 1].folder

    def looks(self, *, ask: bool = True) -> dict[str, Look]:
        return dict(look_at_clones(Git(), self.agents, ask=ask))

    def clone(self, number: int) -> Clone:
        look = self.looks()[f"opus-{number}"]
        assert isinstance(look, Clone)
        return look

    def codes(self, number: int) -> dict[str, str]:
        """Code and message of the findings of one clone."""
        agent = self.agents[number - 1]
        return {f.code: f.message for f in findings_of(agent, self.looks()[agent.name], "ORIGIN")}

    def step(self, number: int, code: str) -> str:
        agent = self.agents[number - 1]
        return next(f.next for f in findings_of(agent, self.looks()[agent.name], "ORIGIN") if f.code == code)


@pytest.fixture
def three(tmp_path: Path) -> Three:
    return Three(tmp_path)


def run(step: str) -> None:
    """A next step, done as it stands."""
    subprocess.run(["sh", "-c", step], check=True, capture_output=True)


def test_clones_that_match_origin_have_no_findings(three: Three) -> None:
    assert [(c.ahead, c.behind, c.unfetched) for c in (three.clone(1), three.clone(2))] == [(0, 0, False)] * 2
    assert [three.codes(n) for n in (1, 2, 3)] == [{}, {}, {}]


def test_a_clone_with_an_old_fetch_is_compared_using_the_commits_of_another_clone(three: Three) -> None:
    git(three[1], "switch", "--quiet", "--create", "opus/1")
    commit(three[1], "own.txt")
    push_commits(three.origin, ["a.txt", "b.txt", "c.txt"])
    git(three[3], "fetch", "--quiet")
    before = everything_in(three[1])
    stale = three.clone(1)
    assert (stale.state.behind, stale.unfetched) == (0, True), "git itself believes that nothing is new"
    assert (stale.ahead, stale.behind) == (1, 3)
    assert three.codes(1) == {"behind": "3 commits behind origin/main"}
    assert everything_in(three[1]) == before


def test_commits_that_no_clone_has_are_fetched_to_a_temporary_folder_and_counted(three: Three) -> None:
    head = push_commits(three.origin, ["a.txt", "b.txt"])
    before = everything_in(three[1])
    stale = three.clone(1)
    assert (stale.ahead, stale.behind, stale.head_of_origin) == (0, 2, head)
    assert three.codes(1) == {"behind": "2 commits behind origin/main"}
    assert everything_in(three[1]) == before, "not a ref, not an object"
    run(three.step(1, "behind"))
    assert three.codes(1) == {}


def test_a_distance_that_cannot_be_measured_is_unknown_and_not_zero(three: Three) -> None:
    class Refused(Git):
        def fetch_aside(self, clone: Path, branch: str, aside: Path, remote: str = "origin") -> bool:
            return False

    push_commits(three.origin, ["a.txt"])
    stale = look_at_clones(Refused(), three.agents, ask=True)["opus-1"]
    assert isinstance(stale, Clone)
    assert (stale.ahead, stale.behind, stale.unfetched) == (None, None, True)
    assert [f.code for f in findings_of(three.agents[0], stale, "ORIGIN")] == ["stale"]


def test_without_ask_clones_are_compared_with_the_newest_fetched_commit_offline(three: Three) -> None:
    for number, name in ((2, "a.txt"), (3, "b.txt")):
        push_commits(three.origin, [name])
        git(three[number], "fetch", "--quiet")
    three.origin.rename(three.origin.with_name("away"))
    looks = three.looks(ask=False)
    assert [look.behind for look in looks.values() if isinstance(look, Clone)] == [2, 2, 2]


def test_commits_of_any_branch_that_no_branch_of_origin_has_are_unpushed(three: Three) -> None:
    git(three[1], "switch", "--quiet", "--create", "opus/1")
    commit(three[1], "a.txt")
    git(three[1], "push", "--quiet", "origin", "opus/1")
    assert three.clone(1).state.unpushed == 0
    git(three[1], "switch", "--quiet", "--create", "opus/2")
    commit(three[1], "b.txt")
    git(three[1], "switch", "--quiet", "main")
    assert three.clone(1).state.unpushed == 1


def test_commits_on_no_branch_are_unpushed(three: Three) -> None:
    git(three[1], "switch", "--quiet", "--detach")
    for name in ("a.txt", "b.txt"):
        commit(three[1], name)
    assert three.clone(1).state.unpushed == 2
    git(three[1], "push", "--quiet", "origin", "HEAD:refs/heads/opus/1")
    assert three.clone(1).state.unpushed == 0


def test_the_branch_of_another_role_is_a_finding_and_main_is_not(three: Three) -> None:
    git(three[1], "switch", "--quiet", "--create", "ops")
    assert three.codes(1) == {"role_branch": "is on ops, which is not a branch of the role opus"}


def test_commits_on_main_that_are_merged_on_origin_are_not_a_finding(three: Three) -> None:
    own = commit(three[1], "own.txt")
    git(three[2], "fetch", "--quiet", str(three[1]), "main")
    git(three[2], "push", "--quiet", "origin", f"{own}:main")
    assert three.clone(1).state.protected_ahead == 1, "as far as its last fetch tells"
    assert (three.clone(1).protected_ahead, three.clone(1).behind) == (0, 0)
    assert three.codes(1) == {}


def test_commits_on_main_are_moved_without_losing_one(three: Three) -> None:
    commit(three[1], "a.txt")
    head = commit(three[1], "b.txt")
    assert three.codes(1) == {"on_main": "2 commits on main that origin lacks"}
    run(three.step(1, "on_main"))
    assert three.codes(1) == {}
    assert git(three[1], "rev-parse", "opus-1-from-main") == head


def test_changes_on_main_are_a_finding(three: Three) -> None:
    (three[1] / "README.md").write_text("work\n")
    assert three.codes(1) == {"work_on_protected": "1 changed file on main"}
    assert three.step(1, "work_on_protected") == "ops --agent opus-1 branch start"


def test_a_dirty_clone_that_is_behind_commits_first(three: Three) -> None:
    git(three[1], "switch", "--quiet", "--create", "opus/1")
    push_commits(three.origin, [f"{n}.txt" for n in range(12)])
    git(three[1], "fetch", "--quiet")
    (three[1] / "work.txt").write_text("work\n")
    assert three.codes(1) == {"behind": "12 commits behind origin/main, with 1 changed file"}
    assert three.step(1, "behind").startswith("Commit the changes, then: git -C ")


def test_a_detached_head_is_a_finding(three: Three) -> None:
    git(three[1], "switch", "--quiet", "--detach")
    commit(three[1], "own.txt")
    assert list(three.codes(1)) == ["detached"]
    assert three.step(1, "detached") == "ops --agent opus-1 branch start"


def test_a_clone_without_origin_or_commits_is_a_finding(three: Three) -> None:
    git(three[1], "remote", "remove", "origin")
    git(three[1], "switch", "--quiet", "--orphan", "empty")
    assert list(three.codes(1)) == ["no_origin", "no_commits"]
    assert three.step(1, "no_origin").endswith("remote add origin ORIGIN")


def test_private_files_that_git_add_would_stage_are_critical(three: Three) -> None:
    (three[1] / ".git" / "info" / "exclude").write_text("/.claude.json\n")
    for name in (".env", ".claude.json"):
        (three[1] / name).write_text("")
    assert "env_exposed" in three.codes(1)
    assert "config_exposed" not in three.codes(1)


def test_an_origin_that_does_not_answer_leaves_the_distance_unknown(three: Three) -> None:
    push_commits(three.origin, ["a.txt"])
    git(three[1], "fetch", "--quiet")
    three.origin.rename(three.origin.with_name("away"))
    assert (three.clone(1).ahead, three.clone(1).behind) == (None, None)
    assert three.codes(1) == {"behind": "1 commit behind origin/main as of the last fetch"}
    assert three.codes(2) == {}
    assert silent_origins(three.looks()) == {str(three.origin): ("opus-1", "opus-2", "opus-3")}


def test_each_origin_is_asked_once(three: Three) -> None:
    requests: list[tuple[Path, str]] = []

    class Counting(Git):
        def remote_head(self, clone: Path, branch: str, remote: str) -> str | None:
            requests.append((clone, branch))
            return super().remote_head(clone, branch, remote)

    look_at_clones(Counting(), three.agents, ask=True)
    assert len(requests) == 1


def test_an_unreadable_clone_does_not_stop_the_others(three: Three) -> None:
    (three[1] / ".git" / "HEAD").write_text("garbage")
    (three[2] / ".git").rename(three[2] / "git")
    looks = three.looks()
    assert isinstance(looks["opus-1"], OpsError)
    assert isinstance(looks["opus-2"], OpsError)
    assert isinstance(looks["opus-3"], Clone)
    assert list(three.codes(1)) == ["not_a_clone"]


def test_a_missing_clone_is_cloned_again(three: Three) -> None:
    three[1].rename(three[1].with_name("away"))
    agent = three.agents[0]
    finding = next(iter(findings_of(agent, three.looks()["opus-1"], str(three.origin))))
    assert (finding.code, finding.severity) == ("agent_missing", "critical")
    run(finding.next)
    assert three.codes(1) == {}
