"""Logins to test on: stores with made-up tokens, and a stand-in for the official binary."""

import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mcp_server.demo import state
from mcp_server.demo.fleet import DemoFleet
from mcp_server.operations.token_refresh import TOKEN_REFRESH, RefreshParams, TokenRefresh
from mcp_server.operations.tokens import TOKEN_CHECK, TokenCheck
from mcp_server.ports import Context, Params
from mcp_server.wiring import context_of
from tests.script import write_script

LAPSED = timedelta(minutes=-10)
GOOD = timedelta(hours=6)
MONTH = timedelta(days=25)


def context(fleet: DemoFleet, *, caller: str | None = None, **environment: str) -> Context:
    """A call in the fleet, with nothing of this process's environment but what is given."""
    own = {"PATH": os.environ["PATH"], "HOME": str(fleet.home), "OPS_HOME": str(fleet.folder / "ops")}
    return context_of({**own, **environment}, fleet.root, fleet=fleet.root, agent=caller)


def write_store(folder: Path, seed: str, access: timedelta = GOOD, login: timedelta | None = MONTH) -> Path:
    """A store in `folder` with the tokens of `seed`; without `login` the store does not tell when the login ends."""
    now = datetime.now(UTC)
    document = state.login(seed, now + access, now + (login or MONTH))
    if login is None:
        oauth = document["claudeAiOauth"]
        assert isinstance(oauth, dict)
        del oauth["refreshTokenExpiresAt"]
    path = folder / ".credentials.json"
    state.write_json(path, document)
    return path


def tokens_of(store: Path) -> tuple[str, str]:
    """Access and refresh token as they stand in the file."""
    oauth = json.loads(store.read_text("utf-8"))["claudeAiOauth"]
    return oauth["accessToken"], oauth["refreshToken"]


class StandIn:
    """An executable `claude` in a folder of its own; what it does is said in one word. See `stand_in_claude.py`."""

    def __init__(self, folder: Path, behaviour: str) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.program = folder / "claude"
        source = Path(__file__).with_name("stand_in_claude.py").read_text("utf-8")
        write_script(self.program, source, "-IS")
        self.behave(behaviour)

    def behave(self, behaviour: str) -> None:
        (self.folder / "behaviour").write_text(behaviour, "utf-8")

    def go(self) -> None:
        """Let a run that waits go on."""
        (self.folder / "go").touch()

    @property
    def runs(self) -> list[dict[str, object]]:
        """What each run saw: its arguments, its environment, what lay in its folders."""
        return [json.loads(path.read_text("utf-8")) for path in sorted(self.folder.glob("run-*.json"))]


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path / "bin", "rotate")


def check(fleet: DemoFleet) -> TokenCheck:
    answer = TOKEN_CHECK.run(context(fleet, PATH=str(_git_alone(fleet.folder / "programs"))), Params())
    assert isinstance(answer, TokenCheck)
    return answer


def _git_alone(folder: Path) -> Path:
    """A folder for a PATH on which there is git, and neither `claude` nor `docker`."""
    folder.mkdir(exist_ok=True)
    program = shutil.which("git")
    assert program
    if not (folder / "git").exists():
        (folder / "git").symlink_to(program)
    return folder


def refresh(
    fleet: DemoFleet, claude: StandIn, environment: Mapping[str, str] | None = None, *, early: bool = False
) -> TokenRefresh:
    ctx = context(fleet, OPS_CLAUDE=str(claude.program), **(environment or {}))
    answer = TOKEN_REFRESH.run(ctx, RefreshParams(early=early))
    assert isinstance(answer, TokenRefresh)
    return answer


def lapse(fleet: DemoFleet) -> Path:
    return write_store(fleet.store, "host", LAPSED)
