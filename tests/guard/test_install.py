"""The guard's hooks in real clones: what they refuse, what still works, and that earlier hooks are kept."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from mcp_server.guard.install import GUARD_INSTALL, GUARD_TEST, GUARD_UNINSTALL, Clones, Results
from mcp_server.server.wiring import context_of
from tests.fixtures.clones import clone_of, clone_on_ops, commit, everything_in, git, make_origin, push_commits
from tests.fixtures.guarded import guarded_ops

BLOCKS = dict.fromkeys(("reference-transaction", "pre-commit", "pre-push", "PreToolUse", "gh"), "blocks")
KEY = "gh" + "p_" + "A1b2" * 9


@dataclass(frozen=True)
class Guarded:
    """A clone named ops-1 on its branch `ops`, with the hooks in place."""

    clone: Path
    origin: Path

    def heads(self) -> tuple[str, str]:
        return git(self.clone, "rev-parse", "refs/heads/main"), git(self.origin, "rev-parse", "refs/heads/main")

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["sh", "-c", line], cwd=self.clone, capture_output=True, text=True, check=False)


def act(operation: object, clone: Path) -> Results:
    assert operation in (GUARD_INSTALL, GUARD_UNINSTALL, GUARD_TEST)
    return operation.run(context_of(os.environ, clone), Clones(clones=[str(clone)]))  # pyright: ignore


@pytest.fixture
def guarded(tmp_path: Path) -> Guarded:
    return Guarded(guarded_ops(tmp_path), tmp_path / "origin.git")


def test_an_installed_guard_blocks_by_all_its_layers(tmp_path: Path) -> None:
    assert act(GUARD_INSTALL, clone_on_ops(tmp_path)).clones[0].layers == BLOCKS


@pytest.mark.parametrize(
    "line",
    [
        "git switch -q main && git commit --allow-empty -m x",
        "git switch -q main && git commit --no-verify --allow-empty -m x",
        "git switch -q main && git merge -q ops",
        "git switch -q main && git reset -q --hard ops",
        "git switch -q main && git cherry-pick ops",
        "git switch -q main && git rebase -q ops",
        "git switch -q main && git pull -q . ops",
        "git branch -f main ops",
        "git update-ref refs/heads/main ops",
        "git update-ref refs/remotes/origin/main ops && git branch -f main ops",
        "git symbolic-ref refs/heads/other refs/heads/main && git update-ref refs/heads/other ops",
        "git branch -D main",
        "git branch -m main old",
        "git branch -M ops main",
        "git fetch -q . ops:main",
        "git checkout -q -B main ops",
        "git worktree add -q -B main ../tree ops",
        "git push -q origin ops:main",
        "git push -q origin HEAD:refs/heads/main",
        "git push -q origin :main",
        "git push -q --force origin +ops:main",
        "git push -q origin HEAD:pm/board",
        "git switch -q -c pm/board && git commit --allow-empty -m x",
    ],
)
def test_a_forbidden_command_is_refused_with_a_next_step(guarded: Guarded, line: str) -> None:
    before = guarded.heads()
    done = guarded.run(line)
    assert done.returncode != 0
    assert guarded.heads() == before
    assert "ops guard:" in done.stderr
    assert "Next: " in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "git commit -q --allow-empty -m x && git push -q -u origin ops && git push -q origin --delete ops",
        "git fetch -q origin main:main",
        "git switch -q main && git pull -q",
        "git switch -q main && git pull -q --rebase origin main",
        "git fetch -q && git switch -q main && git merge -q --ff-only origin/main",
        "git fetch -q && git branch -f main origin/main",
        "git fetch -q && git switch -q main && git reset -q --hard origin/main",
        "git fetch -q && git rebase -q origin/main && git merge -q origin/main",
        "git tag v1 && git push -q origin v1",
        "git switch -q -c ops-2 && git branch -D ops && git branch -m ops-2 ops",
        "git commit -q --amend -m y && git reset -q --hard HEAD~1 && git stash list && git gc -q",
    ],
)
def test_honest_work_still_works(guarded: Guarded, line: str) -> None:
    push_commits(guarded.origin, ["theirs.txt"])
    done = guarded.run(line)
    assert done.returncode == 0, done.stderr


def test_main_with_stray_commits_goes_back_to_origin_once_a_branch_keeps_them(tmp_path: Path) -> None:
    clone = clone_of(make_origin(tmp_path), tmp_path / "ops-1")
    stray = commit(clone, "stray.txt")
    act(GUARD_INSTALL, clone)
    git(clone, "switch", "--quiet", "-c", "ops")
    git(clone, "branch", "-f", "main", "origin/main")
    assert git(clone, "rev-parse", "ops") == stray


def test_without_origin_main_follows_what_was_fetched(guarded: Guarded) -> None:
    push_commits(guarded.origin, ["theirs.txt"])
    git(guarded.clone, "fetch", "--quiet")
    guarded.origin.rename(guarded.origin.with_name("away"))
    assert guarded.run("git branch -f main origin/main").returncode == 0
    assert guarded.run("git branch -f main ops").returncode != 0


@pytest.mark.parametrize(
    ("name", "text"), [(".env", "AGENT_NAME=x"), ("deploy.pem", "x"), ("notes.md", f"token {KEY}")]
)
def test_private_files_and_keys_are_not_committed(guarded: Guarded, name: str, text: str) -> None:
    (guarded.clone / name).write_text(text)
    done = guarded.run(f"git add -f {name} && git commit -m x")
    assert "ops guard:" in done.stderr
    assert KEY not in done.stderr + done.stdout
    assert guarded.run("git log -1 --format=%s").stdout.strip() == "add own.txt"


UUID = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    "name",
    [
        f"projects/-srv-ops-1/{UUID}.jsonl",
        f"projects/-srv-ops-1/{UUID}/subagents/agent-ac2671447d5f4388b.jsonl",
        f"file-history/{UUID}/553c60bef5b3917c@v2",
        "history.jsonl",
        "sessions/4711.json",
        "sessions/4711.0badc0de.key",
        "shell-snapshots/snapshot-bash-1796139637460-ab12cd.sh",
        "backups/.claude.json.backup.1796139637460",
        ".claude.json.tmp.12.abc",
        f".claude/projects/-srv-ops-1/{UUID}.jsonl",
        ".codex/sessions/2026/12/01/rollout-2026-12-01T10-00-00-x.jsonl",
        ".codex/auth.json",
        ".gemini/oauth_creds.json",
        ".gemini/tmp/abc/chats/session-1.json",
    ],
)
def test_what_a_client_writes_in_its_config_folder_is_not_committed(guarded: Guarded, name: str) -> None:
    (guarded.clone / name).parent.mkdir(parents=True, exist_ok=True)
    (guarded.clone / name).write_text("my words")
    done = guarded.run("git add -f . && git commit -m x")
    assert "said in a session" in done.stderr
    assert guarded.run("git log -1 --format=%s").stdout.strip() == "add own.txt"


@pytest.mark.parametrize(
    "name", ["projects/apollo/data.jsonl", "docs/history.jsonl", "src/sessions/1.json", "settings.json", "plans/x.md"]
)
def test_a_file_of_the_project_that_only_looks_like_one_is_committed(guarded: Guarded, name: str) -> None:
    (guarded.clone / name).parent.mkdir(parents=True, exist_ok=True)
    (guarded.clone / name).write_text("data")
    assert guarded.run("git add . && git commit -qm x").returncode == 0


def test_a_key_in_a_commit_is_not_pushed(guarded: Guarded) -> None:
    (guarded.clone / "notes.md").write_text(KEY)
    guarded.run("git add notes.md && git commit --no-verify -qm x")
    done = guarded.run("git push origin ops")
    assert "ops guard:" in done.stderr
    assert git(guarded.origin, "branch", "--list", "ops") == ""


@pytest.mark.parametrize("custom", [None, ".husky"])
def test_earlier_hooks_run_and_are_restored_byte_for_byte(tmp_path: Path, custom: str | None) -> None:
    clone = clone_on_ops(tmp_path)
    hooks = clone / (custom or ".git/hooks")
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "commit-msg", "pre-push"):
        (hooks / name).write_text(f"#!/bin/sh\n[ {name} != pre-push ] || cat >> ../ran\necho {name} >> ../ran\n")
        (hooks / name).chmod(0o755)
    if custom:
        git(clone, "config", "core.hooksPath", custom)
    before = {path: bytes_ for path, (_, bytes_) in everything_in(clone).items() if "index" not in path}
    assert act(GUARD_INSTALL, clone).clones[0].layers == BLOCKS
    assert act(GUARD_INSTALL, clone).clones[0].outcome == "unchanged"
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "x")
    git(clone, "push", "--quiet", "origin", "ops")
    ran = (tmp_path / "ran").read_text().split()
    assert [word for word in ran if not word.startswith("refs/") and len(word) < 30] == [
        "pre-commit",
        "commit-msg",
        "pre-push",
    ]
    assert "refs/heads/ops" in ran
    git(clone, "update-ref", "-d", "refs/remotes/origin/ops")
    git(clone, "reset", "--quiet", "--hard", "HEAD~1")
    assert act(GUARD_UNINSTALL, clone).clones[0].outcome == "removed"
    after = {path: bytes_ for path, (_, bytes_) in everything_in(clone).items() if "index" not in path}
    assert {p: b for p, b in after.items() if "hooks" in p or p.endswith("config") or ".husky" in p} == {
        p: b for p, b in before.items() if "hooks" in p or p.endswith("config") or ".husky" in p
    }


@pytest.mark.parametrize(
    "undo",
    ["rm .git/hooks/reference-transaction", "chmod -x .git/hooks/*", "git config core.hooksPath /dev/null"],
)
def test_disabled_hooks_are_reported_as_inert(guarded: Guarded, undo: str) -> None:
    guarded.run(undo)
    assert "inert" in act(GUARD_TEST, guarded.clone).clones[0].layers.values()


def test_a_test_of_the_hooks_does_not_touch_the_clones_refs(guarded: Guarded) -> None:
    before = git(guarded.clone, "for-each-ref"), git(guarded.clone, "reflog"), git(guarded.origin, "for-each-ref")
    act(GUARD_TEST, guarded.clone)
    assert (
        git(guarded.clone, "for-each-ref"),
        git(guarded.clone, "reflog"),
        git(guarded.origin, "for-each-ref"),
    ) == before


def test_a_refusal_by_another_hook_proves_nothing(guarded: Guarded) -> None:
    hook = guarded.clone / ".git" / "hooks" / "pre-push"
    hook.write_text("#!/bin/sh\necho 'no config here' >&2\nexit 1\n")
    assert act(GUARD_TEST, guarded.clone).clones[0].layers["pre-push"] == "inert"


def test_a_hook_that_another_program_has_renamed_still_refuses(guarded: Guarded) -> None:
    hooks = guarded.clone / ".git" / "hooks"
    (hooks / "pre-push").rename(hooks / "pre-push.legacy")
    (hooks / "pre-push").write_text('#!/bin/sh\nexec "$0.legacy" "$@"\n')
    (hooks / "pre-push").chmod(0o755)
    before = guarded.heads()
    assert "ops guard:" in guarded.run("git push origin ops:main").stderr
    assert guarded.heads() == before
    assert guarded.run("git push origin ops").returncode == 0
    act(GUARD_UNINSTALL, guarded.clone)
    assert not (hooks / "pre-push.legacy").exists()
    assert (hooks / "pre-push").exists(), "theirs stays"


@pytest.mark.parametrize("value", [".husky", "/somewhere/else"])
def test_hooks_that_a_work_tree_had_of_its_own_give_way_and_come_back(tmp_path: Path, value: str) -> None:
    clone = clone_of(make_origin(tmp_path), tmp_path / "ops-1")
    git(clone, "config", "extensions.worktreeConfig", "true")
    git(clone, "config", "--worktree", "core.hooksPath", value)
    config = (clone / ".git" / "config.worktree").read_bytes()
    installed, again = act(GUARD_INSTALL, clone).clones[0], act(GUARD_INSTALL, clone).clones[0]
    assert (installed.layers, installed.outcome, again.outcome) == (BLOCKS, "installed", "unchanged")
    assert subprocess.run(["git", "commit", "--allow-empty", "-m", "x"], cwd=clone, check=False).returncode == 1
    assert act(GUARD_UNINSTALL, clone).clones[0].outcome == "removed"
    assert (clone / ".git" / "config.worktree").read_bytes() == config


def test_a_linked_work_tree_that_looks_for_hooks_elsewhere_makes_the_guard_inert_until_it_is_installed_there(
    guarded: Guarded,
) -> None:
    tree = guarded.clone.parent / "tree"
    git(guarded.clone, "worktree", "add", "--quiet", "--detach", str(tree))
    assert act(GUARD_TEST, guarded.clone).clones[0].layers == BLOCKS
    git(guarded.clone, "config", "extensions.worktreeConfig", "true")
    git(tree, "config", "--worktree", "core.hooksPath", str(guarded.clone / "data"))
    tested = act(GUARD_TEST, guarded.clone).clones[0]
    assert {name: tested.layers[name] for name in ("reference-transaction", "pre-push")} == {
        "reference-transaction": "inert",
        "pre-push": "inert",
    }
    assert tested.why is not None
    step = tested.why.rpartition(": ")[2]
    assert step == f"ops guard install {tree}"
    act(GUARD_INSTALL, tree)
    assert act(GUARD_TEST, guarded.clone).clones[0].layers == BLOCKS
