"""`docs_check`: the operated docs against their indexes, pages against what they name, commands against runbooks."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mcp_server.audit.look_docs import docs_findings
from mcp_server.kernel.finding import Finding
from mcp_server.knowledge.look_pages import docs_clone
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_MOST = 60
_OF_ONE_KIND = 20
"So many findings with one code: a page with ten thousand dead links must not hide the others."


@dataclass(frozen=True)
class DocsCheck:
    """`clone` is the one whose docs were looked at; None where there is no fleet, or none of its clones has them.

    `findings` begin with the gravest; `omitted` more did not fit into the answer.
    """

    clone: Path | None
    findings: tuple[Finding, ...]
    omitted: int


def _check(ctx: Context, _: Params) -> DocsCheck:
    clone = docs_clone(ctx)
    found = docs_findings(ctx, clone)
    listed = tuple(found) if ctx.whole else _most_important(found)
    return DocsCheck(clone, listed, len(found) - len(listed))


def _most_important(found: Iterable[Finding]) -> tuple[Finding, ...]:
    counts: Counter[str] = Counter()
    listed: list[Finding] = []
    for finding in found:
        counts[finding.code] += 1
        listed += [finding] if counts[finding.code] <= _OF_ONE_KIND else []
    return tuple(listed[:_MOST])


def _text(result: DocsCheck) -> str:
    where = f"Docs of {result.clone}" if result.clone else "No operated docs found"
    lines = [f"{f.severity:8} {f.code:24} {f.message}\n{'':8} Next: {f.next}" for f in result.findings]
    count = len(lines) + result.omitted
    more = [f"and {result.omitted} more"] if result.omitted else []
    return "\n".join([f"{where}: {count or 'no'} finding{'s' * (count != 1)}", *lines, *more])


DOCS_CHECK = Operation(
    name="docs_check",
    title="Check the docs",
    summary="Finds what has rotted in the docs: rows, links, names that do not exist, old pages, rendered commands.",
    effect=Effect.READ,
    run=_check,
    text=_text,
    ok=lambda result: not result.findings,
)
