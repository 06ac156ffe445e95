"""Plain `claude`: in an agent's folder it becomes the agent, elsewhere it is the real client."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mcp_server.agents.findings import home_findings
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.finding import Finding
from tests.agents.test_home import context, home, write

ROOT = Path(__file__).resolve().parents[2]
WRAPPER = ROOT / "hooks/start"
SHELLS = [found for shell in ("bash", "zsh", "fish") if (found := shutil.which(shell))]


def plain_claude(fleet: DemoFleet, folder: Path, *words: str, **variables: str) -> str:
    """What a client sees that is started by `claude` in this folder, in a shell with the wrapper on its PATH."""
    client = write(fleet.folder / "programs/claude", '#!/bin/sh\necho "$AGENT_NAME|$CLAUDE_CONFIG_DIR|$PATH|$*"\n')
    client.chmod(0o755)
    path = f"{WRAPPER}:{client.parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(fleet.home), "OPS_HOME": os.environ["OPS_HOME"], **variables}
    return subprocess.check_output(["claude", *words], cwd=folder, env=environment, text=True, timeout=120)


@pytest.mark.parametrize("below", ["", "docs"])
def test_in_an_agents_folder_it_becomes_the_agent(own_demo_fleet: DemoFleet, below: str) -> None:
    said = plain_claude(own_demo_fleet, own_demo_fleet.agent("opus-1") / below, "--resume", "a b")
    name, config, path, words = said.strip().split("|")
    assert (name, config) == ("opus-1", str(home(own_demo_fleet)))
    assert words == f"--plugin-dir {ROOT} --resume a b"
    assert str(WRAPPER) not in path


def test_elsewhere_and_with_a_chosen_config_folder_it_is_the_real_client(own_demo_fleet: DemoFleet) -> None:
    other = own_demo_fleet.folder / "other"
    subprocess.run(["git", "init", "--quiet", str(other)], check=True)
    assert plain_claude(own_demo_fleet, other, "-p", "x").startswith("||")
    assert plain_claude(own_demo_fleet, own_demo_fleet.home).startswith("||")
    clone = own_demo_fleet.agent("opus-1")
    assert plain_claude(own_demo_fleet, clone, CLAUDE_CONFIG_DIR="/x").startswith("|/x|")


def test_a_start_that_ops_refuses_starts_nothing(own_demo_fleet: DemoFleet) -> None:
    clone = own_demo_fleet.agent("opus-1")
    write(clone / "projects/-x/11111111-2222-4333-8444-555555555555.jsonl")
    with pytest.raises(subprocess.CalledProcessError):
        plain_claude(own_demo_fleet, clone)


def plain_finding(fleet: DemoFleet, **variables: str) -> Finding | None:
    ctx = context(fleet, **variables)
    found = home_findings(ctx, [ctx.agent("opus-1")]).concerns
    return next((each.finding for each in found if each.finding.code == "plain_start"), None)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_audit_says_that_it_was_used_and_its_step_mends_it(own_demo_fleet: DemoFleet, shell: str) -> None:
    fleet = own_demo_fleet
    assert plain_finding(fleet, SHELL=shell) is None
    name = re.sub(r"[^A-Za-z0-9]", "-", str(fleet.agent("opus-1")))
    write(fleet.home / ".claude/projects" / name / "1.jsonl")
    found = plain_finding(fleet, SHELL=shell)
    assert found is not None
    (fleet.home / ".config/fish").mkdir(parents=True)
    subprocess.run(["sh", "-c", found.next], check=True, env={**os.environ, "HOME": str(fleet.home)})
    assert plain_finding(fleet, SHELL=shell) is None
    started = subprocess.run(
        [shell, *(["--rcfile", str(fleet.home / ".bashrc")] if "bash" in shell else []), "-ic", "command -v claude"],
        env={"PATH": os.environ["PATH"], "HOME": str(fleet.home), "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert started.stdout.strip().splitlines()[-1] == str(WRAPPER / "claude")


def test_with_the_wrapper_on_the_path_there_is_no_finding(own_demo_fleet: DemoFleet) -> None:
    name = re.sub(r"[^A-Za-z0-9]", "-", str(own_demo_fleet.agent("opus-1")))
    write(own_demo_fleet.home / ".claude/projects" / name / "1.jsonl")
    assert plain_finding(own_demo_fleet, PATH=f"{WRAPPER}:{os.environ['PATH']}") is None
