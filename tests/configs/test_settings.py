"""Settings and CLAUDE.md of Claude Code in the clones: the same plan and sync, as far as a master names them."""

import json
import subprocess
from pathlib import Path

import pytest

from mcp_server.configs import markdown_text, settings_text
from mcp_server.configs.findings import config_findings
from mcp_server.configs.look_file import encode
from mcp_server.configs.plan import CONFIG_PLAN
from mcp_server.configs.sync import CONFIG_SYNC
from mcp_server.fixes.fleet_fix import FLEET_FIX, FixParams
from mcp_server.fleet.look_home import home_of
from mcp_server.kernel.document import Json
from mcp_server.kernel.finding import Concern
from mcp_server.kernel.pointer import ABSENT
from tests.fixtures.configs import ConfigFleet, configs, write

__all__ = ["configs"]  # the fixture
HOOK: Json = {"matcher": "Bash", "hooks": [{"type": "command", "command": "guard"}]}
SETTINGS: dict[str, Json] = {
    "permissions": {"defaultMode": "acceptEdits", "deny": ["Read(./.env)", "WebFetch"]},
    "hooks": {"PreToolUse": [HOOK]},
    "enabledPlugins": {"ops@ops": True},
}


@pytest.fixture
def fleet(configs: ConfigFleet) -> ConfigFleet:
    configs.sync()
    write(configs.root / "Docker" / "settings.json.master", SETTINGS)
    return configs


def settings(fleet: ConfigFleet, agent: str, name: str = "settings.json") -> Path:
    return fleet.path(agent).parent / ".claude" / name


def state(fleet: ConfigFleet, path: Path) -> str:
    return next(row.state for row in fleet.plan().agents if row.path == path)


def test_settings_are_written_and_what_the_agent_has_beside_them_stays(fleet: ConfigFleet) -> None:
    own: dict[str, Json] = {
        "model": "opus",
        "permissions": {"allow": ["Bash(ls)"], "deny": ["WebSearch"]},
        "hooks": {"PreToolUse": [{"matcher": "Write", "hooks": []}], "Stop": []},
        "enabledPlugins": {"mine@x": True},
    }
    write(settings(fleet, "opus-1"), own)
    assert fleet.sync().ok
    assert json.loads(settings(fleet, "opus-2").read_text()) == SETTINGS
    assert json.loads(settings(fleet, "opus-1").read_text()) == {
        "model": "opus",
        "permissions": {
            "allow": ["Bash(ls)"],
            "deny": ["WebSearch", "Read(./.env)", "WebFetch"],
            "defaultMode": "acceptEdits",
        },
        "hooks": {"PreToolUse": [{"matcher": "Write", "hooks": []}, HOOK], "Stop": []},
        "enabledPlugins": {"mine@x": True, "ops@ops": True},
    }
    assert state(fleet, settings(fleet, "opus-1")) == "in_sync"


def test_what_a_human_allows_in_a_session_is_no_drift_and_what_the_agent_drops_is(fleet: ConfigFleet) -> None:
    fleet.sync()
    path = settings(fleet, "opus-1")
    document = json.loads(path.read_text())
    document["permissions"] |= {"allow": ["Bash(make)"], "deny": ["WebFetch", "Bash(rm:*)"]}
    path.write_text(json.dumps(document))
    (row,) = [row for row in fleet.plan().agents if row.path == path]
    assert [(change.op, change.state, change.after) for change in row.changes] == [
        ("add", "drifted", ["Read(./.env)"])
    ]


def test_a_rule_that_the_master_drops_is_dropped_and_no_other(fleet: ConfigFleet) -> None:
    fleet.sync()
    path = settings(fleet, "opus-1")
    path.write_text(path.read_text().replace('"WebFetch"', '"WebFetch", "Mine"'))
    write(fleet.root / "Docker" / "settings.json.master", {"permissions": {"deny": ["Read(./.env)"]}})
    assert fleet.sync().ok
    assert json.loads(path.read_text()) == {
        "permissions": {"deny": ["Read(./.env)", "Mine"]},
        "hooks": {"PreToolUse": []},
        "enabledPlugins": {},
    }


def test_a_secret_in_a_rule_is_in_no_answer(fleet: ConfigFleet) -> None:
    secret = "ghp_" + "a1B2" * 9
    write(
        fleet.root / "Docker" / "settings.json.master", {"permissions": {"allow": [f"Bash(curl -H token:{secret})"]}}
    )
    assert secret not in CONFIG_PLAN.text(fleet.plan())
    assert secret not in str(fleet.plan())


