"""The guard in front of the real `gh`: what is refused never reaches the server, everything else is gh itself."""

import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from mcp_server.guard.ruleset import ruleset
from mcp_server.kernel.policy import Policy
from tests.e2e.github import TOKEN, GitHub

pytestmark = pytest.mark.e2e
WHO = ("AUTHOR", "COMMITTER")
SHIM = Path(__file__).resolve().parents[2] / "hooks" / "shims" / "gh"


@pytest.fixture
def github(tmp_path: Path) -> Generator[GitHub]:
    with GitHub(tmp_path) as started:
        yield started


def gh(github: GitHub, agent: str, *arguments: str, program: str = str(SHIM)) -> subprocess.CompletedProcess[str]:
    words = [word.replace("HERE", github.host) for word in arguments]
    return run([program, *words], github.environment(AGENT_NAME=agent), github.folder)


def run(command: list[str], environment: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


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


def server(github: GitHub, *options: str, **variables: str) -> tuple[int, str]:
    command = [str(SHIM.parents[2] / "bin" / "ops"), "guard", "server", "--repository", f"{github.host}/o/r"]
    done = run([*command, *options], github.environment(**variables), github.folder)
    assert TOKEN not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


def test_the_ruleset_that_is_printed_is_the_one_that_the_check_finds_enforced(github: GitHub) -> None:
    code, report = server(github, "--check")
    assert code == 1
    assert "main: it may be deleted; it may be moved back by a forced push; it may be pushed to without" in report
    printed, _ = json.JSONDecoder().raw_decode(server(github)[1])
    put = ["gh", "api", "repos/o/r/rulesets", "--input", "-"]
    environment = github.environment()
    subprocess.run(put, input=json.dumps(printed), env=environment, text=True, check=True, capture_output=True)
    assert server(github, "--check") == (0, "main: enforced\nmaster: enforced\n")
    assert "the check tests need not be green" in server(github, "--check", "--checks", "tests")[1]


@pytest.mark.parametrize(
    ("change", "output"),
    [({"enforcement": "disabled"}, "deleted"), ({"bypass_actors": [{"actor_id": 1}]}, "1 may bypass the rules")],
)
def test_a_ruleset_that_does_not_bind_is_told(github: GitHub, change: dict[str, Any], output: str) -> None:
    github.rulesets.append({**ruleset(Policy(), 1, ()), **change})
    code, report = server(github, "--check")
    assert code == 1
    assert output in report


def test_a_server_that_does_not_tell_is_unknown_and_says_how_to_log_in(github: GitHub) -> None:
    code, report = server(github, "--check", GH_ENTERPRISE_TOKEN="wrong")
    assert code == 1
    assert "Bad credentials" in report
    assert "gh auth status" in report


@pytest.mark.parametrize(
    "line",
    ["push --no-verify origin HEAD:main", "push --no-veri origin x", "-c core.hooksPath=/dev/null commit -m x"],
)
def test_gits_hooks_are_not_skipped_on_an_agents_path(tmp_path: Path, line: str) -> None:
    path = f"{SHIM.parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(tmp_path), "OPS_HOME": str(tmp_path), "AGENT_NAME": "ops-1"}
    subprocess.run(["git", "init", "--quiet", "."], cwd=tmp_path, check=True)
    done = run(["git", *line.split()], environment, tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ops guard, bypass" in done.stderr
    assert run(["git", "status", "--short"], environment, tmp_path).returncode == 0


def test_a_client_that_switches_hooks_off_by_variables_does_not(tmp_path: Path) -> None:
    path = f"{SHIM.parent}:{os.environ['PATH']}"
    names = ("pager.log", "core.hooksPath", "Core.HooksPath")
    given = {f"GIT_CONFIG_KEY_{number}": name for number, name in enumerate(names)}
    given |= {f"GIT_CONFIG_VALUE_{number}": "" for number in range(len(names))} | {"GIT_CONFIG_COUNT": "3"}
    environment = {"PATH": path, "HOME": str(tmp_path), "OPS_HOME": str(tmp_path), **given}
    environment |= {f"GIT_{who}_{what}": "ops@localhost" for who in WHO for what in ("NAME", "EMAIL")}
    run(["git", "init", "--quiet", "."], environment, tmp_path)
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho the hook ran >&2\nexit 1\n")
    hook.chmod(0o755)
    assert "the hook ran" in run(["git", "commit", "--allow-empty", "-m", "x"], environment, tmp_path).stderr
    more = {"GIT_CONFIG_PARAMETERS": "'core.hooksPath=/dev/null'"}
    assert "bypass" in run(["git", "commit", "-m", "x"], {**environment, **more}, tmp_path).stderr
