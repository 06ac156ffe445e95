"""`docs_check`: the operated docs against their indexes, and the shipped commands against their runbooks."""

from dataclasses import dataclass
from pathlib import Path

from mcp_server.domain.errors import OpsError
from mcp_server.domain.finding import Finding
from mcp_server.observe.docs import look
from mcp_server.observe.pages import OPS_DOCS, docs_clone
from mcp_server.observe.rendered import render_differences
from mcp_server.ports import Context, Effect, Operation, Params, World

_STATES = {
    "missing": "is missing: a runbook renders it",
    "differs": "is not as its runbook renders it",
    "unexpected": "is rendered by no runbook",
}


class CheckParams(Params):
    pass


@dataclass(frozen=True)
class DocsCheck:
    """`clone` is the one whose docs were looked at; None where there is no fleet, or none of its clones has them."""

    clone: Path | None
    findings: tuple[Finding, ...]


def _check(ctx: Context, _: CheckParams) -> DocsCheck:
    clone = docs_clone(ctx)
    operated = look(ctx.world.files, clone) if clone else _no_docs(ctx)
    return DocsCheck(clone, (*operated, *_shipped(ctx.world)))


def _no_docs(ctx: Context) -> tuple[Finding, ...]:
    try:
        root = ctx.fleet.root
    except OpsError:
        return ()  # a checkout of this project alone has commands to check and no fleet
    message = f"no clone in {root} has the folder {OPS_DOCS}"
    return (Finding("docs_missing", "warning", message, f"Look for it: ls -d {root}/*/docs"),)


def _shipped(world: World) -> tuple[Finding, ...]:
    try:
        differences = render_differences(world)
    except OpsError as error:
        return (Finding("runbook_invalid", "warning", error.message, error.next),)
    return tuple(
        Finding("command_differs", "warning", f"{found.path} {_STATES[found.state]}", "Run: ops docs render")
        for found in differences
    )


def _text(result: DocsCheck) -> str:
    where = f"Docs of {result.clone}" if result.clone else "No operated docs found"
    lines = [f"{f.severity:8} {f.code:20} {f.message}\n{'':8} Next: {f.next}" for f in result.findings]
    return "\n".join([f"{where}: {len(lines) or 'no'} finding{'s' * (len(lines) != 1)}", *lines])


DOCS_CHECK = Operation(
    name="docs_check",
    title="Check the docs",
    summary="Compares every index of the operated docs with its folder, both ways, and finds broken rows and links.",
    effect=Effect.READ,
    params=CheckParams,
    run=_check,
    text=_text,
    ok=lambda result: not result.findings,
)