def test_local_settings_and_other_names_of_masters(fleet: ConfigFleet) -> None:
    write(fleet.root / "team.json", {"model": "opus"})
    (fleet.root / "fleet.toml").write_text('[fleet]\nlocal_settings_master = "team.json"\n')
    assert fleet.sync().ok
    assert json.loads(settings(fleet, "pm-1", "settings.local.json").read_text()) == {"model": "opus"}


def test_a_file_that_git_tracks_is_compared_and_left_to_a_commit(fleet: ConfigFleet) -> None:
    clone, path = fleet.path("opus-1").parent, settings(fleet, "opus-1")
    write(path, {})
    for command in (["init", "-q"], ["add", ".claude/settings.json"]):
        subprocess.run(["git", "-C", str(clone), *command], check=True)
    assert state(fleet, path) == "missing"
    rows = {row.path: row for row in fleet.sync().agents}
    assert rows[path].state == "refused"
    assert "git tracks" in rows[path].why
    assert path.read_text() == "{}"
    assert rows[settings(fleet, "opus-2")].state == "applied"


def test_sections_of_claude_md_are_kept_in_step(fleet: ConfigFleet) -> None:
    (fleet.root / "Docker" / "CLAUDE.md.master").write_text("# Rules\n\nNever push to main.\n\n## Style\n\nShort.\n")
    path = fleet.path("opus-1").parent / "CLAUDE.md"
    path.write_text("Mine.\n\n# Rules\n\nPush at will.\n\n```sh\n# Style\n```\n\n# Own\n\nStays.\n")
    assert state(fleet, path) == "conflict"
    assert fleet.synced("opus-1", take="master")
    assert path.read_text() == "Mine.\n\n# Rules\n\nNever push to main.\n\n# Own\n\nStays.\n\n## Style\n\nShort.\n"
    assert state(fleet, path) == "in_sync"


def test_a_sync_of_settings_is_rolled_back(fleet: ConfigFleet) -> None:
    path = settings(fleet, "opus-1")
    write(path, {"model": "opus"})
    before = path.read_bytes()
    run = fleet.sync().run
    assert {file.state for file in fleet.roll_back(run).files} == {"applied"}
    assert path.read_bytes() == before


OFF, FREE = "hooks_off", "permissions_bypassed"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('{"disableAllHooks": true, "env": {"A": "true"}}', '{"env": {"A": "true"}}', OFF),
        ('{\r\n "disableAllHooks":\r\n  true,\r\n "b": 1.50\r\n}', '{\r\n "b": 1.50\r\n}', OFF),
        ('{"a": "\udcff", "disable\\u0041llHooks"\n:\ttrue}', '{"a": "\udcff"}', OFF),
        ('{"disableAllHooks": false, "disableAllHooks": true}', "{}", OFF),
        ('{"permissions": {"defaultMode":\n"bypassPermissions"}}', '{"permissions": {}}', FREE),
        (
            '{"permissions":{"allow":[],"defaultMode":"bypass\\u0050ermissions"}}',
            '{"permissions":{"allow":[]}}',
            FREE,
        ),
    ],
)
@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
def test_a_switch_that_frees_an_agent_is_found_and_the_step_removes_it(
    configs: ConfigFleet, before: str, after: str, code: str, name: str
) -> None:
    path = settings(configs, "opus-1", name)
    path.parent.mkdir()
    path.write_bytes(encode(before))
    (concern,) = _hazards(configs)
    assert (concern.agents, concern.finding.severity) == (("opus-1",), "critical")
    assert (concern.finding.code, concern.finding.next) == (code, f"ops fleet fix {code}")
    run = _fix(configs, code)
    assert not _hazards(configs)
    assert (list(path.parent.iterdir()), path.read_bytes()) == ([path], encode(after))
    FLEET_FIX.run(configs.context(), FixParams(undo=run))
    assert path.read_bytes() == encode(before)


def test_both_switches_of_a_file_outside_of_the_clone_are_removed(configs: ConfigFleet) -> None:
    context = configs.context()
    path = home_of(context, context.fleet.agents[0]) / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"disableAllHooks":true,"permissions":{"defaultMode":"bypassPermissions","deny":[]}}')
    before = path.read_bytes()
    run = _fix(configs, OFF, FREE)
    assert path.read_text() == '{"permissions":{"deny":[]}}'
    FLEET_FIX.run(configs.context(), FixParams(undo=run))
    assert path.read_bytes() == before


