"""`config_sync`: what it writes, and what it leaves as it is."""

import json
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcp_server.configs.sync import CONFIG_SYNC, SyncedAgent, SyncParams
from mcp_server.kernel.document import Json, as_json
from mcp_server.kernel.errors import OpsError
from mcp_server.system.files import Files
from tests.fixtures.configs import MASTER, OWN, SERVER, ConfigFleet, configs, write

__all__ = ["configs"]  # the fixture


def test_every_agent_gets_the_masters_keys_and_keeps_its_own(configs: ConfigFleet) -> None:
    done = configs.sync()
    assert [(row.agent, row.state) for row in done.agents] == [
        ("opus-1", "applied"),
        ("opus-2", "applied"),
        ("pm-1", "applied"),
    ]
    assert CONFIG_SYNC.ok(done)
    for agent in ("opus-1", "opus-2", "pm-1"):
        assert configs.read(agent) == {**OWN, **MASTER}
        assert list(configs.read(agent))[: len(OWN)] == list(OWN)


def test_a_second_sync_changes_no_file_and_makes_no_backup(configs: ConfigFleet) -> None:
    configs.sync()
    before = configs.files()
    done = configs.sync()
    assert {row.state for row in done.agents} == {"unchanged"}
    assert not any(row.backup for row in done.agents)
    assert configs.files() == before


def test_the_file_keeps_its_layout_numbers_and_mode(configs: ConfigFleet) -> None:
    path = configs.path("opus-1")
    path.write_text('{\n\t"cost": 1.50,\n\t"n": 1e5,\n\t"text": "ü",\n\t"theme": "dark-ansi"\n}\n', "utf-8")
    path.chmod(0o640)
    write(configs.master, {"theme": "light"})
    configs.sync("opus-1", take="master")
    assert path.read_text("utf-8") == ('{\n\t"cost": 1.50,\n\t"n": 1e5,\n\t"text": "ü",\n\t"theme": "light"\n}\n')
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_the_backup_holds_the_old_bytes_and_is_private(configs: ConfigFleet) -> None:
    before = configs.path("opus-1").read_bytes()
    backup = configs.synced("opus-1").backup
    assert backup
    assert backup.read_bytes() == before
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    bases = list((configs.context().world.state / "configs").rglob("*.json"))
    assert [stat.S_IMODE(base.stat().st_mode) for base in bases] == [0o600]
    assert {stat.S_IMODE(folder.stat().st_mode) for base in bases for folder in base.parents[:3]} == {0o700}


def test_a_stale_plan_is_refused_and_nothing_is_written(configs: ConfigFleet) -> None:
    plan = configs.plan().plan
    configs.edit("pm-1", {"theme": "dark-ansi"})
    before = configs.files()
    with pytest.raises(OpsError) as refused:
        configs.sync(plan=plan)
    assert refused.value.kind == "conflict"
    assert refused.value.next == "Plan again: ops config plan"
    assert configs.files() == before


@pytest.mark.parametrize("plan", ["", "0" * 16, "x" * 64])
def test_an_unknown_plan_is_refused_even_when_everything_is_in_sync(configs: ConfigFleet, plan: str) -> None:
    configs.sync()
    with pytest.raises(OpsError, match="the plan"):
        CONFIG_SYNC.run(configs.context(), SyncParams(plan=plan))


def test_a_plan_is_valid_only_for_its_own_agents(configs: ConfigFleet) -> None:
    with pytest.raises(OpsError, match="other agents"):
        configs.sync("opus-2", plan=configs.plan("opus-1").plan)


def test_a_session_that_writes_its_own_state_does_not_stop_a_sync(configs: ConfigFleet) -> None:
    plan = configs.plan().plan
    configs.edit("opus-1", {"numStartups": 8})
    assert {row.state for row in configs.sync(plan=plan).agents} == {"applied"}
    assert configs.read("opus-1") == {**OWN, **MASTER, "numStartups": 8}


