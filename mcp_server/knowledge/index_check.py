"""`index_check`: find the page for a problem, given in someone's words or as a pasted error line."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.knowledge.look_pages import index_of, page_index
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.search import Answer, Hit
from mcp_server.search.page_folder import Searched

_NOTHING = (
    "If no page fits, open an incident with /ops:incident_open (tool incident_open); "
    "once it is solved, write the page with /ops:runbook_add (tool runbook_add)"
)


class CheckParams(Params):
    # `problem` may be left out on a command line with --queries; a tool call must give it.
    required_in_tools: ClassVar[tuple[str, ...]] = ("problem",)

    problem: str = Field(default="", max_length=20_000, description="The error line as it stands, or a few words")
    limit: int = Field(default=5, ge=1, le=20, description="At most this many pages")
    docs: list[str] = Field(default=[], description="Search the markdown below these folders instead")


@dataclass(frozen=True)
class Checked:
    """`match` false: nothing is documented, and `results` are only the closest pages."""

    match: bool
    results: tuple[Hit, ...]
    unread: tuple[str, ...]
    next: str | None


def _check(context: Context, params: CheckParams) -> Checked:
    if not params.problem.strip():
        raise OpsError("invalid", "index_check needs the argument problem", "Give the error line, or a few words")
    return _answer(_searched(context, params), params.problem, params.limit)


def answer_all(context: Context, params: CheckParams, problems: Iterable[str]) -> Generator[Checked]:
    """Answer many problems in order from one index; a blank problem matches nothing."""
    searched = _searched(context, params)
    for problem in problems:
        yield _answer(searched, problem, params.limit)


def _searched(context: Context, params: CheckParams) -> Searched:
    if params.docs:
        return index_of(context, [context.world.cwd / Path(folder).expanduser() for folder in params.docs])
    return page_index(context)


def _answer(searched: Searched, problem: str, limit: int) -> Checked:
    found = searched.index.search(problem, limit) if problem.strip() else Answer(False, ())
    results = tuple(sorted(found.results, key=lambda hit: hit.seen_before))
    return Checked(found.match, results, _short(searched.unread), _next(found.match, results))


def _short(unread: tuple[str, ...]) -> tuple[str, ...]:
    more = (f"and {len(unread) - 3} more: ops docs check",) if len(unread) > 3 else ()
    return (*(why[:300] for why in unread[:3]), *more)


def _next(match: bool, results: tuple[Hit, ...]) -> str:
    if not match:
        return _NOTHING
    first = results[0]
    name = first.path.rsplit("/", 1)[-1].removesuffix(".md")
    return f"Read it: runbook_read {name}" if not first.command else f"Use {first.command}, as {name} says"


def _text(checked: Checked) -> str:
    head = [] if checked.match else ["Nothing documented for this problem."]
    if not checked.match and checked.results:
        head.append("The closest pages, which are no answer:")
    blocks = ["\n".join(_lines(found)) for found in checked.results]
    tail = [f"not read: {why}" for why in checked.unread]
    return "\n".join([*head, *blocks, *tail, *([f"Next: {checked.next}"] if checked.next else [])])


def _lines(found: Hit) -> list[str]:
    seen = "  (an incident, seen before)" if found.seen_before else ""
    why = " ".join(found.excerpt.split())
    return [
        f"{found.title}{seen}",
        f"  command  {found.command or 'none, by hand'}",
        f"  page     {found.path}" + (f", section {found.section}" if found.section else ""),
        f"  why      {why[:160]}  ({found.score:.2f})",
    ]


INDEX_CHECK = Operation(
    name="index_check",
    title="Check the ops index",
    summary="Finds the documented page for a problem: an error line or a few words. Returns problem, command, page, "
    "section. match false means that nothing is documented; the results are then only the closest.",
    effect=Effect.READ,
    params=CheckParams,
    run=_check,
    text=_text,
    ok=lambda checked: checked.match,
    positional=("problem",),
    shell_only=frozenset({"docs"}),
    repeated=frozenset({"docs"}),
    each=("queries", answer_all),
)
