"""Discovery of the fleet and its agents. It needs only folders and marker files, and never runs git."""

import json
from pathlib import Path

import pytest

from mcp_server.fleet.look_fleet import locate
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Fleet
from mcp_server.system.files import Files

COMPOSE = "services:\n  test-1:\n    image: tester\n  human-1: {}\n  postgres:\n    image: postgres\n"


def found(cwd: Path, given: Path | None = None, **environment: str) -> Fleet:
    return locate(Files(cwd / "state"), environment, cwd, given)


def refusal(cwd: Path, given: Path | None = None, **environment: str) -> OpsError:
    with pytest.raises(OpsError) as caught:
        found(cwd, given, **environment)
    return caught.value


def names(fleet: Fleet) -> list[str]:
    return [agent.name for agent in fleet.agents]


def clone(folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """opus-1, opus-2, opus-10 and ops-1 are clones."""
    root = tmp_path / "agents platform"
    for name in ("opus-10", "opus-2", "opus-1", "ops-1"):
        clone(root / name)
    return root


def compose(root: Path, text: str = COMPOSE) -> None:
    (root / "Docker").mkdir()
    (root / "Docker" / "docker-compose.yml").write_text(text)


def test_the_folder_above_the_clone_around_the_working_folder_is_the_fleet(root: Path) -> None:
    (root / "opus-1" / "src").mkdir()
    fleet = found(root / "opus-1" / "src")
    assert fleet.root == root
    assert names(fleet) == ["ops-1", "opus-1", "opus-2", "opus-10"]
    assert (fleet.master, fleet.compose, fleet.store) == (None, None, None)


def test_a_worktree_inside_a_clone_leads_to_the_same_fleet(root: Path) -> None:
    worktree = root / "opus-1" / ".claude" / "worktrees" / "fix-1"
    worktree.mkdir(parents=True)
    (worktree / ".git").write_text("gitdir: elsewhere\n")
    assert found(worktree).root == root


def test_the_project_folder_of_claude_overrides_the_working_folder(root: Path, tmp_path: Path) -> None:
    assert found(tmp_path, CLAUDE_PROJECT_DIR=str(root / "ops-1")).root == root


def test_ops_fleet_overrides_the_working_folder(root: Path, tmp_path: Path) -> None:
    clone(tmp_path / "other" / "pm-1")
    assert names(found(root / "opus-1", OPS_FLEET=str(tmp_path / "other"))) == ["pm-1"]


def test_a_given_folder_overrides_ops_fleet(root: Path, tmp_path: Path) -> None:
    assert found(root, Path(), OPS_FLEET=str(tmp_path)).root == root
    assert found(root / "opus-1", Path("..")).root == root


def test_a_fleet_toml_further_up_overrides_the_siblings(root: Path, tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text('[agents.pm-1]\nfolder = "agents platform/opus-1"\n')
    fleet = found(root / "opus-1")
    assert (fleet.root, names(fleet)) == (tmp_path, ["pm-1"])


def test_a_clone_without_siblings_is_not_a_fleet(tmp_path: Path) -> None:
    clone(tmp_path / "lonely" / "opus-1")
    clone(tmp_path / "lonely" / "notes")
    error = refusal(tmp_path / "lonely" / "opus-1")
    assert error.kind == "not_found"
    assert all(place in error.message for place in ("OPS_FLEET", "fleet.toml", "several agents"))
    assert "--fleet" in error.next


def test_a_named_fleet_that_is_missing_or_empty_is_not_found(tmp_path: Path) -> None:
    assert "no fleet folder" in refusal(tmp_path, tmp_path / "gone").message
    assert "holds no agents" in refusal(tmp_path, OPS_FLEET=str(tmp_path)).message


def test_only_folders_named_role_number_with_a_marker_are_agents(root: Path) -> None:
    for other in (".hidden-1", "opus-3", "notes", "opus 4-4", "opus-5\n"):
        (root / other).mkdir()
    for marked in (".hidden-1", "notes", "opus 4-4", "opus-5\n"):
        clone(root / marked)
    (root / "opus-9").write_text("a file named like an agent")
    (root / "origin-1").mkdir()
    (root / "origin-1" / "HEAD").write_text("ref: refs/heads/main\n")
    for name, marker in (("pm-1", ".env"), ("qa-1", ".claude.json")):
        (root / name).mkdir()
        (root / name / marker).write_text("")
    assert names(found(root / "opus-1")) == ["ops-1", "opus-1", "opus-2", "opus-10", "pm-1", "qa-1"]


def test_a_symlinked_agent_folder_is_an_agent(root: Path, tmp_path: Path) -> None:
    clone(tmp_path / "elsewhere")
    (root / "opus-3").symlink_to(tmp_path / "elsewhere")
    (root / "opus-4").symlink_to(tmp_path / "nowhere")
    assert "opus-3" in names(found(root / "opus-1"))
    assert "opus-4" not in names(found(root / "opus-1"))


def test_an_agent_folder_that_cannot_be_read_is_an_agent_for_the_audit_to_report(root: Path) -> None:
    (root / "opus-3").symlink_to("opus-3")
    assert "opus-3" in names(found(root / "opus-1"))


def test_services_of_the_compose_file_are_agents_in_docker_even_without_a_folder(root: Path) -> None:
    compose(root)
    clone(root / "test-1")
    fleet = found(root / "opus-1")
    docker = {agent.name: agent.folder.exists() for agent in fleet.agents if agent.run_mode == "docker"}
    assert docker == {"test-1": True, "human-1": False}
    assert fleet.compose == root / "Docker" / "docker-compose.yml"


@pytest.mark.parametrize("text", ["services: [", "services: 3", "", "- a", "a: 2024-99-99", "[" * 5000, "\udcff"])
def test_a_broken_compose_file_hides_no_agent_that_has_a_folder(root: Path, text: str) -> None:
    compose(root, "")
    (root / "Docker" / "docker-compose.yml").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert names(found(root / "opus-1")) == ["ops-1", "opus-1", "opus-2", "opus-10"]


def test_fleet_toml_names_agents_stores_and_folders(root: Path, tmp_path: Path) -> None:
    (root / "shared.json").write_text("{}")
    (root / "fleet.toml").write_text(
        f'[fleet]\nmaster = "shared.json"\n[claude]\nstore = "~/.claude-max"\n'
        f'[agents.opus-1]\nrun_mode = "docker"\nrole = "senior"\n'
        f"[agents.opus-99]\n[agents.scout]\nfolder = {json.dumps(str(tmp_path / 'far'))}\n"
    )
    fleet = found(root, HOME=str(tmp_path / "home"))
    by_name = {agent.name: agent for agent in fleet.agents}
    assert fleet.master == root / "shared.json"
    assert fleet.store == tmp_path / "home" / ".claude-max"
    assert (by_name["opus-1"].role, by_name["opus-1"].run_mode) == ("senior", "docker")
    assert (by_name["opus-99"].role, by_name["opus-99"].folder) == ("opus", root / "opus-99")
    assert (by_name["scout"].role, by_name["scout"].folder) == ("scout", tmp_path / "far")


def test_a_folder_that_fleet_toml_gives_another_name_is_one_agent(root: Path) -> None:
    (root / "fleet.toml").write_text('[agents.lead]\nfolder = "opus-1"\n')
    assert names(found(root)) == ["lead", "ops-1", "opus-2", "opus-10"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[agents.opus-1]\nrun_mod = 'host'", "unknown key 'agents.opus-1.run_mod'"),
        ("[fleets]", "unknown key 'fleets'"),
        ("[logins.tracker]\nclient_id = 'fleet'", "unknown key 'logins'"),
        ("[agents.opus-1]\nrun_mode = 'moon'", "'agents.opus-1.run_mode'"),
        ("[agents.'../x']", "'agents.../x'"),
        ("[claude]\nstore = 3", "'claude.store'"),
        ("agents = 3", "'agents'"),
        ("[fleet\n", "is not TOML"),
        ('[fleet]\nmaster = "a\\nb"', "'fleet.master'"),
    ],
)
def test_an_error_in_fleet_toml_names_the_key(root: Path, text: str, reason: str) -> None:
    (root / "fleet.toml").write_text(text)
    error = refusal(root / "opus-1")
    assert error.kind == "invalid"
    assert reason in error.message
    assert "fleet.toml" in error.next


def test_a_fleet_toml_that_is_not_a_plain_file_is_refused(root: Path) -> None:
    (root / "fleet.toml").mkdir()
    assert refusal(root / "opus-1").kind == "invalid"


def linked(worktree: Path, main: Path) -> Path:
    """A linked work tree of the clone `main`, as git lays it out."""
    own = main / ".git" / "worktrees" / f"{worktree.parent.name}-{worktree.name}"
    own.mkdir(parents=True)
    (own / "commondir").write_text("../..\n")
    worktree.mkdir(parents=True)
    (worktree / ".git").write_text(f"gitdir: {own}\n")
    return worktree


def test_the_fleets_folder_and_every_folder_below_it_lead_to_the_fleet(root: Path) -> None:
    compose(root)
    for folder in (".", "Docker", "notes/deep", "opus-1/a/b", "opus-1/.git"):
        (root / folder).mkdir(parents=True, exist_ok=True)
        assert found(root / folder).root == root


def test_one_agent_beside_the_shared_files_is_a_fleet(tmp_path: Path) -> None:
    clone(tmp_path / "opus-1" / "src")
    clone(tmp_path / "opus-1")
    assert refusal(tmp_path).kind == refusal(tmp_path / "opus-1").kind == "not_found"
    compose(tmp_path)
    assert found(tmp_path).root == found(tmp_path / "opus-1").root == found(tmp_path / "Docker").root == tmp_path


def test_links_to_the_fleet_or_to_an_agents_folder_lead_to_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "short").symlink_to(root)
    clone(tmp_path / "disk" / "far" / "src")
    (root / "opus-3").symlink_to(tmp_path / "disk" / "far")
    assert found(tmp_path / "short").root == found(tmp_path / "short" / "opus-1").root == root
    there = tmp_path / "disk" / "far" / "src"
    assert found(there, PWD=str(root / "opus-3" / "src")).root == root, "the shell knows the way that was taken"
    assert found(tmp_path, CLAUDE_PROJECT_DIR=str(root / "opus-3")).root == root
    assert refusal(there, PWD=str(root / "opus-1")).kind == "not_found", "a way to somewhere else is not believed"


def test_work_trees_of_an_agent_lead_to_its_fleet_wherever_they_are(root: Path, tmp_path: Path) -> None:
    inside = root / "opus-1" / ".claude" / "worktrees"
    aside = tmp_path / "aside"
    trees = [linked(folder / name, root / "opus-1") for folder in (inside, aside) for name in ("fix-1", "fix-2")]
    (trees[0] / "src").mkdir()
    for here in (*trees, inside, trees[0] / "src"):
        assert found(here).root == root


def test_agents_that_are_work_trees_of_one_repository_are_a_fleet(tmp_path: Path) -> None:
    bare = tmp_path / "fleet" / "repository.git"
    for name in ("opus-1", "opus-2"):
        own = bare / "worktrees" / name
        own.mkdir(parents=True)
        (own / "commondir").write_text("../..\n")
        (tmp_path / "fleet" / name).mkdir()
        (tmp_path / "fleet" / name / ".git").write_text(f"gitdir: {own}\n")
    for here in ("", "opus-1", "repository.git"):
        assert names(found(tmp_path / "fleet" / here)) == ["opus-1", "opus-2"]
