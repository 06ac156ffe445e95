"""Clones drawn at random, with what people leave in them: work trees, unfinished operations, odd refs, cut histories.

The same seed draws the same clone.
"""

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.test", "-c", "protocol.file.allow=always")
NAMES = (
    "opus/1",
    "föö",
    "a.b-c_d",
    "x/y/z",
    "HEAD2",
    "refs/heads/twice",
    "heads",
    "origin",
    "it's",
    "main2",
    "@x",
    "%41",
)


def git(folder: Path, *words: str, fails: bool = False) -> str:
    """Git's output; `fails`: it may fail, as a merge with a conflict does."""
    command = ["git", *IDENTITY, "-C", str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert fails or done.returncode == 0, (words, done.stderr)
    return done.stdout.strip("\n")


class Drawn:
    """A clone in `folder`; `whole` is a copy of it with the complete history."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.root, self.clone, self.whole = folder, folder / "opus-1", folder / "whole"
        self.default = self.chance.choice(["main", "master", "trunk", "develop", "release/next"])
        self.form = self.chance.choice(["sha1", "sha1", "sha1", "sha256"])
        self.number = 0
        self.origin = self._origin("origin.git")
        self._clone()
        kinds = self.chance.sample(STEPS, k=self.chance.randrange(5))
        self.steps = [kind.__name__ for kind in kinds]
        for kind in kinds:
            kind(self)
        self._copy_whole()

    def commit(self, folder: Path, name: str | None = None) -> None:
        self.number += 1
        (folder / (name or f"file-{self.number}")).write_text(f"{self.number}\n")
        git(folder, "add", "--all", fails=True)
        git(folder, "commit", "--quiet", "--no-verify", "-m", f"commit {self.number}", fails=True)

    def pick(self, *among: str) -> str:
        return self.chance.choice(among)

    def free_name(self) -> str:
        self.number += 1
        return f"{self.chance.choice(NAMES)}-{self.number}"

    def _origin(self, name: str) -> Path:
        seed, bare = self.root / "seed", self.root / name
        git(self.root, "init", "--quiet", f"--object-format={self.form}", "-b", self.default, str(seed))
        for _ in range(self.chance.randrange(1, 4)):
            self.commit(seed, "shared")
        git(self.root, "clone", "--quiet", "--bare", "--no-local", str(seed), str(bare))
        git(bare, "config", "uploadpack.allowFilter", "true")
        git(seed, "remote", "add", "origin", str(bare))
        if self.chance.random() < 0.4:
            git(bare, "branch", self.pick("develop", "topic", "main", "v1/next"), fails=True)
        return bare

    def _clone(self) -> None:
        url = f"file://{self.origin}"
        way = self.chance.randrange(10)
        if way < 6:
            options = [(), (), ("--depth", "1"), ("--depth", "2"), ("--filter=blob:none",), ("--single-branch",)][way]
            git(self.root, "clone", "--quiet", *options, url, str(self.clone))
        elif way < 8:
            git(self.root, "init", "--quiet", f"--object-format={self.form}", "-b", self.default, str(self.clone))
            git(self.clone, "remote", "add", "origin", url)
            git(self.clone, "fetch", "--quiet")
            git(self.clone, "checkout", "--quiet", "-B", self.default, f"origin/{self.default}")
        elif way == 8:
            git(self.root, "clone", "--quiet", "--sparse", url, str(self.clone))
        else:
            git(self.root, "clone", "--quiet", "--no-checkout", url, str(self.clone))
            git(self.clone, "reset", "--quiet", "--hard", fails=True)

    def _copy_whole(self) -> None:
        shutil.copytree(self.clone, self.whole, symlinks=True)
        if (self.clone / ".git" / "shallow").exists():
            tips = git(self.whole, "for-each-ref", "--format=%(refname) %(objectname)")
            git(
                self.whole,
                "fetch",
                "--quiet",
                "--unshallow",
                "--no-tags",
                "--refmap=",
                f"file://{self.origin}",
                fails=True,
            )
            for line in tips.splitlines():
                name, commit = line.split(" ")
                git(self.whole, "update-ref", name, commit, fails=True)


def on_own_branch(drawn: Drawn) -> None:
    git(drawn.clone, "switch", "--quiet", "--create", drawn.free_name(), fails=True)
    for _ in range(drawn.chance.randrange(3)):
        drawn.commit(drawn.clone)


def commits_on_default(drawn: Drawn) -> None:
    git(drawn.clone, "switch", "--quiet", drawn.default, fails=True)
    drawn.commit(drawn.clone)


def changes(drawn: Drawn) -> None:
    (drawn.clone / "shared").write_text("changed\n")
    (drawn.clone / "ünew file").write_text("new\n")
    (drawn.clone / "folder").mkdir(exist_ok=True)
    (drawn.clone / "folder" / "inner").write_text("new\n")
    if drawn.chance.random() < 0.5:
        git(drawn.clone, "add", "shared", fails=True)


def detached(drawn: Drawn) -> None:
    git(drawn.clone, "checkout", "--quiet", "--detach", fails=True)
    for _ in range(drawn.chance.randrange(3)):
        drawn.commit(drawn.clone)


def origin_moves(drawn: Drawn) -> None:
    seed = drawn.root / "seed"
    for _ in range(drawn.chance.randrange(1, 4)):
        drawn.commit(seed, drawn.pick("shared", "other"))
    git(seed, "push", "--quiet", "origin", f"HEAD:{drawn.default}")
    shallow = (drawn.clone / ".git" / "shallow").exists()
    depth = ("--depth", drawn.pick("1", "2")) if shallow and drawn.chance.random() < 0.5 else ()
    git(drawn.clone, "fetch", "--quiet", *depth, "origin", fails=True)


def head_of_origin(drawn: Drawn) -> None:
    """Not set, or naming a branch that is gone, or another one."""
    name = drawn.pick("", "gone", drawn.default)
    git(drawn.clone, "remote", "set-head", "origin", "--delete", fails=True)
    if name:
        git(drawn.clone, "symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{name}")


def upstream(drawn: Drawn) -> None:
    git(drawn.clone, "remote", "add", "upstream", f"file://{drawn.origin}", fails=True)
    git(drawn.clone, "fetch", "--quiet", "upstream", fails=True)


def upstream_gone(drawn: Drawn) -> None:
    name = drawn.free_name()
    git(drawn.clone, "switch", "--quiet", "--create", name, fails=True)
    git(drawn.clone, "config", f"branch.{name}.remote", "origin")
    git(drawn.clone, "config", f"branch.{name}.merge", "refs/heads/deleted")


def packed(drawn: Drawn) -> None:
    git(drawn.clone, "pack-refs", "--all")


def unborn(drawn: Drawn) -> None:
    git(drawn.clone, "checkout", "--quiet", "--orphan", drawn.free_name(), fails=True)


def alias(drawn: Drawn) -> None:
    git(drawn.clone, "symbolic-ref", "refs/heads/alias", f"refs/heads/{drawn.default}")


def _conflict(drawn: Drawn) -> tuple[str, str]:
    """Two branches that changed the same line; the second one is checked out."""
    one, other = drawn.free_name(), drawn.free_name()
    for name in (one, other):
        git(drawn.clone, "checkout", "--quiet", "-f", "-B", name, f"origin/{drawn.default}", fails=True)
        drawn.commit(drawn.clone, "shared")
        drawn.commit(drawn.clone)
    return one, other


def merge(drawn: Drawn) -> None:
    git(drawn.clone, "merge", "--quiet", _conflict(drawn)[0], fails=True)


def rebase(drawn: Drawn) -> None:
    git(drawn.clone, "rebase", drawn.pick("--merge", "--apply"), _conflict(drawn)[0], fails=True)


def cherry_pick(drawn: Drawn) -> None:
    one, _ = _conflict(drawn)
    git(drawn.clone, "cherry-pick", f"{one}~2..{one}", fails=True)
    if drawn.chance.random() < 0.3:
        (drawn.clone / "shared").write_text("solved\n")
        git(drawn.clone, "add", "shared")
        git(drawn.clone, "commit", "--quiet", "-m", "solved", fails=True)


def revert(drawn: Drawn) -> None:
    _conflict(drawn)
    drawn.commit(drawn.clone, "shared")
    git(drawn.clone, "revert", "--no-edit", "HEAD~2", fails=True)


def bisect(drawn: Drawn) -> None:
    _conflict(drawn)
    git(drawn.clone, "bisect", "start", fails=True)
    if drawn.chance.random() < 0.5:
        git(drawn.clone, "bisect", "bad", fails=True)
        git(drawn.clone, "bisect", "good", "HEAD~2", fails=True)


def mail(drawn: Drawn) -> None:
    one, _ = _conflict(drawn)
    patch = drawn.root / "patch"
    patch.write_text(git(drawn.clone, "format-patch", "--stdout", f"{one}~2..{one}", fails=True) + "\n")
    git(drawn.clone, "am", str(patch), fails=True)


def work_tree(drawn: Drawn) -> None:
    path = drawn.pick(str(drawn.clone / ".claude" / "trees" / "x"), str(drawn.root / "aside" / "y z"))
    new = ("--detach",) if drawn.chance.random() < 0.5 else ("-b", drawn.free_name())
    git(drawn.clone, "worktree", "add", "--quiet", *new, path, fails=True)
    if Path(path).is_dir():
        for _ in range(drawn.chance.randrange(3)):
            drawn.commit(Path(path))
        if drawn.chance.random() < 0.3:
            (Path(path) / "shared").write_text("changed there\n")
        if drawn.chance.random() < 0.2:
            shutil.rmtree(path)


def hooks_path(drawn: Drawn) -> None:
    scope = drawn.pick("--local", "--worktree")
    if scope == "--worktree":
        git(drawn.clone, "config", "extensions.worktreeConfig", "true")
    git(drawn.clone, "config", scope, "core.hooksPath", drawn.pick(".husky", "/somewhere/hooks", "~/hooks"))


STEPS: tuple[Callable[[Drawn], None], ...] = (
    on_own_branch,
    commits_on_default,
    changes,
    detached,
    origin_moves,
    head_of_origin,
    upstream,
    upstream_gone,
    packed,
    unborn,
    alias,
    merge,
    rebase,
    cherry_pick,
    revert,
    bisect,
    mail,
    work_tree,
    hooks_path,
)
