"""What `config_plan` and `config_sync` cannot read is named and left alone: configs, masters, bases."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_server.configs.look_configs import look
from mcp_server.configs.plan import CONFIG_PLAN, PlanParams
from mcp_server.kernel.errors import OpsError
from tests.fixtures.configs import OWN, ConfigFleet, configs, write

__all__ = ["configs"]  # the fixture
Spoil = Callable[[Path], None]


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link(path: Path) -> None:
    elsewhere = path.parent.with_name("elsewhere.json")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def _broken_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/nowhere/at/all")


def _bytes(data: bytes) -> Spoil:
    def write_it(path: Path) -> None:
        path.write_bytes(data)

    return write_it


BROKEN: dict[str, tuple[Spoil, str]] = {
    "bad UTF-8": (_bytes(b'{"a": "\xff"}'), "is not UTF-8"),
    "10 MB": (_bytes(b" " * 10_000_000), "10,000,000 bytes"),
    "cut off": (_bytes(b'{"theme": "li'), "is not JSON: line 1"),
    "a list": (_bytes(b"[]"), "holds a list"),
    "empty": (_bytes(b""), "is empty"),
    "duplicate keys": (_bytes(b'{"theme": 1, "theme": 2}'), "names the key 'theme' twice"),
    "deep": (_bytes(b'{"a":' * 5_000 + b"1" + b"}" * 5_000), "deeper than 100"),
    "half a surrogate": (_bytes(rb'{"a": "\ud800"}'), "surrogate"),
    "__proto__": (_bytes(b'{"__proto__": {}}'), "__proto__"),
    "NaN": (_bytes(b'{"a": NaN}'), "NaN"),
    "servers in a list": (_bytes(b'{"mcpServers": []}'), "mcpServers"),
    "FIFO": (_fifo, "not a regular file"),
    "folder": (_folder, "is a folder"),
    "link": (_link, "is a symbolic link"),
    "broken link": (_broken_link, "is a symbolic link"),
}


@pytest.mark.parametrize(("make", "what"), BROKEN.values(), ids=BROKEN.keys())
def test_an_unreadable_config_is_named_refused_and_left_alone(configs: ConfigFleet, make: Spoil, what: str) -> None:
    make(configs.path("opus-2"))
    kept = configs.path("opus-2").lstat()
    found = configs.planned("opus-2")
    assert found.state == "unreadable"
    assert found.problem
    assert what in found.problem.message
    assert str(configs.path("opus-2")) in found.problem.message
    assert found.problem.next
    for take in ("master", "agent", None):
        assert {row.agent: row.state for row in configs.sync(take=take).agents}["opus-2"] == "refused"
    now = configs.path("opus-2").lstat()
    assert (now.st_ino, now.st_size, now.st_mtime_ns) == (kept.st_ino, kept.st_size, kept.st_mtime_ns)
    assert configs.states() == {"opus-1": "in_sync", "opus-2": "unreadable", "pm-1": "in_sync"}


def test_a_folder_that_is_a_link_to_another_agent_is_refused(configs: ConfigFleet) -> None:
    configs.path("opus-2").unlink()
    configs.path("opus-2").parent.rmdir()
    configs.path("opus-2").parent.symlink_to(configs.path("opus-1").parent)
    assert configs.states()["opus-2"] == "unreadable"
    assert configs.synced("opus-2", take="master").state == "refused"


def test_an_absent_config_is_not_made_up(configs: ConfigFleet) -> None:
    configs.path("opus-2").unlink()
    (configs.path("opus-2").parent / ".env").write_text("AGENT_NAME=opus-2\n")
    assert configs.states()["opus-2"] == "absent"
    done = configs.synced("opus-2", take="master")
    assert done.state == "refused"
    assert done.next
    assert "CLAUDE_CONFIG_DIR=" in done.next
    assert not configs.path("opus-2").exists()


def test_an_absent_folder_is_named(configs: ConfigFleet) -> None:
    context = configs.context()
    gone = replace(context.fleet.agents[0], name="opus-9", folder=configs.root / "opus-9")
    found = look(context, (gone,))[0]
    assert found.state == "absent"
    assert found.problem
    assert "there is no folder" in found.problem.message


# What is wrong with the master is an error, and nothing is changed.

MASTERS = {name: made for name, made in BROKEN.items() if name != "10 MB"} | {
    "20 MB": (_bytes(b" " * 20_000_000), "20,000,000 bytes"),
    "null": (_bytes(b"null"), "holds null"),
    "server in text": (_bytes(b'{"mcpServers": {"x": "npx"}}'), "'x'"),
}


@pytest.mark.parametrize(("make", "what"), MASTERS.values(), ids=MASTERS.keys())
def test_a_master_that_cannot_be_read_is_an_error_and_changes_nothing(
    configs: ConfigFleet, make: Spoil, what: str
) -> None:
    plan = configs.plan().plan
    make(configs.master)
    before = {path: data for path, data in configs.files().items() if "Docker" not in path.parts}
    for call in (configs.plan, lambda: configs.sync(plan=plan, take="master")):
        with pytest.raises(OpsError) as refused:
            call()
        assert what in refused.value.message
        assert refused.value.next
    assert {path: data for path, data in configs.files().items() if "Docker" not in path.parts} == before


@pytest.mark.parametrize("folder_too", [True, False])
def test_a_fleet_without_a_master_is_told_where_it_belongs(configs: ConfigFleet, folder_too: bool) -> None:
    configs.master.unlink()
    if folder_too:
        configs.master.parent.rmdir()
    with pytest.raises(OpsError) as refused:
        configs.plan()
    assert refused.value.kind == "not_found"
    assert str(configs.master) in refused.value.message


def test_a_master_of_live_state_only_asks_for_nothing_and_says_so(configs: ConfigFleet) -> None:
    write(configs.master, OWN)
    plan = configs.plan()
    assert {row.state for row in plan.agents} == {"in_sync"}
    assert len(plan.warnings) == len(OWN)


def test_an_unknown_agent_is_refused(configs: ConfigFleet) -> None:
    with pytest.raises(OpsError, match="no agent 'opus-99'"):
        CONFIG_PLAN.run(configs.context(), PlanParams(agents=["opus-99"]))


def test_a_base_that_cannot_be_read_stops_only_its_agent(configs: ConfigFleet) -> None:
    configs.sync()
    base = next((configs.context().world.state / "configs").rglob("opus-2.json"))
    base.write_text('{"version": 1, "master": {"/theme": 3}, "agent": {}}')
    found = configs.planned("opus-2")
    assert found.state == "unreadable"
    assert found.problem
    assert f"Remove {base}" in found.problem.next
    assert configs.states("opus-1", "pm-1") == {"opus-1": "in_sync", "pm-1": "in_sync"}
