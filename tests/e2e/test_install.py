"""The plugin as a stranger gets it: added from a git marketplace, installed, started with nothing prepared."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.claude import PLUGIN, SERVER, ask, binary, environment, run
from tests.e2e.model import Call, ScriptedModel

pytestmark = pytest.mark.e2e

INSTALLED = "ops@ops-pack"
DEAD_MODEL = "http://127.0.0.1:9"
CALLS = 5  # a call waits 20 s for the environment; on a busy machine the first may get the answer to call again


def claude(home: Path, *arguments: str) -> str:
    code, out, errors = run([binary(), *arguments], environment(home, DEAD_MODEL, {}), home)
    assert code == 0, out + errors
    return out


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The files that a commit of this checkout would hold, without what set-ups and tests left beside them."""
    listed = ["git", "-C", str(PLUGIN), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, capture_output=True, check=True).stdout.decode().split("\0")
    folder = tmp_path / "ops.git"
    for name in filter(None, names):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PLUGIN / name, target, follow_symlinks=False)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "the plugin"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


@pytest.fixture
def wheels(tmp_path: Path) -> dict[str, str]:
    """The locked packages in a folder, and variables that make a set-up use just that: the client has no network."""
    folder = tmp_path / "wheels"
    pip = [os.path.realpath(sys.executable), "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir", "-d"]
    subprocess.run([*pip, folder, "--require-hashes", "-r", PLUGIN / "requirements.lock"], check=True, timeout=600)
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": "/dev/null", "UV_OFFLINE": "1"}


def test_the_plugin_is_valid_without_a_warning(home: Path, source: Path) -> None:
    assert "Validation passed" in claude(home, "plugin", "validate", str(source), "--strict")


def test_an_installed_copy_sets_itself_up_and_answers(home: Path, source: Path, wheels: dict[str, str]) -> None:
    address = "https://plugins.example.test/"
    with (home / ".gitconfig").open("a") as config:
        config.write(f'[url "file://{source.parent}/"]\n\tinsteadOf = {address}\n')
    claude(home, "plugin", "marketplace", "add", f"{address}{source.name}")
    claude(home, "plugin", "install", INSTALLED)
    plugins = {plugin["id"]: plugin for plugin in json.loads(claude(home, "plugin", "list", "--json"))}
    copy = Path(plugins[INSTALLED]["installPath"])  # the client's own plugins may stand beside it
    assert copy.is_relative_to(home)
    assert not (copy / ".venv").exists()
    turns = [Call(f"{SERVER}__runbook_read", {"name": "no-such-runbook"})] * CALLS
    with ScriptedModel([*turns, "done"]) as model:
        options = ("--allowedTools", SERVER)
        session = ask(model, "read it", home=home, cwd=home, extra=wheels, options=options)
    assert session.code == 0, session.errors
    assert ("plugin:ops:ops", "connected") in [
        (each["name"], each["status"]) for each in session.start["mcp_servers"]
    ]
    waited = [text for _, text in model.results if "setting itself up" in text]
    answered = [text for _, text in model.results if "no-such-runbook" in text]
    assert answered, "the real server never answered"
    assert len(waited) + len(answered) == CALLS
    assert (copy / ".venv" / "requirements.lock.ready").exists()
