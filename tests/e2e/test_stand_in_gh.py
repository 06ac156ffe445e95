"""The stand-in for `gh` answers as the real one does, wherever ops reads the answer."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret
from mcp_server.system.github import GitHub
from mcp_server.system.pull_request import FIELDS
from tests.fixtures.clones import commit, git, make_origin
from tests.fixtures.github_double import TOKEN, Double, github_double
from tests.fixtures.stand_in_gh import stand_in

pytestmark = pytest.mark.e2e


def report(folder: Path, path: str) -> list[object]:
    """Everything that a pull request's life makes the `gh` on this PATH say, with what differs by run made equal."""
    folder.mkdir()
    origin = make_origin(folder)
    git(folder / "seed", "switch", "--quiet", "--create", "ops")
    head = commit(folder / "seed", "work.txt")
    git(folder / "seed", "push", "--quiet", "origin", "ops")
    with github_double(origin, folder / "gh") as double:
        double.checks = [{"__typename": "CheckRun", "name": "test", "status": "COMPLETED", "conclusion": "SUCCESS"}]
        output = json.dumps(list(life(double, {**os.environ, **double.environment, "PATH": path}, head)), default=str)
        merged = git(origin, "rev-parse", "main")
    for own, equal in ((double.address, "HOST"), (head, "HEAD"), (merged, "MERGED")):
        output = output.replace(own, equal)
    return json.loads(output)


def life(double: Double, environment: dict[str, str], head: str) -> list[Any]:
    hub, repository, token = GitHub(environment), f"{double.address}/o/r", Secret(TOKEN)
    found: list[Any] = [hub.open_of(repository, "ops", token)]
    found.append(hub.create(repository, "ops", "main", ("ops: work", "Why."), token))
    found.append(refusal(lambda: hub.create(repository, "ops", "main", ("ops: work", "Why."), token)))
    pull = hub.pull(repository, 1, token)
    found += [pull, hub.open_of(repository, "ops", token)]
    found.append(refusal(lambda: hub.pull(repository, 1, Secret("wrong"))))
    hub.merge(repository, pull, "merge", token)
    assert pull.commit == head
    return [*found, hub.pull(repository, 1, token), double.seen, double.pulls[0]["body"]]


def refusal(call: Any) -> tuple[str, str, str | None]:
    with pytest.raises(OpsError) as caught:
        call()
    return caught.value.kind, caught.value.message, caught.value.next


def test_the_stand_in_and_the_real_gh_say_the_same(tmp_path: Path) -> None:
    assert shutil.which("gh"), "the real gh is needed here"
    path = os.environ["PATH"]
    real = report(tmp_path / "real", path)
    assert report(tmp_path / "stand-in", f"{stand_in(tmp_path / 'bin')}:{path}") == real


def test_the_stand_in_refuses_an_option_that_ops_does_not_give(tmp_path: Path) -> None:
    gh = stand_in(tmp_path / "bin") / "gh"
    command = [str(gh), "pr", "merge", "1", "--admin", "--match-head-commit", "0", "--repo", "h/o/r"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, FIELDS in done.stderr, "--admin" in done.stderr) == (2, False, True)
