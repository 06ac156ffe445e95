"""A figure: how long something takes, as a ratio to something that everybody knows, in the same run."""

import resource
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Ways = Mapping[str, Callable[[], object]]
"""What is compared, by name; the first is the baseline."""


@dataclass(frozen=True)
class Figure:
    """`goal` is the highest ratio that is fine, where there is one."""

    name: str
    taken: float
    base_name: str
    base: float
    goal: float | None = None
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        return self.taken / self.base

    def line(self) -> str:
        verdict = "met" if self.goal and self.ratio <= self.goal else "MISSED"
        values = f"{self.taken:10.1f} {self.unit:6} {self.ratio:8.2f} x {self.base_name} ({self.base:.1f})"
        return f"{self.name:44}{values}" + (f"  goal {self.goal:g}: {verdict}" if self.goal else "")


def busy() -> float:
    """Seconds of processor time that ended programs of this process took: says the same on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def medians(ways: Ways, rounds: int, clock: Callable[[], float] = time.perf_counter) -> dict[str, float]:
    """Milliseconds of each way. All of them take turns in each round: what else the machine does meets all alike."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, act in ways.items():
            begun = clock()
            act()
            taken[name].append(1000 * (clock() - begun))
    return {name: median(times) for name, times in taken.items()}


def compared(
    ways: Ways, rounds: int, goals: Mapping[str, float], clock: Callable[[], float] = time.perf_counter
) -> Iterator[Figure]:
    """A figure for each way after the first, which is the baseline."""
    took = medians(ways, rounds, clock)
    base, *others = took
    for name in others:
        yield Figure(name, took[name], base, took[base], goals.get(name))


def program(
    command: Sequence[str | Path], environment: Mapping[str, str], stdin: str = "", codes: Sequence[int] = (0,)
) -> Callable[[], None]:
    """Runs a program to its end, which must be one of `codes`."""

    def run() -> None:
        done = subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode in codes, (command, done.returncode, done.stderr)

    return run
