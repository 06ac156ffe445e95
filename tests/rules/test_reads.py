"""A READ operation changes nothing: not by the adapters, not past them, and no byte or time stamp on the disk."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.document import as_json
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation
from mcp_server.server.catalogue import shell_catalogue
from mcp_server.server.wiring import context_of
from tests.fixtures.clones import stamps_of
from tests.rules.reading import READING, VALUES, ChangeRefusedError, reading_world, watched

ARGUMENTS: dict[str, dict[str, Any]] = {
    "index_check": {"problem": "login expired"},
    "runbook_read": {"name": "copied-login"},
    "agent_env": {"name": "opus-1"},
    "guard_check": {"command": "git push origin main"},
    "guard_server": {"repository": "o/r"},
}
READS = [operation for operation in shell_catalogue() if operation.effect is Effect.READ]


def reading_context(fleet: DemoFleet) -> Context:
    context = context_of(dict(os.environ), fleet.agent("ops-1"), fleet=fleet.root, agent="ops-1")
    return replace(context, world=reading_world(context.world))


def without_cache(state: dict[str, tuple[int, int]], home: Path) -> dict[str, tuple[int, int]]:
    own = (str(home / "state" / "cache"), str(home / "state"))
    return {path: stamp for path, stamp in state.items() if not path.startswith(own[0]) and path != own[1]}


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.name)
def test_a_read_changes_nothing_but_the_cache(operation: Operation, demo_fleet: DemoFleet, home: Path) -> None:
    context = reading_context(demo_fleet)
    before, at_home = stamps_of(demo_fleet.folder), stamps_of(home)
    params = operation.params.of(ARGUMENTS.get(operation.name, {}))
    with watched(context.world.state):
        result = operation.run(context, params)
    assert as_json(result)
    assert operation.text(result)
    assert stamps_of(demo_fleet.folder) == before
    assert without_cache(stamps_of(home), home) == without_cache(at_home, home)
    assert at_home.keys() <= stamps_of(home).keys()


def test_every_part_of_the_world_is_refused_unless_it_is_listed_as_reading(demo_fleet: DemoFleet) -> None:
    world = reading_context(demo_fleet).world
    names = {field.name for field in fields(world)}
    assert READING.keys() <= names
    assert names >= VALUES
    for name in names - VALUES - READING.keys():
        with pytest.raises(ChangeRefusedError):
            getattr(world, name)()


def test_what_is_listed_as_reading_exists(demo_fleet: DemoFleet) -> None:
    world = context_of(dict(os.environ), demo_fleet.root, fleet=demo_fleet.root).world
    missing = [
        f"{name}.{m}" for name, ms in READING.items() for m in ms.split() if not hasattr(getattr(world, name), m)
    ]
    assert not missing


def makes_a_folder_at_home(context: Context) -> None:
    (context.world.home / "ops-notes").mkdir()


def deletes_a_file_of_the_state_folder(context: Context) -> None:
    (context.world.state / "notes.json").unlink()


def deletes_a_file_of_the_cache(context: Context) -> None:
    (context.world.state / "cache" / "index").unlink()


def appends_to_a_log(context: Context) -> None:
    with (context.world.state / "notes.json").open("a") as file:
        file.write("looked\n")


def renames_a_file_in_a_clone(context: Context) -> None:
    (context.fleet.agents[0].folder / "README.md").rename(context.fleet.agents[0].folder / "READ.md")


def sets_a_file_aside(context: Context) -> None:
    context.world.files.set_aside(context.fleet.agents[0].env_file, "run")


def starts_a_program(context: Context) -> None:
    os.posix_spawn("/bin/true", ["true"], dict(context.world.environment))


def commits(context: Context) -> None:
    context.world.git.change.push(context.fleet.agents[0].folder, "x")


def runs_a_changing_git(context: Context) -> None:
    import subprocess  # noqa: PLC0415

    subprocess.run(["git", "-C", str(context.fleet.agents[0].folder), "gc"], check=False)


@pytest.mark.parametrize(
    "hole",
    [
        makes_a_folder_at_home,
        deletes_a_file_of_the_state_folder,
        deletes_a_file_of_the_cache,
        appends_to_a_log,
        renames_a_file_in_a_clone,
        sets_a_file_aside,
        starts_a_program,
        commits,
        runs_a_changing_git,
    ],
)
def test_a_read_that_changes_something_is_caught(
    hole: Callable[[Context], None], demo_fleet: DemoFleet, home: Path
) -> None:
    (home / "state" / "cache").mkdir(parents=True)
    (home / "state" / "notes.json").write_text("{}")
    (home / "state" / "cache" / "index").write_text("{}")
    context = reading_context(demo_fleet)
    with pytest.raises(ChangeRefusedError), watched(context.world.state), suppress(OpsError):
        hole(context)


def test_a_read_that_swallows_the_refusal_is_caught_as_well(demo_fleet: DemoFleet, home: Path) -> None:
    context = reading_context(demo_fleet)
    with pytest.raises(ChangeRefusedError), watched(context.world.state), suppress(Exception):
        makes_a_folder_at_home(context)
    assert not (home / "ops-notes").exists()
