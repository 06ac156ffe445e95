"""What the pages on clones, branches and hooks say to do repairs the problem and loses nothing."""

import os
import re
import shutil

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.kernel.markdown.steps import Step
from tests.rules.runbook_pages import PAGES, output, run, run_all, steps, variables


def test_commits_on_main_move_to_a_branch_and_nothing_is_lost(own_demo_fleet: DemoFleet) -> None:
    about, clone = variables("commits-on-main"), own_demo_fleet.agent("codex-5")
    (clone / "unsaved.md").write_text("not saved\n")
    tip = git(clone, "rev-parse", "main")
    outputs = run_all("commits-on-main", "Diagnosis", own_demo_fleet, about)
    assert outputs[0].count("\n") == 2
    assert outputs[2] == ""
    run_all("commits-on-main", "Resolution", own_demo_fleet, about)
    assert run(steps("commits-on-main", "Verification")[0], own_demo_fleet, about).stdout == ""
    assert git(clone, "rev-parse", "codex/retry-limit") == tip
    assert git(clone, "branch", "--show-current") == "codex/retry-limit"
    assert git(clone, "rev-parse", "main") == git(clone, "rev-parse", "origin/main")
    assert (clone / "unsaved.md").read_text() == "not saved\n"


def test_a_clone_behind_and_dirty_is_saved_first_and_then_current(own_demo_fleet: DemoFleet) -> None:
    about, clone = variables("clone-behind-and-dirty"), own_demo_fleet.agent("opus-4")
    notes = (clone / "notes.md").read_text()
    assert run_all("clone-behind-and-dirty", "Diagnosis", own_demo_fleet, about)[0].split() == ["0", "12"]
    run_all("clone-behind-and-dirty", "Resolution", own_demo_fleet, about)
    missing, unsaved = run_all("clone-behind-and-dirty", "Verification", own_demo_fleet, about)
    assert missing.strip() == "0"
    assert unsaved.split() == ["??", "db/migrations/0003_job_priority.sql"]
    assert (clone / "notes.md").read_text() == notes
    assert "order by priority desc" in (clone / "src/queue/queue.ts").read_text()
    run_all("clone-behind-and-dirty", "Rollback", own_demo_fleet, about)
    assert git(clone, "branch", "--show-current") == "opus/4-before-merge"
    assert "order by priority desc" in (clone / "src/queue/queue.ts").read_text()


def test_an_inert_hook_blocks_again(own_demo_fleet: DemoFleet) -> None:
    about, clone = {**variables("hooks-inert"), "HOOK": "pre-commit"}, own_demo_fleet.agent("opus-1")
    hook = clone / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho refused >&2\nexit 1\n")
    hook.chmod(0o644)
    commit = Step("Commit.", 'git -C "$AGENT" commit --allow-empty -m tried')
    ignored = run(commit, own_demo_fleet, about)
    assert ignored.returncode == 0
    assert any(symptom in ignored.stderr for symptom in PAGES["hooks-inert"].symptoms)
    run_all("hooks-inert", "Resolution", own_demo_fleet, about)
    assert run(commit, own_demo_fleet, about).stderr == "refused\n"
    run_all("hooks-inert", "Rollback", own_demo_fleet, about)
    assert not hook.stat().st_mode & 0o111


def test_work_on_main_moves_to_a_branch(fleet: DemoFleet) -> None:
    about, clone = variables("work-on-main"), fleet.agent("opus-1")
    git(clone, "switch", "--quiet", "main")
    (clone / "README.md").write_text("changed\n")
    run_all("work-on-main", "Resolution", fleet, about)
    assert git(clone, "branch", "--show-current") == about["BRANCH"]
    assert (clone / "README.md").read_text() == "changed\n"
    run_all("work-on-main", "Rollback", fleet, about)
    assert git(clone, "branch", "--show-current") == "main"
    assert (clone / "README.md").read_text() == "changed\n"


