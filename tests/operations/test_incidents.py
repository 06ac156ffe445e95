"""`incident_open` on real clones: the file and its row, and everything in which it opens nothing."""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from mcp_server.adapters.files import DiskFiles
from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.domain.document import as_json
from mcp_server.domain.errors import OpsError
from mcp_server.domain.incident import LIMIT
from mcp_server.domain.indextable import INCIDENTS, read
from mcp_server.observe.docs import look
from mcp_server.operations.incidents import INCIDENT_OPEN, Opened, OpenParams
from mcp_server.ports import Context
from mcp_server.wiring import context_of

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "docs/support/incidents"
CANARY = "sk-ant-" + "oat01-" + "canary" * 8


@dataclass(frozen=True)
class Stopped:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def context(fleet: DemoFleet, caller: str | None = "ops-1", cwd: Path | None = None) -> Context:
    environment = {
        "HOME": str(fleet.home),
        "OPS_HOME": str(fleet.folder / "state"),
        "PATH": os.environ["PATH"],
    }
    return context_of(environment, cwd or fleet.root, fleet=fleet.root, agent=caller)


def at(ctx: Context, moment: datetime) -> Context:
    return replace(ctx, world=replace(ctx.world, clock=Stopped(moment)))


def opened(ctx: Context, title: str = "Disk full", summary: str = "No space left", **more: object) -> Opened:
    params = OpenParams.model_validate({"title": title, "severity": "sev2", "summary": summary, **more})
    return INCIDENT_OPEN.run(ctx, params)


def refused(ctx: Context, **more: str) -> OpsError:
    with pytest.raises(OpsError) as error:
        opened(ctx, **more)
    return error.value


def changed(clone: Path) -> list[str]:
    return git(clone, "status", "--porcelain", "--untracked-files=all").splitlines()


def test_on_request_the_incident_and_its_row_are_committed_on_the_role_branch_and_nothing_else(
    fleet: DemoFleet,
) -> None:
    clone = fleet.agent("ops-1")
    (clone / "other.md").write_text("somebody's work\n")
    git(clone, "add", "other.md")
    done = opened(context(fleet), commit=True)
    held = git(clone, "show", "--format=%H%n%s%n%b", "--name-only", "HEAD").splitlines()
    assert held[:2] == [done.commit, f"ops: incident {done.id}"]
    assert "Co-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>" in held
    assert {f"{FOLDER}/{done.id}.md", f"{FOLDER}/INDEX.md"} <= set(held) <= {*held[:5], *_records(done)}
    assert changed(clone) == ["A  other.md"]
    assert git(clone, "branch", "--show-current") == "ops"


def _records(done: Opened) -> set[str]:
    return {f"{FOLDER}/{name}" for name in (f"{done.id}.md", "INDEX.md", ".gitattributes")}


def test_a_commit_that_is_refused_leaves_the_incident_and_says_why(fleet: DemoFleet) -> None:
    clone = fleet.agent("ops-1")
    (clone / ".git" / "hooks" / "pre-commit").write_text("#!/bin/sh\necho 'not today' >&2\nexit 1\n")
    (clone / ".git" / "hooks" / "pre-commit").chmod(0o755)
    done = opened(context(fleet), commit=True)
    assert done.commit is None
    assert "not today" in (done.note or "")
    assert done.path.is_file()


def index_of(clone: Path) -> Path:
    return clone / FOLDER / "INDEX.md"


def test_the_file_and_its_row_are_all_that_changes_in_the_callers_clone(fleet: DemoFleet) -> None:
    clone = fleet.agent("ops-1")
    before = index_of(clone).read_bytes()
    answer = opened(context(fleet), "OAuth token expired", agents=["opus-1", "codex-1"], log="401\nBearer " + CANARY)
    assert answer.path == clone / FOLDER / f"{answer.id}.md"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-oauth-token-expired", answer.id)
    assert sorted(changed(clone)) == [f"?? {FOLDER}/{answer.id}.md", f"M {FOLDER}/INDEX.md"]
    assert index_of(clone).read_bytes() == before + f"{answer.index_row}\n".encode()
    row = read(index_of(clone).read_text()).rows(INCIDENTS)[-1]
    assert row.cell("File").target == answer.path.name
    assert (answer.status, answer.duplicate, answer.agent, answer.note) == ("triggered", False, "ops-1", None)
    assert look(DiskFiles(fleet.folder), clone) == ()


