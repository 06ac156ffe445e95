"""`release_plan`: the steps of the repository's releasing.md and their states, the next version, and its changes."""

from dataclasses import dataclass
from pathlib import Path

from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import columns
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.look_release import look
from mcp_server.records.release import Item


class PlanParams(Params):
    version: str = Field(default="", description="As v1.2.3; else it follows from the commits")


@dataclass(frozen=True)
class ReleasePlan:
    """`plan` is the digest of the next step and everything that it depends on. `tag` is the command that publishes,
    once all steps are done."""

    plan: str
    version: str
    base: str | None
    commit: str
    changes: str
    steps: tuple[Item, ...]
    path: Path
    tag: str | None
    next: str


def _plan(ctx: Context, params: PlanParams) -> ReleasePlan:
    release = look(ctx, params.version)
    draft, tag = release.draft, None if release.next else release.tag_command
    about = (release.plan, draft.version, draft.base, draft.commit, draft.changes)
    return ReleasePlan(*about, release.items, release.page, tag, release.next_step)


def _text(answer: ReleasePlan) -> str:
    head = f"{answer.version} at {answer.commit[:8]}, after {answer.base or 'no tag'}; recorded in {answer.path}"
    rows = [("STEP", "STATE", "BY", "WHAT", "COMMAND")]
    rows += [(str(s.number), s.state, s.by or "", s.text[:70], _short(s.command)) for s in answer.steps]
    lines = [head, "", answer.changes, "", columns(rows), *([f"Tag: {answer.tag}"] if answer.tag else [])]
    return "\n".join([*lines, f"Next: {answer.next}"])


def _short(command: str | None) -> str:
    return (command or "").partition("\n")[0][:60]


RELEASE_PLAN = Operation(
    name="release_plan",
    title="Plan a release",
    summary="Steps of releasing.md and how they stand, version and changes since the last tag, and the plan for the "
    "next step. Runs nothing.",
    effect=Effect.READ,
    params=PlanParams,
    run=_plan,
    text=_text,
    open_world=True,
)