def test_commits_on_no_branch_get_a_branch(fleet: DemoFleet) -> None:
    about, clone = variables("head-detached"), fleet.agent("opus-1")
    git(clone, "switch", "--quiet", "--detach")
    git(clone, "commit", "--quiet", "--allow-empty", "--message=on no branch")
    tip = git(clone, "rev-parse", "HEAD")
    assert "on no branch" in output("head-detached", "Diagnosis", 1, fleet, about)
    run_all("head-detached", "Resolution", fleet, about)
    assert git(clone, "rev-parse", about["BRANCH"]) == tip
    assert output("head-detached", "Diagnosis", 1, fleet, about) == ""
    run_all("head-detached", "Rollback", fleet, about)
    assert git(clone, "branch", "--show-current") == ""


def test_a_folder_that_is_not_a_clone_is_set_aside_and_cloned_again(fleet: DemoFleet) -> None:
    about, folder = variables("agent-folder-broken"), fleet.agent("opus-1")
    shutil.rmtree(folder / ".git")
    (folder / "only-copy.md").write_text("work\n")
    run_all("agent-folder-broken", "Resolution", fleet, about)
    assert git(folder, "rev-parse", "HEAD") == git(folder, "rev-parse", "origin/main")
    assert (fleet.home / "set-aside" / "opus-1" / "only-copy.md").read_text() == "work\n"
    run_all("agent-folder-broken", "Rollback", fleet, about)
    assert (folder / "only-copy.md").read_text() == "work\n"


def test_a_clone_without_origin_gets_the_origin_of_another_clone(fleet: DemoFleet) -> None:
    about, clone = variables("origin-missing"), fleet.agent("opus-1")
    git(clone, "remote", "remove", "origin")
    run_all("origin-missing", "Resolution", fleet, about)
    assert git(clone, "rev-parse", "origin/main") == git(fleet.agent("ops-1"), "rev-parse", "origin/main")
    assert git(clone, "rev-parse", "--abbrev-ref", "origin/HEAD") == "origin/main"
    run_all("origin-missing", "Rollback", fleet, about)
    assert git(clone, "remote") == ""


def test_origin_that_answers_again_is_fetched(fleet: DemoFleet) -> None:
    run_all("origin-silent", "Diagnosis", fleet, variables("origin-silent"))
    run_all("origin-silent", "Resolution", fleet, variables("origin-silent"))


def test_a_rejected_push_goes_through_and_keeps_both_sides(fleet: DemoFleet) -> None:
    clone, other = fleet.agent("opus-1"), fleet.agent("opus-2")
    git(other, "switch", "--quiet", "-c", "opus/shared", "origin/main")
    git(other, "commit", "--quiet", "--allow-empty", "--message=theirs")
    git(other, "push", "--quiet", "origin", "opus/shared")
    git(clone, "switch", "--quiet", "-c", "opus/shared", "origin/main")
    git(clone, "commit", "--quiet", "--allow-empty", "--message=ours")
    about = {**variables("push-rejected"), "BRANCH": "opus/shared"}
    run_all("push-rejected", "Resolution", fleet, about)
    assert {"ours", "theirs"} <= set(git(fleet.origin, "log", "--format=%s", "opus/shared").splitlines())
    run_all("push-rejected", "Rollback", fleet, about)


def test_an_existing_role_branch_is_continued(fleet: DemoFleet) -> None:
    about, clone = {**variables("role-branch-exists"), "BRANCH": "opus/job-priorities"}, fleet.agent("opus-1")
    git(clone, "switch", "--quiet", "main")
    run_all("role-branch-exists", "Resolution", fleet, about)
    assert git(clone, "branch", "--show-current") == "opus/job-priorities"
    assert output("role-branch-exists", "Verification", 0, fleet, about) == "0\n"
    run_all("role-branch-exists", "Rollback", fleet, about)
    assert git(clone, "branch", "--show-current") == "main"


def test_the_role_branch_is_started_and_the_previous_branch_restored(fleet: DemoFleet) -> None:
    about = variables("start-on-role-branch")
    clone = fleet.agent(about["AGENT"])
    git(clone, "switch", "--quiet", "main")
    run_all("start-on-role-branch", "Resolution", fleet, about)
    assert git(clone, "branch", "--show-current") != "main"
    assert output("start-on-role-branch", "Verification", 0, fleet, about) == "0\n"
    run_all("start-on-role-branch", "Rollback", fleet, about)
    assert git(clone, "branch", "--show-current") == "main"