def test_the_file_tells_what_was_seen_of_the_agents_and_the_index(fleet: DemoFleet) -> None:
    (fleet.agent("opus-1") / ".claude.json").unlink()
    crashes = fleet.folder / "state" / "logs"
    crashes.mkdir(parents=True)
    (crashes / "crash-20260301T000000-1-aa.log").touch()
    text = opened(context(fleet), "access token expired", agents=["opus-1"], log="one\ntwo").path.read_text()
    front = yaml.safe_load(text.split("---\n")[1])
    assert (front["severity"], front["status"], front["reporter"], front["agents"]) == (
        "sev2",
        "triggered",
        "ops-1",
        ["opus-1"],
    )
    assert front["runbooks"]
    assert front["resolved"] is None
    assert "- opus-1: clone on opus/job-priorities at " in text
    assert f"{fleet.store}/.credentials.json" in text
    assert "- opus-1: config_missing: " in text.replace("\\_", "_")
    assert "crash-20260301T000000-1-aa.log" in text
    assert "```text\none\ntwo\n```" in text


@pytest.mark.parametrize("began", ["2026-11-24T23:30", "2026-11-25T05:30+06:00", "2026-11-24 23:30:00Z"])
def test_when_it_began_and_who_leads_stand_in_the_front_matter(fleet: DemoFleet, began: str) -> None:
    ctx = at(context(fleet), datetime(2026, 11, 25, 1, 0, tzinfo=UTC))
    text = opened(ctx, started=began, commander=f"Ada, on call {CANARY}").path.read_text()
    front = yaml.safe_load(text.split("---")[1])
    assert (front["started"], front["detected"]) == ("2026-11-24T23:30:00Z", "2026-11-25T01:00:00Z")
    assert front["commander"].startswith("Ada, on call")
    assert CANARY not in text


@pytest.mark.parametrize("began", ["yesterday", "2026-13-01", "2026-11-25T09:00", "2026-11-25T01:00-02:00"])
def test_a_beginning_that_is_no_moment_or_is_to_come_is_refused(fleet: DemoFleet, began: str) -> None:
    ctx = at(context(fleet), datetime(2026, 11, 25, 1, 0, tzinfo=UTC))
    error = refused(ctx, started=began)
    assert error.kind == "invalid"
    assert "in UTC" in error.next
    assert changed(fleet.agent("ops-1")) == []


def test_no_credential_reaches_the_file_the_index_or_the_answer(fleet: DemoFleet) -> None:
    ctx = context(fleet)
    answer = opened(ctx, f"token {CANARY}", f"seen: {CANARY}", log=f"x={CANARY}")
    told = json.dumps(as_json(answer)) + INCIDENT_OPEN.text(answer)
    assert "canary" not in answer.path.read_text() + index_of(fleet.agent("ops-1")).read_text() + told


AWKWARD = (
    "x" * 200,
    "/etc/passwd",
    "a | b || c \\| d \\",
    "`rm -rf /` [x](javascript:alert) <script> **b** --- $(id)",
    "🔥💥",
    "\u202eשלום עולם",
    "日本語のタイトル",
    "---",
    "con.md",
)


def test_any_title_gives_one_file_in_the_folder_and_one_row(fleet: DemoFleet) -> None:
    clone, ctx, day = fleet.agent("ops-1"), context(fleet), datetime(2026, 3, 2, tzinfo=UTC)
    rows = read(index_of(clone).read_text()).rows(INCIDENTS)
    for number, title in enumerate(AWKWARD, 1):
        answer = opened(at(ctx, day + timedelta(days=2 * number)), title)
        after = read(index_of(clone).read_text())
        assert (answer.path.parent, answer.path.is_file()) == (clone / FOLDER, True)
        assert after.rows(INCIDENTS)[: len(rows)] == rows
        assert (len(after.rows(INCIDENTS)), after.rows(INCIDENTS)[-1].width) == (len(rows) + number, 3)
        assert after.loose == ()
        assert len(changed(clone)) == number + 1


NO_TITLES = {
    "empty": "",
    "blank": " \t ",
    "invisible": "\x00\u200b",
    "long": "x" * 10_000,
    "path": "../../../etc/passwd",
    "lines": "one\ntwo\r\n| 2020-01-01 | x.md | forged |",
    "terminal": "a\x1b[31mc",
}


@pytest.mark.parametrize("title", NO_TITLES.values(), ids=NO_TITLES.keys())
def test_what_is_no_title_is_refused_in_a_sentence_and_nothing_is_written(fleet: DemoFleet, title: str) -> None:
    assert refused(context(fleet), title=title).kind == "invalid"
    assert changed(fleet.agent("ops-1")) == []


def test_an_unknown_agent_is_named_and_nothing_is_written(fleet: DemoFleet) -> None:
    with pytest.raises(OpsError, match="opus-99") as error:
        opened(context(fleet), agents=["opus-1", "opus-99"])
    assert error.value.kind == "not_found"
    assert changed(fleet.agent("ops-1")) == []


