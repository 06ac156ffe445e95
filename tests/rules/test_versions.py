"""Every file names the same version."""

import json
import re
import tomllib
from pathlib import Path

from mcp_server import __version__

ROOT = Path(__file__).resolve().parents[2]


def test_every_place_names_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    plugin = json.loads((ROOT / ".claude-plugin" / "plugin.json").read_text())["version"]
    newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert {project, plugin, newest[1]} == {__version__}