def test_after_a_merge_the_clones_on_main_follow(fleet: DemoFleet) -> None:
    about = variables("merge-and-sync")
    git(fleet.agent("opus-1"), "switch", "--quiet", "main")
    result = run(steps("merge-and-sync", "Resolution")[-1], fleet, about)
    assert re.search(r"^opus-1 +up to date +0", result.stdout, re.MULTILINE), result.stderr
    assert "NOT synced: 6 of 8" in result.stdout, "two that the compose file names are not there"


def test_a_leftover_git_lock_is_set_aside_and_git_works_again(fleet: DemoFleet) -> None:
    about, lock = variables("git-lock-left"), fleet.agent("opus-1") / ".git" / "index.lock"
    lock.write_text("")
    os.utime(lock, (0, 0))
    assert output("git-lock-left", "Diagnosis", 0, fleet, about).strip().endswith("index.lock")
    run_all("git-lock-left", "Resolution", fleet, about)
    (fleet.agent("opus-1") / "new.md").write_text("new\n")
    git(fleet.agent("opus-1"), "add", "new.md")
    run_all("git-lock-left", "Rollback", fleet, about)
    assert lock.exists()


def test_packing_a_clone_deletes_nothing(fleet: DemoFleet) -> None:
    clone = fleet.agent("opus-1")
    git(clone, "commit", "--quiet", "--allow-empty", "--message=unreachable")
    lost = git(clone, "rev-parse", "HEAD")
    git(clone, "switch", "--quiet", "--detach", "HEAD~1")
    git(clone, "branch", "-D", "opus/job-priorities")
    run_all("disk-full", "Resolution", fleet, variables("disk-full"))
    assert git(clone, "cat-file", "-t", lost) == "commit"


def test_branches_that_diverged_are_merged(fleet: DemoFleet) -> None:
    about, clone, other = variables("branches-diverged"), fleet.agent("opus-1"), fleet.agent("pm-1")
    git(clone, "commit", "--quiet", "--allow-empty", "--message=ours")
    git(other, "switch", "--quiet", "main")
    git(other, "commit", "--quiet", "--allow-empty", "--message=theirs")
    git(other, "push", "--quiet", "origin", "main")
    run_all("branches-diverged", "Resolution", fleet, about)
    assert output("branches-diverged", "Verification", 0, fleet, about) == "0\n"
    assert {"ours", "theirs"} <= set(git(clone, "log", "--format=%s").splitlines())
    run_all("branches-diverged", "Rollback", fleet, about)


def test_a_clone_knows_its_distance_again(own_demo_fleet: DemoFleet) -> None:
    about, clone = variables("history-unknown"), own_demo_fleet.agent("opus-1")
    shutil.rmtree(clone)
    git(own_demo_fleet.root, "clone", "--quiet", "--depth=1", f"file://{own_demo_fleet.origin}", str(clone))
    git(clone, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    assert "origin/HEAD" not in output("history-unknown", "Diagnosis", 0, own_demo_fleet, about).replace("gone", "")
    assert output("history-unknown", "Diagnosis", 1, own_demo_fleet, about) == "true\n"
    run_all("history-unknown", "Resolution", own_demo_fleet, about)
    refs, shallow, _ = run_all("history-unknown", "Diagnosis", own_demo_fleet, about)
    assert "origin/HEAD" in refs
    assert shallow.strip() == "false"


def test_sessions_leave_a_clone_and_come_back(own_demo_fleet: DemoFleet) -> None:
    about, clone = variables("sessions-in-a-clone"), own_demo_fleet.agent("opus-1")
    session = clone / "projects" / "-srv-opus-1" / "11111111-2222-4333-8444-555555555555.jsonl"
    session.parent.mkdir(parents=True)
    session.write_text("{}\n")
    plan, apply = steps("sessions-in-a-clone", "Resolution")
    shown = run(plan, own_demo_fleet, about).stdout
    about["PLAN"] = shown.split("--plan ")[1].strip()
    done = run(apply, own_demo_fleet, about).stdout
    assert not (clone / "projects").exists()
    assert "projects" not in run(steps("sessions-in-a-clone", "Verification")[0], own_demo_fleet, about).stdout
    undo = Step("Undo.", done.split("To undo it: ")[1].strip())
    run(undo, own_demo_fleet, about)
    assert session.read_text() == "{}\n"