@pytest.mark.parametrize("where", [["main"], ["--detach", "main"]])
def test_a_clone_on_main_or_on_no_branch_is_refused_and_the_next_step_keeps_its_work(
    fleet: DemoFleet, where: list[str]
) -> None:
    clone = fleet.agent("ops-1")
    git(clone, "switch", "--quiet", *where)
    (clone / "work.txt").write_text("not committed")
    error = refused(context(fleet))
    assert (error.kind, changed(clone)) == ("denied", ["?? work.txt"])
    subprocess.run(error.next.split(), check=True, capture_output=True)
    opened(context(fleet))
    assert (clone / "work.txt").read_text() == "not committed"


def test_an_agent_without_its_branch_is_told_to_make_it_and_one_with_a_numbered_one_to_take_it(
    fleet: DemoFleet,
) -> None:
    for name, branch in (("codex-1", "codex/worker-shutdown"), ("pm-1", "pm/1")):
        git(fleet.agent(name), "switch", "--quiet", "main")
        git(
            fleet.agent(name), "branch", "--quiet", "--delete", "--force", "pm/november" if name == "pm-1" else branch
        )
    git(fleet.agent("pm-1"), "branch", "pm/1")
    assert refused(context(fleet, "codex-1")).next.endswith("switch -c codex")
    assert refused(context(fleet, "pm-1")).next.endswith("switch pm/1")


def test_a_missing_folder_is_not_found_and_not_made(fleet: DemoFleet) -> None:
    clone = fleet.agent("ops-1")
    git(clone, "rm", "-r", "--quiet", FOLDER)
    error = refused(context(fleet))
    assert (error.kind, (clone / FOLDER).exists()) == ("not_found", False)
    assert FOLDER in error.next


def test_a_folder_that_is_a_link_is_refused(fleet: DemoFleet, tmp_path: Path) -> None:
    clone, outside = fleet.agent("ops-1"), tmp_path / "outside"
    outside.mkdir()
    git(clone, "rm", "-r", "--quiet", FOLDER)
    (clone / FOLDER).symlink_to(outside)
    assert refused(context(fleet)).kind == "invalid"
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("index", "why"),
    [
        (None, "there is no"),
        (b"# Incidents\n\n- one\n", "no table"),
        (b"| Date | File | Summary |\n|--|--|--|\n| \xff |\n", "not UTF-8"),
    ],
)
def test_an_index_that_cannot_take_a_row_is_told_and_left_as_it_is(
    fleet: DemoFleet, index: bytes | None, why: str
) -> None:
    path = index_of(fleet.agent("ops-1"))
    path.unlink() if index is None else path.write_bytes(index)
    answer = opened(context(fleet))
    assert answer.path.is_file()
    assert answer.index_row is None
    assert why in (answer.note or "")
    assert (path.read_bytes() if path.exists() else None) == index


def test_the_same_problem_is_opened_once_and_the_answer_says_which_one_is_open(fleet: DemoFleet) -> None:
    ctx = context(fleet)
    first = opened(ctx, "Disk full!", agents=["opus-1", "opus-2"])
    before = index_of(fleet.agent("ops-1")).read_bytes()
    second = opened(ctx, "disk  FULL", agents=["opus-2", "opus-1"])
    assert (second.duplicate, second.id, second.path, second.index_row) == (
        True,
        first.id,
        first.path,
        first.index_row,
    )
    assert index_of(fleet.agent("ops-1")).read_bytes() == before
    assert len(changed(fleet.agent("ops-1"))) == 2
    assert not opened(ctx, "Disk full!", agents=["opus-1"]).duplicate


def test_what_is_new_about_an_open_problem_is_an_entry_and_a_loop_cannot_flood_it(fleet: DemoFleet) -> None:
    ctx = context(fleet)
    first = opened(ctx)
    before = first.path.read_bytes()
    assert opened(ctx).duplicate
    assert first.path.read_bytes() == before
    for number in range(2 * LIMIT):
        assert opened(ctx, summary=f"**resolved** only {number} MB left").duplicate
    text = first.path.read_text()
    assert "ops-1: seen again: \\*\\*resolved\\*\\* only 0 MB left\n" in text
    assert text.count("seen again") == LIMIT - 1


def test_a_fellow_who_sees_the_same_problem_is_led_to_the_one_that_is_open(fleet: DemoFleet) -> None:
    first = opened(context(fleet, "ops-1"))
    second = opened(context(fleet, "opus-1"))
    assert (second.duplicate, second.agent, second.path) == (True, "ops-1", first.path)
    assert changed(fleet.agent("opus-1")) == []


