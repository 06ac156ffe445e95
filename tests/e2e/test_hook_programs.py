"""The real husky and the real pre-commit in a clone: beside the guard theirs run and ours bite; then theirs alone."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mcp_server.guard.install import GUARD_INSTALL, GUARD_TEST, GUARD_UNINSTALL, CloneResult, Clones
from mcp_server.operation.operation import Operation
from mcp_server.server.wiring import context_of
from tests.fixtures.clones import clone_of, commit, git, make_origin

pytestmark = pytest.mark.e2e
CONFIG = """
default_install_hook_types: [pre-commit, pre-push]
repos:
  - repo: local
    hooks:
      - id: seen
        name: seen
        language: system
        entry: sh -c 'echo theirs >> ../ran; ! [ -e ../refuse ]'
        always_run: true
        pass_filenames: false
"""


def installed(*place: str) -> str:
    folder = os.environ.get("OPS_E2E_HOOKS")
    assert folder, "set OPS_E2E_HOOKS to the folder of husky 9.1.7 and pre-commit 4.7.0 (.ci/run installs them)"
    return str(Path(folder, *place))


def husky(clone: Path) -> None:
    (clone / ".husky").mkdir(exist_ok=True)
    for name in ("pre-commit", "pre-push"):
        (clone / ".husky" / name).write_text("echo theirs >> ../ran\n! [ -e ../refuse ]\n")
    subprocess.run(["node", installed("node_modules", "husky", "bin.js")], cwd=clone, check=True)


def pre_commit(clone: Path) -> None:
    (clone / ".pre-commit-config.yaml").write_text(CONFIG)
    git(clone, "add", ".pre-commit-config.yaml")
    subprocess.run([installed("bin", "pre-commit"), "install"], cwd=clone, check=True, capture_output=True)


def act(operation: Operation, clone: Path) -> CloneResult:
    return operation.run(context_of(os.environ, clone), Clones(clones=[str(clone)])).clones[0]


def works(clone: Path, *arguments: str) -> bool:
    return subprocess.run(["git", *arguments], cwd=clone, capture_output=True, check=False).returncode == 0


def kept_by_git(clone: Path) -> dict[str, bytes]:
    hooks = {f"{path.parent.name}/{path.name}": path for folder in (".git/hooks", ".husky/_")
             for path in (clone / folder).glob("*")}  # fmt: skip
    return {name: path.read_bytes() for name, path in {**hooks, "config": clone / ".git" / "config"}.items()}


@pytest.mark.parametrize("program", [husky, pre_commit])
def test_their_hooks_and_ours_run_and_theirs_are_left_as_they_were(
    program: Callable[[Path], None], tmp_path: Path
) -> None:
    origin = make_origin(tmp_path)
    clone = clone_of(origin, tmp_path / "ops-1")
    git(clone, "switch", "--quiet", "-c", "ops")
    commit(clone, "own.txt")
    program(clone)
    before, ran, refuse = kept_by_git(clone), tmp_path / "ran", tmp_path / "refuse"

    assert set(act(GUARD_INSTALL, clone).layers.values()) == {"blocks"}
    ran.unlink(missing_ok=True)
    assert works(clone, "commit", "--quiet", "--allow-empty", "-m", "x")
    assert works(clone, "push", "--quiet", "origin", "ops")
    assert ran.read_text().split() == ["theirs", "theirs"]
    refuse.touch()
    assert not works(clone, "commit", "--quiet", "--allow-empty", "-m", "x"), "theirs refuses"
    refuse.unlink()
    assert not works(clone, "push", "--quiet", "origin", "ops:main"), "ours refuses"
    assert not works(clone, "branch", "-f", "main", "ops")
    assert git(clone, "rev-parse", "main") == git(origin, "rev-parse", "main") != git(clone, "rev-parse", "ops")

    program(clone)  # as `npm install` does with husky: it takes its place back
    again = act(GUARD_TEST, clone)
    if "inert" in again.layers.values():
        assert set(act(GUARD_INSTALL, clone).layers.values()) == {"blocks"}, again
    assert not works(clone, "push", "--quiet", "origin", "ops:main")

    assert act(GUARD_UNINSTALL, clone).outcome == "removed"
    assert kept_by_git(clone) == before
    ran.unlink()
    assert works(clone, "commit", "--quiet", "--allow-empty", "-m", "x")
    assert ran.read_text().split() == ["theirs"]
