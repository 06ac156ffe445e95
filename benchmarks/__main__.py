"""All figures of the product in one run, as ratios to something that everybody knows: `python -m benchmarks`.

`--quick` takes fewer rounds and smaller fleets and ends within two minutes on two quiet cores; `--only PART` takes
one part. Each ratio is of medians that were taken in turn, so it holds on a busy machine too, though less exactly.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import configs, fleet, index, starts
from benchmarks.figures import Figure

Part = Callable[[Path, bool], Iterator[Figure]]


def _audit(folder: Path, quick: bool) -> Iterator[Figure]:
    return fleet.figures(folder, (25,) if quick else (25, 200, 1000), 3 if quick else 7)


def _sync(folder: Path, quick: bool) -> Iterator[Figure]:
    return configs.figures(folder, (25,) if quick else (25, 1000), 3 if quick else 7)


def _index(_: Path, quick: bool) -> Iterator[Figure]:
    rounds = 3 if quick else 7
    yield from index.by_pages((10, 100, 1000) if quick else (10, 100, 1000, 10_000), rounds)
    yield from index.by_length(rounds)


PARTS: dict[str, Part] = {
    "shell": lambda folder, quick: starts.shell_starts(folder, 7 if quick else 21),
    "server": lambda folder, quick: starts.server_calls(folder, 7 if quick else 21),
    "audit": _audit,
    "sync": _sync,
    "index": _index,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller fleets")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; may be given again")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name in options.only or PARTS:
        print(f"\n{name}")
        with tempfile.TemporaryDirectory(prefix="ops-benchmark-") as folder:
            for figure in PARTS[name](Path(folder), options.quick):
                print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
