"""`ops agent env NAME --explain` says what the agent's process has, for any `.env`."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mcp_server.agents.env import AGENT_ENV, EnvParams
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.document import as_json
from tests.agents.test_home import context, write
from tests.agents.test_start import run

ROOT = Path(__file__).resolve().parents[2]
NAMES = (
    *("A", "B_2", "my.name", "UID", "PATH", "HOME", "AGENT_NAME", "GH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_MODEL"),
    *("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "CLAUDE_CONFIG_DIR", "LD_PRELOAD", "NODE_OPTIONS", "CLAUDECODE", "GIT_DIR"),
)
VALUES = ("1", "", "'a b'", '"x\\ny"', "$HOME", "a=b", "# no", "'it''s'", "~/x", "é", '"two\nlines"', "`id`", "a # b")
LINES = ("", "# a comment", "no assignment", "export", "=x", "1A=b", "A B=c", '"', "export C", "\tD = e", "\ufeffE=1")


def drawn(seed: int) -> str:
    draw = random.Random(seed)
    assigned = (f"{draw.choice(['', 'export ', ' '])}{draw.choice(NAMES)}={draw.choice(VALUES)}" for _ in range(12))
    lines = [*assigned, *draw.choices(LINES, k=6)]
    draw.shuffle(lines)
    return draw.choice(["\n", "\r\n"]).join(lines)


def test_the_process_has_what_the_explanation_says_and_nothing_else(own_demo_fleet: DemoFleet) -> None:
    fleet = own_demo_fleet
    caller = {"ANTHROPIC_MODEL": "x", "GIT_DIR": "/x", "CLAUDE_CODE_SESSION_ID": "1", "LD_PRELOAD": "", "Z": "z"}
    for seed in range(40):
        (fleet.agent("opus-1") / ".env").write_bytes(drawn(seed).encode())
        said: Any = as_json(AGENT_ENV.run(context(fleet, **caller), EnvParams(name="opus-1", explain=True)))
        began = run(fleet, "opus-1", **caller).environment
        assert {each["name"] for each in said["variables"]} == set(began), seed
        by_ops = {each["name"]: each["value"] for each in said["variables"] if each["source"] == "ops"}
        assert by_ops.items() <= began.items()
        given = {(each["name"], each["source"]) for each in said["variables"]}
        assert not given & {(each["name"], each["source"]) for each in said["withheld"]}
        of_file = {each["name"] for each in (*said["variables"], *said["withheld"]) if each["source"] == "env_file"}
        assert of_file <= {*NAMES, "D", "E"}


def test_a_real_process_has_it_and_takes_its_signals_by_default(own_demo_fleet: DemoFleet) -> None:
    """Through the command line, on a PATH without the client, which is where its installer put it."""
    fleet = own_demo_fleet
    write(fleet.agent("opus-1") / ".env", "ANTHROPIC_MODEL=opus\nmy.name=dotted\nANTHROPIC_API_KEY=key\n")
    program = fleet.home / ".local/bin/claude"
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(fleet.home), "OPS_HOME": os.environ["OPS_HOME"]}
    cli = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(fleet.root), "--json", "agent"]

    def output(script: str, *words: str) -> str:
        write(program, script).chmod(0o755)
        return subprocess.check_output([*cli, *words], env=variables, cwd=ROOT, timeout=120).decode()

    shows = f"#!{sys.executable} -I\nprint(open('/proc/self/environ').read(), end='')\n"  # a shell would drop my.name
    had = dict(entry.split("=", 1) for entry in output(shows, "run", "opus-1").split("\0") if entry)
    said = json.loads(output(shows, "env", "opus-1", "--explain"))
    assert {each["name"] for each in said["variables"]} == set(had)
    assert (had["my.name"], had["ANTHROPIC_MODEL"]) == ("dotted", "opus")
    status = output("#!/bin/sh\nexec cat /proc/self/status\n", "run", "opus-1")
    ignored = int(next(line for line in status.splitlines() if line.startswith("SigIgn")).split()[1], 16)
    assert not ignored & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1)


def test_login_config_and_settings_are_named_and_no_value_of_the_env_file(own_demo_fleet: DemoFleet) -> None:
    fleet = own_demo_fleet
    write(fleet.agent("opus-1") / ".env", "GH_TOKEN=canary-Zq9\nnot an assignment\n")
    write(fleet.agent("opus-1") / ".claude.json", '{"oauthAccount": {"emailAddress": "a@example.test"}}')
    found = AGENT_ENV.run(context(fleet), EnvParams(name="opus-1", explain=True))
    said: Any = as_json(found)
    assert said["store"] == str(fleet.store)
    assert said["account"] == "a@example.test"
    assert said["config"] == str(fleet.agent("opus-1") / ".claude.json")
    assert said["unread_lines"] == [2]
    assert not Path(said["config_folder"]).exists()
    assert "canary" not in json.dumps(said) + AGENT_ENV.text(found)
    assert "GH_TOKEN" in AGENT_ENV.text(found)


def test_the_account_is_that_of_the_store_and_not_of_the_agents_config(own_demo_fleet: DemoFleet) -> None:
    fleet = own_demo_fleet
    write(fleet.agent("opus-1") / ".claude.json", '{"oauthAccount": {"emailAddress": "a@example.test"}}')
    write(fleet.store / ".claude.json", '{"oauthAccount": {"emailAddress": "b@example.test"}}')
    said: Any = as_json(AGENT_ENV.run(context(fleet), EnvParams(name="opus-1", explain=True)))
    assert (said["store"], said["account"]) == (str(fleet.store), "b@example.test")


@pytest.mark.parametrize("name", ["codex-1", "gemini-1", "test-1"])
def test_agents_of_other_clients_and_in_containers_are_explained_too(demo_fleet: DemoFleet, name: str) -> None:
    found = AGENT_ENV.run(context(demo_fleet), EnvParams(name=name, explain=True))
    said: Any = as_json(found)
    assert said["config_folder"] is None
    assert {"AGENT_NAME": name}.items() <= {v["name"]: v["value"] for v in said["variables"]}.items()


def test_a_folder_that_is_a_link_is_a_folder(own_demo_fleet: DemoFleet) -> None:
    clone = own_demo_fleet.agent("opus-1")
    real = clone.rename(own_demo_fleet.folder / "elsewhere")
    clone.symlink_to(real)
    began = run(own_demo_fleet, "opus-1")
    assert (Path(began.environment["CLAUDE_CONFIG_DIR"]) / ".claude.json").samefile(real / ".claude.json")
