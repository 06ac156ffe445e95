"""`config_plan`: what it reports about each agent, what its digest covers, and what it refuses."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mcp_server.configs.look_configs import look
from mcp_server.configs.plan import CONFIG_PLAN
from mcp_server.configs.sync import CONFIG_SYNC
from mcp_server.kernel.document import MOST_ROWS, Json, as_json
from tests.fixtures.configs import MASTER, OWN, SERVER, ConfigFleet, configs, write

__all__ = ["configs"]  # the fixture
ROOT = Path(__file__).resolve().parents[2]
Spoil = Callable[[Path], None]
CANARY = "canary-" + "Zq9" * 3


def test_an_agent_without_the_masters_keys_misses_them(configs: ConfigFleet) -> None:
    found = configs.planned("opus-1")
    assert found.state == "missing"
    assert [(c.op, c.pointer, c.before, c.after, c.state) for c in found.changes] == [
        ("add", "/theme", None, "light", "missing"),
        ("add", "/editorMode", None, "vim", "missing"),
        ("add", "/mcpServers/postgres", None, SERVER, "missing"),
    ]


def test_for_a_large_fleet_a_bounded_number_of_agents_is_listed_failures_first(configs: ConfigFleet) -> None:
    for number in range(1, 101):
        write(configs.path(f"qa-{number}"), OWN)
    configs.path("qa-99").write_text("{")
    found = configs.plan()
    assert (len(found.agents), found.omitted) == (MOST_ROWS, 103 - MOST_ROWS)
    assert not CONFIG_PLAN.ok(found), "the unreadable one counts, listed or not"
    done = configs.sync()
    assert (len(done.agents), done.omitted) == (MOST_ROWS, 103 - MOST_ROWS)
    assert (done.agents[0].agent, done.agents[0].state) == ("qa-99", "refused")
    assert not CONFIG_SYNC.ok(done)
    assert configs.read("qa-100")["theme"] == "light"


def test_the_answer_has_the_documented_shape(configs: ConfigFleet) -> None:
    answer: Any = as_json(configs.plan())
    assert set(answer) == {"plan", "agents", "warnings", "next", "omitted"}
    assert answer["next"] == f"ops config sync --plan {answer['plan']}"
    assert [row["agent"] for row in answer["agents"]] == ["opus-1", "opus-2", "pm-1"]
    assert answer["agents"][0]["path"] == str(configs.path("opus-1"))
    assert set(answer["agents"][0]["changes"][0]) == {"op", "pointer", "before", "after", "state", "comment"}


def test_a_difference_is_exit_code_1_only_with_exit_code_and_a_failed_comparison_always(
    configs: ConfigFleet,
) -> None:
    def exit_codes() -> tuple[int, int]:
        plain = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(configs.root), "config", "plan"]
        ran = [subprocess.run([*plain, *more], cwd=ROOT, check=False) for more in ([], ["--exit-code"])]
        return ran[0].returncode, ran[1].returncode

    assert exit_codes() == (0, 1)
    configs.sync()
    assert exit_codes() == (0, 0)
    configs.edit("opus-1", {"theme": "dark"})
    assert exit_codes() == (0, 1)
    configs.path("pm-1").write_text("{")
    assert exit_codes() == (1, 1)


def test_a_plan_changes_nothing(configs: ConfigFleet) -> None:
    before = configs.files()
    world = configs.context().world
    configs.plan()
    assert configs.files() == before
    assert not world.state.exists()


def test_no_secret_of_either_side_is_shown(configs: ConfigFleet) -> None:
    server: Json = {
        "command": "npx",
        "args": ["--token", CANARY],
        "env": {"A": CANARY},
        "headers": {"B": CANARY},
        "url": f"https://u:{CANARY}@host.test/?k={CANARY}",
    }
    write(configs.master, {"mcpServers": {"s": server, "t": {"env": {"A": CANARY}}}})
    configs.edit("opus-1", {"mcpServers": {"s": {"command": "other", "env": {"C": CANARY}}}})
    plan = configs.plan()
    assert CANARY not in json.dumps(as_json(plan))
    assert CANARY not in CONFIG_PLAN.text(plan)
    assert CANARY not in repr(plan)
    sync = configs.sync(take="master")
    assert CANARY not in repr(sync)
    kept = [path.read_text() for path in (configs.context().world.state / "configs").rglob("*.json")]
    assert kept
    assert not any(CANARY in text for text in kept)


def test_the_digest_stays_while_a_live_session_writes_its_own_state(configs: ConfigFleet) -> None:
    before = configs.plan().plan
    configs.edit("opus-1", {"numStartups": 8, "projects": {}, "tipsHistory": {"x": 1}, "unknownKey": [1]})
    assert configs.plan().plan == before


def _master(configs: ConfigFleet) -> None:
    write(configs.master, {**MASTER, "theme": "dark"})


def _master_names_more(configs: ConfigFleet) -> None:
    write(configs.master, {**MASTER, "numStartups": 1})


def _owned_value(configs: ConfigFleet) -> None:
    configs.edit("pm-1", {"theme": "dark-ansi"})


def _readability(configs: ConfigFleet) -> None:
    configs.path("pm-1").write_text("{")


@pytest.mark.parametrize("change", [_master, _master_names_more, _owned_value, _readability])
def test_the_digest_changes_with_everything_that_the_plan_depends_on(
    configs: ConfigFleet, change: Callable[[ConfigFleet], None]
) -> None:
    plans = [configs.plan().plan]
    change(configs)
    plans.append(configs.plan().plan)
    assert plans[0] != plans[1]
    assert configs.plan("opus-1").plan != configs.plan("opus-2").plan


def test_the_digest_changes_when_a_difference_was_accepted(configs: ConfigFleet) -> None:
    configs.edit("pm-1", {**MASTER, "theme": "dark-ansi"})
    before = configs.plan("pm-1").plan, configs.path("pm-1").read_bytes()
    configs.sync("pm-1", take="agent")
    assert configs.path("pm-1").read_bytes() == before[1]
    assert configs.plan("pm-1").plan != before[0]


def test_changes_beyond_the_limit_are_counted(configs: ConfigFleet) -> None:
    write(configs.master, {f"key{number}": number for number in range(100)})
    rows = configs.plan().agents
    assert [(len(row.changes), row.omitted) for row in rows] == [(100, 0), (50, 50), (0, 100)]
    assert "... 50 more: ops config plan opus-2" in CONFIG_PLAN.text(configs.plan())


def test_the_audit_gets_the_same_states(configs: ConfigFleet) -> None:
    context = configs.context()
    assert [seen.state for seen in look(context, context.fleet.agents)] == ["missing"] * 3


# A problem with an agent's config is reported in its row and does not affect the others.


def test_the_config_of_a_container_is_in_the_folder_that_its_env_file_names(
    configs: ConfigFleet,
) -> None:
    compose = configs.root / "Docker" / "docker-compose.yml"
    compose.write_text("services: {test-1: {env_file: [../a.env, gone.env], volumes: ['../inside:/config']}}")
    (configs.root / "a.env").write_text("CLAUDE_CONFIG_DIR=/config\n")
    write(configs.root / "inside" / ".claude.json", OWN)
    row = configs.planned("test-1")
    assert (row.path, row.state) == (configs.root / "inside" / ".claude.json", "missing")


def test_a_config_that_is_mounted_as_a_single_file_is_overwritten_in_place(configs: ConfigFleet) -> None:
    compose = configs.root / "Docker" / "docker-compose.yml"
    compose.write_text("services: {test-1: {volumes: ['../test-1/.claude.json:/root/.claude.json']}}")
    write(configs.path("test-1"), OWN)
    before = configs.path("test-1").stat().st_ino
    assert configs.synced("test-1").state == "applied"
    assert configs.read("test-1") == {**OWN, **MASTER}
    configs.roll_back()
    assert configs.read("test-1") == OWN
    assert configs.path("test-1").stat().st_ino == before


def test_the_next_step_restores_an_unreadable_config_if_there_is_a_readable_backup(configs: ConfigFleet) -> None:
    configs.sync()
    assert configs.plan().next is None
    configs.path("opus-1").write_text("{")
    assert configs.synced("opus-1").next == "ops config plan opus-1"
    row = configs.plan("opus-1")
    assert row.next == f"ops config sync --plan {row.plan} --restore opus-1"
    configs.sync("opus-1", plan=row.plan, restore=True)
    assert configs.read("opus-1") == {**OWN, **MASTER}
    configs.path("pm-1").unlink()
    configs.path("pm-1").symlink_to(configs.master)
    assert configs.plan("pm-1").next is None
