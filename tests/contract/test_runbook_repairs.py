"""What the pages say to do mends what they are about, on the example fleet, and loses nothing."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.domain.research import FOLDER
from mcp_server.domain.steps import Step
from tests.contract.runbook_pages import PAGES, commands, run, run_all, steps, variables
from tests.operations.test_research import GOOD
from tests.stand_in_gemini import StandInGemini


def test_every_page_that_changes_something_is_tested() -> None:
    told = "".join(path.read_text() for path in Path(__file__).parent.glob("test_runbook_repairs*.py"))
    changing = {name for name, page in PAGES.items() if any(step.effect == "changing" for step in commands(page))}
    by_ours_alone = {"access-token-expired", "other-login", "rendered-files-differ"}
    assert {name for name in changing - by_ours_alone if f'"{name}"' not in told} == set()


def test_config_drifted_ends_in_step(own_demo_fleet: DemoFleet) -> None:
    about = variables("config-drifted")
    planned = run(steps("config-drifted", "Diagnosis")[1], own_demo_fleet, about).stdout
    about["PLAN"] = re.findall(r"^plan (\w+)$", planned, re.MULTILINE)[0]
    (told,) = run_all("config-drifted", "Resolution", own_demo_fleet, about)
    assert "applied" in told
    assert "backup" in told
    run_all("config-drifted", "Verification", own_demo_fleet, about)
    assert "playwright" in json.loads((own_demo_fleet.agent("opus-2") / ".claude.json").read_text())["mcpServers"]


def test_config_unreadable_sets_the_file_aside_and_back(own_demo_fleet: DemoFleet) -> None:
    about, config = variables("config-unreadable"), own_demo_fleet.agent("qa-1") / ".claude.json"
    broken = config.read_bytes()
    run(steps("config-unreadable", "Resolution")[0], own_demo_fleet, about)
    assert not config.exists()
    assert (own_demo_fleet.home / "set-aside" / "qa-1.claude.json").read_bytes() == broken
    run_all("config-unreadable", "Rollback", own_demo_fleet, about)
    assert config.read_bytes() == broken


def test_commits_on_main_move_to_a_branch_and_nothing_is_lost(own_demo_fleet: DemoFleet) -> None:
    about, clone = variables("commits-on-main"), own_demo_fleet.agent("codex-5")
    (clone / "unsaved.md").write_text("not saved\n")
    tip = git(clone, "rev-parse", "main")
    looked = run_all("commits-on-main", "Diagnosis", own_demo_fleet, about)
    assert looked[0].count("\n") == 2
    assert looked[2] == ""
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


def test_a_shadowing_key_is_gone_and_the_rest_of_the_env_file_stays(own_demo_fleet: DemoFleet) -> None:
    about, env = variables("shadowed-login"), own_demo_fleet.agent("pm-2") / ".env"
    kept = [line for line in env.read_text().splitlines() if not line.startswith("ANTHROPIC_")]
    mode = env.stat().st_mode
    run_all("shadowed-login", "Resolution", own_demo_fleet, about)
    assert env.read_text().splitlines() == kept
    assert env.stat().st_mode == mode
    (told,) = (run(step, own_demo_fleet, about).stdout for step in steps("shadowed-login", "Verification"))
    assert "shadowed_login" not in told


def test_a_copied_login_is_set_aside_out_of_the_clone_and_no_hazard_is_left(own_demo_fleet: DemoFleet) -> None:
    shown, apply = steps("copied-login", "Resolution")
    planned = run(shown, own_demo_fleet, {}).stdout
    stores = {name: own_demo_fleet.agent(name) / ".credentials.json" for name in ("opus-5", "opus-6")}
    login = stores["opus-6"].read_bytes()
    plan = re.findall(r"^plan (\w+)$", planned, re.MULTILINE)[0]
    applied = run(apply, own_demo_fleet, {"PLAN": plan})
    assert applied.returncode == 0, applied.stderr
    assert [name for name, store in stores.items() if store.exists()] == ["opus-5"]
    assert "opus-6: export CLAUDE_SECURESTORAGE_CONFIG_DIR=" in applied.stdout
    assert "copied_login:" not in run(steps("copied-login", "Verification")[0], own_demo_fleet, {}).stdout
    aside = re.findall(r"mv -n (\S+) ", applied.stdout)[0]
    run_all("copied-login", "Rollback", own_demo_fleet, {"AGENT": "opus-6", "ASIDE": aside})
    assert stores["opus-6"].read_bytes() == login


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


def test_a_missing_row_is_appended_and_every_other_byte_stays(own_demo_fleet: DemoFleet) -> None:
    about = variables("incident-without-row")
    index = own_demo_fleet.agent("ops-1") / "docs/support/incidents/INDEX.md"
    before = index.read_text()
    run_all("incident-without-row", "Resolution", own_demo_fleet, about)
    assert index.read_text() == before + (
        f"| 2026-11-18 | [{about['FILE']}]({about['FILE']}) | Stale mount in test-2 |\n"
    )
    told = [run(step, own_demo_fleet, about).stdout for step in steps("incident-without-row", "Verification")]
    assert "index_row_missing" not in told[0]
    assert "1 insertion(+)" in told[1]
    assert "deletion" not in told[1]
    run_all("incident-without-row", "Rollback", own_demo_fleet, about)
    assert index.read_text() == before


def test_a_lost_file_comes_back_as_it_was(own_demo_fleet: DemoFleet) -> None:
    about, clone = variables("row-without-file"), own_demo_fleet.agent("ops-1")
    before = git(clone, "show", f"origin/main:{about['FILE']}")
    run_all("row-without-file", "Resolution", own_demo_fleet, about)
    assert (clone / about["FILE"]).read_text().strip() == before.strip()
    assert "index_file_missing" not in run(steps("row-without-file", "Verification")[0], own_demo_fleet, about).stdout


def test_an_incident_is_opened_by_the_page(own_demo_fleet: DemoFleet) -> None:
    about = variables("open-an-incident")
    run_all("open-an-incident", "Resolution", own_demo_fleet, about)
    (told,) = run_all("open-an-incident", "Verification", own_demo_fleet, about)
    assert "jobs-stand-still" in told
    assert " M docs/support/incidents/INDEX.md" in told
    (name,) = (line.split("/")[-1].removesuffix(".md") for line in told.splitlines() if "jobs-stand-still" in line)
    about = {**variables("update-an-incident"), "ID": name}
    assert "**acknowledged**" in "".join(run_all("update-an-incident", "Resolution", own_demo_fleet, about))
    assert name in "".join(run_all("update-an-incident", "Diagnosis", own_demo_fleet, about))


def told(name: str, section: str, number: int, fleet: DemoFleet, about: dict[str, str]) -> str:
    return run(steps(name, section)[number], fleet, about).stdout


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


def test_commits_on_no_branch_are_held_by_one(fleet: DemoFleet) -> None:
    about, clone = variables("head-detached"), fleet.agent("opus-1")
    git(clone, "switch", "--quiet", "--detach")
    git(clone, "commit", "--quiet", "--allow-empty", "--message=on no branch")
    tip = git(clone, "rev-parse", "HEAD")
    assert "on no branch" in told("head-detached", "Diagnosis", 1, fleet, about)
    run_all("head-detached", "Resolution", fleet, about)
    assert git(clone, "rev-parse", about["BRANCH"]) == tip
    assert told("head-detached", "Diagnosis", 1, fleet, about) == ""
    run_all("head-detached", "Rollback", fleet, about)
    assert git(clone, "branch", "--show-current") == ""


def test_a_folder_that_is_no_clone_is_set_aside_and_cloned_anew(fleet: DemoFleet) -> None:
    about, folder = variables("agent-folder-broken"), fleet.agent("opus-1")
    shutil.rmtree(folder / ".git")
    (folder / "only-copy.md").write_text("work\n")
    run_all("agent-folder-broken", "Resolution", fleet, about)
    assert git(folder, "rev-parse", "HEAD") == git(folder, "rev-parse", "origin/main")
    assert (fleet.home / "set-aside" / "opus-1" / "only-copy.md").read_text() == "work\n"
    run_all("agent-folder-broken", "Rollback", fleet, about)
    assert (folder / "only-copy.md").read_text() == "work\n"


def test_a_clone_without_origin_gets_its_neighbours(fleet: DemoFleet) -> None:
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


def test_private_files_are_kept_and_git_does_not_see_them_any_more(fleet: DemoFleet) -> None:
    about, clone = variables("private-file-in-git"), fleet.agent("opus-1")
    (clone / ".gitignore").write_text("")
    git(clone, "add", "--force", ".env")
    before = (clone / ".env").read_bytes()
    run_all("private-file-in-git", "Resolution", fleet, about)
    assert told("private-file-in-git", "Verification", 0, fleet, about) == ""
    assert (clone / ".env").read_bytes() == before
    assert "exposed" not in told("private-file-in-git", "Verification", 1, fleet, about)


def test_an_env_file_of_another_agent_gets_the_right_name_and_mode(fleet: DemoFleet) -> None:
    about, env = variables("env-file-wrong"), fleet.agent("opus-1") / ".env"
    right = env.read_text()
    env.write_text(right.replace("AGENT_NAME=opus-1", "AGENT_NAME=opus-2"))
    env.chmod(0o644)
    run_all("env-file-wrong", "Resolution", fleet, about)
    assert env.read_text() == right
    assert env.stat().st_mode & 0o777 == 0o600


def test_a_dead_lock_is_removed_and_its_hazard_is_gone(fleet: DemoFleet) -> None:
    about, lock = variables("dead-refresh-lock"), fleet.store / ".oauth_refresh.lock"
    lock.mkdir()
    os.utime(lock, (0, 0))
    assert str(lock) in told("dead-refresh-lock", "Diagnosis", 1, fleet, about)
    assert "dead_refresh_lock" in told("dead-refresh-lock", "Diagnosis", 0, fleet, about)
    done = run(steps("dead-refresh-lock", "Resolution")[1], fleet, about)
    assert done.returncode == 0
    assert "dead_refresh_lock:" not in told("dead-refresh-lock", "Verification", 0, fleet, about)


def test_a_store_that_others_can_read_is_closed(fleet: DemoFleet) -> None:
    store = fleet.store / ".credentials.json"
    store.chmod(0o644)
    assert "wide_mode" in told("login-store-unsafe", "Diagnosis", 0, fleet, {})
    run_all("login-store-unsafe", "Resolution", fleet, {})
    assert store.stat().st_mode & 0o777 == 0o600
    assert "wide_mode" not in told("login-store-unsafe", "Verification", 0, fleet, {})


def test_a_wiped_config_is_set_aside_and_can_come_back(fleet: DemoFleet) -> None:
    about, config = variables("config-wiped"), fleet.agent("opus-1") / ".claude.json"
    before = config.read_bytes()
    backup = fleet.home / "backup.json"
    backup.write_text('{"projects": {}, "oauthAccount": {}}')
    about["BACKUP"] = str(backup)
    assert "projects" in told("config-wiped", "Diagnosis", 0, fleet, about).splitlines()
    run_all("config-wiped", "Resolution", fleet, about)
    assert (config.read_bytes(), config.stat().st_mode & 0o777) == (backup.read_bytes(), 0o600)
    run_all("config-wiped", "Rollback", fleet, about)
    assert config.read_bytes() == before
    assert (fleet.home / "set-aside" / "opus-1.new.json").read_bytes() == backup.read_bytes()


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
    assert told("role-branch-exists", "Verification", 0, fleet, about) == "0\n"
    run_all("role-branch-exists", "Rollback", fleet, about)
    assert git(clone, "branch", "--show-current") == "main"


def test_the_role_branch_is_started_and_left_again(fleet: DemoFleet) -> None:
    about = variables("start-on-role-branch")
    clone = fleet.agent(about["AGENT"])
    git(clone, "switch", "--quiet", "main")
    run_all("start-on-role-branch", "Resolution", fleet, about)
    assert git(clone, "branch", "--show-current") != "main"
    assert told("start-on-role-branch", "Verification", 0, fleet, about) == "0\n"
    run_all("start-on-role-branch", "Rollback", fleet, about)
    assert git(clone, "branch", "--show-current") == "main"


def test_after_a_merge_the_clones_on_main_follow(fleet: DemoFleet) -> None:
    about = variables("merge-and-sync")
    git(fleet.agent("opus-1"), "switch", "--quiet", "main")
    done = run(steps("merge-and-sync", "Resolution")[-1], fleet, about)
    assert re.search(r"^opus-1 +up to date +0", done.stdout, re.MULTILINE), done.stderr
    assert "NOT synced: 6 of 8" in done.stdout, "two that the compose file names are not there"


def test_a_lock_that_was_left_is_set_aside_and_git_writes_again(fleet: DemoFleet) -> None:
    about, lock = variables("git-lock-left"), fleet.agent("opus-1") / ".git" / "index.lock"
    lock.write_text("")
    os.utime(lock, (0, 0))
    assert told("git-lock-left", "Diagnosis", 0, fleet, about).strip().endswith("index.lock")
    run_all("git-lock-left", "Resolution", fleet, about)
    (fleet.agent("opus-1") / "new.md").write_text("new\n")
    git(fleet.agent("opus-1"), "add", "new.md")
    run_all("git-lock-left", "Rollback", fleet, about)
    assert lock.exists()


def test_two_rows_that_conflict_both_stay(fleet: DemoFleet) -> None:
    about, clone = variables("index-merge-conflict"), fleet.agent("opus-1")
    index = clone / about["INDEX"]
    before = index.read_text()
    (clone / ".git/info/attributes").write_text(f"{about['INDEX']} merge\n")  # as in a repository without our rule
    for branch, row in (
        ("theirs", "| 2026-11-20 | [a.md](a.md) | a |\n"),
        ("ours", "| 2026-11-21 | [b.md](b.md) | b |\n"),
    ):
        git(clone, "switch", "--quiet", "-c", f"opus/{branch}", "origin/main")
        index.write_text(before + row)
        git(clone, "commit", "--quiet", "--all", f"--message={branch}")
    with pytest.raises(Exception):  # noqa: B017, PT011
        git(clone, "merge", "opus/theirs")
    assert told("index-merge-conflict", "Diagnosis", 0, fleet, about) == about["INDEX"] + "\n"
    run_all("index-merge-conflict", "Resolution", fleet, about)
    assert sorted(index.read_text().removeprefix(before).splitlines()) == [
        "| 2026-11-20 | [a.md](a.md) | a |",
        "| 2026-11-21 | [b.md](b.md) | b |",
    ]
    assert told("index-merge-conflict", "Verification", 0, fleet, about) == "0\n"
    assert git(clone, "status", "--porcelain") == ""
    run_all("index-merge-conflict", "Rollback", fleet, about)


def test_a_number_that_was_taken_twice_is_given_up_by_the_younger(fleet: DemoFleet) -> None:
    folder = "docs/systems/adr"
    about = {**variables("adr-number-clash"), "FILE": f"{folder}/0003-second.md", "NEW": f"{folder}/0004-second.md"}
    clone = fleet.agent("opus-1")
    (clone / about["FILE"]).write_text("# 3. Second\n")
    git(clone, "add", about["FILE"])
    git(clone, "commit", "--quiet", "--message=a second third")
    assert told("adr-number-clash", "Diagnosis", 0, fleet, about) == "0003\n"
    run_all("adr-number-clash", "Resolution", fleet, about)
    assert told("adr-number-clash", "Verification", 0, fleet, about) == ""
    assert (clone / about["NEW"]).read_text() == "# 3. Second\n"
    run_all("adr-number-clash", "Rollback", fleet, about)
    assert (clone / about["FILE"]).exists()


def test_a_decision_is_proposed_and_stands_without_a_finding(fleet: DemoFleet) -> None:
    about = variables("propose-a-decision")
    run_all("propose-a-decision", "Resolution", fleet, about)
    assert "0004" in "".join(run_all("propose-a-decision", "Verification", fleet, about))


def test_packing_a_clone_drops_nothing(fleet: DemoFleet) -> None:
    clone = fleet.agent("opus-1")
    git(clone, "commit", "--quiet", "--allow-empty", "--message=unreachable")
    lost = git(clone, "rev-parse", "HEAD")
    git(clone, "switch", "--quiet", "--detach", "HEAD~1")
    git(clone, "branch", "-D", "opus/job-priorities")
    run_all("disk-full", "Resolution", fleet, variables("disk-full"))
    assert git(clone, "cat-file", "-t", lost) == "commit"


def test_a_fleet_that_is_not_found_is_written_down(fleet: DemoFleet) -> None:
    (fleet.root / "fleet.toml").unlink()
    run_all("no-fleet-found", "Resolution", fleet, variables("no-fleet-found"))
    assert "opus-1" in (fleet.root / "fleet.toml").read_text()


def test_branches_that_diverged_are_merged(fleet: DemoFleet) -> None:
    about, clone, other = variables("branches-diverged"), fleet.agent("opus-1"), fleet.agent("pm-1")
    git(clone, "commit", "--quiet", "--allow-empty", "--message=ours")
    git(other, "switch", "--quiet", "main")
    git(other, "commit", "--quiet", "--allow-empty", "--message=theirs")
    git(other, "push", "--quiet", "origin", "main")
    run_all("branches-diverged", "Resolution", fleet, about)
    assert told("branches-diverged", "Verification", 0, fleet, about) == "0\n"
    assert {"ours", "theirs"} <= set(git(clone, "log", "--format=%s").splitlines())
    run_all("branches-diverged", "Rollback", fleet, about)


def test_a_corrected_index_is_committed_alone(fleet: DemoFleet) -> None:
    about, clone = {**variables("index-table-broken"), "AGENT": "ops-1"}, fleet.agent("ops-1")
    index = clone / "docs/support/ops/INDEX.md"
    index.write_text(index.read_text() + "| Lost | [x](README.md) |\n")
    (clone / "other.md").write_text("not mine\n")
    run_all("index-table-broken", "Resolution", fleet, about)
    assert git(clone, "status", "--porcelain") == "?? other.md"
    run_all("index-table-broken", "Rollback", fleet, about)


def test_rows_that_rotted_away_are_appended(fleet: DemoFleet) -> None:
    about, clone = variables("docs-have-rotted"), fleet.agent("ops-1")
    (clone / "docs/support/ops/lost-page.md").write_text("# A page nobody finds\n")
    assert "lost-page.md has no row" in told("docs-have-rotted", "Diagnosis", 0, fleet, about)
    run_all("docs-have-rotted", "Resolution", fleet, about)
    assert "lost-page.md has no row" not in told("docs-have-rotted", "Verification", 0, fleet, about)


def test_a_solved_problem_becomes_a_page_that_the_index_finds(own_demo_fleet: DemoFleet) -> None:
    about = variables("write-a-runbook")
    assert "Nothing documented" in told("write-a-runbook", "Diagnosis", 0, own_demo_fleet, about)
    (added,) = run_all("write-a-runbook", "Resolution", own_demo_fleet, about)
    found, status = run_all("write-a-runbook", "Verification", own_demo_fleet, about)
    assert about["TITLE"] in found.splitlines()[0]
    assert [line.split()[0] for line in status.splitlines()] == ["M", "??"]
    assert "INDEX row: |" in added


def test_a_release_takes_its_next_step_and_records_it(fleet: DemoFleet) -> None:
    about, clone = variables("release"), fleet.agent("ops-1")
    check = "   ```sh read-only\n   true\n   ```\n"
    (clone / "docs" / "support" / "releasing.md").write_text(f"# Releasing\n\n1. Clean.\n\n{check}")
    planned = told("release", "Diagnosis", 0, fleet, about)
    about["VERSION"], about["PLAN"] = re.findall(r"--version (\S+) --plan (\w+)$", planned, re.MULTILINE)[0]
    assert "step 1 passed" in told("release", "Resolution", 0, fleet, about)
    assert "git -C" in told("release", "Verification", 0, fleet, about)
    assert (clone / "docs" / "support" / "releases" / f"{about['VERSION']}.md").exists()


def test_a_topic_is_researched_by_the_page(fleet: DemoFleet, tmp_path: Path) -> None:
    gemini = StandInGemini(tmp_path / "gemini", GOOD)
    about = {**variables("research-a-topic"), "OPS_GEMINI": str(gemini.path)}
    run_all("research-a-topic", "Resolution", fleet, about)
    assert (fleet.agent("ops-1") / FOLDER / "queues.md").read_text().endswith(GOOD)
    assert "queues.md:" not in told("research-a-topic", "Verification", 0, fleet, about)
