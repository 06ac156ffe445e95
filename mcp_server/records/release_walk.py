"""`release_plan` and `release_step`: the repository's releasing.md walked as a checklist, one step at a time.

ops runs the checks that the page marks `sh read-only`; what changes something is done by somebody, who says so. Who
did what stands in the release's page. It tags and publishes nothing.
"""

from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Final

from pydantic import Field

from mcp_server.guard.evaluate import Evaluator
from mcp_server.guard.look_repositories import RepositoriesOnDisk
from mcp_server.kernel.caller_text import line, shell_text
from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.index_table import literal
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.incident_page import updated
from mcp_server.records.look_release import Release, look
from mcp_server.records.release import CHECKLIST, Item, check_of, page
from mcp_server.records.timeline import Entry

_LAST_LINES: Final = 20


class PlanParams(Params):
    version: str = Field(default="", description="As v1.2.3; else it follows from the commits")


class StepParams(PlanParams):
    plan: str = Field(description="From release_plan")
    done: str = Field(default="", description="Step by hand: what was done")


@dataclass(frozen=True)
class ReleasePlan:
    """`plan` names the next step, and all that it depends on. `tag`: how a person publishes, once all is done."""

    plan: str
    version: str
    base: str | None
    commit: str
    changes: str
    steps: tuple[Item, ...]
    path: Path
    tag: str | None
    next: str


@dataclass(frozen=True)
class ReleaseStep:
    """One step as it was read back from `path`; `output` is the end of what its check printed. `plan` names the step
    after it, or the same one once more."""

    plan: str
    version: str
    step: Item
    output: str
    path: Path
    next: str


def _plan(ctx: Context, params: PlanParams) -> ReleasePlan:
    seen = look(ctx, params.version)
    tag = None if seen.next else _tag(seen)
    draft = seen.draft
    about = (seen.plan, draft.version, draft.base, draft.commit, draft.changes)
    return ReleasePlan(*about, seen.items, seen.page, tag, _next(seen))


def _step(ctx: Context, params: StepParams) -> ReleaseStep:
    with ctx.world.files.lock("release", 1.0):
        seen = look(ctx, params.version)
        item = seen.next
        if item is None:
            raise OpsError("conflict", f"every step of {seen.draft.version} is done", _next(seen))
        if seen.plan != params.plan:
            problem = f"the plan {shown(params.plan, 20)} is not what stands now"
            raise OpsError("conflict", problem, "Plan again: ops release plan")
        state, said, output = _taken(ctx, seen, item, params.done)
        who = ctx.caller or seen.home.name
        _record(ctx, seen, Entry(ctx.world.clock.now(), who, f"step {item.number} {state}", literal(line(said, 500))))
        after = look(ctx, seen.draft.version)
    return ReleaseStep(after.plan, seen.draft.version, after.items[item.number - 1], output, seen.page, _next(after))


def _taken(ctx: Context, seen: Release, item: Item, done: str) -> tuple[str, str, str]:
    """How the step went, what is recorded of it, and what its check printed."""
    command = check_of(seen.steps[item.number - 1])
    if command is None:
        if not done.strip():
            raise OpsError("invalid", f"step {item.number} is done by hand: {item.text}", _next(seen))
        return "done", done, ""
    clone = seen.home.folder
    disk = RepositoriesOnDisk(ctx.world.files, clone, ctx.world.home, ctx.fleet.root)
    verdict = Evaluator(disk, ctx.fleet, clone, seen.home.name).command(command)
    if verdict.verdict != "allow":
        raise OpsError("denied", f"step {item.number}: {verdict.reason}", f"Correct its check in {clone / CHECKLIST}")
    code, printed = ctx.world.run_check(command, clone)
    output = "\n".join(shell_text(printed).splitlines()[-_LAST_LINES:])
    return ("failed" if code else "passed"), f"exit code {code}: {item.check}", output


def _record(ctx: Context, seen: Release, entry: Entry) -> None:
    """Add what happened to the release's page; its folder is made with the first, as no other page belongs there."""
    files, inside = ctx.world.files, seen.home.folder
    if seen.begun:
        text = updated(files.read_text(seen.page), [entry], {})
    else:
        text = page(seen.draft, (Entry(entry.at, entry.who, "begun", ""), entry))
        files.make_folder(seen.page.parent, inside=inside)
    files.replace(seen.page, text.encode(), inside=inside, mode=0o644)


def _tag(seen: Release) -> str:
    clone = quote(str(seen.home.folder))
    make = f"git -C {clone} tag -a {seen.draft.version} {seen.draft.commit} -m 'Release {seen.draft.version}'"
    return f"{make} && git -C {clone} push origin {seen.draft.version}"


def _next(seen: Release) -> str:
    item = seen.next
    if item is None:
        return f"The human or the PM publishes: {_tag(seen)}"
    step = f"ops release step --version {seen.draft.version} --plan {seen.plan}"
    if item.check is None:
        return f'Do step {item.number} by hand ({shown(item.text, 80)}), then: {step} --done "WHAT WAS DONE"'
    return f"{'Correct what failed, then' if item.state == 'failed' else 'Run its check'}: {step}"


def _plan_text(answer: ReleasePlan) -> str:
    head = f"{answer.version} at {answer.commit[:8]}, after {answer.base or 'no tag'}; recorded in {answer.path}"
    rows = [("STEP", "STATE", "BY", "WHAT", "CHECK")]
    rows += [(str(s.number), s.state, s.by or "", s.text[:70], (s.check or "")[:60]) for s in answer.steps]
    lines = [head, "", answer.changes, "", columns(rows), *([f"Tag: {answer.tag}"] if answer.tag else [])]
    return "\n".join([*lines, f"Next: {answer.next}"])


def _step_text(answer: ReleaseStep) -> str:
    head = f"step {answer.step.number} {answer.step.state}: {answer.step.text}"
    return "\n".join([head, *([answer.output] if answer.output else []), f"Next: {answer.next}"])


RELEASE_PLAN = Operation(
    name="release_plan",
    title="Plan a release",
    summary="Steps of releasing.md and how they stand, version and changes since the last tag, and the plan for the "
    "next step. Runs nothing.",
    effect=Effect.READ,
    params=PlanParams,
    run=_plan,
    text=_plan_text,
    ok=lambda _: True,
    open_world=True,
)

RELEASE_STEP = Operation(
    name="release_step",
    title="Take a release's next step",
    summary="Runs the next step's check, or records what was done by hand. Publishes nothing.",
    effect=Effect.WRITE,
    params=StepParams,
    run=_step,
    text=_step_text,
    ok=lambda answer: answer.step.state != "failed",
    idempotent=False,
    open_world=True,
)
