"""Every `Next:` is run where it was printed, and its finding is gone afterwards, or a person is named what to do."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mcp_server.clients import claude
from mcp_server.demo import fake_claude, faults
from mcp_server.demo.fleet import DemoFleet, build
from mcp_server.demo.git import git
from mcp_server.fixes.repairs import LEFT, REPAIRED

OPS = Path(__file__).parents[2] / "bin" / "ops"
COMMANDS = ("ops ", "git ", "chmod ", "rmdir ")
PARTLY = {"behind": "with 3 changed files", "config_drift": "conflict"}
"Where the message says this, a person has to do something first."


class Place:
    """A folder in which a person stands, with an environment of their own."""

    def __init__(self, fleet: DemoFleet) -> None:
        self.root, programs = fleet.root, fleet.folder / "programs"
        programs.mkdir()
        (programs / "ops").symlink_to(OPS)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name.startswith("GIT_")},
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(fleet.home),
            "OPS_HOME": str(fleet.folder / "state"),
            "OPS_FLEET": str(fleet.root),
            "AGENT_NAME": "ops-1",
            "OPS_CLAUDE": str(fleet.folder / "stand-in" / "claude"),
        }

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", line],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def findings(self) -> Iterator[tuple[str, str, str]]:
        """Code, message and next step of everything that the audit and the check of the docs find."""
        audit: dict[str, Any] = json.loads(self.run("ops --json fleet audit").stdout)
        docs: dict[str, Any] = json.loads(self.run("ops --json docs check").stdout)
        rows = [finding for row in audit["agents"] for finding in row["findings"]]
        for finding in (*audit["findings"], *rows, *docs["findings"]):
            yield finding["code"], finding["message"], finding["next"]


def follow(place: Place, step: str) -> list[str]:
    """Run a step and the steps that its output names, while they are commands; returns all of them."""
    steps = [step]
    while len(steps) < 4 and steps[-1].startswith(COMMANDS):
        done = place.run(steps[-1])
        assert done.returncode in (0, 1), f"{steps[-1]}: {done.stderr}"
        assert "usage:" not in done.stdout + done.stderr, steps[-1]
        lines = [line.strip() for line in (done.stdout + "\n" + done.stderr).splitlines()]
        named = [line[6:] for line in lines if line.startswith(("Next: ", "next: "))]
        if not named or named[-1] in steps:
            break
        steps.append(named[-1])
    return steps


AGENTS = (
    *("opus-1", "opus-2", "opus-4", "opus-5", "opus-6", "codex-1", "codex-3", "codex-5", "gemini-2"),
    *("pm-2", "qa-1", "ops-1", "dba-1", "dm-1"),
)


@pytest.fixture
def broken(tmp_path: Path) -> DemoFleet:
    """The faults of the example fleet, and others."""
    fleet = build(tmp_path / "fleet", datetime.now(UTC), AGENTS)
    faults.inject_faults(fleet)
    (fleet.agent("dba-1") / ".env").unlink()
    (fleet.agent("dba-1") / ".gitignore").write_text("# nothing\n")
    git(fleet.agent("dba-1"), "commit", "--quiet", "--all", "--message", "ignore nothing")
    git(fleet.agent("dm-1"), "switch", "--quiet", "--detach")
    git(fleet.agent("dm-1"), "commit", "--quiet", "--allow-empty", "--message", "on no branch")
    git(fleet.agent("opus-1"), "switch", "--quiet", "main")
    (fleet.agent("opus-1") / "new.txt").write_text("work")
    env = fleet.agent("opus-2") / ".env"
    env.write_text(env.read_text().replace("opus-2", "opus-9"))
    lock = fleet.agent("opus-6") / ".git" / "index.lock"
    lock.touch()
    os.utime(lock, (0, 0))
    git(fleet.agent("codex-1"), "switch", "--quiet", "--create", "qa/other")
    git(fleet.agent("gemini-2"), "remote", "remove", "origin")
    (fleet.agent("opus-5") / ".credentials.json").chmod(0o644)
    fake_claude.install(fleet.folder / "stand-in", claude.SEEN_ON)  # the real one needs a login server
    return fleet


def test_every_next_step_works_where_it_is_printed(broken: DemoFleet) -> None:
    place = Place(broken)
    before = [*place.findings()]
    for code, message, step in before:
        steps = follow(place, step)
        assert steps[-1].strip() not in ("", "Nothing"), (code, message)
        assert code in LEFT or steps[0].startswith(COMMANDS) or is_partly(code, message), (code, step)
    messages = {(code, message) for code, message, _ in place.findings()}
    still = [(code, message) for code, message, _ in before if (code, message) in messages and code not in LEFT]
    assert [found for found in still if not is_partly(*found)] == []


def is_partly(code: str, message: str) -> bool:
    return code in PARTLY and PARTLY[code] in message


def test_a_plan_is_applied_and_taken_back_byte_for_byte(broken: DemoFleet) -> None:
    place = Place(broken)
    before = content(broken)
    plan = json.loads(place.run("ops --json fleet fix").stdout)
    assert content(broken) == before, "a plan changes nothing"
    done = json.loads(place.run(f"ops --json fleet fix --plan {plan['plan']}").stdout)
    assert [repair for repair in done["repairs"] if repair["state"] != "fixed"] == []
    codes = {repair["code"] for repair in done["repairs"]}
    assert {
        "on_main",
        "detached",
        "work_on_protected",
        "env_missing",
        "name_differs",
        "git_lock",
        "wide_mode",
    } <= codes
    assert "out of date" in place.run(f"ops fleet fix --plan {plan['plan']}").stderr
    undone = json.loads(place.run(f"ops --json fleet fix --undo {done['run']}").stdout)
    stayed = [repair["steps"] for repair in undone["repairs"] if repair["state"] != "taken back"]
    assert stayed == [["ops token refresh"]], "a refreshed login cannot be taken back"
    assert content(broken) == before


def test_what_has_changed_since_stays(broken: DemoFleet) -> None:
    place = Place(broken)
    plan = json.loads(place.run("ops --json fleet fix name_differs").stdout)
    assert [repair["code"] for repair in plan["repairs"]] == ["name_differs"]
    done = json.loads(place.run(f"ops --json fleet fix name_differs --plan {plan['plan']}").stdout)
    env = broken.agent("opus-2") / ".env"
    env.write_text(env.read_text() + "MORE=1\n")
    undone = place.run(f"ops fleet fix --undo {done['run']}")
    assert (undone.returncode, "has changed since" in undone.stdout) == (1, True)
    assert env.read_text().endswith("MORE=1\n")


def test_every_code_is_repaired_or_has_a_reason() -> None:
    sources = "".join(path.read_text() for path in (OPS.parents[1] / "mcp_server").rglob("*.py"))
    codes = set(re.findall(r'\b(?:Finding|Hazard|unread|finding)\(\s*"([a-z]+_[a-z_]+)"', sources))
    assert len(codes) > 40
    assert codes <= {*REPAIRED, *LEFT}
    assert set(REPAIRED).isdisjoint(LEFT)


def content(fleet: DemoFleet) -> dict[str, object]:
    """What is checked out and committed in each clone, and the files that git does not show."""
    found: dict[str, object] = {}
    for name in AGENTS:
        clone = fleet.agent(name)
        head = (clone / ".git" / "HEAD").read_text()
        refs = git(clone, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads")
        found[name] = (head, refs, git(clone, "status", "--porcelain") if name != "opus-6" else "")
        for file in (".env", ".claude.json", ".credentials.json", ".git/info/exclude", ".git/index.lock"):
            path = clone / file
            found[f"{name}/{file}"] = (path.read_bytes(), path.stat().st_mode) if path.exists() else None
    return found
