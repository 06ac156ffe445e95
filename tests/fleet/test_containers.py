"""Containers of an engine, compared with the compose file. With a real engine: tests/e2e/test_containers.py."""

import json
from dataclasses import replace
from pathlib import Path, PurePosixPath

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Hazard
from mcp_server.kernel.mount import Mount
from mcp_server.kernel.secret import Secret
from mcp_server.logins.check import TOKEN_CHECK
from mcp_server.logins.look_logins import hazards
from mcp_server.logins.look_stores import look_at_stores
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Params
from mcp_server.system.containers import Container, Containers
from tests.fixtures.logins import context, write_store

PLACES = {"CLAUDE_CONFIG_DIR": "/workspace", "CLAUDE_SECURESTORAGE_CONFIG_DIR": "/login"}


class CannedContainers(Containers):
    """An engine that has these containers; without any it does not answer."""

    def __init__(self, *containers: Container) -> None:
        super().__init__({})
        self._containers = containers

    def all(self) -> tuple[Container, ...]:
        if not self._containers:
            raise OpsError("unavailable", "the engine is silent", "docker info")
        return self._containers

    def read(self, container: Container, path: PurePosixPath) -> bytes:
        raise OpsError("not_found", f"there is no {path} in the container {container.name}", "Start it")


def container(fleet: DemoFleet, *mounts: Mount, compose: Path | None = None, **environment: str) -> Container:
    variables = {name: Secret(value) for name, value in {**PLACES, **environment}.items()}
    compose = compose or fleet.root / "Docker" / "docker-compose.yml"
    return Container("agents-test-1-1", "test-1", (compose,), mounts, variables, running=True)


def with_engine(fleet: DemoFleet, *containers: Container) -> Context:
    ctx = context(fleet)
    return replace(ctx, world=replace(ctx.world, containers=CannedContainers(*containers)))


def found(fleet: DemoFleet, *containers: Container) -> tuple[Hazard, ...]:
    ctx = with_engine(fleet, *containers)
    return hazards(ctx, look_at_stores(ctx))


def test_a_container_that_differs_from_the_compose_file_is_reported_with_the_way_to_correct_it(
    fleet: DemoFleet,
) -> None:
    file = str(fleet.store / ".credentials.json")
    (hazard,) = found(fleet, container(fleet, Mount(file, "/login/.credentials.json", read_only=False)))
    assert (hazard.code, hazard.agents) == ("single_file_mount", ("test-1",))
    assert hazard.next.endswith("by recreating the container agents-test-1-1")
    (hazard,) = found(fleet, container(fleet, Mount(str(fleet.store), "/login", read_only=True)))
    assert hazard.code == "read_only_mount"


def test_a_hazard_of_the_compose_file_is_not_reported_again_for_its_container(fleet: DemoFleet) -> None:
    compose = fleet.root / "Docker" / "docker-compose.yml"
    compose.write_text(compose.read_text("utf-8").replace("${HOME}/.claude:/login", "${HOME}/.claude:/login:ro"))
    made = container(fleet, Mount(str(fleet.store), "/login", read_only=True))
    assert [h.agents for h in found(fleet, made)] == [("test-1",), ("test-2",), ("human-1",)]


def test_the_store_of_a_container_is_the_one_that_it_mounts(fleet: DemoFleet, tmp_path: Path) -> None:
    write_store(tmp_path / "vault", "vault")
    ctx = with_engine(fleet, container(fleet, Mount(str(tmp_path), "/login", read_only=False)))
    assert "test-1" not in look_at_stores(ctx)[0].agents
    ctx = with_engine(fleet, container(fleet, Mount(str(tmp_path / "vault"), "/login", read_only=False)))
    assert [s.agents for s in look_at_stores(ctx) if s.folder == tmp_path / "vault"] == [("test-1",)]


def test_a_variable_that_only_the_container_has_shadows_its_login(fleet: DemoFleet) -> None:
    mount = Mount(str(fleet.store), "/login", read_only=False)
    (hazard,) = found(fleet, container(fleet, mount, ANTHROPIC_API_KEY="canary"))
    assert (hazard.code, hazard.agents) == ("shadowed_login", ("test-1",))
    assert hazard.next == "Take it out by recreating the container agents-test-1-1"
    assert "canary" not in repr(hazard)
    assert found(fleet, container(fleet, mount, CLAUDE_CODE_OAUTH_TOKEN="canary")) == ()


def test_a_container_without_onboarding_is_reported(fleet: DemoFleet) -> None:
    config = fleet.agent("test-1") / ".claude.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "hasCompletedOnboarding": False}))
    (hazard,) = found(fleet, container(fleet))
    assert (hazard.code, hazard.agents, str(config) in hazard.next) == ("no_onboarding", ("test-1",), True)


def test_a_container_of_another_fleet_is_ignored_whatever_its_name(fleet: DemoFleet, tmp_path: Path) -> None:
    other = container(
        fleet, Mount(str(fleet.store), "/login", read_only=True), compose=tmp_path / "docker-compose.yml"
    )
    assert found(fleet, other) == ()


def test_an_engine_that_does_not_answer_is_reported_but_not_as_a_hazard(fleet: DemoFleet) -> None:
    answer = TOKEN_CHECK.run(with_engine(fleet), Params())
    assert (answer.hazards, answer.unknown) == ((), ("the engine is silent",))
    assert "? the engine is silent" in TOKEN_CHECK.text(answer)
