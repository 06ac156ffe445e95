"""No login or key leaves a guarded clone: each way in which one reached origin is refused, by commit or by push."""

import os
import subprocess
from pathlib import Path

import pytest

from mcp_server.guard.install import GUARD_INSTALL, Clones
from mcp_server.server.wiring import context_of
from tests.fixtures.clones import clone_of, commit, git, make_origin, push_commits
from tests.fixtures.guarded import guarded_ops

KEY = "gh" + "p_" + "A1b2" * 9


def run(clone: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run with `$KEY`; git's answers in bytes that are no text are replaced."""
    environment = {**os.environ, "KEY": KEY}
    return subprocess.run(
        ["sh", "-c", line], cwd=clone, env=environment, capture_output=True, text=True, check=False, errors="replace"
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return guarded_ops(tmp_path)


def holds_key(origin: Path) -> bool:
    """Whether any object of the origin has the key, reachable or not."""
    listed = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch"], cwd=origin, capture_output=True, check=True
    )
    return KEY.encode() in listed.stdout


SCENES = {
    "in a commit message": 'git commit -q --allow-empty -m "found $KEY" && git push -q origin ops',
    "in a message from a file": 'echo "$KEY" > ../m && git commit -q --allow-empty -F ../m && git push -q origin ops',
    "in a file that attributes call binary": (
        'echo "*.dat binary" > .gitattributes && echo "$KEY" > x.dat && git add -A && git commit -qm x'
        " && git push -q origin ops"
    ),
    "in a file without diff": (
        'echo "*.dat -diff" > .gitattributes && echo "$KEY" > x.dat && git add -A && git commit -qm x'
        " && git push -q origin ops"
    ),
    "in a file with a NUL": (
        "printf 'a\\000b\\n%s\\n' \"$KEY\" > x.bin && git add -A && git commit -qm x && git push -q origin ops"
    ),
    "in text of UTF-16": (
        "printf 'a\\r\\n%s\\r\\n' \"$KEY\" | iconv -t UTF-16 > x.txt && git add -A && git commit -qm x"
        " && git push -q origin ops"
    ),
    "in text of UTF-16 with its other order": (
        "printf 'a\\n%s\\n' \"$KEY\" | iconv -t UTF-16BE > x.txt && git add -A && git commit -q --no-verify -m x"
        " && git push -q origin ops"
    ),
    "in the message of an amended commit": 'git commit -q --amend --no-verify -m "$KEY" && git push -q origin ops',
    "in a long message": (
        'seq 9000 > ../m && echo "$KEY" >> ../m && git commit -q --allow-empty -F ../m && git push -q origin ops'
    ),
    "in the text of a tag": 'git tag -a v1 -m "with $KEY" && git push -q origin v1',
    "in the text of a tag of a tag": 'git tag -a v1 -m "$KEY" && git tag -a v2 -m x v1 && git push -q origin v2',
    "in a note": 'git notes add -m "$KEY" && git push -q origin refs/notes/commits',
    "in a tag of a file": 'git tag blob "$(echo "$KEY" | git hash-object -w --stdin)" && git push -q origin blob',
    "behind a replacement": (
        'echo "$KEY" > x && git add x && git commit -q --no-verify -m x && git replace HEAD HEAD~1'
        " && git push -q origin HEAD:refs/heads/ops"
    ),
    "in a first commit of its own": (
        'git config log.showRoot false && git switch -q --orphan new && echo "$KEY" > x && git add x'
        " && git commit -q --no-verify -m x && git push -q origin HEAD:refs/heads/ops"
    ),
    "on a branch that another remote has": (
        'echo "$KEY" > x && git add x && git commit -q --no-verify -m x'
        " && git update-ref refs/remotes/backup/ops HEAD && git push -q origin ops"
    ),
    "removed by a later commit": (
        'echo "$KEY" > x && git add x && git commit -q --no-verify -m x && git rm -q x && git commit -qm y'
        " && git push -q origin ops"
    ),
}


@pytest.mark.parametrize("scene", SCENES)
def test_a_key_does_not_reach_origin(clone: Path, scene: str) -> None:
    done = run(clone, SCENES[scene])
    assert done.returncode != 0
    assert "ops guard:" in done.stderr
    assert "Next: " in done.stderr
    assert KEY not in done.stdout + done.stderr
    assert not holds_key(clone.parent / "origin.git")


@pytest.mark.parametrize("options", ["", "--no-verify", "--amend", "--cleanup=verbatim"])
def test_a_commit_with_a_key_in_its_message_is_not_made_and_the_next_one_without_it_is(
    clone: Path, options: str
) -> None:
    before = git(clone, "rev-parse", "HEAD")
    done = run(clone, f'git commit -q {options} --allow-empty -m "$(printf "seen\n\nAPI answered $KEY")"')
    assert done.returncode != 0
    assert "message of the commit" in done.stderr
    assert git(clone, "rev-parse", "HEAD") == before
    done = run(clone, "git branch kept && git commit -q --allow-empty -m seen && git push -q origin ops")
    assert done.returncode == 0, done.stderr


def test_a_key_in_the_message_of_a_commit_that_origin_has_does_not_stop_a_pull(clone: Path) -> None:
    origin = clone.parent / "origin.git"
    run(clone, 'git commit -q --allow-empty -m "$KEY"')  # refused; the text stays in COMMIT_EDITMSG
    run(clone.parent / "seed", 'git pull -q; git commit -q --allow-empty -m "$KEY" && git push -q origin main')
    assert holds_key(origin)
    done = run(clone, "git pull -q --no-rebase --no-edit origin main && git push -q origin ops")
    assert done.returncode == 0, done.stderr


def test_a_refusal_shows_no_character_that_acts_on_a_terminal(clone: Path) -> None:
    git(clone, "config", "core.quotePath", "false")
    (clone / "a\x9b31m\u202eb").mkdir()
    done = run(
        clone, 'echo x > a*/../.env; for d in a*; do echo x > "$d/.env"; done; git add -f . && git commit -qm x'
    )
    assert "and is never committed" in done.stderr
    assert done.stderr.isascii()
    refusal = run(clone, "git update-ref refs/heads/x\u202ey HEAD; git push -q origin refs/heads/x\u202ey").stderr
    assert "is not a branch of the role" in refusal.partition("error:")[0]
    assert refusal.partition("error:")[0].isascii()


@pytest.mark.parametrize("attributes", ["", "*.txt -diff"])
def test_a_key_in_the_change_of_a_merge_itself_does_not_reach_origin(clone: Path, attributes: str) -> None:
    push_commits(clone.parent / "origin.git", ["theirs.txt"])
    (clone / ".git" / "info" / "attributes").write_text(attributes)
    merge = 'git fetch -q && git merge -q --no-commit origin/main; echo "$KEY" >> theirs.txt; git add theirs.txt'
    assert "ops guard:" in run(clone, f"{merge}; git commit -qm merge").stderr
    run(clone, "git commit --no-verify -qm merge")
    assert len(git(clone, "rev-list", "--parents", "-1", "HEAD").split()) == 3
    assert "ops guard:" in run(clone, "git push -q origin ops").stderr
    assert not holds_key(clone.parent / "origin.git")


HONEST = (
    'echo "disk-usage-of-the-build-host" > x && git add x && git commit -qm "task-queue-worker-restarts" ',
    "head -c 300000 /dev/urandom > x.bin && git add x.bin && git commit -qm 'a file of random bytes'",
    "printf 'max_tokens=4096\\npassword=${PASSWORD}\\n' > x && git add x && git commit -qm settings",
    "git fetch -q && git merge -q --no-edit origin/main",
    "git tag -a v1 -m 'the first' && git push -q origin v1",
    "git commit -q --allow-empty -m 'The token-refresh page: docs/adr/0084-one-table-of-secrets.md 3f2a9c1d'",
    "printf 'caf\\351 \\000\\001' > x.bin && seq 30000 > long && git add -A && git commit -qm long",
    "git notes add -m 'seen' && git push -q origin refs/notes/commits",
)


@pytest.mark.parametrize("line", HONEST)
def test_honest_work_is_committed_and_pushed(clone: Path, line: str) -> None:
    push_commits(clone.parent / "origin.git", ["theirs.txt"])
    done = run(clone, f"{line} && git push -q origin ops")
    assert done.returncode == 0, done.stderr


def test_a_key_that_origin_already_has_does_not_stop_other_work(tmp_path: Path) -> None:
    origin = make_origin(tmp_path)
    commit(tmp_path / "seed", "old.txt", f"{KEY}\n")
    git(tmp_path / "seed", "push", "--quiet", "origin", "main")
    clone = clone_of(origin, tmp_path / "ops-1")
    git(clone, "switch", "--quiet", "-c", "ops")
    GUARD_INSTALL.run(context_of(os.environ, clone), Clones(clones=[str(clone)]))
    done = run(clone, "echo more >> old.txt && git add -A && git commit -qm more && git push -q origin ops")
    assert done.returncode == 0, done.stderr


def test_a_commit_that_git_cannot_show_to_the_hook_is_refused(clone: Path) -> None:
    before = git(clone, "rev-parse", "HEAD")
    done = run(clone, 'git config diff.orderFile gone && echo "$KEY" > x && git add x && git commit -q -m x')
    assert done.returncode != 0
    assert "has not been checked" in done.stderr
    assert "git diff --cached" in done.stderr
    assert git(clone, "rev-parse", "HEAD") == before


def test_a_push_that_git_cannot_show_to_the_hook_is_refused(clone: Path, tmp_path: Path) -> None:
    line = 'echo "$KEY" > x && git add x && git commit -q --no-verify -m x && git config diff.renameLimit many'
    done = run(clone, f"{line} && git push -q origin ops")
    assert done.returncode != 0
    assert "has not been checked" in done.stderr
    assert not holds_key(Path(git(clone, "remote", "get-url", "origin")))
