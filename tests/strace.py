"""Programs that are killed (SIGKILL) as they make a system call, by strace: which calls there are, which are drawn.

OPS_E2E_SEED draws the same again (the seed stands at the head of each run); OPS_E2E_KILLS says how many, or `all`.
"""

import os
import random
from collections.abc import Callable
from pathlib import Path

SEED = "OPS_E2E_SEED"
_STRACE = ("strace", "-qq", "-e", "signal=none")


def seed() -> str:
    """One for the whole run, its worker processes included."""
    return os.environ.setdefault(SEED, str(random.randrange(10**6)))


def traced(run: Callable[[tuple[str, ...]], object], folder: Path) -> list[str]:
    """The system calls of a program that nobody kills; `run` runs it below the program that it is given."""
    trace = folder / "trace"
    run((*_STRACE, "-o", str(trace)))
    return trace.read_text("utf-8", "replace").splitlines()


def dying_at(calls: list[str], point: int) -> tuple[str, ...]:
    """A program below which another is killed as it makes this call; strace counts each kind by itself."""
    names = [call.partition("(")[0] for call in calls[: point + 1]]
    injection = f"inject={names[-1]}:signal=KILL:when={names.count(names[-1])}"
    return (*_STRACE, "-o", os.devnull, "-e", f"trace={names[-1]}", "-e", injection)


def drawn(calls: list[str], word: str, usual: int = 24) -> list[int]:
    """Places in `calls`: one half of all from start to end, the other from where `word` is first spoken of.

    The program's start, in which Python loads itself, is most of all calls and a small part of what may go wrong.
    """
    wanted = os.environ.get("OPS_E2E_KILLS", str(usual))
    if wanted == "all":
        return list(range(len(calls)))
    first = next(number for number, call in enumerate(calls) if word in call)
    draw, half = random.Random(f"{seed()} {word}"), int(wanted) // 2
    anywhere = draw.sample(range(len(calls)), min(half, len(calls)))
    late = draw.sample(range(first, len(calls)), min(int(wanted) - half, len(calls) - first))
    return sorted({*anywhere, *late})


def about(calls: list[str], point: int) -> str:
    return f"seed {seed()}, killed at call {point} of {len(calls)}: {calls[point][:80]}"
