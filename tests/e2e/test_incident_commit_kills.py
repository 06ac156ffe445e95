"""A commit of an incident that is killed (SIGKILL) at system calls: the old or the new HEAD, and nothing lost."""

import time
from pathlib import Path
from signal import SIGKILL
from subprocess import CompletedProcess

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.kernel.index_table import INCIDENTS, read
from tests.e2e.test_incident_processes import OPEN, incident, reported
from tests.fixtures.incidents import FOLDER, index_of
from tests.fixtures.lengths import KILLS_OF_RECORDS
from tests.fixtures.strace import about, drawn, dying_at, traced

pytestmark = pytest.mark.e2e
OTHER = ("open", "--title", "Queue full", "--severity", "sev3", "--summary", "Waiting")


def rows(text: str) -> set[str | None]:
    return {row.cell("File").target for row in read(text).rows(INCIDENTS)}


def ended(clone: Path) -> None:
    """Wait for what a killed process had started: git goes on without it."""
    until = time.monotonic() + 120
    while any(f"-C\0{clone}\0".encode() in output for output in commands()) and time.monotonic() < until:
        time.sleep(0.05)  # not a child process: there is no portable way to wait for its end


def commands() -> list[bytes]:
    found: list[bytes] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue
    return found


def test_killed_at_any_system_call_head_is_the_old_or_the_new_one_and_the_next_call_commits(
    fleet: DemoFleet, tmp_path: Path
) -> None:
    clone = fleet.agent("ops-1")
    before, index = git(clone, "rev-parse", "HEAD"), index_of(clone)
    other, one = (str(reported(incident(fleet, *words))["id"]) for words in (OTHER, OPEN))
    pages, everything = [clone / FOLDER / f"{name}.md" for name in (other, one)], index.read_bytes()
    texts = [page.read_bytes() for page in pages]

    def prepare() -> None:
        (clone / ".git" / "index.lock").unlink(missing_ok=True)
        git(clone, "reset", "--quiet", "--mixed", before)

    def commit(*below: str) -> CompletedProcess[str]:
        return incident(fleet, "update", one, "--commit", below=below)

    calls = traced(lambda below: reported(commit(*below)), tmp_path)
    points, died = drawn(calls, "index.lock", KILLS_OF_RECORDS), 0
    for point in points:
        prepare()
        where = about(calls, point)
        died += commit(*dying_at(calls, point)).returncode == -SIGKILL
        ended(clone)
        assert index.read_bytes() == everything, where
        assert [page.read_bytes() for page in pages] == texts, where
        held = rows(git(clone, "show", f"HEAD:{FOLDER}/INDEX.md"))
        new = git(clone, "rev-parse", "HEAD") != before
        assert (f"{one}.md" in held, f"{other}.md" in held) == (new, False), where
        (clone / ".git" / "index.lock").unlink(missing_ok=True)
        assert f"{one}.md" not in git(clone, "diff", "--cached", "--diff-filter=D", "--name-only"), where
        done = reported(commit())
        assert done["commit"] == git(clone, "rev-parse", "HEAD") != before, where
        assert f"{other}.md" not in rows(git(clone, "show", f"HEAD:{FOLDER}/INDEX.md")), where
        assert git(clone, "status", "--porcelain", "--", f"{FOLDER}/{one}.md") == "", where
        assert list((clone / ".git").glob("ops-commit-*")) == [], where
    assert died > len(points) // 2, about(calls, 0)
