"""The guard under the real Codex and Gemini CLI, which run none of Claude Code's hooks: the other layers hold."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from mcp_server.guard.install import GUARD_INSTALL, Clones
from mcp_server.server.wiring import context_of
from tests.e2e.claude import PLUGIN, run
from tests.e2e.other_models import OtherModel
from tests.fixtures.clones import clone_of, commit, git, make_origin

pytestmark = pytest.mark.e2e
LINES = [
    "git push --no-verify origin HEAD:main; git update-ref refs/heads/main HEAD",
    "git switch main && git commit --no-verify --allow-empty -m x",
    "git switch ops; git branch -f main ops; git push origin HEAD:main",
    "gh pr merge 1 --admin",
    "git commit --allow-empty -m 'ops: never git push origin main' && touch worked",
]
REAL_GH = '#!/bin/sh\necho merged > "$HOME/gh-was-called"\n'


@dataclass(frozen=True)
class Place:
    clone: Path
    origin: Path
    home: Path

    def environment(self, agent: str) -> dict[str, str]:
        """What `ops agent run` gives an agent, in a home of its own; the real gh is one that leaves a mark."""
        path = f"{PLUGIN}/hooks/shims:{self.home}/bin:{os.environ['PATH']}"
        dead = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1,localhost"}
        return {"PATH": path, "HOME": str(self.home), "AGENT_NAME": agent, "OPS_HOME": f"{self.home}/ops", **dead}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    origin = make_origin(tmp_path)
    clone = clone_of(origin, tmp_path / "ops-1")
    git(clone, "switch", "--quiet", "-c", "ops")
    for key, value in (("user.name", "ops"), ("user.email", "ops@localhost")):
        git(clone, "config", key, value)
    commit(clone, "own.txt")
    GUARD_INSTALL.run(context_of(os.environ, clone), Clones(clones=[str(clone)]))
    gh = tmp_path / "home" / "bin" / "gh"
    gh.parent.mkdir(parents=True)
    gh.write_text(REAL_GH)
    gh.chmod(0o755)
    return Place(clone, origin, tmp_path / "home")


def program(name: str) -> str:
    """The client under test; CI installs it and names it. Without it a test fails, never skips."""
    path = os.environ.get(f"OPS_E2E_{name.upper()}")
    assert path, f"set OPS_E2E_{name.upper()} to the {name} binary (.ci/run installs it)"
    return path


def codex(place: Place, url: str) -> None:
    home = place.home / ".codex"
    home.mkdir()
    provider = f'name = "loop"\nbase_url = "{url}/v1"\nwire_api = "responses"\nenv_key = "LOOP_KEY"\n'
    settings = 'model = "scripted"\nmodel_provider = "loop"\napproval_policy = "never"\n'
    settings += 'sandbox_mode = "danger-full-access"\n[model_providers.loop]\nsupports_websockets = false\n'
    (home / "config.toml").write_text(settings + provider)
    command = [program("codex"), "-c", "allow_login_shell=false", "exec", "--json", "go"]
    code, out, error = run(command, {**place.environment("ops-1"), "LOOP_KEY": "x"}, place.clone)
    assert code == 0, out + error


def gemini(place: Place, url: str) -> None:
    home = place.home / ".gemini"
    home.mkdir()
    (home / "settings.json").write_text(json.dumps({"security": {"auth": {"selectedType": "gemini-api-key"}}}))
    command = [program("gemini"), "-p", "go", "-y", "-m", "gemini-2.5-flash", "-o", "json", "--skip-trust"]
    more = {"GEMINI_API_KEY": "dummy", "GOOGLE_GEMINI_BASE_URL": url}
    code, out, error = run(command, {**place.environment("ops-1"), **more}, place.clone)
    assert code == 0, out + error


@pytest.mark.parametrize("client", [codex, gemini])
def test_main_does_not_move_and_nothing_is_merged(place: Place, client: object) -> None:
    assert client in (codex, gemini)
    main = git(place.origin, "rev-parse", "main")
    with OtherModel(LINES) as model:
        client(place, model.url)  # pyright: ignore[reportCallIssue]
    assert len(model.outputs) == len(LINES)
    assert all("ops guard" in report for report in model.outputs[:-1]), model.outputs
    assert git(place.clone, "rev-parse", "refs/heads/main") == main == git(place.origin, "rev-parse", "main")
    assert not (place.home / "gh-was-called").exists()
    assert (place.clone / "worked").exists(), model.outputs
    subprocess.run([str(PLUGIN / "bin" / "ops"), "serve", "stop"], env=place.environment("ops-1"), check=False)
