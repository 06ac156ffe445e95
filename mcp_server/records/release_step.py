"""`release_step`: takes the next step of a release, and records it on the release's page. It publishes nothing.

It runs the checks that releasing.md marks `sh read-only`; for any other step it records what somebody did by hand.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mcp_server.guard.evaluate import Evaluator
from mcp_server.guard.look_repositories import RepositoriesOnDisk
from mcp_server.kernel.caller_text import line, shell_text
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.index_table import literal
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.incident_page import with_entries
from mcp_server.records.look_release import Release, look
from mcp_server.records.release import CHECKLIST, Item, check_of, page
from mcp_server.records.timeline import Entry

_LAST_LINES: Final = 20


class StepParams(Params):
    version: str = Field(default="", description="As v1.2.3; else it follows from the commits")
    plan: str = Field(description="From release_plan")
    done: str = Field(default="", description="Step by hand: what was done")


@dataclass(frozen=True)
class ReleaseStep:
    """The step, as read back from `path`; `output` is the end of its check's output. `plan` is that of the next step,
    which is the same step if its check failed."""

    plan: str
    version: str
    step: Item
    output: str
    path: Path
    next: str


def _step(ctx: Context, params: StepParams) -> ReleaseStep:
    with ctx.world.files.lock("release", 1.0):
        release = look(ctx, params.version)
        item, version = release.next, release.draft.version
        if item is None:
            raise OpsError("conflict", f"every step of {version} is done", release.next_step)
        if release.plan != params.plan:
            problem = f"the plan {shown(params.plan, 20)} is out of date"
            raise OpsError("conflict", problem, "Plan again: ops release plan")
        state, summary, output = _outcome(ctx, release, item, params.done)
        mark, author = f"step {item.number} {state}", ctx.caller or release.home.name
        _record(ctx, release, Entry(ctx.world.clock.now(), author, mark, literal(line(summary, 500))))
        after = look(ctx, version)
    return ReleaseStep(after.plan, version, after.items[item.number - 1], output, release.page, after.next_step)


def _outcome(ctx: Context, release: Release, item: Item, done: str) -> tuple[str, str, str]:
    """The state of the step, the summary to record, and the output of its check."""
    command = check_of(release.steps[item.number - 1])
    if command is None:
        if not done.strip():
            raise OpsError("invalid", f"step {item.number} is done by hand: {item.text}", release.next_step)
        return "done", done, ""
    clone = release.home.folder
    disk = RepositoriesOnDisk(ctx.world.files, clone, ctx.world.home, ctx.fleet.root)
    verdict = Evaluator(disk, ctx.fleet, clone, release.home.name).command(command)
    if verdict.verdict != "allow":
        raise OpsError("denied", f"step {item.number}: {verdict.reason}", f"Correct its check in {clone / CHECKLIST}")
    code, printed = ctx.world.run_check(command, clone)
    output = "\n".join(shell_text(printed).splitlines()[-_LAST_LINES:])
    return ("failed" if code else "passed"), f"exit code {code}: {item.check}", output


def _record(ctx: Context, release: Release, entry: Entry) -> None:
    """Append the entry to the release's page. The first one creates the page, and its folder if it is missing."""
    files, inside = ctx.world.files, release.home.folder
    if release.begun:
        text = with_entries(files.read_text(release.page), [entry], {})
    else:
        text = page(release.draft, (Entry(entry.at, entry.author, "begun", ""), entry))
        files.make_folder(release.page.parent, inside=inside)
    files.replace(release.page, text.encode(), inside=inside, mode=0o644)


def _text(answer: ReleaseStep) -> str:
    head = f"step {answer.step.number} {answer.step.state}: {answer.step.text}"
    return "\n".join([head, *([answer.output] if answer.output else []), f"Next: {answer.next}"])


RELEASE_STEP = Operation(
    name="release_step",
    title="Take a release's next step",
    summary="Runs the next step's check, or records what was done by hand. Publishes nothing.",
    effect=Effect.WRITE,
    params=StepParams,
    run=_step,
    text=_text,
    ok=lambda answer: answer.step.state != "failed",
    idempotent=False,
    open_world=True,
)
