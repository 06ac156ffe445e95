"""The demo's report for a person, and how to go on with a fleet that was kept."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.run import environment_of
from mcp_server.demo.verify import Row, Verdict
from mcp_server.kernel.colour import BOLD, GREEN, RED, YELLOW, painted

_OPS = Path(__file__).resolve().parents[2] / "bin" / "ops"
_INDENT = " " * 7


def report(result: Verdict, *, colours: bool) -> str:
    """Each fault with its page, what was done, what is on disk and what is left to a person; then the totals."""

    def paint(text: str, colour: str) -> str:
        return painted(text, colour) if colours else text

    lines = [paint(f"{result.agents} agents, {len(result.rows)} faults", BOLD)]
    for row in result.rows:
        label, colour = _label(row)
        lines += ["", f"{paint(f'{label:<5}', colour)}  {row.title}"]
        lines += [f"{_INDENT}{line}" for line in _details(row)]
        lines += [_INDENT + paint(f"Wrong: {why}", RED) for why in row.wrong]
    lines += ["", *(paint(f"Wrong: {why}", RED) for why in result.wrong), _totals(result)]
    return "\n".join(lines)


def _label(row: Row) -> tuple[str, str]:
    if row.wrong:
        return "wrong", RED
    return ("fixed", GREEN) if row.outcome == "fixed" else ("you", YELLOW)


def _details(row: Row) -> Iterator[str]:
    yield f"{row.runbook or 'no page'}; {row.done}"
    yield f"On disk: {row.on_disk}"
    if row.outcome == "needs you" and row.next:
        yield f"Next: {row.next}"


def _totals(result: Verdict) -> str:
    found = sum(row.found for row in result.rows)
    fixed = sum(row.outcome == "fixed" for row in result.rows)
    return (
        f"{found} of {len(result.rows)} faults found, {fixed} fixed, {len(result.rows) - fixed} need you; "
        f"{len(result.incidents)} incidents opened. "
        + ("Every effect was read back from disk." if result.good else "Some effects are not on disk as reported.")
    )


def invitation(fleet: DemoFleet) -> str:
    """How to try more commands on the fleet in a shell."""
    ops = quote(str(_OPS))
    exports = "\n".join(
        f"export {name}={quote(value)}" for name, value in environment_of(fleet).items() if name != "PATH"
    )
    return (
        f"The fleet is in {fleet.folder}. To try more on it, run these in a new shell (they change HOME):\n\n"
        f"{exports}\ncd {quote(str(fleet.agent('ops-1')))}\n"
        f"{ops} fleet audit\n{ops} config plan\n{ops} token check\n\n"
        f"Remove it: rm -r {quote(str(fleet.folder))}"
    )
