"""Small faults put into the pure rules of a package by cosmic-ray: how many do the package's tests notice?

    python -m benchmarks.mutation --cosmic-ray PYTHON [--seed N] [--count N] [PACKAGE...]

PYTHON is the Python of an environment of its own with cosmic-ray. Each mutant is written to a copy of the checkout,
and the tests that reach its function are run there, the fastest first, until one fails. Prints one line for each
mutant, with the difference if it survives.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from signal import SIGXCPU
from typing import Final

from benchmarks.mutation.mutant import Mutant, Outcome, drawn
from benchmarks.mutation.reach import Reach, load, tests_for

ROOT: Final = Path(__file__).resolve().parents[2]
_LONGEST: Final = 900
_PYTEST: Final = (sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--cosmic-ray", required=True)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--count", type=int, default=60, help="mutants for each package")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--reach", type=Path, help="folder that keeps what the tests reach, for the next run")
    options.add_argument("packages", nargs="*", default=["logins", "configs", "guard", "records"])
    given = options.parse_args()
    packages: list[str] = given.packages
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="ops-mutation-") as name, ThreadPoolExecutor(given.jobs) as pool:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(given.jobs):
            copies.put(_copy(Path(name) / str(number)))
        for package in packages:
            reach = _reach(copies, package, given.reach)
            mutants = drawn(given.cosmic_ray, ROOT, package, given.seed, given.count)
            outcomes = Counter(pool.map(partial(_outcome, copies, reach), mutants))
            print(f"{package}: {len(mutants)} drawn, {dict(outcomes)}", flush=True)


def _copy(folder: Path) -> Path:
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for line in listed.stdout.splitlines():
        (folder / line).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / line, folder / line, follow_symlinks=False)
    return folder


def _reach(copies: SimpleQueue[Path], package: str, kept: Path | None) -> Reach:
    copy = copies.get()
    try:
        file = (kept or copy) / f"{package}.reach"
        if not file.exists():
            command = [sys.executable, "-m", "benchmarks.mutation.reach", package, str(file)]
            subprocess.run(command, cwd=copy, check=True, stdout=subprocess.DEVNULL)
        return load(file)
    finally:
        copies.put(copy)


def _outcome(copies: SimpleQueue[Path], reach: Reach, mutant: Mutant) -> Outcome:
    copy = copies.get()
    original = (copy / mutant.module).read_text("utf-8")
    tests = tests_for(reach, mutant.module, mutant.row, original)
    try:
        (copy / mutant.module).write_text(mutant.code, "utf-8")
        outcome = _run(copy, tests, 20 + 3 * sum(reach[test][0] for test in tests)) if tests else "survives"
    finally:
        (copy / mutant.module).write_text(original, "utf-8")
        copies.put(copy)
    print(f"{outcome:9} {mutant.module}:{mutant.row} {mutant.operator} ({len(tests)} tests)", flush=True)
    if outcome == "survives":
        print(*mutant.difference(original), sep="\n", flush=True)
    return outcome


def _run(copy: Path, tests: list[str], seconds: float) -> Outcome:
    arguments = copy / "tests.arguments"
    arguments.write_text("\n".join(tests))
    try:
        limited = [
            "prlimit",
            f"--cpu={seconds:.0f}:{seconds + 9:.0f}",
            *_PYTEST,
            f"@{arguments}",
        ]  # the clock would judge the machine
        ran = subprocess.run(limited, cwd=copy, timeout=_LONGEST, capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        return "timed out"
    if ran.returncode == -SIGXCPU:
        return "timed out"
    return "noticed" if ran.returncode else "survives"


if __name__ == "__main__":
    main()