def test_a_day_later_or_after_its_end_the_problem_is_a_new_incident_with_a_name_of_its_own(fleet: DemoFleet) -> None:
    ctx, noon = context(fleet), datetime(2026, 3, 2, 12, tzinfo=UTC)
    first = opened(at(ctx, noon))
    first.path.write_text(first.path.read_text().replace("status: triggered", "status: resolved"))
    second = opened(at(ctx, noon + timedelta(hours=1)))
    third = opened(at(ctx, noon + timedelta(hours=26)))
    assert [first.id, second.id, third.id] == [
        "2026-03-02-disk-full",
        "2026-03-02-disk-full-2",
        "2026-03-03-disk-full",
    ]


def test_two_clones_never_give_different_problems_one_name(fleet: DemoFleet) -> None:
    first = opened(context(fleet, "ops-1"), "🔥")
    second = opened(context(fleet, "opus-1"), "💧")
    assert first.id != second.id


def test_an_agent_that_has_opened_its_share_is_told_when_it_may_again(fleet: DemoFleet) -> None:
    ctx, noon = context(fleet), datetime(2026, 3, 2, 12, tzinfo=UTC)
    for number in range(LIMIT):
        opened(at(ctx, noon + timedelta(minutes=number)), f"problem {number}")
    before = changed(fleet.agent("ops-1"))
    error = refused(at(ctx, noon + timedelta(minutes=10)), title="one more")
    assert (error.kind, "13:00 UTC" in error.next) == ("denied", True)
    assert changed(fleet.agent("ops-1")) == before
    assert not opened(at(context(fleet, "opus-1"), noon), "another agent").duplicate
    assert not opened(at(ctx, noon + timedelta(minutes=61)), "one more").duplicate


def test_without_a_name_the_clone_one_stands_in_decides_else_the_only_ops_agent(fleet: DemoFleet) -> None:
    assert opened(context(fleet, None, fleet.agent("opus-2") / "src"), "one").agent == "opus-2"
    assert opened(context(fleet, None), "two").agent == "ops-1"
    (fleet.root / "ops-2").mkdir()
    (fleet.root / "ops-2" / ".env").touch()
    error = refused(context(fleet, None), title="three")
    assert (error.kind, error.next) == ("invalid", "Give --agent NAME")


_DIES_BEFORE_THE_ROW = """
import os, signal, sys
from mcp_server.adapters.files import DiskFiles
write = DiskFiles.replace
def replace(self, path, *rest, **more):
    if path.name == "INDEX.md":
        os.kill(os.getpid(), signal.SIGKILL)
    write(self, path, *rest, **more)
DiskFiles.replace = replace
"""
_OPENS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from mcp_server.demo.fleet import DemoFleet
from tests.operations.test_incidents import context, opened
print("ready", flush=True)
print(opened(context(DemoFleet(Path(sys.argv[1]), datetime.now(UTC), ())), sys.argv[2]).id)
"""


def start(program: str, fleet: DemoFleet, title: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, str(fleet.folder), title]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_row_that_a_killed_process_did_not_write_is_found_and_written_by_the_next_call(fleet: DemoFleet) -> None:
    dead = start(_DIES_BEFORE_THE_ROW + _OPENS, fleet, "Disk full")
    dead.communicate(timeout=60)
    assert dead.returncode == -signal.SIGKILL
    (left,) = changed(fleet.agent("ops-1"))
    assert left.endswith("-disk-full.md")
    assert [finding.code for finding in look(DiskFiles(fleet.folder), fleet.agent("ops-1"))] == ["index_row_missing"]
    assert opened(context(fleet)).duplicate
    assert look(DiskFiles(fleet.folder), fleet.agent("ops-1")) == ()


def test_killed_at_any_step_there_is_no_half_file_no_row_without_its_file_and_the_next_call_repairs(
    fleet: DemoFleet,
) -> None:
    """Opening and then updating; the child is killed at each step that writes, until one comes to its end."""
    command = [sys.executable, "-m", "tests.operations.incident_kills", str(fleet.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5


def test_two_processes_at_once_lose_neither_a_file_nor_a_row(fleet: DemoFleet) -> None:
    with DiskFiles(fleet.folder / "state").lock("incidents"):
        both = [start(_OPENS, fleet, title) for title in ("Disk full", "Disk full", "Queue full")]
        for process in both:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
    ids = {process.communicate(timeout=60)[0].strip() for process in both}
    assert len(ids) == 2
    rows = read(index_of(fleet.agent("ops-1")).read_text()).rows(INCIDENTS)
    assert {row.cell("File").target for row in rows[-2:]} == {f"{name}.md" for name in ids}
    assert len(changed(fleet.agent("ops-1"))) == 3
