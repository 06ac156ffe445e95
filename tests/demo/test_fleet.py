"""The example fleet has the layout it stands for. Looked at with plain git and json, not with our own product."""

import hashlib
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mcp_server.demo.fleet import AGENTS, DOCKER, DemoFleet, build
from mcp_server.demo.history import TEMPLATE, commits
from tests.fixtures.clones import git

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_twenty_five_agents_stand_beside_the_docker_folder(demo_fleet: DemoFleet) -> None:
    names = {path.name for path in demo_fleet.root.iterdir()}
    assert len(AGENTS) == 25
    assert names == {*AGENTS, "Docker", "fleet.toml"}


def test_every_agent_is_a_full_clone_of_the_bare_origin_on_a_branch_of_its_role(fleet: DemoFleet) -> None:
    for name in fleet.agents:
        clone = fleet.agent(name)
        role = name.rsplit("-", 1)[0]
        assert git(clone, "remote", "get-url", "origin") == str(fleet.origin)
        assert git(clone, "branch", "--show-current").split("/")[0] == role
        assert git(clone, "rev-list", "--count", "HEAD") == str(len(commits()))
        assert git(clone, "rev-parse", "main") == git(clone, "rev-parse", "origin/main")
        assert not (clone / ".git/objects/info/alternates").exists()
    assert git(fleet.agent("ops-1"), "branch", "--show-current") == "ops"
    assert git(fleet.origin, "rev-parse", "--is-bare-repository") == "true"


def test_the_working_tree_is_the_template_and_clean(fleet: DemoFleet) -> None:
    clone = fleet.agent("opus-1")
    source = TEMPLATE / "repository"
    files = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
    assert {str(path) for path in files} == set(git(clone, "ls-files").splitlines())
    assert all((clone / path).read_bytes() == (source / path).read_bytes() for path in files)
    assert git(clone, "status", "--porcelain") == ""


def test_the_history_has_several_authors_and_an_index_that_never_names_a_page_of_later(fleet: DemoFleet) -> None:
    clone = fleet.agent("opus-1")
    authors = set(git(clone, "log", "--format=%an").splitlines())
    first = git(clone, "log", "--format=%H", "--reverse", "--", "docs/support/ops/INDEX.md").splitlines()[0]
    index = git(clone, "show", f"{first}:docs/support/ops/INDEX.md")
    assert len(authors) >= 8
    assert "token-refresh.md" in index
    assert "branch-behind.md" not in index


def test_configs_environments_and_the_login_are_private_and_ignored(fleet: DemoFleet) -> None:
    for name in fleet.agents:
        clone = fleet.agent(name)
        assert git(clone, "check-ignore", ".env", ".claude.json", ".credentials.json").count("\n") == 2
        assert stat.S_IMODE((clone / ".env").stat().st_mode) == 0o600
        assert stat.S_IMODE((clone / ".claude.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(fleet.store.stat().st_mode) == 0o700
    assert stat.S_IMODE((fleet.store / ".credentials.json").stat().st_mode) == 0o600


def test_each_config_holds_the_master_and_the_state_of_a_client_in_use(fleet: DemoFleet) -> None:
    master = json.loads(fleet.master.read_text())
    for name in fleet.agents:
        config = json.loads((fleet.agent(name) / ".claude.json").read_text())
        workspace = "/workspace" if name in DOCKER else str(fleet.agent(name))
        assert {key: config[key] for key in master} == master
        assert config["projects"][workspace]["hasTrustDialogAccepted"] is True
        assert config["hasCompletedOnboarding"] is True
        assert f"AGENT_NAME={name}\n" in (fleet.agent(name) / ".env").read_text()


def test_two_builds_differ_in_nothing_but_their_place(tmp_path: Path) -> None:
    one = build(tmp_path / "one", NOW, ("opus-1", "test-1"))
    two = build(tmp_path / "two", NOW, ("opus-1", "test-1"))
    assert _content(one) == _content(two)
    assert git(one.origin, "rev-parse", "main") == git(two.origin, "rev-parse", "main")


def test_a_build_writes_nothing_outside_its_folder_and_reads_no_git_configuration(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".gitconfig").write_text("this is not a git configuration\n")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    before = sorted(home.rglob("*")), sorted(Path.cwd().iterdir())
    build(tmp_path / "fleet", NOW, ("opus-1",))
    assert (sorted(home.rglob("*")), sorted(Path.cwd().iterdir())) == before
    assert [path.name for path in tmp_path.iterdir()] == ["fleet"]


def _content(fleet: DemoFleet) -> dict[str, str]:
    files = (path for path in fleet.folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {
        str(path.relative_to(fleet.folder)): _digest(path, fleet.folder)
        for path in files
        if not path.is_relative_to(fleet.origin)
    }


def _digest(path: Path, folder: Path) -> str:
    return hashlib.sha256(path.read_bytes().replace(str(folder).encode(), b"FOLDER")).hexdigest()
