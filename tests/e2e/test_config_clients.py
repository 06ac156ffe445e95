"""The real Codex and the real Gemini CLI read what a sync gave them; in a network that is loopback alone."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from mcp_server.configs.sync import CONFIG_SYNC
from mcp_server.kernel.document import Json
from tests.fixtures.configs import OWN, ConfigFleet, configs, write

__all__ = ["configs"]  # the fixture
pytestmark = pytest.mark.e2e
SERVER: Json = {"command": "npx", "args": ["-y", "@acme/docs"]}
MASTER_TOML = """
[mcp_servers.docs]
command = "npx"
args = ["-y", "@acme/docs"]
"""
OWN_TOML = """# mine
approval_policy = "never"  # stays

[mcp_servers.own]
command = "own"
"""


def report(home: Path, *command: str) -> str:
    """What a client says; its folder of packages is named in OPS_E2E_CLIENTS, as .ci/run installs it."""
    programs = f"{os.environ['OPS_E2E_CLIENTS']}/.bin"
    alone = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command)
    done = subprocess.run(
        alone,
        cwd=home,
        env={"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def synced(configs: ConfigFleet, home: Path) -> ConfigFleet:
    for agent in ("codex-1", "gemini-1"):
        write(configs.path(agent), OWN)
    (home / ".codex").mkdir()
    (home / ".codex" / "config.toml").write_text(OWN_TOML)
    (configs.root / "codex.toml").write_text(MASTER_TOML)
    write(home / ".gemini" / "settings.json", {"mcpServers": {"own": {"command": "own"}}})
    write(configs.root / "gemini.json", {"mcpServers": {"docs": SERVER}})
    (configs.root / "fleet.toml").write_text('[fleet]\ncodex_master = "codex.toml"\ngemini_master = "gemini.json"\n')
    done = configs.sync()
    assert CONFIG_SYNC.ok(done), CONFIG_SYNC.text(done)
    return configs


@pytest.mark.usefixtures("synced")
def test_codex_lists_the_masters_server_beside_its_own_and_comments_stay(home: Path) -> None:
    found = json.loads(report(home, "codex", "mcp", "list", "--json").partition("WARNING")[0])
    assert {server["name"]: server["transport"]["command"] for server in found} == {"own": "own", "docs": "npx"}
    text = (home / ".codex" / "config.toml").read_text()
    assert text.startswith(OWN_TOML)


@pytest.mark.usefixtures("synced")
def test_gemini_lists_the_masters_server_beside_its_own(home: Path) -> None:
    found = report(home, "gemini", "mcp", "list")
    assert "docs: npx -y @acme/docs (stdio)" in found
    assert "own: own" in found
