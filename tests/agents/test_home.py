"""An agent's config folder: outside of its clone, with the user's rules in force, and with what lay in the clone."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_server.agents.env import AGENT_ENV, EnvParams
from mcp_server.agents.home import AGENT_HOME, HomeParams, Homes
from mcp_server.audit.look_beside_git import home_findings
from mcp_server.demo.fleet import DemoFleet
from mcp_server.fleet.look_home import home_of, users_folder
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Finding
from mcp_server.operation.context import Context
from mcp_server.server.wiring import context_of

SESSION = "projects/-srv-opus-1/11111111-2222-4333-8444-555555555555.jsonl"
WRITTEN = (
    SESSION,
    "history.jsonl",
    "sessions/77.json",
    "sessions/77.abc.key",
    "plans/brave-otter.md",
    "plugins/store/x",
)


def context(fleet: DemoFleet, **variables: str) -> Context:
    environment = {"PATH": os.environ["PATH"], "HOME": str(fleet.home), "OPS_HOME": os.environ["OPS_HOME"]}
    return context_of({**environment, **variables}, fleet.root, fleet=fleet.root)


def made_home(fleet: DemoFleet) -> Path:
    AGENT_ENV.run(context(fleet), EnvParams(name="opus-1"))
    return home(fleet)


def home(fleet: DemoFleet) -> Path:
    return home_of(context(fleet), context(fleet).agent("opus-1"))


def write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def used_as_config_folder(fleet: DemoFleet) -> Path:
    clone = fleet.agent("opus-1")
    for name in WRITTEN:
        write(clone / name, f"words of {name}")
    return clone


def finding(fleet: DemoFleet) -> Finding | None:
    ctx = context(fleet)
    return next((c.finding for c in home_findings(ctx, [ctx.agent("opus-1")]).concerns), None)


def run_line(fleet: DemoFleet, line: str) -> None:
    """Do what a `Next:` says, in a shell."""
    words = shlex.split(line)
    assert words[0] == "ops"
    command = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(fleet.root), *words[1:]]
    variables = {**os.environ, "HOME": str(fleet.home)}
    subprocess.run(command, check=True, timeout=120, env=variables, cwd=Path(__file__).parents[2])


def homes(fleet: DemoFleet, **arguments: str) -> Homes:
    found: Homes = AGENT_HOME.run(context(fleet), HomeParams(agents=["opus-1"], **arguments))  # pyright: ignore[reportArgumentType]
    return found


def untracked(clone: Path) -> str:
    done = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_folder_is_outside_of_the_clone_and_reads_the_config_in_it(own_demo_fleet: DemoFleet) -> None:
    made = made_home(own_demo_fleet)
    clone = own_demo_fleet.agent("opus-1")
    assert not made.is_relative_to(own_demo_fleet.root)
    assert (made / ".claude.json").samefile(clone / ".claude.json")
    assert made.stat().st_mode & 0o077 == 0


def test_the_users_rules_are_in_force_and_the_agents_own_choices_stay_its_own(own_demo_fleet: DemoFleet) -> None:
    users = own_demo_fleet.home / ".claude"
    write(users / "CLAUDE.md", "rules")
    write(users / "skills/s/SKILL.md")
    write(users / "projects/-x/a.jsonl")
    write(users / "settings.json", json.dumps({"hooks": {"Stop": []}, "theme": "dark"}))
    made = made_home(own_demo_fleet)
    assert (made / "CLAUDE.md").read_text() == "rules"
    assert (made / "skills/s/SKILL.md").exists()
    assert not (made / "projects").exists()
    write(made / "settings.json", json.dumps({"theme": "light", "skipDangerousModePermissionPrompt": True}))
    write(users / "settings.json", json.dumps({"permissions": {"deny": ["Bash"]}, "theme": "dark"}))
    made_home(own_demo_fleet)
    settings = json.loads((made / "settings.json").read_text())
    assert settings == {
        "permissions": {"deny": ["Bash"]},
        "theme": "dark",
        "skipDangerousModePermissionPrompt": True,
    }
    assert "skipDangerousModePermissionPrompt" not in (users / "settings.json").read_text()


def test_a_rule_that_the_user_takes_out_is_no_longer_in_force(own_demo_fleet: DemoFleet) -> None:
    users = own_demo_fleet.home / ".claude"
    write(users / "settings.json", '{"hooks": {"Stop": []}}')
    command = write(users / "commands/x.md").parent
    made = made_home(own_demo_fleet)
    (users / "settings.json").unlink()
    command.rename(users / "commands-of-yore")
    made_home(own_demo_fleet)
    assert json.loads((made / "settings.json").read_text()) == {}
    assert not (made / "commands").is_symlink()
    assert (made / "commands-of-yore" / "x.md").exists()


def test_plugins_that_the_user_installs_later_replace_what_the_client_made(own_demo_fleet: DemoFleet) -> None:
    made = made_home(own_demo_fleet)
    write(made / "plugins/store/builtin.json")
    write(own_demo_fleet.home / ".claude/plugins/installed_plugins.json", "{}")
    made_home(own_demo_fleet)
    assert (made / "plugins/installed_plugins.json").exists()
    assert list((made.parent / "replaced").rglob("builtin.json"))


def test_settings_that_cannot_be_read_are_said_before_anything_starts(own_demo_fleet: DemoFleet) -> None:
    path = write(own_demo_fleet.home / ".claude/settings.json", '{"hooks": ')
    with pytest.raises(OpsError, match="no agent is started without the rules") as refused:
        made_home(own_demo_fleet)
    assert str(path) in refused.value.next


def test_a_config_that_a_client_wrote_in_place_of_the_link_becomes_the_clones(own_demo_fleet: DemoFleet) -> None:
    made = made_home(own_demo_fleet)
    (made / ".claude.json").unlink()
    write(made / ".claude.json", '{"newer": 1}')
    made_home(own_demo_fleet)
    assert json.loads((own_demo_fleet.agent("opus-1") / ".claude.json").read_text()) == {"newer": 1}
    assert (made / ".claude.json").is_symlink()


def test_the_users_folder_is_the_callers_unless_the_caller_is_an_agent(own_demo_fleet: DemoFleet) -> None:
    of_agent = str(home(own_demo_fleet))
    other = str(own_demo_fleet.folder / "config")
    assert users_folder(context(own_demo_fleet, CLAUDE_CONFIG_DIR=of_agent)) == own_demo_fleet.home / ".claude"
    assert users_folder(context(own_demo_fleet, CLAUDE_CONFIG_DIR=other)) == Path(other)


def test_a_clone_with_sessions_is_found_refused_and_cleaned_by_the_one_step(own_demo_fleet: DemoFleet) -> None:
    clone = used_as_config_folder(own_demo_fleet)
    found = finding(own_demo_fleet)
    assert found is not None
    assert (found.code, found.severity) == ("sessions_in_clone", "critical")
    with pytest.raises(OpsError, match="what was said in sessions") as refused:
        made_home(own_demo_fleet)
    assert refused.value.next == found.next
    run_line(own_demo_fleet, found.next)
    assert finding(own_demo_fleet) is None
    assert [name for name in WRITTEN if (clone / name).exists()] == []
    for name in WRITTEN:
        assert (home(own_demo_fleet) / name).read_text() == f"words of {name}"
    made_home(own_demo_fleet)


def test_one_command_brings_it_all_back(own_demo_fleet: DemoFleet) -> None:
    clone = used_as_config_folder(own_demo_fleet)
    before = untracked(clone)
    done = homes(own_demo_fleet, plan=homes(own_demo_fleet).plan or "")
    assert done.next is not None
    assert untracked(clone) != before
    run_line(own_demo_fleet, done.next.removeprefix("To undo it: "))
    assert untracked(clone) == before
    assert [(clone / name).read_text() for name in WRITTEN] == [f"words of {name}" for name in WRITTEN]


def test_what_is_in_both_places_is_joined_and_nothing_is_lost(own_demo_fleet: DemoFleet) -> None:
    write(home(own_demo_fleet) / "projects/-srv-opus-1/22222222-2222-4333-8444-555555555555.jsonl", "later")
    write(home(own_demo_fleet) / "history.jsonl", "later")
    clone = used_as_config_folder(own_demo_fleet)
    homes(own_demo_fleet, plan=homes(own_demo_fleet).plan or "")
    assert (home(own_demo_fleet) / SESSION).exists()
    assert (home(own_demo_fleet) / "history.jsonl").read_text() == "later"
    assert (home(own_demo_fleet) / "history.jsonl.from-clone").read_text() == "words of history.jsonl"
    assert not (clone / "projects").exists()


def test_what_git_tracks_and_what_no_client_wrote_stays(own_demo_fleet: DemoFleet) -> None:
    clone = own_demo_fleet.agent("opus-1")
    write(clone / "plans/of-the-project.md")
    write(clone / "projects/apollo/notes.jsonl")
    assert finding(own_demo_fleet) is None
    subprocess.run(["git", "-C", str(clone), "add", "--force", "plans", "projects"], check=True)
    write(clone / SESSION)
    assert [source for source, _ in homes(own_demo_fleet).agents[0].moves] == [clone / Path(SESSION).parent]


def test_a_plan_that_no_longer_fits_is_refused(own_demo_fleet: DemoFleet) -> None:
    clone = used_as_config_folder(own_demo_fleet)
    plan = homes(own_demo_fleet).plan
    write(clone / "todos/1.json")
    with pytest.raises(OpsError, match="have changed since the plan"):
        homes(own_demo_fleet, plan=plan or "")


def test_a_session_that_still_writes_there_is_named_and_nothing_moves(own_demo_fleet: DemoFleet) -> None:
    clone = used_as_config_folder(own_demo_fleet)
    variables = {**os.environ, "CLAUDE_CONFIG_DIR": str(clone)}
    with subprocess.Popen(["sleep", "60"], cwd=clone, env=variables) as session:
        try:
            row = homes(own_demo_fleet, plan=homes(own_demo_fleet).plan or "").agents[0]
        finally:
            session.kill()
    assert row.state == "refused"
    assert f"process {session.pid}" in row.why
    assert (clone / SESSION).exists()


def test_private_files_are_hidden_from_git_on_the_way(own_demo_fleet: DemoFleet) -> None:
    clone = used_as_config_folder(own_demo_fleet)
    write(clone / ".gitignore", "*.log\n")
    subprocess.run(["git", "-C", str(clone), "commit", "-qam", "x"], check=False)
    homes(own_demo_fleet, plan=homes(own_demo_fleet).plan or "")
    write(clone / ".claude.json.tmp.12.abc")
    assert "claude" not in untracked(clone)
    assert ".env" not in untracked(clone)


@pytest.mark.parametrize(
    ("name", "variable", "folder"),
    [
        ("codex-1", "CODEX_HOME", ".codex"),
        ("codex-1", "CODEX_HOME", "own/codex"),
        ("gemini-1", "GEMINI_CLI_HOME", ""),
    ],
)
def test_a_folder_of_another_client_in_the_clone_is_hidden_by_the_step(
    own_demo_fleet: DemoFleet, name: str, variable: str, folder: str
) -> None:
    clone = own_demo_fleet.agent(name)
    write(clone / ".gitignore", "*.log\n")
    write(clone / ".git/info/exclude", "/.env\n/.claude.json*\n/.credentials.json\n")
    ctx = context(own_demo_fleet)
    assert not home_findings(ctx, [ctx.agent(name)]).concerns
    write(clone / ".env", f"{variable}={clone / folder}\n")
    words = write(clone / (folder or ".gemini") / "sessions/rollout-1.jsonl")
    ctx = context(own_demo_fleet)
    found = [concern.finding for concern in home_findings(ctx, [ctx.agent(name)]).concerns]
    assert [each.code for each in found] == ["sessions_in_clone"]
    with pytest.raises(OpsError, match="keeps its login and its sessions") as refused:
        AGENT_ENV.run(ctx, EnvParams(name=name))
    assert refused.value.next == found[0].next
    subprocess.run(["sh", "-c", found[0].next], check=True, cwd=own_demo_fleet.home)
    assert not home_findings(ctx, [ctx.agent(name)]).concerns
    assert words.name not in untracked(clone)
    AGENT_ENV.run(context(own_demo_fleet), EnvParams(name=name))


def test_sessions_that_a_container_left_in_its_clone_are_found(own_demo_fleet: DemoFleet) -> None:
    clone = own_demo_fleet.agent("test-1")
    ctx = context(own_demo_fleet)
    assert not home_findings(ctx, [ctx.agent("test-1")]).concerns
    write(clone / SESSION)
    (concern,) = home_findings(ctx, [ctx.agent("test-1")]).concerns
    assert concern.finding.code == "sessions_in_clone"
    assert "docker-compose.yml" in concern.finding.next
