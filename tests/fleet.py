"""Fleets to test on: real clones, made-up logins. See `mcp_server/demo/fleet.py`."""

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mcp_server.demo.faults import plant
from mcp_server.demo.fleet import DemoFleet, build
from tests.guard import allow_only

FEW = ("opus-1", "opus-2", "codex-1", "pm-1", "ops-1", "test-1")


@pytest.fixture
def fleet(tmp_path: Path) -> DemoFleet:
    """Six healthy agents, fresh for the test."""
    return build(tmp_path / "fleet", datetime.now(UTC), FEW)


@pytest.fixture
def six(fleet: DemoFleet) -> DemoFleet:
    """A healthy fleet whose compose file names no container but the one that is there."""
    compose = "services:\n  test-1:\n    volumes: [../test-1:/workspace]\n"
    (fleet.root / "Docker" / "docker-compose.yml").write_text(compose)
    return fleet


@pytest.fixture
def own_demo_fleet(tmp_path: Path) -> DemoFleet:
    """All 25 agents with every fault, fresh for a test that changes them. Costs over a second: prefer the others."""
    return _faulty(tmp_path / "fleet")


@pytest.fixture(scope="session")
def demo_fleet(tmp_path_factory: pytest.TempPathFactory) -> Generator[DemoFleet]:
    """All 25 agents with every fault, built once: for tests that only look."""
    with allow_only(tmp_path_factory.getbasetemp()):
        yield _faulty(tmp_path_factory.mktemp("demo") / "fleet")


def _faulty(folder: Path) -> DemoFleet:
    fleet = build(folder, datetime.now(UTC))
    plant(fleet)
    return fleet
