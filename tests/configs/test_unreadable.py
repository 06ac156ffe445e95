"""What `config_plan` and `config_sync` cannot read is named and left alone: configs, masters, bases."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

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
    "cut off": (_bytes(b'{"theme": "li'), "is cut off"),
    "cut off, with zeros": (_bytes(b'{"theme": 1, \0\0\0'), "is cut off"),
    "a list": (_bytes(b"[]"), "holds a list"),
    "empty": (_bytes(b""), "is empty"),
    "zeros": (_bytes(b"\0" * 50_000), "holds nothing but 50,000 zero bytes"),
    "blanks": (_bytes(b" \n"), "holds nothing but 2 blanks"),
    "comments": (_bytes(b'{"theme": 1} // mine'), "line 1, column 14"),
    "a comma at the end": (_bytes(b'{"theme": 1,\n}'), "line 2, column 1"),
    "two documents": (_bytes(b"{}{}"), "line 1, column 3"),
    "a line break in a string": (_bytes(b'{"a": "x\ny"}'), "line 1"),
    "UTF-16": (_bytes('{"a": 1}'.encode("utf-16")), "line 1"),
    "NaN": (_bytes(b'{"a": NaN}'), "NaN"),
    "FIFO": (_fifo, "not a regular file"),
    "folder": (_folder, "is a folder"),
    "link": (_link, "is a symbolic link"),
    "broken link": (_broken_link, "is a symbolic link"),
}
UNREADABLE = {name: made for name, made in BROKEN.items() if name != "link"}


@pytest.mark.parametrize(("make", "what"), UNREADABLE.values(), ids=UNREADABLE.keys())
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


def test_a_config_that_its_client_reads_through_a_link_is_unknown_and_not_broken(configs: ConfigFleet) -> None:
    configs.sync()
    path = configs.path("opus-2")
    _link(path)
    plan = configs.plan("opus-2")
    problem = plan.agents[0].problem
    assert problem
    assert (plan.agents[0].state, problem.restore, plan.next) == ("unknown", None, None)
    assert problem.message.startswith("not understood here: ")
    assert str(path.readlink()) in problem.message
    assert "copy of " in problem.next
    assert configs.synced("opus-2", restore=True).state == "refused"
    path.write_bytes(path.unlink() or path.parent.with_name("elsewhere.json").read_bytes())
    assert configs.states()["opus-2"] == "in_sync"


def test_a_folder_that_is_a_link_to_another_agent_is_refused(configs: ConfigFleet) -> None:
    configs.path("opus-2").unlink()
    configs.path("opus-2").parent.rmdir()
    configs.path("opus-2").parent.symlink_to(configs.path("opus-1").parent)
    assert configs.states()["opus-2"] == "unreadable"
    assert configs.synced("opus-2", take="master").state == "refused"


def test_a_folder_that_is_a_link_is_a_folder(configs: ConfigFleet, tmp_path: Path) -> None:
    folder = configs.path("opus-2").parent
    before = configs.states()["opus-2"]
    folder.symlink_to(folder.rename(tmp_path / "elsewhere"))
    assert configs.states()["opus-2"] == before
    assert configs.synced("opus-2", take="master").state in ("applied", "unchanged")


def test_an_absent_config_is_not_made_up(configs: ConfigFleet) -> None:
    configs.path("opus-2").unlink()
    (configs.path("opus-2").parent / ".env").write_text("AGENT_NAME=opus-2\n")
    assert configs.states()["opus-2"] == "absent"
    done = configs.synced("opus-2", take="master")
    assert done.state == "refused"
    assert done.next
    assert "ops agent run opus-2" in done.next
    assert not configs.path("opus-2").exists()


def test_an_absent_folder_is_named(configs: ConfigFleet) -> None:
    context = configs.context()
    gone = replace(context.fleet.agents[0], name="opus-9", folder=configs.root / "opus-9")
    found = look(context, (gone,))[0]
    assert found.state == "absent"
    assert found.problem
    assert "there is no folder" in found.problem.message


# What is wrong with the master is an error, and nothing is changed.

MASTERS = {name: made for name, made in BROKEN.items() if name != "UTF-16"} | {
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
    assert found.state == "unknown"
    assert found.problem
    subprocess.run(found.problem.next, shell=True, check=True)
    assert set(configs.states().values()) == {"in_sync"}


@pytest.mark.parametrize("beside", ["base", "overlay"])
def test_a_fault_beside_the_config_is_never_blamed_on_it(configs: ConfigFleet, beside: str) -> None:
    overlay = configs.root / "opus.json"
    overlay.write_text("{}")
    (configs.root / "fleet.toml").write_text('[roles.opus]\noverlay = "opus.json"\n')
    configs.sync()
    base = next((configs.context().world.state / "configs").rglob("opus-2.json"))
    faulty = base if beside == "base" else overlay
    faulty.write_text('{"version": 1, "mas')
    before = configs.path("opus-2").read_bytes()
    plan = configs.plan("opus-2")
    problem = plan.agents[0].problem
    assert problem
    assert (plan.agents[0].state, problem.restore, plan.next) == ("unknown", None, None)
    assert str(faulty) in problem.message + problem.next
    assert configs.synced("opus-2", restore=True).state == "refused"
    assert configs.path("opus-2").read_bytes() == before


def test_a_config_that_is_too_large_is_unknown_and_not_broken(configs: ConfigFleet) -> None:
    configs.sync()
    with configs.path("opus-2").open("r+b") as file:
        file.truncate(100_000_000)
    plan = configs.plan("opus-2")
    problem = plan.agents[0].problem
    assert problem
    assert (plan.agents[0].state, problem.restore, plan.next) == ("unknown", None, None)
    assert problem.message.startswith("not understood here: ")


def test_a_config_that_may_not_be_read_is_unknown_and_the_step_gives_the_right(
    configs: ConfigFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = configs.path("opus-2")
    opened = os.open

    def refuse(at: Any, *args: Any, **more: Any) -> int:
        if str(at) == str(path) and not path.stat().st_mode & 0o400:
            raise PermissionError(13, "Permission denied")  # the tests may run as root, who may read all
        return opened(at, *args, **more)

    monkeypatch.setattr(os, "open", refuse)
    path.chmod(0o000)
    found = configs.planned("opus-2")
    assert found.problem
    assert (found.state, found.problem.restore) == ("unknown", None)
    subprocess.run(found.problem.next, shell=True, check=True)
    assert configs.planned("opus-2").state == "missing"


def test_a_restore_is_planned_with_what_it_would_lose(configs: ConfigFleet) -> None:
    configs.sync()
    configs.edit("opus-1", {"numStartups": 8, "new": {"deep": 1}})
    configs.sync("opus-1")
    text = configs.path("opus-1").read_text()
    configs.path("opus-1").write_text(text[: text.index('"deep": 1') + len('"deep": 1')])
    plan = configs.plan("opus-1")
    problem = plan.agents[0].problem
    assert problem
    assert problem.restore
    assert set(problem.restore.loses) >= {"/numStartups", "/new/deep"}
    assert "lose what is newer in the file: " in CONFIG_PLAN.text(plan)
    assert str(problem.restore.backup) in CONFIG_PLAN.text(plan)
    assert plan.next == f"ops config sync --plan {plan.plan} --restore opus-1"


@pytest.mark.parametrize("text", ['{"theme": 1,}', "[]", '{"a": NaN}'])
def test_a_config_that_is_neither_absent_nor_cut_off_is_not_restored(configs: ConfigFleet, text: str) -> None:
    configs.sync()
    configs.path("opus-1").write_text(text)
    plan = configs.plan("opus-1")
    assert plan.agents[0].problem
    assert (plan.agents[0].problem.restore, plan.next) == (None, None)
    assert configs.synced("opus-1", restore=True).state == "refused"
    assert configs.path("opus-1").read_text() == text
