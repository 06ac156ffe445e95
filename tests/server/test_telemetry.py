"""Traces and metrics of real servers at a loopback receiver that reads OTLP as the specification writes it."""

import sys
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from mcp_server.server.telemetry import provide
from tests.fixtures.http_server import Listener, listening
from tests.server.pump.agents import CANARY, ERAS, agent
from tests.server.pump.servers import sockets, stop

TRACE = "0af7651916cd43dd8448eb211c80319c"
SHARED = ["1", "0"]


@dataclass
class Receiver:
    traces: Listener
    metrics: Listener

    def variables(self) -> dict[str, str]:
        return {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": self.traces.url,
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": self.metrics.url,
            "OTEL_BSP_SCHEDULE_DELAY": "50",
            "OTEL_METRIC_EXPORT_INTERVAL": "60000",
        }

    def spans(self) -> dict[str, str]:
        """Trace by the span's name."""
        sent = [ExportTraceServiceRequest.FromString(body) for body in self.traces.got]
        scopes = [scope for one in sent for resource in one.resource_spans for scope in resource.scope_spans]
        return {span.name: span.trace_id.hex() for scope in scopes for span in scope.spans}

    def services(self) -> set[str]:
        sent = [ExportTraceServiceRequest.FromString(body) for body in self.traces.got]
        facts = [fact for one in sent for resource in one.resource_spans for fact in resource.resource.attributes]
        return {fact.value.string_value for fact in facts if fact.key == "service.name"}

    def calls(self) -> dict[tuple[str, str], int]:
        """Counted calls by tool and kind of error, as the last export has them."""
        sent = ExportMetricsServiceRequest.FromString(self.metrics.got[-1])
        scopes = [scope for resource in sent.resource_metrics for scope in resource.scope_metrics]
        found = [m for scope in scopes for m in scope.metrics if m.name == "mcp.server.operation.duration"]
        points = [point for metric in found for point in metric.histogram.data_points]
        named = [({fact.key: fact.value.string_value for fact in p.attributes}, p.count) for p in points]
        return {(facts["gen_ai.tool.name"], facts.get("error.type", "ok")): count for facts, count in named}


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with ExitStack() as stack:
        yield Receiver(stack.enter_context(listening()), stack.enter_context(listening()))


def end_servers(state: Path) -> None:
    for path in sockets(state):
        stop(path)


@pytest.mark.parametrize("shared", SHARED)
def test_a_call_is_a_span_in_the_clients_trace_and_is_counted_without_its_content(
    receiver: Receiver, tmp_path: Path, home: Path, shared: str
) -> None:
    meta = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    with agent(tmp_path, ERAS[0], OPS_SHARED=shared, **receiver.variables()) as one:
        one.ask("tools/call", name="index_check", arguments={"problem": CANARY}, _meta=meta)
        one.call("runbook_read", name=CANARY)
    end_servers(home / "state")
    spans = receiver.spans()
    assert spans["tools/call index_check"] == TRACE
    assert spans["tools/call runbook_read"] != TRACE
    assert receiver.services() == {"ops"}
    assert receiver.calls() == {("index_check", "ok"): 1, ("runbook_read", "not_found"): 1}
    assert CANARY.encode() not in b"".join(receiver.traces.got + receiver.metrics.got)


@pytest.mark.parametrize("shared", SHARED)
def test_without_an_endpoint_or_with_the_standard_switch_nothing_is_sent(
    receiver: Receiver, tmp_path: Path, home: Path, shared: str
) -> None:
    with agent(tmp_path, OPS_SHARED=shared, OTEL_SDK_DISABLED="true", **receiver.variables()) as one:
        one.call("index_check", problem="anything")
    end_servers(home / "state")
    assert receiver.traces.got == receiver.metrics.got == []


def test_a_receiver_that_fails_costs_no_call(receiver: Receiver, tmp_path: Path, home: Path) -> None:
    receiver.traces.answers = receiver.metrics.answers = [(400, b"no")]
    with agent(tmp_path, OPS_SHARED="0", **receiver.variables()) as one:
        assert "match" in one.call("index_check", problem="anything")["structuredContent"]
    assert receiver.traces.got


def test_headers_that_may_hold_a_key_have_a_server_of_their_own_send_them(
    receiver: Receiver, tmp_path: Path, home: Path
) -> None:
    with agent(tmp_path, OTEL_EXPORTER_OTLP_HEADERS=f"x-key={CANARY}", **receiver.variables()) as one:
        one.call("index_check", problem="anything")
    assert not sockets(home / "state")
    assert receiver.traces.got


@pytest.mark.parametrize(
    ("variables", "warning"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "grpc"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}, "requirements-otel.lock"),
    ],
)
def test_what_cannot_be_exported_is_told_with_the_next_step(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], warning: str
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)  # as where the extra is not installed
    warnings: list[str] = []

    def note(_event: str, **facts: object) -> None:
        warnings.append(str(facts["message"]))

    provide(variables, note)()
    assert len(warnings) == 1
    assert warning in warnings[0]
