"""The guard in front of the real `gh`: what is refused never reaches the server, everything else is gh itself."""

import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.e2e.github import GitHub

pytestmark = pytest.mark.e2e
SHIM = Path(__file__).resolve().parents[2] / "hooks" / "shims" / "gh"


@pytest.fixture
def github(tmp_path: Path) -> Generator[GitHub]:
    with GitHub(tmp_path) as started:
        yield started


def gh(github: GitHub, agent: str, *arguments: str, program: str = str(SHIM)) -> subprocess.CompletedProcess[str]:
    words = [word.replace("HERE", github.host) for word in arguments]
    environment = github.environment(AGENT_NAME=agent)
    return subprocess.run(
        [program, *words],
        env=environment,
        cwd=github.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    "line",
    [
        "pr merge 1 -R HERE/o/r --squash",
        "pr merge 1 -R HERE/o/r --admin",
        "-R HERE/o/r pr merge 1",
        "api -X PUT repos/o/r/pulls/1/merge",
        "api repos/o/r/pulls/1/merge --method=PUT",
        "api graphql -f query=mutation{mergePullRequest(input:{pullRequestId:1}){clientMutationId}}",
        "pr create -R HERE/o/r --title x --body y --head ops",
        "api repos/o/r/pulls -f title=x -f head=ops -f base=main",
        "api -X DELETE repos/o/r/rulesets/1",
    ],
)
def test_what_is_not_an_agents_to_do_is_refused_before_the_server_hears_of_it(github: GitHub, line: str) -> None:
    done = gh(github, "ops-1", *line.split())
    assert done.returncode == 1
    assert "ops guard" in done.stderr
    assert github.seen == []


def test_an_alias_does_not_hide_a_merge(github: GitHub) -> None:
    assert gh(github, "ops-1", "alias", "set", "land", "pr merge").returncode == 1
    subprocess.run(
        ["gh", "alias", "set", "land", "pr merge"], env=github.environment(), check=True, capture_output=True
    )
    assert gh(github, "ops-1", "land", "1", "-R", "HERE/o/r").returncode == 1
    assert github.seen == []


def test_the_pm_merges_the_work_of_others_and_not_round_the_rules(github: GitHub) -> None:
    assert gh(github, "pm-1", "pr", "merge", "1", "-R", "HERE/o/r", "--admin", "--merge").returncode == 1
    assert gh(github, "pm-1", "pr", "merge", "pm/board", "-R", "HERE/o/r", "--merge").returncode == 1
    assert github.merged == []
    done = gh(github, "pm-1", "pr", "merge", "1", "-R", "HERE/o/r", "--merge")
    assert (done.returncode, github.merged) == (0, [1]), done.stderr


@pytest.mark.parametrize("line", ["api user", "api nothing/here", "--version", "pr list --nosuch"])
def test_everything_else_is_gh_itself(github: GitHub, line: str) -> None:
    through, plain = gh(github, "ops-1", *line.split()), gh(github, "ops-1", *line.split(), program="gh")
    assert (through.returncode, through.stdout, through.stderr) == (plain.returncode, plain.stdout, plain.stderr)


def test_gh_takes_the_place_of_the_guard_so_that_signals_and_input_are_its_own(tmp_path: Path) -> None:
    real = tmp_path / "bin" / "gh"
    real.parent.mkdir()
    real.write_text('#!/bin/sh\necho $$ "$@"; cat; kill -TERM $$\n')
    real.chmod(0o755)
    environment = {
        "PATH": f"{SHIM.parent}:{real.parent}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "OPS_HOME": str(tmp_path),
    }
    with subprocess.Popen(
        [str(SHIM), "api", "user", "a b"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        out, _ = process.communicate("typed\n", timeout=120)
    assert out == f"{process.pid} api user a b\ntyped\n"
    assert process.returncode == -15
