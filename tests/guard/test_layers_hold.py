"""Lines that are really run in a clone with git's hooks and the guard's `git` first on the PATH: main stays."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.clones import commit, make_origin
from tests.fixtures.guarded import ROOT, guarded_clone

SHIMS = ROOT / "hooks" / "shims"
# Without a layer each of these moves main in the clone or at its origin.
MOVES = (
    "git branch -qC ops main",
    "git branch -fC ops main",
    "git branch -Cf ops main",
    "git branch -qfc ops main",
    "git branch --cop -f ops main",
    "git config x.y $PWD && git for-each-repo --config=x.y branch -fC ops main",
    "echo ops:main | git send-pack --stdin ../origin.git",
    "git push -q --dry-run --no-dry-run origin ops:main",
    "git push -q -n --no-dry origin ops:main",
    "git push -q --al",
    "git push -qf --mir",
    "git switch -q --force-c main ops",
    "git checkout -qfBmain ops",
    "echo +ops:main | git fetch -q --stdin .",
    "git worktree add -q -Bmain ../x ops",
    "git fetch -q --refm=+refs/heads/ops:refs/heads/main . ops",
    "git config alias.c 'branch -C' && git c ops main",
    "printf '[alias]\\n c = branch -qC\\n' > ../more && git config include.path ../../more && git c ops main",
    "git -c alias.c='!git branch -C ops main' c",
    "git push -q --no-veri origin ops:main",
    "git symbolic-ref refs/heads/main refs/heads/ops",
    "rm -f .git/hooks/pre-push && git push -q origin ops:main",
    "git config core.hooksPath /dev/null; git push -q origin ops:main",
    "cd $(mktemp -d) && git clone -q {origin} . && git commit -q --allow-empty -m x && git push -q",
    "git clone -q --bare . ../b.git && git -C ../b.git push -q {origin} ops:main",
    "git clone -q --mirror . ../m.git && cd ../m.git && git push -q {origin} ops:main",
    "git clone -q --no-hardlinks -c core.hooksPath=.git . ../c && cd ../c && git push -q {origin} HEAD:main",
    "git init -q ../n && cd ../n && git fetch -q ../ops-1 ops:x && git remote add o {origin} && git push -q o x:main",
    "git init -q ../n && cd ../n && git pull -q ../ops-1 ops && git push -q {origin} HEAD:main",
    "git worktree add -q --detach ../w && cd ../w && git push -q origin ops:main",
    "git -C .. clone -q ops-1 d && cd ../d && git push -q file://{origin} HEAD:main",
)


def test_main_moves_without_a_layer_and_stays_with_all(tmp_path: Path) -> None:
    box = guarded_clone(tmp_path)
    origin = box.clone.parent / "origin.git"
    lines = [line.replace("{origin}", str(origin)) for line in MOVES]
    assert [line for line in lines if not box.run(line, hooks=False, shims=False)] == [], "these do nothing at all"
    assert [line for line in lines if box.run(line, hooks=True, shims=True)] == []


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `origin.git`, where the guard's `git` comes first on the PATH."""
    origin = make_origin(tmp_path)
    monkeypatch.setenv("PATH", f"{SHIMS}:{os.environ['PATH']}")
    monkeypatch.setenv("AGENT_NAME", "ops-1")
    assert origin == tmp_path / "origin.git"
    return tmp_path


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    "line",
    [
        "git init -q t && cd t && git commit -q --allow-empty -m x && git branch -M main && git reset -q --hard",
        "git init -q --bare r.git && git init -q w && cd w && {commit} && git push -q ../r.git HEAD:main",
        "git init -q --bare r.git; git init -q w; cd w; {commit}; git remote add o ../r.git; git push -q o main",
        "git init -q --bare r.git && git clone -q r.git w 2>/dev/null && cd w && {commit} && git push -q",
        "git clone -q origin.git w && cd w && {commit} && git push -q origin HEAD:ops",
        "git clone -q --bare origin.git r.git && git clone -q r.git w && cd w && {commit} && git push -q",
        "git clone -q origin.git w && cd w && git switch -q -c x && git branch -C x ops && git push -q origin ops",
    ],
)
def test_a_repository_for_a_trial_and_other_branches_stay_free(place: Path, line: str) -> None:
    done = run(line.replace("{commit}", "git commit -q --allow-empty -m x"), place)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_clone_without_hooks_of_its_own_says_why_a_push_is_refused(place: Path) -> None:
    done = run("git clone -q origin.git w && cd w && git commit -q --allow-empty -m x && git push -q", place)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "ops guard: main is protected: nobody works on it directly\nNext: git switch -c NAME"
    )


def test_a_secret_in_a_clone_without_hooks_is_not_pushed(place: Path) -> None:
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    made = f"git clone -q origin.git w && cd w && echo {key} > k && git add k && git commit -q -m x"
    done = run(f"{made} && git push -q origin HEAD:ops", place)
    assert done.returncode == 1
    assert "looks like a login or a key" in done.stderr


def test_the_repositorys_own_hooks_run_at_a_push(place: Path) -> None:
    run("PATH=${PATH#*:}; git clone -q -c core.hooksPath=own origin.git w", place)
    (place / "w" / "own").mkdir()
    for name in ("pre-push", "reference-transaction"):
        hook = place / "w" / "own" / name
        hook.write_text(f"#!/bin/sh\necho {name} $1 >> {place}/ran\ncat >> {place}/ran\n")
        hook.chmod(0o755)
    commit(place / "w", "a.txt")
    assert run("git push -q origin HEAD:ops", place / "w").returncode == 0
    ran = (place / "ran").read_text()
    assert "pre-push origin\nHEAD " in ran
    assert "reference-transaction committed\n" in ran


def test_a_repository_that_is_there_is_never_marked_as_one_for_a_trial(place: Path) -> None:
    run("git init -q --bare origin.git; cd origin.git; git init -q --bare; git init -q; git -C . init -q", place)
    assert not (place / "origin.git" / "ops-guard.scratch").exists()
    run("PATH=${PATH#*:}; git clone -q origin.git w", place)
    run("git init -q w; cd w; git init -q", place)
    assert not (place / "w" / ".git" / "ops-guard.scratch").exists()


def test_without_python_the_guards_git_refuses_what_hooks_do_not_see(place: Path) -> None:
    plugin = place / "plugin"
    (plugin / "hooks").mkdir(parents=True)
    for name in ("shims", "shim.sh", "githooks"):
        subprocess.run(["cp", "-R", str(ROOT / "hooks" / name), str(plugin / "hooks")], check=True)
    run("git clone -q origin.git w && cd w && git switch -q -c ops && git commit -q --allow-empty -m x", place)
    before = os.environ["PATH"].partition(":")[2]
    for line in (
        "git branch -C ops main",
        "git branch -qfc ops main",
        "git branch --cop -f ops main",
        "git symbolic-ref refs/heads/main refs/heads/ops",
        "git push --no-verify origin ops:main",
        "git -c core.hooksPath=/dev/null push origin ops:main",
        "git send-pack ../origin.git ops:main",
        "git push origin ops:main",
    ):
        done = run(f"PATH={plugin}/hooks/shims:{before}; {line}", place / "w")
        assert done.returncode == 1, line
        assert "ops guard" in done.stderr or "the guard did not answer" in done.stderr, line
    for line in ("git status", "git branch ops-2", "git commit -q --allow-empty -m y", "git push -q origin ops"):
        done = run(f"PATH={plugin}/hooks/shims:{before}; {line}", place / "w")
        assert (done.returncode, done.stderr) == (0, ""), line
