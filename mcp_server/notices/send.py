"""`ops notice send` tries the undelivered notices again at once."""

from dataclasses import dataclass
from shlex import quote

from mcp_server.clients.claude_hook import inform
from mcp_server.notices.delivery import summary
from mcp_server.notices.look_spool import spooled
from mcp_server.notices.write_notices import deliver
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class SendParams(Params):
    """None: every waiting notice is tried."""


@dataclass(frozen=True)
class NoticeSend:
    """`sent` names the targets that accepted a notice now; `left` are titles that still wait, the oldest first."""

    sent: tuple[str, ...]
    left: tuple[str, ...]
    told: str
    next: str | None


def _send(ctx: Context, _: SendParams) -> NoticeSend:
    delivery = deliver(ctx.world, at_once=True)
    waiting = [*spooled(ctx.world)]
    left = tuple(
        f"{each.target}: {each.notice.title or each.notice.event}{f' ({each.problem})' if each.problem else ''}"
        for each in waiting
    )
    step = f"Correct what it says, then: ops notice send ({delivery.problem})" if left else None
    if step and (refused := next((each for each in waiting if each.refused), None)):
        step += f"; or give up the refused notice: rm {quote(str(refused.path))}"
    return NoticeSend(delivery.sent, left, summary(delivery) or "nothing waits", step)


def _text(answer: NoticeSend) -> str:
    return "\n".join([answer.told, *answer.left, *([f"Next: {answer.next}"] if answer.next else [])])


def _hook_text(answer: NoticeSend) -> str:
    """The output of a hook, for the agent and, if a notice still waits, for the human too."""
    if not (answer.sent or answer.left):
        return ""
    text = f"ops: {answer.told}" + (f". Next: {answer.next}" if answer.next else "")
    return inform("PostToolUse", text, text if answer.left else "")


NOTICE_HOOK = Operation(
    name="notice_hook",
    title="Send waiting notices, for the hook",
    summary="the same for the plugin's hook, with the result in the form of a hook's output",
    effect=Effect.WRITE,
    params=SendParams,
    run=_send,
    text=_hook_text,
    open_world=True,
    flag_of="notice_send",
)

NOTICE_SEND = Operation(
    name="notice_send",
    title="Send waiting notices",
    summary="Try again the notices of incidents and logins that a webhook or PagerDuty has not accepted yet.",
    effect=Effect.WRITE,
    params=SendParams,
    run=_send,
    text=_text,
    ok=lambda answer: answer.next is None,
    open_world=True,
)
