"""A plan does not read a config again that is untouched since it was in sync, and reads one that was touched."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_server import __version__
from mcp_server.configs.plan import CONFIG_PLAN, ConfigPlan, PlanParams
from mcp_server.system import files
from mcp_server.system.files import Files
from tests.fixtures.configs import MASTER, OWN, ConfigFleet, configs, write

__all__ = ["configs"]  # the fixture


class Counting(Files):
    """The real disk; `configs` and `env` name the agents whose config or `.env` was read."""

    def __init__(self, state: Path) -> None:
        super().__init__(state)
        self.configs: list[str] = []
        self.env: list[str] = []

    def read(self, path: Path, limit: int = 5_000_000) -> bytes:
        if path.name in (".claude.json", ".env"):
            (self.env if path.name == ".env" else self.configs).append(path.parent.name)
        return super().read(path, limit)


def read_by_a_plan(configs: ConfigFleet, *, env: bool = False) -> tuple[ConfigPlan, list[str]]:
    context = configs.context()
    counting = Counting(context.world.state)
    world = replace(context.world, files=counting)
    return CONFIG_PLAN.run(replace(context, world=world), PlanParams()), counting.env if env else counting.configs


@pytest.fixture
def in_sync(configs: ConfigFleet, monkeypatch: pytest.MonkeyPatch) -> ConfigFleet:
    """In sync and cached: the resolution of time stamps counts as fine enough, so that no test has to wait."""
    monkeypatch.setattr(files, "_TICK", -1)
    configs.sync()
    return configs


def cache_file(configs: ConfigFleet) -> Path:
    return configs.context().world.state / "cache" / f"in-sync-{configs.key()}"


def test_untouched_configs_are_not_read_and_the_plan_is_the_same(in_sync: ConfigFleet) -> None:
    quick, read = read_by_a_plan(in_sync)
    assert read == []
    cache_file(in_sync).unlink()
    thorough, read = read_by_a_plan(in_sync)
    assert read == ["opus-1", "opus-2", "pm-1"]
    assert quick == thorough
    assert {row.state for row in quick.agents} == {"in_sync"}


def test_a_sync_of_a_fleet_in_sync_changes_nothing_and_says_so(in_sync: ConfigFleet) -> None:
    before = in_sync.files()
    assert {(row.state, row.why) for row in in_sync.sync().agents} == {("unchanged", "in sync with the master")}
    assert in_sync.files() == before


def _in_place(fleet: ConfigFleet) -> None:
    """The same size, and the old time of modification."""
    path = fleet.path("opus-1")
    old = path.stat()
    with path.open("r+b") as file:
        held = file.read()
        file.seek(0)
        file.write(held.replace(b'"light"', b'"black"'))
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert path.stat().st_size == old.st_size


def _linked_folder(fleet: ConfigFleet) -> None:
    folder = fleet.path("opus-1").parent
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")
    fleet.edit("opus-1", {"theme": "black"})


def _overlay(fleet: ConfigFleet) -> None:
    write(fleet.root / "mine.json", {"theme": "black"})
    (fleet.root / "fleet.toml").write_text('[agents.opus-1]\noverlay = "mine.json"\n')


def _by_another_file(fleet: ConfigFleet) -> None:
    fleet.edit("opus-1", {"theme": "black"})


def _emptied(fleet: ConfigFleet) -> None:
    fleet.path("opus-1").write_text("")


def _removed(fleet: ConfigFleet) -> None:
    fleet.path("opus-1").rename(fleet.path("opus-1").with_name(".env"))


def _master(fleet: ConfigFleet) -> None:
    write(fleet.master, {**MASTER, "theme": "black"})


@pytest.mark.parametrize(
    ("touch", "state"),
    [
        (_in_place, "drifted"),
        (_by_another_file, "drifted"),
        (_emptied, "unreadable"),
        (_removed, "absent"),
        (_linked_folder, "drifted"),
        (_overlay, "stale"),
        (_master, "stale"),
    ],
)
def test_every_change_is_noticed(in_sync: ConfigFleet, touch: Callable[[ConfigFleet], None], state: str) -> None:
    plan = in_sync.plan().plan
    touch(in_sync)
    assert in_sync.planned("opus-1").state == state
    assert in_sync.plan().plan != plan


def test_a_config_written_a_moment_ago_is_read_again_as_the_next_write_may_have_the_same_time_stamp(
    configs: ConfigFleet,
) -> None:
    configs.sync()
    assert read_by_a_plan(configs)[1] == ["opus-1", "opus-2", "pm-1"]


def test_a_config_that_waits_for_a_choice_is_read_each_time(in_sync: ConfigFleet) -> None:
    in_sync.edit("opus-1", {"theme": "black"})
    in_sync.sync()
    assert read_by_a_plan(in_sync)[1] == ["opus-1"]
    in_sync.sync(take="agent")
    assert read_by_a_plan(in_sync)[0].agents[0].kept == ("/theme",)


def test_a_sync_of_one_agent_keeps_the_others_in_the_cache(in_sync: ConfigFleet) -> None:
    in_sync.edit("opus-1", {"numStartups": 8})
    in_sync.sync("opus-1")
    assert read_by_a_plan(in_sync)[1] == []


def test_an_env_file_that_names_the_config_folder_is_read_again_once_it_was_touched(
    configs: ConfigFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_TICK", -1)
    for name in ("opus-1", "opus-2", "pm-1"):
        folder = configs.path(name).parent
        (folder / ".env").write_text(f"CLAUDE_CONFIG_DIR={folder}\n")
    configs.sync()
    plan, read = read_by_a_plan(configs, env=True)
    assert read == []
    assert [row.inert for row in plan.agents] == [None, None, None]
    (configs.path("opus-1").parent / ".env").write_text("CLAUDE_CONFIG_DIR=/elsewhere\n")
    plan, read = read_by_a_plan(configs, env=True)
    assert read == ["opus-1"]
    assert [bool(row.inert) for row in plan.agents] == [True, False, False]
    assert {row.state for row in plan.agents} == {"in_sync"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"version": "0", "configs": {}}',
        '{"version": 1}',
        f'{{"version": "{__version__}", "configs": []}}',
        "\ud800",
    ],
)
def test_an_unreadable_cache_is_ignored(in_sync: ConfigFleet, text: str) -> None:
    cache_file(in_sync).write_bytes(text.encode("utf-8", "surrogatepass"))
    plan, read = read_by_a_plan(in_sync)
    assert len(read) == 3
    assert {row.state for row in plan.agents} == {"in_sync"}
    in_sync.sync()
    assert len(json.loads(cache_file(in_sync).read_bytes())["configs"]) == 3
    assert in_sync.read("opus-1") == {**OWN, **MASTER}


def test_what_another_version_noted_is_not_trusted(in_sync: ConfigFleet) -> None:
    noted = json.loads(cache_file(in_sync).read_bytes())
    assert read_by_a_plan(in_sync)[1] == []
    cache_file(in_sync).write_text(json.dumps({**noted, "version": f"{__version__}.1"}))
    assert read_by_a_plan(in_sync)[1] == ["opus-1", "opus-2", "pm-1"]
