"""`ops fleet fix`: plans repairs of what was found, applies a plan, and takes a run back."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mcp_server.fixes.look_plan import Left, Plan, found, look
from mcp_server.fixes.repairs import LEFT, REPAIRED
from mcp_server.fixes.steps import Fix
from mcp_server.fixes.write_record import Record, recorded
from mcp_server.fixes.write_step import take, take_back
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.humanize import agent_names, plural
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class FixParams(Params):
    codes: list[str] = Field(
        default=[],
        max_length=100,
        description=f"only findings with these codes. Repaired are: {', '.join(REPAIRED)}. "
        f"Left to a person are: {', '.join(f'{code} ({why})' for code, why in LEFT.items())}",
    )
    plan: str = Field(default="", max_length=64, description="apply the plan with this digest")
    undo: str = Field(default="", max_length=64, description="take back the run with this name")


@dataclass(frozen=True)
class Repair:
    """`state`: `planned`; after a run `fixed`, `left` (the finding is still there) or `failed`, with the reason."""

    code: str
    agent: str
    message: str
    steps: tuple[str, ...]
    state: str
    why: str | None = None


@dataclass(frozen=True)
class FleetFix:
    """`run` names a run that was applied or taken back; `left` are the findings that a person has to look at."""

    plan: str
    run: str | None
    repairs: tuple[Repair, ...]
    left: tuple[Left, ...]
    next: str | None


def _fix(ctx: Context, params: FixParams) -> FleetFix:
    if unknown := [code for code in params.codes if code not in {*REPAIRED, *LEFT}]:
        raise OpsError("not_found", f"{shown(unknown[0], 60)} is not the code of a finding", "ops fleet fix --help")
    if params.undo:
        return _undo(ctx, params.undo)
    if not params.plan:
        plan = look(ctx, params.codes)
        return FleetFix(plan.digest, None, tuple(map(_planned, plan.fixes)), plan.left, _next(plan, params))
    with ctx.world.files.lock("fixes"):
        plan = look(ctx, params.codes)
        if plan.digest != params.plan:
            again = " ".join(["ops fleet fix", *params.codes])
            raise OpsError("conflict", f"the plan {shown(params.plan, 20)} is out of date", f"Plan again: {again}")
        return _apply(ctx, plan)


def _apply(ctx: Context, plan: Plan) -> FleetFix:
    record = Record(ctx, f"{ctx.world.clock.now():%Y%m%dT%H%M%S}-{os.urandom(2).hex()}")
    failed: dict[Fix, str] = {}
    for fix in plan.fixes:
        agent = ctx.fleet.agent(fix.agent)
        try:
            for step in fix.steps:
                take(ctx, record, step, agent.folder if agent else ctx.fleet.root)
        except (OpsError, OSError) as error:
            failed[fix] = error.message if isinstance(error, OpsError) else str(error)
    still = {(finding.code, agent.name if agent else "", finding.message) for agent, finding in found(_anew(ctx))}
    repairs = tuple(_outcome(fix, failed.get(fix), still) for fix in plan.fixes)
    step = f"To take it back: ops fleet fix --undo {record.run}" if record.entries else None
    return FleetFix(plan.digest, record.run, repairs, plan.left, step)


def _anew(ctx: Context) -> Context:
    """The same call without what it has read of the fleet so far."""
    return Context(ctx.world, ctx.locate, ctx.caller, ctx.known_commands, ctx.remote, ctx.watch, ctx.whole)


def _outcome(fix: Fix, failure: str | None, still: set[tuple[str, str, str]]) -> Repair:
    state = "failed" if failure else "left" if (fix.code, fix.agent, fix.message) in still else "fixed"
    why = failure or ("the finding is still there" if state == "left" else None)
    return Repair(fix.code, fix.agent, fix.message, tuple(fix.shown), state, why)


def _undo(ctx: Context, run: str) -> FleetFix:
    with ctx.world.files.lock("fixes"):
        record = recorded(ctx, run)
        done = [entry for entry in record.entries if entry["event"] == "done"]
        cut = [entry for entry in record.entries[-1:] if entry["event"] == "begun"]
        repairs = tuple(_taken_back(ctx, entry) for entry in reversed([*done, *cut]))
    return FleetFix("", run, repairs, (), None)


def _taken_back(ctx: Context, entry: dict[str, object]) -> Repair:
    try:
        problems = "; ".join(take_back(ctx, entry))
    except (OpsError, OSError) as error:
        problems = error.message if isinstance(error, OpsError) else str(error)
    state = "left" if problems else "taken back"
    return Repair("", Path(str(entry["inside"])).name, "", (str(entry["step"]),), state, problems or None)


def _planned(fix: Fix) -> Repair:
    return Repair(fix.code, fix.agent, fix.message, tuple(fix.shown), "planned")


def _next(plan: Plan, params: FixParams) -> str | None:
    return " ".join(["ops fleet fix", *params.codes, "--plan", plan.digest]) if plan.fixes else None


def _text(result: FleetFix) -> str:
    return "\n".join(_lines(result))


def _lines(result: FleetFix) -> Iterator[str]:
    for repair in result.repairs:
        about = ": ".join(filter(None, (repair.agent or "fleet", repair.message)))
        yield f"{repair.state:9} {repair.code or about}" + (f"  {about}" if repair.code else "")
        yield from (f"          {step}" for step in repair.steps)
        if repair.why:
            yield f"          {repair.why}"
    for left in result.left:
        yield f"a person  {left.code}  {agent_names(list(filter(None, left.agents))) or 'fleet'}: {left.message}"
        yield f"          {left.why}. Next: {left.next}"
    yield f"{plural(len(result.repairs), 'repair')}, {plural(len(result.left), 'finding')} for a person"
    if result.next:
        yield f"Next: {result.next}"


FLEET_FIX = Operation(
    name="fleet_fix",
    title="Repair what an audit found",
    summary="Plans repairs of findings, and with --plan applies them; --undo takes a run back.",
    effect=Effect.WRITE,
    params=FixParams,
    run=_fix,
    text=_text,
    ok=lambda result: not any(repair.state in ("failed", "left") for repair in result.repairs),
    positional=("codes",),
    idempotent=False,
)
