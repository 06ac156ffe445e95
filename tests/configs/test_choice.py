"""What a fleet may choose: overlays, which side to take at which pointer, links, and restored backups."""

import json
import os

import pytest

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from tests.fixtures.configs import MASTER, OWN, SERVER, ConfigFleet, configs, write

__all__ = ["configs"]  # the fixture


def _overlays(configs: ConfigFleet, role: dict[str, Json], agent: dict[str, Json]) -> None:
    write(configs.root / "Docker" / "opus.json", role)
    write(configs.root / "Docker" / "opus-2.json", agent)
    tables = '[roles.opus]\noverlay = "Docker/opus.json"\n[agents.opus-2]\noverlay = "Docker/opus-2.json"\n'
    (configs.root / "fleet.toml").write_text(tables)


def test_overlays_of_a_role_and_an_agent_override_the_master(configs: ConfigFleet) -> None:
    _overlays(
        configs,
        {"theme": "dark-ansi", "mcpServers": {"github": SERVER}},
        {"theme": "light-ansi", "editorMode": None, "mcpServers": {"postgres": None}},
    )
    configs.sync()
    servers: Json = {"postgres": SERVER, "github": SERVER}
    assert configs.read("pm-1") == {**OWN, **MASTER}
    assert configs.read("opus-1") == {**OWN, **MASTER, "theme": "dark-ansi", "mcpServers": servers}
    assert configs.read("opus-2") == {**OWN, "theme": "light-ansi", "mcpServers": {"github": SERVER}}
    assert {*configs.states().values()} == {"in_sync"}


def test_a_changed_overlay_makes_a_plan_stale(configs: ConfigFleet) -> None:
    _overlays(configs, {"theme": "dark-ansi"}, {})
    plan = configs.plan().plan
    _overlays(configs, {"theme": "light-ansi"}, {})
    with pytest.raises(OpsError, match="is out of date"):
        configs.sync(plan=plan)


def test_an_unreadable_overlay_stops_only_its_agents(configs: ConfigFleet) -> None:
    _overlays(configs, {}, {})
    (configs.root / "Docker" / "opus-2.json").write_text("{")
    assert configs.states() == {"opus-1": "missing", "opus-2": "unknown", "pm-1": "missing"}
    (configs.root / "Docker" / "opus-2.json").unlink()
    assert configs.planned("opus-2").state == "unknown"


def test_live_state_in_an_overlay_is_left_out_with_a_warning(configs: ConfigFleet) -> None:
    _overlays(configs, {"numStartups": 99}, {})
    assert any("/numStartups" in warning for warning in configs.plan().warnings)
    configs.sync()
    assert configs.read("opus-1")["numStartups"] == OWN["numStartups"]


def test_a_side_can_be_taken_at_one_pointer_while_the_others_still_wait(configs: ConfigFleet) -> None:
    configs.edit("opus-1", {"theme": "dark-ansi", "editorMode": "emacs"})
    row = configs.synced("opus-1", take="master", pointers=["/theme"])
    assert (row.state, row.held) == ("applied", ("/editorMode",))
    assert configs.read("opus-1")["theme"] == "light"
    assert configs.read("opus-1")["editorMode"] == "emacs"
    row = configs.synced("opus-1", take="agent", pointers=["/editorMode"])
    assert (row.state, row.held) == ("unchanged", ())
    assert configs.planned("opus-1").kept == ("/editorMode",)


@pytest.mark.parametrize("choice", [{"take": "master", "pointers": ["/thme"]}, {"pointers": ["/theme"]}])
def test_a_choice_without_effect_is_refused(configs: ConfigFleet, choice: dict[str, Json]) -> None:
    before = configs.files()
    with pytest.raises(OpsError) as refused:
        configs.sync(**choice)  # pyright: ignore[reportArgumentType]
    assert refused.value.kind == "invalid"
    assert configs.files() == before


def test_a_link_within_the_agents_folder_stays_and_its_target_is_written(configs: ConfigFleet) -> None:
    path = configs.path("opus-1")
    (path.parent / "own").mkdir()
    path.rename(path.parent / "own" / "config.json")
    path.symlink_to("own/config.json")
    assert configs.synced("opus-1").state == "applied"
    assert path.is_symlink()
    assert configs.read("opus-1") == {**OWN, **MASTER}
    assert configs.synced("opus-1").state == "unchanged"


def test_an_unreadable_config_is_restored_from_the_last_readable_backup_and_synced(configs: ConfigFleet) -> None:
    configs.sync()
    write(configs.master, {**MASTER, "theme": "dark-ansi"})
    configs.sync()
    write(configs.master, {**MASTER, "theme": "light-ansi"})
    configs.path("opus-1").write_text('{"theme": ')
    assert configs.synced("opus-1").state == "refused"
    row = configs.synced("opus-1", restore=True)
    assert row.state == "applied"
    assert "restored from" in row.why
    assert configs.read("opus-1") == {**OWN, **MASTER, "theme": "light-ansi"}
    backups = [path.read_text() for path in (configs.context().world.state / "backups").rglob(".claude.json")]
    assert '{"theme": ' in backups


def test_a_missing_config_is_restored_from_the_newest_backup_of_claude_code(configs: ConfigFleet) -> None:
    path = configs.path("opus-1")
    backups = path.parent / "backups"
    for number, text in enumerate((json.dumps({**OWN, "numStartups": 6}), json.dumps(OWN), "{")):
        backup = backups / f".claude.json.backup.{number}"
        write(backup, {})
        backup.write_text(text)
        os.utime(backup, (number, number))
    write(backups / ".claude.json.corrupted.9", {"numStartups": 1})
    path.unlink()
    (path.parent / ".env").write_text("AGENT_NAME=opus-1\n")
    row = configs.synced("opus-1", restore=True)
    assert row.state == "applied"
    assert ".claude.json.backup.1" in row.why
    assert configs.read("opus-1") == {**OWN, **MASTER}


def test_without_a_backup_nothing_is_restored_or_touched(configs: ConfigFleet) -> None:
    configs.path("opus-1").write_text("{")
    row = configs.synced("opus-1", restore=True)
    assert row.state == "refused"
    assert str(row.next).startswith("No backup of it is here: complete ")
    assert configs.path("opus-1").read_text() == "{"


def test_a_link_that_leads_to_another_agents_config_is_refused(configs: ConfigFleet) -> None:
    configs.path("opus-2").unlink()
    configs.path("opus-2").symlink_to(configs.path("opus-1"))
    row = configs.synced("opus-2", restore=True)
    assert row.state == "refused"
    assert "leads out of" in row.why
    assert configs.read("opus-1") == OWN
    assert configs.path("opus-2").readlink() == configs.path("opus-1")
