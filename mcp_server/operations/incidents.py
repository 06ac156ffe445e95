"""`incident_open`: an incident's file with its evidence, and its row in the INDEX.md beside it."""

from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from pydantic import Field

from mcp_server.domain import incident as rules
from mcp_server.domain.caller_text import block, line, log_tail
from mcp_server.domain.errors import OpsError
from mcp_server.domain.incident import Incident, Record
from mcp_server.domain.incident_page import render, row_in, with_row
from mcp_server.domain.indextable import INCIDENTS
from mcp_server.domain.inventory import Agent
from mcp_server.observe.evidence import Evidence, gather
from mcp_server.observe.incidents import entries, folder_of, recent
from mcp_server.ports import Context, Effect, Git, Operation, Params

_NEVER = {"main", "master"}


class OpenParams(Params):
    title: str = Field(description="One line")
    severity: rules.Severity = Field(description="sev1 is worst")
    summary: str = Field(description="What is seen")
    agents: list[str] = Field(default=[], description="Agents concerned")
    log: str = Field(default="", max_length=1_000_000, description="Log lines")


@dataclass(frozen=True)
class Suggestion:
    path: str
    title: str
    command: str | None


@dataclass(frozen=True)
class Opened:
    """`agent` is whose clone `path` lies in. `index_row` None: no INDEX.md took a row, and `note` says why."""

    id: str
    path: Path
    agent: str
    status: str
    index_row: str | None
    runbooks: tuple[Suggestion, ...]
    duplicate: bool
    note: str | None


def _open(ctx: Context, params: OpenParams) -> Opened:
    if fault := rules.title_fault(params.title):
        raise OpsError("invalid", fault, "Give the problem in one line of plain words")
    agents = tuple(ctx.agent(name) for name in dict.fromkeys(params.agents))
    home = _home(ctx)
    _require_own_branch(ctx, home)
    _require_folder(ctx, home)
    draft = Incident(
        id="",
        title=line(params.title),
        severity=params.severity,
        summary=block(params.summary),
        agents=tuple(agent.name for agent in agents),
        reporter=ctx.caller or home.name,
        detected=ctx.world.clock.now(),
        log=log_tail(params.log),
    )
    with ctx.world.files.lock("incidents"):
        known = _already_open(ctx, home, draft)
    if known:
        return known
    # Takes a second for many agents, so it is done without the lock.
    seen = gather(ctx, agents, (draft.title, draft.summary, draft.log))
    draft = replace(draft, evidence=seen.facts, runbooks=tuple(page.path for page in seen.pages))
    with ctx.world.files.lock("incidents"):
        return _already_open(ctx, home, draft) or _write(ctx, home, draft, seen)


def _write(ctx: Context, home: Agent, draft: Incident, seen: Evidence) -> Opened:
    taken = {path.stem for path in entries(ctx, home)}
    new = replace(draft, id=rules.identity(draft.detected, draft.title, taken))
    path = folder_of(home) / f"{new.id}.md"
    ctx.world.files.replace(path, render(new).encode(), inside=home.folder, mode=0o644)
    row, note = _add_row(ctx, home, new)
    pages = tuple(Suggestion(page.path, page.title, page.command) for page in seen.pages)
    return Opened(new.id, path, home.name, "triggered", row, pages, duplicate=False, note=note)


def _home(ctx: Context) -> Agent:
    """The agent in whose clone the incident is written: the caller, who works here, or the only OPS agent."""
    if ctx.caller:
        return ctx.agent(ctx.caller)
    if here := ctx.fleet.holding(ctx.world.cwd):
        return here
    ops = [agent for agent in ctx.fleet.agents if agent.role == "ops"]
    if len(ops) != 1:
        raise OpsError(
            "invalid", f"{len(ops)} agents have the role ops: whose clone it is for is unclear", "Give --agent NAME"
        )
    return ops[0]


