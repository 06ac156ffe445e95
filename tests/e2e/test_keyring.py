"""A secret in a real keyring (gnome-keyring on a bus of its own), found by `ops notice send` without a variable."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.fixtures.http_server import listening

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]
SESSION = """
set -eu
printf pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null
printf %s "$ADDRESS" | secret-tool store --label=ops service ops name OPS_WEBHOOK
unset ADDRESS
exec "$@"
"""


def test_an_address_in_the_keyring_is_all_that_a_notice_needs(fleet: DemoFleet, tmp_path: Path) -> None:
    with (fleet.root / "fleet.toml").open("a") as file:
        file.write('[notify]\ntargets = ["webhook"]\n')
    (tmp_path / "run").mkdir(mode=0o700)
    own = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    own |= {"OPS_FLEET": str(fleet.root), "OPS_HOME": str(fleet.folder / "ops"), "PYTHONPATH": str(ROOT)}
    opening = ["incident", "open", "--title", "Logins lost", "--severity", "sev1", "--summary", "All of them"]
    ops = [sys.executable, "-m", "mcp_server.cli", "--json", "--agent", "ops-1", *opening]
    with listening() as hook:
        command = ["dbus-run-session", "--", "sh", "-c", SESSION, "sh", *ops]
        done = subprocess.run(
            command,
            env={**own, "ADDRESS": hook.url},
            cwd=fleet.root,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert hook.url not in done.stdout + done.stderr
        assert json.loads(done.stdout)["notified"] == "sent to webhook"
        assert "Logins lost" in json.loads(hook.got[0])["text"]
