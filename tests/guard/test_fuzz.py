"""Generated lines pass through the layers of the guard and are then really run: main never moves.

Each line goes to the real PreToolUse hook. The lines that it lets through, and those that git's hooks or the guard's
`git` must stop by themselves, run in bash in a throw-away clone with both layers and without a network.
`OPS_FUZZ_SEED` generates others, OPS_FULL=1 more.
"""

import os
import random
import shlex
import sys
from collections import Counter
from pathlib import Path

from benchmarks.guard import warm_server
from mcp_server.guard.check import GUARD_CHECK, GuardCheck
from mcp_server.server.wiring import context_of
from tests.fixtures.guarded import decision, guarded_clone
from tests.fixtures.lengths import GUARD_LINES

SEED = int(os.environ.get("OPS_FUZZ_SEED", "20261125"))
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
PAST_HOOKS = (
    "git branch -C ops main",
    "git symbolic-ref refs/heads/main refs/heads/ops",
    "git push --no-verify origin ops:main",
    "git -c core.hooksPath=/dev/null push origin ops:main",
    "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0= git push origin ops:main",
    "git config core.hooksPath /dev/null && git push origin ops:main",
    "git config alias.p 'push --no-verify' && git p origin ops:main",
    "git send-pack origin ops:main",
)
"These skip git's hooks; the `git` shim stops them."
PAST_BOTH = (
    "/usr/bin/git -c core.hooksPath=/dev/null branch -f main ops",
    "cp .git/refs/heads/ops .git/refs/heads/main",
    "rm .git/hooks/pre-push && git push origin ops:main",
    "git clone -q . ../x && cd ../x && git push -q ../origin.git HEAD:main",
)
"Only PreToolUse stops these, or asks the human; they run only if it lets them through."
HONEST = (
    "git push origin ops",
    'git commit --allow-empty -m "ops: never git push origin main"',
    "git fetch origin main:main",
    "git checkout main && git pull && git switch ops",
    'git log --oneline --grep "push origin main"',
)
BY_FILE = "echo {} > ../x.sh; sh ../x.sh"
"PreToolUse reads no script on the disk: what the shims or git's hooks stop may be in one."
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


def mutated(random_: random.Random, line: str, wraps: tuple[str, ...]) -> str:
    """The line wrapped up to two times; in a single command, a word may be quoted in another way."""
    if "&&" not in line and "=" not in line.partition(" ")[0] and random_.random() < 0.5:
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
            random_.choice(wraps).format(shlex.quote(line))
            if random_.random() < 0.5
            else random_.choice(SHAPES).format(line)
        )
    return line


def test_main_never_moves(tmp_path: Path) -> None:
    random_, counts, box = random.Random(SEED), Counter[str](), guarded_clone(tmp_path)
    assert box.run(CORES[1], hooks=False, shims=False), "without a layer it moves"
    environment = {name: os.environ[name] for name in ("HOME", "OPS_HOME")}
    kinds = {"git": CORES, "shims": PAST_HOOKS, "PreToolUse": PAST_BOTH, "honest": HONEST}
    with warm_server():
        for number in range(GUARD_LINES):
            kind = random_.choices([*kinds], (5, 2, 2, 1))[0]
            box.recreate(hooks=True)
            wraps = WRAPS if kind == "PreToolUse" else (*WRAPS, BY_FILE)
            line = mutated(random_, random_.choice(kinds[kind]), wraps)
            answer = decision("Bash", {"command": line}, box.clone, environment) or "allow"
            assert answer != ("deny" if kind == "honest" else "allow") or "../x.sh" in line, (SEED, line)
            if number % 20 == 0:
                assert engine(line, box.clone) == answer, line
            counts[f"{kind}, {answer}"] += 1
            if answer == "allow" or kind in ("git", "shims") or (answer == "ask" and kind == "honest"):
                counts["run"] += 1
                assert not box.run(line, hooks=True, shims=True), (SEED, answer, line)
    sys.stdout.write(f"seed {SEED}, {GUARD_LINES} lines, alone: {box.alone}; {dict(counts)}\n")


def engine(line: str, clone: Path) -> str:
    return GUARD_CHECK.run(context_of({**os.environ, "AGENT_NAME": "ops-1"}, clone), GuardCheck(command=line)).verdict