@pytest.mark.parametrize("linked", [False, True])
def test_the_settings_of_the_user_are_left_to_a_person_with_the_place(
    configs: ConfigFleet, home: Path, linked: bool
) -> None:
    path = home / ".claude" / "settings.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text('{\n  "env": {},\n  "disableAllHooks":\n  true\n}\n')
    if linked:
        settings(configs, "opus-1").parent.mkdir()
        settings(configs, "opus-1").symlink_to(path)
    (concern,) = _hazards(configs)
    assert concern.finding.next == f"In an editor, remove disableAllHooks in line 3 of {path}"
    plan = FLEET_FIX.run(configs.context(), FixParams(codes=[OFF]))
    assert not plan.repairs
    assert {(left.code, left.next) for left in plan.left} == {(OFF, concern.finding.next)}


def _fix(fleet: ConfigFleet, *codes: str) -> str:
    plan = FLEET_FIX.run(fleet.context(), FixParams(codes=list(codes)))
    done = FLEET_FIX.run(fleet.context(), FixParams(codes=list(codes), plan=plan.plan))
    assert [repair.state for repair in done.repairs] == ["fixed"] * len(codes)
    return str(done.run)


def test_the_text_of_a_plan_and_of_a_sync_names_the_file_where_an_agent_has_several(fleet: ConfigFleet) -> None:
    lines = CONFIG_PLAN.text(fleet.plan("opus-1")).splitlines()
    assert [line.split()[:2] for line in lines if line.startswith("opus-1")] == [
        ["opus-1", ".claude.json"],
        ["opus-1", ".claude/settings.json"],
    ]
    assert "opus-1 .claude/settings.json" in CONFIG_SYNC.text(fleet.sync())


def test_settings_that_claude_code_leaves_out_as_a_whole_are_told(configs: ConfigFleet, home: Path) -> None:
    for path in (settings(configs, "opus-1"), home / ".claude" / "settings.json"):
        path.parent.mkdir(exist_ok=True)
        path.write_text('{"permissions": {"deny": ["WebFetch"]},}')
    found = {concern.agents: concern.finding for concern in _hazards(configs)}
    assert {finding.code for finding in found.values()} == {"settings_unreadable"}
    assert set(found) == {("opus-1",), ("opus-1", "opus-2", "pm-1")}


@pytest.mark.parametrize(
    "document", [{}, {"disableAllHooks": False}, {"permissions": {"defaultMode": "plan"}}, {"permissions": []}]
)
def test_ordinary_settings_are_no_finding(configs: ConfigFleet, document: dict[str, Json]) -> None:
    write(settings(configs, "opus-1"), document)
    assert not _hazards(configs)


def _hazards(fleet: ConfigFleet) -> list[Concern]:
    context = fleet.context()
    concerns = config_findings(context, context.fleet.agents).concerns
    return [each for each in concerns if not each.finding.code.startswith("config_")]


@pytest.mark.parametrize(
    ("text", "at", "value", "after"),
    [
        ("", "/# A", "x", "# A\n\nx\n"),
        ("# A\n\ny\n", "/# A", "x", "# A\n\nx\n"),
        ("# A\r\n\r\ny\r\n\r\n# B\r\n", "/# A", "x", "# A\r\n\r\nx\r\n\r\n# B\r\n"),
        ("top\n# A\ny\n# B\nz\n", "/# A", ABSENT, "top\n# B\nz\n"),
        ("~~~\n# A\n~~~\n", "/# A", "x", "~~~\n# A\n~~~\n\n# A\n\nx\n"),
    ],
)
def test_a_section_is_replaced_added_or_removed(text: str, at: str, value: Json, after: str) -> None:
    assert markdown_text.edit(text, {at: value}) == after
    assert markdown_text.parse(after, "x").get("# A", ABSENT) == value


def test_members_of_a_list_are_edited_one_by_one() -> None:
    old = settings_text.parse('{"a": ["x", {"b": [1]}]}', "it")
    names = list(old["a"]) if isinstance(old["a"], dict) else []
    assert settings_text.edit('{"a": ["x", {"b": [1]}]}', {f"/a/{names[0]}": ABSENT}) == '{"a": [{"b": [1]}]}'