def _require_own_branch(ctx: Context, home: Agent) -> None:
    git, clone = ctx.world.git, home.folder
    state = git.state(clone)
    if state.branch is not None and state.branch not in {*_NEVER, state.default_branch}:
        return
    where = f"on {state.branch}, where nobody works directly" if state.branch else "on no branch"
    raise OpsError(
        "denied", f"{clone} stands {where}", f"git -C {quote(str(clone))} switch {_role_branch(git, home)}"
    )


def _role_branch(git: Git, home: Agent) -> str:
    """The argument of `git switch` for the agent's own branch, made where the clone has none. It loses nothing."""
    number = home.name.rpartition("-")[2]
    for name in (home.role, f"{home.role}/{number}", home.name):
        if git.distance(home.folder, f"refs/heads/{name}", f"refs/heads/{name}") is not None:
            return quote(name)
    return f"-c {quote(home.role)}"


def _require_folder(ctx: Context, home: Agent) -> None:
    folder = folder_of(home)
    kind = ctx.world.files.kind(folder)
    if kind == "absent":
        raise OpsError("not_found", f"there is no folder {folder}", f"Make it: mkdir -p {quote(str(folder))}")
    if kind != "folder":
        raise OpsError("invalid", f"{folder} is no folder", f"Look at it with: ls -la {quote(str(folder.parent))}")


def _already_open(ctx: Context, home: Agent, draft: Incident) -> Opened | None:
    """The answer that this problem has an incident; a row that its writer did not come to write is added.

    None when there is none and the reporter may open one; `denied` beyond the limit.
    """
    found = list(recent(ctx, home))
    records = [record for _, record in found]
    same = rules.same_problem(records, draft.title, draft.agents, draft.detected)
    if same is None:
        _require_share_left(records, draft)
        return None
    path = next(path for path, record in found if record is same)
    holder = ctx.fleet.holding(path) or home
    row, why = _add_row(ctx, home, replace(draft, id=path.stem, title=same.title)) if holder == home else (None, None)
    note = why or f"open since {same.detected:%Y-%m-%d %H:%M} UTC; nothing new was opened"
    return Opened(path.stem, path, holder.name, same.status, row, (), duplicate=True, note=note)


def _require_share_left(records: list[Record], draft: Incident) -> None:
    allowed = rules.next_allowed(records, draft.reporter, draft.detected)
    if allowed is not None:
        raise OpsError(
            "denied",
            f"{draft.reporter} has opened {rules.LIMIT} incidents within the hour, which is the limit",
            f"Add to one of them, or open the next after {allowed:%H:%M} UTC",
        )


def _add_row(ctx: Context, home: Agent, new: Incident) -> tuple[str | None, str | None]:
    """The incident's row as it stands in INDEX.md, or why it has none. INDEX.md itself is never made."""
    files, index, name = ctx.world.files, folder_of(home) / "INDEX.md", f"{new.id}.md"
    try:
        text = files.read(index).decode()
        if row := row_in(text, name):
            return row, None
        longer = with_row(text, new)
        if longer is None:
            return None, f"{index} has no table with the columns {', '.join(INCIDENTS)}: no row was added"
        files.replace(index, longer.encode(), inside=home.folder)
        return row_in(files.read(index).decode(), name), None
    except UnicodeDecodeError:
        return None, f"{index} is not UTF-8: no row was added"
    except OpsError as error:
        return None, f"No row was added: {error.message}"


def _text(opened: Opened) -> str:
    head = f"{opened.id} is open already" if opened.duplicate else f"Opened {opened.id}"
    lines = [f"{head} ({opened.status}), in {opened.agent}: {opened.path}"]
    lines += [f"INDEX row: {opened.index_row}"] if opened.index_row else []
    lines += [f"Runbook: {page.title} ({page.command or page.path})" for page in opened.runbooks]
    return "\n".join([*lines, *([opened.note] if opened.note else [])])


INCIDENT_OPEN = Operation(
    name="incident_open",
    title="Open an incident",
    summary="Writes an incident with its INDEX row. Repeated within 24 h, names the open one.",
    effect=Effect.WRITE,
    params=OpenParams,
    run=_open,
    text=_text,
    ok=lambda _: True,
    from_file=frozenset({"log"}),
)
