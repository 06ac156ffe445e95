"""`guard_check`: the verdict of the policy on a command line before it is run, as the client's hook gives it."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from mcp_server.guard.evaluate import Evaluator
from mcp_server.guard.look_repositories import RepositoriesOnDisk, gh_folder
from mcp_server.guard.policy import Verdict
from mcp_server.kernel.checked import Field, MisfitError
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.inventory import Fleet
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class GuardCheck(Params):
    # `command` may be left out on a command line with --lines; a tool call must give it.
    required_in_tools: ClassVar[tuple[str, ...]] = ("command",)

    command: str = Field(default="", max_length=200_000, description="The shell command line as it would run")
    cwd: str = Field(default="", description="The folder it would run in; default: the current one")


class LineParams(Params):
    """One line of `--lines`: the clone is taken to be on `branch`, and `agent` to be the one that acts."""

    command: str = Field(max_length=200_000)
    cwd: str = ""
    branch: str | None = None
    agent: str | None = None


def _check(ctx: Context, params: GuardCheck) -> Verdict:
    if not params.command.strip():
        raise OpsError("invalid", "guard_check needs the argument command", "Give the command line")
    return _evaluate(ctx, ctx.fleet_here, LineParams(command=params.command, cwd=params.cwd))


def check_lines(ctx: Context, _: GuardCheck, lines: Iterable[str]) -> Iterator[Verdict | dict[str, dict[str, str]]]:
    """One verdict for each JSON object `{"command", "cwd"?, "branch"?, "agent"?}`."""
    fleet = ctx.fleet_here
    for number, line in enumerate(lines, 1):
        try:
            yield _evaluate(ctx, fleet, LineParams.of(json.loads(line)))
        except (ValueError, TypeError, AttributeError, MisfitError):
            message = f"line {number} is not a JSON object with a command: {shown(line)}"
            yield OpsError("invalid", message, 'Write {"command": "..."} on each line').document()


def _evaluate(ctx: Context, fleet: Fleet | None, line: LineParams) -> Verdict:
    cwd, actor = _folder(ctx, fleet, line.cwd), line.agent or ctx.caller
    only, gh = (
        (fleet.root, None) if fleet and ctx.remote else (None, gh_folder(ctx.world.environment, ctx.world.home))
    )
    root = fleet.root if fleet else None
    disk = RepositoriesOnDisk(ctx.world.files, cwd, ctx.world.home, root, line.branch, only, gh)
    return Evaluator(disk, fleet, cwd, actor).command(line.command)


def _folder(ctx: Context, fleet: Fleet | None, named: str) -> Path:
    """Where the command would run. For a remote caller that is its agent's folder or another one of the fleet."""
    if not ctx.remote:
        return ctx.world.cwd / named
    agent = fleet.agent(ctx.caller) if fleet and ctx.caller else None
    folder = ctx.world.files.real((agent.folder if agent else fleet.root if fleet else ctx.world.cwd) / named)
    if named and not (fleet and folder.is_relative_to(ctx.world.files.real(fleet.root))):
        raise OpsError("denied", f"{shown(named)} is not in the fleet", "Name a folder of the fleet, or none")
    return folder


GUARD_CHECK = Operation(
    name="guard_check",
    title="Check a command",
    summary="Judges a shell command line by the fleet's policy before it is run: allow, deny or ask, with rule, "
    "reason and the way that is allowed. Runs nothing.",
    effect=Effect.READ,
    params=GuardCheck,
    run=_check,
    text=lambda verdict: f"{verdict.verdict}  {verdict.rule}: {verdict.reason}",
    ok=lambda verdict: verdict.verdict == "allow",
    positional=("command",),
    each=("lines", check_lines),
)
