"""`ops role`: am I the OPS worker, and what do I read first?"""

from dataclasses import dataclass
from pathlib import Path

from mcp_server.fleet.role import Criterion, Met
from mcp_server.knowledge.look_role import next_step, reading, standing
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


@dataclass(frozen=True)
class Role:
    """`ops` is the answer, `read_first` what is there of the documents to read, `missing` what is not."""

    agent: str | None
    ops: Met
    criteria: tuple[Criterion, ...]
    clone: Path | None
    read_first: tuple[str, ...]
    missing: tuple[str, ...]
    next: str


def _role(ctx: Context, _: Params) -> Role:
    name, criteria, answer = standing(ctx)
    docs = reading(ctx)
    step = "Go on with your own role's work" if answer == "no" else next_step(docs, docs.present)
    return Role(name, answer, criteria, docs.clone, docs.present, docs.missing, step)


_ANSWERS: dict[Met, str] = {
    "yes": "You are the OPS worker.",
    "no": "You are not the OPS worker, unless the human says so or your task is operational.",
    "unknown": "It is unknown whether you are the OPS worker.",
}


def _text(role: Role) -> str:
    lines = [_ANSWERS[role.ops], *(f"  {c.met:8} {c.criterion}: {c.why}" for c in role.criteria)]
    lines += [f"Read first, in {role.clone}:"] if role.clone else ["Read first:"]
    lines += [*(f"  {name}" for name in role.read_first), *(f"  {name} (missing)" for name in role.missing)]
    return "\n".join([*lines, f"Next: {role.next}"])


ROLE = Operation(
    name="role",
    title="Am I the OPS worker?",
    summary="Answers by the three criteria (assigned, operational task, name), and names the documents to read first "
    "and which of them are missing.",
    effect=Effect.READ,
    run=_role,
    text=_text,
    ok=lambda role: role.ops != "no",
)
