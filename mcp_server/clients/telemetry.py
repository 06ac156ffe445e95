"""How each client is started so that it sends its telemetry by OTLP, and labels it. Pure.

Seen on all three with a receiver on loopback: they send the attributes of `OTEL_RESOURCE_ATTRIBUTES` with every
metric and every log record, and none of them sends prompts unless it is asked to.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from mcp_server.kernel.inventory import Agent, Telemetry

ATTRIBUTES: Final = "OTEL_RESOURCE_ATTRIBUTES"
ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
_CLAUDE: Final = {"CLAUDE_CODE_ENABLE_TELEMETRY": "1"}
_GEMINI: Final = {"GEMINI_TELEMETRY_ENABLED": "true", "GEMINI_TELEMETRY_TARGET": "local"}
_GEMINI_PROTOCOL: Final = "GEMINI_TELEMETRY_OTLP_PROTOCOL"
_CODEX_EXPORTERS: Final = {"logs": "exporter", "metrics": "metrics_exporter"}


def labelled(agent: Agent, fleet: str, before: str) -> dict[str, str]:
    """The variable that names the agent, its role and its fleet; the other attributes in `before` are kept."""
    # Codex does not decode what the standard would have encoded.
    own = {"ops.agent": agent.name, "ops.role": agent.role, "ops.fleet": re.sub(r"[^\w.-]+", "-", fleet, flags=re.A)}
    kept = [pair for pair in before.split(",") if pair.strip() and pair.partition("=")[0].strip() not in own]
    return {ATTRIBUTES: ",".join([*kept, *(f"{name}={value}" for name, value in own.items())])}


def exporting(agent: Agent, telemetry: Telemetry) -> dict[str, str]:
    """The variables with which the agent's client sends its telemetry; nothing for Codex, which takes options."""
    address = {ENDPOINT: telemetry.endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": telemetry.protocol}
    if agent.client == "claude":
        return _CLAUDE | address | {f"OTEL_{signal.upper()}_EXPORTER": "otlp" for signal in telemetry.signals}
    if agent.client == "gemini":
        return _GEMINI | address | {_GEMINI_PROTOCOL: "grpc" if telemetry.protocol == "grpc" else "http"}
    return {}


def options(agent: Agent, telemetry: Telemetry, own: Mapping[str, str]) -> tuple[str, ...]:
    """The options that do the same for Codex. An endpoint in its `.env` wins."""
    if agent.client != "codex":
        return ()
    base = (own.get(ENDPOINT) or telemetry.endpoint).rstrip("/")
    return tuple(
        part
        for signal in telemetry.signals
        for part in ("-c", f"otel.{_CODEX_EXPORTERS[signal]}={_exporter(base, signal, telemetry.protocol)}")
    )


def _exporter(base: str, signal: str, protocol: str) -> str:
    """A TOML table in one line."""
    if protocol == "grpc":
        return f"{{otlp-grpc={{endpoint={json.dumps(base)}}}}}"
    form = "json" if protocol == "http/json" else "binary"
    return f'{{otlp-http={{endpoint={json.dumps(f"{base}/v1/{signal}")},protocol="{form}"}}}}'
