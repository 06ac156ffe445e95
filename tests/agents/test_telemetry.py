"""Each agent's telemetry has its name, and goes where fleet.toml says; tests/e2e has the real clients send it."""

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import OpsError
from tests.agents.test_start import context, env, run

NAME = "OTEL_RESOURCE_ATTRIBUTES"
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def describe(fleet: DemoFleet, text: str) -> None:
    path = fleet.root / "fleet.toml"
    path.write_text(f"{path.read_text()}[telemetry]\n{text}\n")


@pytest.mark.parametrize("name", ["opus-1", "codex-1", "gemini-1", "test-1"])
def test_every_agent_is_named_and_nothing_is_sent_unless_the_fleet_says_where(
    demo_fleet: DemoFleet, name: str
) -> None:
    start = env(demo_fleet, name, OTEL_RESOURCE_ATTRIBUTES="team=blue,ops.agent=somebody")
    role = name.rpartition("-")[0]
    assert start.variables[NAME] == f"team=blue,ops.agent={name},ops.role={role},ops.fleet=agents-platform"
    sending = ("OTEL_", "CLAUDE_CODE_", "GEMINI_TELEMETRY")
    assert [each for each in start.variables if each.startswith(sending)] == [NAME]


def test_the_attributes_of_the_env_file_are_kept_and_its_endpoint_wins(own_demo_fleet: DemoFleet) -> None:
    describe(own_demo_fleet, 'endpoint = "http://127.0.0.1:4318"')
    for name in ("opus-1", "codex-1"):
        (own_demo_fleet.agent(name) / ".env").write_text(f"{NAME}=team=red\n{ENDPOINT}=http://own:4318\n")
    assert (
        run(own_demo_fleet, "opus-1", OTEL_RESOURCE_ATTRIBUTES="team=blue")
        .environment[NAME]
        .startswith("team=red,ops.agent=opus-1")
    )
    assert run(own_demo_fleet, "opus-1").environment[ENDPOINT] == "http://own:4318"
    assert '"http://own:4318/v1/metrics"' in run(own_demo_fleet, "codex-1").command[4]


def test_each_client_gets_what_it_reads(own_demo_fleet: DemoFleet) -> None:
    describe(own_demo_fleet, 'endpoint = "http://127.0.0.1:4318/"\nprotocol = "http/json"\nsignals = ["metrics"]')
    claude = env(own_demo_fleet, "opus-1").variables
    assert (claude["OTEL_METRICS_EXPORTER"], claude["OTEL_EXPORTER_OTLP_PROTOCOL"]) == ("otlp", "http/json")
    assert "OTEL_LOGS_EXPORTER" not in claude
    assert claude["CLAUDE_CODE_ENABLE_TELEMETRY"] == "1"
    assert env(own_demo_fleet, "codex-1").command[3:] == (
        "-c",
        'otel.metrics_exporter={otlp-http={endpoint="http://127.0.0.1:4318/v1/metrics",protocol="json"}}',
    )
    assert env(own_demo_fleet, "gemini-1").variables["GEMINI_TELEMETRY_OTLP_PROTOCOL"] == "http"


def test_grpc_has_no_path(own_demo_fleet: DemoFleet) -> None:
    describe(own_demo_fleet, 'endpoint = "http://127.0.0.1:4317"\nprotocol = "grpc"\nsignals = ["logs"]')
    assert env(own_demo_fleet, "codex-1").command[4] == 'otel.exporter={otlp-grpc={endpoint="http://127.0.0.1:4317"}}'
    assert env(own_demo_fleet, "gemini-1").variables["GEMINI_TELEMETRY_OTLP_PROTOCOL"] == "grpc"


def test_the_loopback_of_the_host_is_not_that_of_a_container(own_demo_fleet: DemoFleet) -> None:
    describe(own_demo_fleet, 'endpoint = "http://127.0.0.1:4318"')
    assert ENDPOINT not in env(own_demo_fleet, "test-1").variables
    path = own_demo_fleet.root / "fleet.toml"
    path.write_text(path.read_text() + 'container_endpoint = "http://host.docker.internal:4318"\n')
    started = env(own_demo_fleet, "test-1")
    assert started.variables[ENDPOINT] == "http://host.docker.internal:4318"
    assert f"{ENDPOINT}=http://host.docker.internal:4318" in started.command


@pytest.mark.parametrize("wrong", ["localhost:4318", "http://user:password@host", "", "http://a b"])
def test_an_endpoint_that_is_no_address_or_holds_a_password_is_refused(own_demo_fleet: DemoFleet, wrong: str) -> None:
    describe(own_demo_fleet, f'endpoint = "{wrong}"')
    with pytest.raises(OpsError, match=r"telemetry\.endpoint"):
        context(own_demo_fleet).fleet  # noqa: B018