def test_a_difference_before_the_first_sync_is_a_conflict_and_is_not_overwritten(configs: ConfigFleet) -> None:
    configs.edit("opus-1", {"theme": "dark-ansi"})
    assert configs.states()["opus-1"] == "conflict"
    done = configs.sync()
    row = done.agents[0]
    assert (row.state, row.held) == ("applied", ("/theme",))
    assert row.next
    assert not CONFIG_SYNC.ok(done)
    assert configs.read("opus-1") == {**OWN, **MASTER, "theme": "dark-ansi"}
    assert configs.synced("opus-1").state == "refused"
    assert configs.states() == {"opus-1": "conflict", "opus-2": "in_sync", "pm-1": "in_sync"}


def test_a_value_that_already_equals_the_master_is_stored_in_the_base(configs: ConfigFleet) -> None:
    configs.edit("opus-1", MASTER)
    assert configs.states("opus-1") == {"opus-1": "in_sync"}
    assert configs.synced("opus-1").state == "unchanged"
    write(configs.master, {**MASTER, "theme": "dark-ansi"})
    assert configs.states("opus-1") == {"opus-1": "stale"}


def test_a_value_that_the_agent_changed_is_left_until_a_side_is_taken(configs: ConfigFleet) -> None:
    configs.sync()
    configs.edit("opus-1", {"theme": "dark-ansi"})
    row = configs.synced("opus-1")
    assert (row.state, row.held, row.applied) == ("refused", ("/theme",), ())
    assert configs.read("opus-1")["theme"] == "dark-ansi"
    row = configs.synced("opus-1", take="master")
    assert (row.state, row.applied) == ("applied", ("/theme",))
    assert configs.read("opus-1") == {**OWN, **MASTER}


def test_an_accepted_change_is_not_reported_again_until_the_master_changes(configs: ConfigFleet) -> None:
    configs.sync()
    configs.edit("opus-1", {"theme": "dark-ansi"})
    row = configs.synced("opus-1", take="agent")
    assert (row.state, row.backup) == ("unchanged", None)
    assert "/theme" in row.why
    found = configs.planned("opus-1")
    assert (found.state, found.changes, found.kept) == ("in_sync", (), ("/theme",))
    assert configs.synced("opus-1").state == "unchanged"
    write(configs.master, {**MASTER, "theme": "dark-daltonized"})
    assert configs.states() == {"opus-1": "conflict", "opus-2": "stale", "pm-1": "stale"}


def test_an_accepted_change_can_be_overwritten_later(configs: ConfigFleet) -> None:
    configs.sync()
    configs.edit("opus-1", {"theme": "dark-ansi"})
    configs.synced("opus-1", take="agent")
    assert configs.synced("opus-1", take="master").state == "applied"
    assert configs.read("opus-1")["theme"] == "light"


def test_a_changed_master_reaches_every_agent_and_a_dropped_server_leaves_them(configs: ConfigFleet) -> None:
    configs.sync()
    configs.edit("opus-1", {"mcpServers": {"postgres": SERVER, "mine": SERVER}})
    write(configs.master, {**MASTER, "theme": "dark-ansi", "mcpServers": {"github": SERVER}})
    found = {c.pointer: (c.op, c.state) for c in configs.planned("opus-1").changes}
    assert found == {
        "/theme": ("replace", "stale"),
        "/mcpServers/github": ("add", "missing"),
        "/mcpServers/postgres": ("remove", "orphaned"),
    }
    assert CONFIG_SYNC.ok(configs.sync())
    assert configs.read("opus-1")["mcpServers"] == {"mine": SERVER, "github": SERVER}
    assert configs.read("pm-1")["mcpServers"] == {"github": SERVER}
    assert {*configs.states().values()} == {"in_sync"}


def test_a_dropped_server_that_the_agent_changed_stays(configs: ConfigFleet) -> None:
    configs.sync()
    own: Json = {"command": "mine"}
    configs.edit("opus-1", {"mcpServers": {"postgres": own}})
    write(configs.master, {**MASTER, "mcpServers": {}})
    done = configs.sync()
    assert {row.agent: row.held for row in done.agents}["opus-1"] == ("/mcpServers/postgres",)
    assert configs.read("opus-1")["mcpServers"] == {"postgres": own}
    assert configs.read("opus-2")["mcpServers"] == {}


