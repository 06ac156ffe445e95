"""Every test has a HOME of its own; the developer's real one cannot be touched (see `isolation.py`)."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fixtures.copies import keep_templates_in
from tests.fixtures.fleet import demo_fleet, fleet, own_demo_fleet, six
from tests.fixtures.lengths import EXAMPLES
from tests.fixtures.strace import SEED, seed
from tests.isolation import allow_only, install
from tests.server.pump.servers import sockets, stop

__all__ = ["demo_fleet", "fleet", "home", "own_demo_fleet", "six", "templates"]

install()
settings.register_profile(
    "no clock", deadline=None, max_examples=EXAMPLES
)  # on a busy machine the time of an example is meaningless
settings.load_profile("no clock")


_GIT_CONFIG = """\
[user]
name = Test
email = test@example.test
[init]
defaultBranch = main
[gc]
auto = 0
[maintenance]
auto = false
"""
"Without upkeep, which git would start after many a command."


def pytest_report_header(config: pytest.Config) -> str:
    return f"kills at system calls are drawn by {SEED}={seed()}" if config.option.markexpr else ""


@pytest.fixture(autouse=True, scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> None:
    keep_templates_in(tmp_path_factory.mktemp("templates"))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """An empty HOME and OPS_HOME, and no variable of a login, a fleet or a git identity of the caller."""
    folder = tmp_path_factory.mktemp("home")
    for name in _foreign_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("OPS_HOME", str(folder / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(folder / ".gitconfig"))
    (folder / ".gitconfig").write_text(_GIT_CONFIG)
    with allow_only(tmp_path_factory.getbasetemp()):
        yield folder
    for state in (folder / "state", folder / ".local" / "state" / "ops"):
        for socket in sockets(state):
            stop(socket)


def _foreign_names() -> list[str]:
    foreign = ("ANTHROPIC_", "CLAUDE_", "OPS_", "GIT_", "CODEX_", "GEMINI_", "GH_", "OPENAI_", "AGENT_NAME", "XDG_")
    return [name for name in os.environ if name.startswith(foreign) and not name.startswith("OPS_E2E_")]
