"""Traces and metrics by OpenTelemetry, where the standard variables name an endpoint and the extra is installed.

The MCP SDK makes the spans and `metrics.py` the metrics, both through the API that does nothing without a provider:
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

import os
from collections.abc import Callable, Mapping
from typing import Any

from mcp_server import __version__

INSTALL = "python3 -I -S mcp_server/setup requirements-otel.lock"
_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL"
_FLUSHED_WITHIN_MS = 2000
Record = Callable[..., None]
Flush = Callable[[], object]


def provide(environment: Mapping[str, str], record: Record) -> Flush:
    """Export the signals that the environment asks for. Returns a function that sends what is left at the end.

    `record` gets a warning about anything that cannot be exported.
    """
    wanted = [signal for signal in ("TRACES", "METRICS") if _is_wanted(environment, signal)]
    if not wanted:
        return lambda: None
    protocol = environment.get(_PROTOCOL, "http/protobuf")
    if protocol != "http/protobuf":
        record(
            "warning",
            source="telemetry",
            message=f"OTEL_EXPORTER_OTLP_PROTOCOL {protocol[:40]}: only http/protobuf is supported",
        )
        return lambda: None
    try:
        flushes = [_PROVIDERS[signal]() for signal in wanted]
    except ImportError:
        record(
            "warning", source="telemetry", message=f"{_ENDPOINT} is set, but the extra is not installed: {INSTALL}"
        )
        return lambda: None
    return lambda: [flush() for flush in flushes]


def _is_wanted(environment: Mapping[str, str], signal: str) -> bool:
    named = environment.get(_ENDPOINT) or environment.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return bool(named) and not off and environment.get(f"OTEL_{signal}_EXPORTER", "otlp") == "otlp"


def _resource() -> Any:
    """`ops`, unless the environment names the service: the SDK's own default would be `unknown_service`."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  an extra

    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return Resource.create({"service.version": __version__, **({} if named else {"service.name": "ops"})})


def _traces() -> Flush:
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return lambda: provider.force_flush(_FLUSHED_WITHIN_MS)


def _metrics() -> Flush:
    from opentelemetry import metrics  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415

    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    provider = MeterProvider([reader], resource=_resource(), shutdown_on_exit=False)
    metrics.set_meter_provider(provider)
    return lambda: provider.force_flush(_FLUSHED_WITHIN_MS)


_PROVIDERS: dict[str, Callable[[], Flush]] = {"TRACES": _traces, "METRICS": _metrics}
