"""Generated evasions, really run in a throw-away clone: no check refuses them in vain, and main never moves.

`OPS_FUZZ_LINES` sets how many lines are made (default 60).
"""

import os
import random
import shlex
import subprocess
from pathlib import Path

from mcp_server.operations.guard import GUARD_CHECK, GuardCheck
from mcp_server.operations.guard_hooks import GUARD_INSTALL, Clones
from mcp_server.wiring import context_of
from tests.clones import clone_of, commit, git, make_origin

LINES = int(os.environ.get("OPS_FUZZ_LINES", "60"))
CORES = (
    "git push origin main",
    "git push -f origin HEAD:main",
    "git push origin +ops:refs/heads/main",
    "git push origin :main",
    "git update-ref refs/heads/main ops",
    "git update-ref refs/remotes/origin/main ops",
    "git branch -f main ops",
    "git branch -M ops main",
    "git fetch . ops:main",
    "git checkout -B main ops",
    "git checkout main && git merge --no-edit ops",
    "git checkout main && git commit --allow-empty -m x",
    "git checkout main && git reset --hard ops",
    "git -c push.default=matching push",
    "git symbolic-ref HEAD refs/heads/main && git commit --allow-empty -m y",
)
WRAPS = (
    "bash -c {}",
    "sh -c {}",
    "eval {}",
    "echo {} | sh",
    "sh <<< {}",
    "env A=1 sh -c {}",
    "timeout 20 sh -c {}",
    "nice -n 5 sh -c {}",
    'C={}; eval "$C"',
    "echo {} > ../x.sh; sh ../x.sh",
    "find . -maxdepth 0 -exec sh -c {} \\;",
    "xargs -0 sh -c {} < /dev/null",
    "python3 -c 'import os,sys; os.system(sys.argv[1])' {}",
    "echo {} | base64 | base64 -d | bash",
)
SHAPES = (
    "{}",
    "({})",
    "{{ {}; }}",
    "if true; then {}; fi",
    "f() {{ {}; }}; f",
    "true && {}",
    "! {}",
    "$(: ; {})",
    "{} || true",
)


def mutated(random_: random.Random) -> str:
    line = random_.choice(CORES)
    if "&&" not in line and random_.random() < 0.5:
        words = shlex.split(line)
        at = random_.randrange(len(words))
        word = words[at]
        cut = random_.randrange(len(word) + 1)
        words[at] = random_.choice(
            (f"'{word}'", f'"{word}"', f'{word[:cut]}""{word[cut:]}', f"$(echo {word})", f"\\{word}", f"$'{word}'")
        )
        line = " ".join(words)
    for _ in range(random_.randrange(3)):
        line = (
            random_.choice(WRAPS).format(shlex.quote(line))
            if random_.random() < 0.5
            else random_.choice(SHAPES).format(line)
        )
    return line


def test_main_never_moves_whatever_is_tried(tmp_path: Path) -> None:
    random_ = random.Random(20261125)
    origin = make_origin(tmp_path)
    clone = clone_of(origin, tmp_path / "ops-1")
    git(clone, "switch", "--quiet", "-c", "ops")
    commit(clone, "own.txt")
    context = context_of(os.environ, clone)
    GUARD_INSTALL.run(context, Clones(clones=[str(clone)]))
    main = git(clone, "rev-parse", "main")
    for _ in range(LINES):
        line = mutated(random_)
        # What the check refuses is run all the same: git's hooks must hold by themselves.
        verdict = GUARD_CHECK.run(context, GuardCheck(command=line))
        subprocess.run(["bash", "-c", line], cwd=clone, capture_output=True, timeout=120, check=False)
        assert verdict.verdict != "allow", line
        assert git(clone, "rev-parse", "refs/heads/main") == main, (line, verdict)
        assert git(origin, "rev-parse", "refs/heads/main") == main, (line, verdict)
        subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/ops"], cwd=clone, check=True)
        git(clone, "reset", "--quiet", "--hard")