def test_one_failing_agent_does_not_stop_the_others(configs: ConfigFleet) -> None:
    world = configs.context().world
    with world.files.lock("made-the-state-folder"):
        pass
    blocked = world.state / "configs"  # a file where opus-2's base belongs
    (blocked / configs.key() / "opus-2.json").mkdir(parents=True)
    before = configs.path("opus-2").read_bytes()
    done = configs.sync()
    assert [row.state for row in done.agents] == ["applied", "refused", "applied"]
    assert done.agents[1].next
    assert configs.path("opus-2").read_bytes() == before
    assert not CONFIG_SYNC.ok(done)


def _synced_while_a_session_writes(configs: ConfigFleet, changes: dict[str, Json]) -> SyncedAgent:
    """Sync opus-1, taking the master's side, while a session makes `changes` just before the sync gets the lock."""

    class Late(Files):
        @contextmanager
        def directory_lock(self, lock: Path, stale_after: float, wait: float = 0.0) -> Generator[None]:
            with super().directory_lock(lock, stale_after, wait):
                configs.edit("opus-1", changes)
                yield

    context = configs.context()
    late = replace(context, world=replace(context.world, files=Late(context.world.state)))
    params = SyncParams(plan=configs.plan("opus-1").plan, agents=["opus-1"], take="master")
    row: SyncedAgent = CONFIG_SYNC.run(late, params).agents[0]
    return row


def test_a_value_that_changes_between_the_check_and_the_write_is_not_overwritten(configs: ConfigFleet) -> None:
    row = _synced_while_a_session_writes(configs, {"theme": "dark-ansi", "numStartups": 8})
    assert (row.state, row.backup) == ("refused", None)
    assert configs.read("opus-1") == {**OWN, "theme": "dark-ansi", "numStartups": 8}


def test_own_state_that_changes_between_the_check_and_the_write_is_kept(configs: ConfigFleet) -> None:
    assert _synced_while_a_session_writes(configs, {"numStartups": 8}).state == "applied"
    assert configs.read("opus-1") == {**OWN, **MASTER, "numStartups": 8}


def test_without_a_backup_nothing_is_written(configs: ConfigFleet) -> None:
    backups = configs.context().world.state / "backups"
    backups.parent.mkdir(parents=True)
    backups.write_text("a file where the backups belong")
    before = configs.files()
    done = configs.sync()
    assert {row.state for row in done.agents} == {"failed"}
    assert all(row.next for row in done.agents)
    assert configs.files() == before


def test_a_written_config_whose_base_cannot_be_stored_is_a_failure(configs: ConfigFleet) -> None:
    state = configs.context().world.state
    state.mkdir(parents=True)
    (state / "configs").write_text("a file where the bases belong")
    row = configs.synced("opus-1")
    assert row.state == "failed"
    assert "not stored" in row.why
    assert row.backup
    (state / "configs").unlink()
    assert configs.synced("opus-1").state == "unchanged"


def test_the_order_of_agents_makes_no_difference(configs: ConfigFleet) -> None:
    names = ["pm-1", "opus-2", "opus-1"]
    configs.sync(*names)
    assert all(configs.read(name) == {**OWN, **MASTER} for name in names)


def test_the_answer_is_plain_json_and_readable_text(configs: ConfigFleet) -> None:
    done = configs.sync()
    answer: Any = as_json(done)
    assert json.loads(json.dumps(answer)) == answer
    assert [row["state"] for row in answer["agents"]] == ["applied"] * 3
    text = CONFIG_SYNC.text(done)
    assert "opus-1  applied  3 changes written and read back" in text
    assert str(done.agents[0].backup) in text


def test_live_state_in_the_master_is_kept_from_the_agents(configs: ConfigFleet) -> None:
    write(configs.master, {**MASTER, "oauthAccount": {"emailAddress": "boss@example.test"}, "numStartups": 999})
    done = configs.sync()
    assert len(done.warnings) == 2
    assert configs.read("opus-1") == {**OWN, **MASTER}
