"""A verdict for people, and what to do with a fleet that was kept."""

from pathlib import Path
from shlex import quote

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.judge import Row, Verdict
from mcp_server.demo.run import surroundings

_OPS = Path(__file__).resolve().parents[2] / "bin" / "ops"


def show(console: Console, result: Verdict) -> None:
    """The table of before and after, what is left to people, and the answer."""
    console.print(_table(result))
    soft = not console.record  # a terminal breaks long lines so that they can be copied whole; a picture cannot
    needed = [row for row in result.rows if row.outcome == "needs you" and row.next]
    if needed:
        console.print("\n[bold]Needs you[/]")
    for row in needed:
        console.print(Text(f"  {row.title}\n    {row.next}"), soft_wrap=soft)
    console.print(f"\n{_sum(result)}")
    for why in [*result.wrong, *(f"{row.title}: {why}" for row in result.rows for why in row.wrong)]:
        console.print(Text(f"  WRONG  {why}", style="bold red"), soft_wrap=soft)


def _table(result: Verdict) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, title=f"{result.agents} agents, {len(result.rows)} faults", title_justify="left"
    )
    for heading in ("", "Before", "Runbook and work", "After, as it stands on disk"):
        table.add_column(heading, overflow="fold")
    for row in result.rows:
        table.add_row(_mark(row), row.title, f"{row.runbook or 'no page'}\n[dim]{row.done}[/]", row.on_disk)
    return table


def _mark(row: Row) -> str:
    if row.wrong:
        return "[bold red]wrong[/]"
    return "[green]fixed[/]" if row.outcome == "fixed" else "[yellow]you[/]"


def _sum(result: Verdict) -> str:
    found = sum(row.found for row in result.rows)
    fixed = sum(row.outcome == "fixed" for row in result.rows)
    return (
        f"{found} of {len(result.rows)} faults found, {fixed} fixed, {len(result.rows) - fixed} need you; "
        f"{len(result.incidents)} incidents opened. "
        + ("Every effect was read back from disk." if result.good else "Not all is as it was claimed to be.")
    )


def invitation(fleet: DemoFleet) -> str:
    """How to go on with the fleet in a shell of one's own."""
    ops = quote(str(_OPS))
    exports = "\n".join(
        f"export {name}={quote(value)}" for name, value in surroundings(fleet).items() if name != "PATH"
    )
    return (
        f"The fleet stays in {fleet.folder}. To play with it, in a shell of its own (HOME is the example's):\n\n"
        f"{exports}\ncd {quote(str(fleet.agent('ops-1')))}\n"
        f"{ops} fleet audit\n{ops} config plan\n{ops} token check\n\n"
        f"Remove it: rm -r {quote(str(fleet.folder))}"
    )
