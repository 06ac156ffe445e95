"""The real clients, started by `ops agent run`, send their telemetry to where fleet.toml says, with their names."""

import json
import os
import sys
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.claude import binary, run
from tests.e2e.model import ScriptedModel
from tests.e2e.other_models import OtherModel
from tests.e2e.otlp import Receiver, receiving

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]
CODEX = """model = "scripted"
model_provider = "loop"
approval_policy = "never"
[model_providers.loop]
name = "loop"
base_url = "{}/v1"
wire_api = "responses"
env_key = "LOOP_KEY"
supports_websockets = false
"""
QUIET = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1,localhost", "TERM": "dumb", "LANG": "C.UTF-8"}


def start(fleet: DemoFleet, receiver: Receiver, name: str, arguments: list[str], **variables: str) -> None:
    described = fleet.root / "fleet.toml"
    described.write_text(f'{described.read_text()}[telemetry]\nendpoint = "{receiver.url}"\n')
    (fleet.folder / "bin").mkdir()
    ops = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(fleet.root)]
    own = {"PATH": f"{fleet.folder / 'bin'}:{os.environ['PATH']}", "HOME": str(fleet.home), "PYTHONPATH": str(ROOT)}
    own["OPS_HOME"] = str(fleet.folder / "ops")
    for program in ("codex", "gemini"):
        (fleet.folder / "bin" / program).symlink_to(os.environ[f"OPS_E2E_{program.upper()}"])
    code, out, error = run([*ops, "agent", "run", name, "--", *arguments], {**own, **QUIET, **variables}, fleet.root)
    assert code == 0, out + error


def named(fleet: DemoFleet, agent: str) -> set[tuple[str, str]]:
    role = agent.rpartition("-")[0]
    return {("ops.agent", agent), ("ops.role", role), ("ops.fleet", fleet.root.name), ("team", "blue")}


def test_tokens_and_cost_of_claude_code_have_the_name_of_the_agent(fleet: DemoFleet) -> None:
    (fleet.agent("opus-1") / ".env").write_text("AGENT_NAME=opus-1\nOTEL_RESOURCE_ATTRIBUTES=team=blue,ops.agent=x\n")
    client = fleet.folder / "claude"
    with ScriptedModel(["done"]) as model, receiving() as receiver:
        # The one way past what an agent is not given: a model on loopback has an address and a token.
        client.write_text(
            f"#!/bin/sh\nexport ANTHROPIC_BASE_URL={model.url} ANTHROPIC_AUTH_TOKEN=dummy DISABLE_AUTOUPDATER=1\n"
            f'exec {binary()} "$@"\n'
        )
        client.chmod(0o755)
        start(fleet, receiver, "opus-1", ["-p", "hi"], OPS_CLAUDE=str(client))
    assert {
        "claude_code.token.usage",
        "claude_code.cost.usage",
        "claude_code.session.count",
    } <= receiver.metrics.keys()
    for facts in (*receiver.metrics.values(), *receiver.logs):
        assert named(fleet, "opus-1") <= facts.items()
    assert receiver.logs


def test_codex_sends_its_metrics_and_events_with_the_name_of_the_agent(fleet: DemoFleet) -> None:
    (fleet.agent("codex-1") / ".env").write_text("OTEL_RESOURCE_ATTRIBUTES=team=blue\n")
    (fleet.home / ".codex").mkdir(exist_ok=True)
    with OtherModel(["true"]) as model, receiving() as receiver:
        (fleet.home / ".codex" / "config.toml").write_text(CODEX.format(model.url))
        start(fleet, receiver, "codex-1", ["exec", "--json", "go"], LOOP_KEY="x")
    assert receiver.metrics.keys()
    assert receiver.logs
    for facts in (*receiver.metrics.values(), *receiver.logs):
        assert named(fleet, "codex-1") <= facts.items()


def test_gemini_sends_its_token_use_with_the_name_of_the_agent(fleet: DemoFleet) -> None:
    fleet.agent("codex-1").rename(fleet.agent("gemini-1"))
    (fleet.agent("gemini-1") / ".env").write_text("OTEL_RESOURCE_ATTRIBUTES=team=blue\n")
    settings = fleet.home / ".gemini" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps({"security": {"auth": {"selectedType": "gemini-api-key"}}}))
    arguments = ["-p", "go", "-y", "-m", "gemini-2.5-flash", "-o", "json", "--skip-trust"]
    with OtherModel([]) as model, receiving() as receiver:
        reach = {"GEMINI_API_KEY": "dummy", "GOOGLE_GEMINI_BASE_URL": model.url}
        start(fleet, receiver, "gemini-1", arguments, **reach)
    assert "gemini_cli.token.usage" in receiver.metrics
    for facts in (*receiver.metrics.values(), *receiver.logs):
        assert named(fleet, "gemini-1") <= facts.items()
