"""`fleet_init` describes the fleet that it finds, and overwrites nothing."""

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.fleet.init import FLEET_INIT, FleetInit
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.operation import Params
from tests.audit.test_fleet_audit import audited, codes, context


def init(six: DemoFleet) -> FleetInit:
    found = FLEET_INIT.run(context(six), Params())
    assert isinstance(found, FleetInit)
    return found


def test_init_describes_the_fleet_that_was_found(six: DemoFleet) -> None:
    (six.root / "fleet.toml").unlink()
    before = context(six).fleet
    written = init(six)
    assert (len(written.agents), written.docker, written.path) == (6, ("test-1",), six.root / "fleet.toml")
    assert context(six).fleet == before
    six.agent("opus-2").rename(six.folder / "away")
    assert ("opus-2", "agent_missing") in codes(audited(six))


def test_init_overwrites_nothing(six: DemoFleet) -> None:
    before = (six.root / "fleet.toml").read_bytes()
    with pytest.raises(OpsError) as caught:
        init(six)
    assert caught.value.kind == "conflict"
    assert (six.root / "fleet.toml").read_bytes() == before


def test_init_refuses_to_guess_which_agents_run_in_docker(six: DemoFleet) -> None:
    (six.root / "fleet.toml").unlink()
    (six.root / "Docker" / "docker-compose.yml").write_text("services: [")
    with pytest.raises(OpsError):
        init(six)
    assert not (six.root / "fleet.toml").exists()
