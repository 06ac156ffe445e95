"""`agent_env` and `agent_run`: what an agent is started with."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcp_server.agents.env import AGENT_ENV, EnvParams
from mcp_server.agents.environment import AgentStart
from mcp_server.agents.run import AGENT_RUN, RunParams
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.document import as_json
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.server.wiring import context_of

ROOT = Path(__file__).resolve().parents[2]
CANARY = "canary-" + "Zq9" * 3
ENV = f"""AGENT_NAME=somebody
GH_TOKEN={CANARY}
export ODD='a "b" $c'
ANTHROPIC_API_KEY={CANARY}
CLAUDE_CODE_OAUTH_TOKEN={CANARY}
LD_PRELOAD=/tmp/x.so
"""


def context(fleet: DemoFleet, **variables: str) -> Context:
    environment = {"PATH": os.environ["PATH"], "HOME": str(fleet.home), "OPS_HOME": os.environ["OPS_HOME"]}
    return context_of({**environment, **variables}, fleet.root, fleet=fleet.root)


def env(fleet: DemoFleet, name: str, *, reveal: bool = False, **variables: str) -> AgentStart:
    start: AgentStart = AGENT_ENV.run(context(fleet, **variables), EnvParams(name=name, reveal=reveal))
    return start


class Replacing:
    """Records the process that would replace this one."""

    def __init__(self) -> None:
        self.command: Sequence[str] = ()
        self.environment: Mapping[str, str] = {}
        self.folder = Path()

    def __call__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.command, self.environment, self.folder = command, environment, folder


def run(fleet: DemoFleet, name: str, *args: str, **variables: str) -> Replacing:
    replacing, found = Replacing(), context(fleet, **variables)
    world = replace(found.world, replace_process=replacing)
    AGENT_RUN.run(replace(found, world=world), RunParams(name=name, args=list(args)))
    return replacing


def test_an_agent_gets_its_folder_its_config_the_one_store_and_its_keys(
    own_demo_fleet: DemoFleet,
) -> None:
    fleet = own_demo_fleet
    (fleet.agent("opus-1") / ".env").write_text(ENV)
    began = run(fleet, "opus-1", "-p", "hi", ANTHROPIC_API_KEY=CANARY, CLAUDECODE="1", AGENT_NAME="ops-1", LANG="C")
    assert began.command == ("claude", "--plugin-dir", str(ROOT), "-p", "hi")
    assert began.folder == fleet.agent("opus-1")
    assert {name: began.environment.get(name) for name in ("AGENT_NAME", "GH_TOKEN", "ODD", "LANG")} == {
        "AGENT_NAME": "opus-1",
        "GH_TOKEN": CANARY,
        "ODD": 'a "b" $c',
        "LANG": "C",
    }
    assert Path(began.environment["CLAUDE_CONFIG_DIR"]).is_relative_to(os.environ["OPS_HOME"])
    assert began.environment["CLAUDE_SECURESTORAGE_CONFIG_DIR"] == str(fleet.store)
    assert not {"ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "LD_PRELOAD", "CLAUDECODE"} & began.environment.keys()


@pytest.mark.parametrize("client", ["codex", "gemini"])
def test_another_client_is_started_as_itself_in_its_folder(demo_fleet: DemoFleet, client: str) -> None:
    began = run(demo_fleet, f"{client}-1", "--version")
    # A login shell of Codex would set the PATH again.
    assert began.command == (client, *(("-c", "allow_login_shell=false") if client == "codex" else ()), "--version")
    assert began.folder == demo_fleet.agent(f"{client}-1")
    assert began.environment["AGENT_NAME"] == f"{client}-1"
    assert "CLAUDE_CONFIG_DIR" not in began.environment


def test_no_value_of_the_env_file_is_in_an_answer(own_demo_fleet: DemoFleet) -> None:
    (own_demo_fleet.agent("opus-1") / ".env").write_text(ENV)
    start = env(own_demo_fleet, "opus-1", ANTHROPIC_API_KEY=CANARY)
    answer: Any = as_json(start)
    assert CANARY not in json.dumps(answer) + AGENT_ENV.text(start) + repr(start)
    assert answer["from_env_file"] == ["GH_TOKEN", "ODD"]
    assert answer["withheld"] == ["ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "LD_PRELOAD"]
    assert CANARY not in json.dumps(as_json(env(own_demo_fleet, "opus-1", reveal=True)))


def test_a_shell_that_evaluates_the_lines_has_what_the_agent_would_have(own_demo_fleet: DemoFleet) -> None:
    (own_demo_fleet.agent("opus-1") / ".env").write_text(ENV)
    program = f'eval "$("{ROOT}/bin/ops" --fleet {own_demo_fleet.root} agent env opus-1)" && env -0'
    variables = {name: os.environ[name] for name in ("PATH", "OPS_HOME")}
    variables |= {"HOME": str(own_demo_fleet.home), "ANTHROPIC_API_KEY": CANARY}
    done = subprocess.run(
        ["sh", "-c", program], env=variables, capture_output=True, text=True, check=True, timeout=120
    )
    found = dict(entry.split("=", 1) for entry in done.stdout.split("\0") if "=" in entry)
    wanted = run(own_demo_fleet, "opus-1").environment
    assert {n: found.get(n) for n in wanted if n != "OPS_HOME"} == {
        n: v for n, v in wanted.items() if n != "OPS_HOME"
    }
    assert "ANTHROPIC_API_KEY" not in found


def test_a_clone_that_would_commit_its_login_is_refused_and_the_next_step_fixes_it(own_demo_fleet: DemoFleet) -> None:
    clone = own_demo_fleet.agent("opus-1")
    (clone / ".gitignore").write_text("*.log\n")
    with pytest.raises(OpsError) as refused:
        run(own_demo_fleet, "opus-1")
    assert refused.value.kind == "denied"
    assert ".credentials.json" in refused.value.message
    subprocess.run(["sh", "-c", refused.value.next.partition("; ")[0]], check=True)
    assert run(own_demo_fleet, "opus-1").command[0] == "claude"


def test_a_config_that_git_tracks_is_refused_though_it_is_ignored(own_demo_fleet: DemoFleet) -> None:
    clone = own_demo_fleet.agent("opus-1")
    subprocess.run(["git", "-C", str(clone), "add", "--force", ".claude.json"], check=True)
    with pytest.raises(OpsError, match=r"does not ignore \.claude\.json,"):
        run(own_demo_fleet, "opus-1")


def test_the_process_becomes_the_client_and_carries_no_secret_in_its_words(
    own_demo_fleet: DemoFleet, tmp_path: Path
) -> None:
    (own_demo_fleet.agent("opus-1") / ".env").write_text(ENV)
    program = tmp_path / "claude"
    program.write_text('#!/bin/sh\necho "$$|$PWD|$GH_TOKEN|$*"; exit 7\n')
    program.chmod(0o700)
    command = [str(ROOT / ".venv/bin/python"), "-m", "mcp_server.cli", "--fleet", str(own_demo_fleet.root)]
    variables = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    process = subprocess.Popen(
        [*command, "agent", "run", "opus-1", "--", "-p", "a b"],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
    )
    out, _ = process.communicate(timeout=120)
    pid, folder, token, words = out.strip().split("|")
    assert process.returncode == 7
    assert int(pid) == process.pid
    assert folder == str(own_demo_fleet.agent("opus-1"))
    assert token == CANARY
    assert words == f"--plugin-dir {ROOT} -p a b"


def test_a_client_that_is_not_there_is_named(demo_fleet: DemoFleet, tmp_path: Path) -> None:
    git = shutil.which("git")
    assert git
    (tmp_path / "git").symlink_to(git)
    with pytest.raises(OpsError, match="there is no `gemini` on the PATH"):
        AGENT_RUN.run(context(demo_fleet, PATH=f"{tmp_path}:relative"), RunParams(name="gemini-1"))


def test_an_agent_without_a_folder_is_named(own_demo_fleet: DemoFleet) -> None:
    (own_demo_fleet.root / "fleet.toml").write_text("[agents.opus-9]\n")
    with pytest.raises(OpsError, match="there is no folder"):
        run(own_demo_fleet, "opus-9")


@pytest.mark.parametrize("name", ["opus-1", "codex-1", "gemini-1"])
def test_the_guards_gh_is_first_on_the_path_and_there_once(demo_fleet: DemoFleet, name: str) -> None:
    path = os.environ["PATH"]
    first = env(demo_fleet, name, PATH=path).variables["PATH"]
    assert first.partition(":")[0].endswith("/hooks/shims")
    assert (Path(first.partition(":")[0]) / "gh").exists()
    assert first.endswith(f":{path}")
    assert env(demo_fleet, name, PATH=first).variables["PATH"] == first


@pytest.mark.parametrize("text", ["", '{"theme": ', "[]"])
def test_a_config_that_no_client_could_read_is_said_before_a_start(own_demo_fleet: DemoFleet, text: str) -> None:
    (own_demo_fleet.agent("opus-1") / ".claude.json").write_text(text)
    with pytest.raises(OpsError, match="cannot be used") as refused:
        run(own_demo_fleet, "opus-1")
    assert refused.value.next.endswith("ops config plan opus-1")


@pytest.mark.parametrize(
    "data", [b'{"d": ' + b"[" * 5000 + b"]" * 5000 + b"}", b'{"d": "\xff"}', b'\xef\xbb\xbf{"d": "\\ud83d"}']
)
def test_a_config_that_claude_code_reads_stops_no_start(own_demo_fleet: DemoFleet, data: bytes) -> None:
    (own_demo_fleet.agent("opus-1") / ".claude.json").write_bytes(data)
    run(own_demo_fleet, "opus-1")


def test_a_clone_that_ignores_the_names_alone_gets_the_rest_ignored_at_the_start(own_demo_fleet: DemoFleet) -> None:
    clone = own_demo_fleet.agent("opus-1")
    (clone / ".gitignore").write_text(".env\n.claude.json\n.credentials.json\n")
    run(own_demo_fleet, "opus-1")
    (clone / ".claude.json.tmp.1.ab").write_text("{}")
    done = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert ".claude.json" not in done.stdout
