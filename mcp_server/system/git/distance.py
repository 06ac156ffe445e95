"""How many commits lie between commits, as far as a clone knows its history."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from mcp_server.kernel.errors import shown
from mcp_server.kernel.secrets.detector import scrub
from mcp_server.system.git.answers import Run, lines_of
from mcp_server.system.git.process import Completed


@dataclass
class Distances:
    """Counts commits in one clone. `fault` is git's reason where it could not count.

    A count is None too where it is not known: in a shallow clone, if one of the counted commits is in `boundary`,
    whose parents the clone lacks. What lies beyond it could be on both sides, on one, or on none.
    """

    run: Run
    clone: Path
    boundary: frozenset[str] = frozenset()
    variables: Mapping[str, str] | None = None
    fault: str | None = None

    def only_in(self, tips: Collection[str], *others: str) -> int | None:
        """How many commits `tips` have that none of `others` (commits, refs or `--remotes=...`) has."""
        if set(tips) <= set(others):
            return 0
        return self._counted(*sorted(tips), "--not", *others)[0]

    def between(self, one: str, other: str) -> tuple[int | None, int | None]:
        """How many commits only `one` has, and how many only `other` has."""
        if one == other:
            return 0, 0
        return self._counted("--left-right", f"{one}...{other}")

    def _counted(self, *arguments: str) -> tuple[int | None, int | None]:
        counting = () if self.boundary else ("--count",)
        done = self.run(self.clone, "rev-list", *counting, *arguments, variables=self.variables)
        if done.code:
            self.fault = self.fault or _reason(done)
            return None, None
        if counting:
            first, _, second = done.out.partition("\t")
            return int(first), int(second or 0)
        lines = lines_of(done.out)
        if self.boundary & {line.lstrip("<>") for line in lines}:
            return None, None
        right = sum(line.startswith(">") for line in lines)
        return len(lines) - right, right


def _reason(done: Completed) -> str:
    lines = [line for line in done.error.splitlines() if line.strip()]
    return shown(scrub(lines[-1].removeprefix("fatal: ")) if lines else "no reason given", 200)
