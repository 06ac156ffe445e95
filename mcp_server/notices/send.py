"""`ops notice send`: what people were to be told and was not taken yet, tried again at once."""

import json
from dataclasses import dataclass

from mcp_server.notices.write_notices import deliver, spooled
from mcp_server.notices.write_notices import told as in_a_line
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class SendParams(Params):
    """None: all that waits is tried."""


@dataclass(frozen=True)
class NoticeSend:
    """`sent` names the targets that took something now; `left` are titles of what still waits, the oldest first."""

    sent: tuple[str, ...]
    left: tuple[str, ...]
    told: str
    next: str | None


def _send(ctx: Context, _: SendParams) -> NoticeSend:
    delivery = deliver(ctx.world, at_once=True)
    left = tuple(f"{each.target}: {each.notice.title or each.notice.event}" for each in spooled(ctx.world))
    refused = ctx.world.state / "notices" / "refused"
    step = f"Correct what it says, then: ops notice send ({delivery.problem})" if left else None
    if delivery.refused and not step:
        step = f"Look at what was refused, and remove it: {refused}"
    return NoticeSend(delivery.sent, left, in_a_line(delivery) or "nothing waits", step)


def _text(answer: NoticeSend) -> str:
    return "\n".join([answer.told, *answer.left, *([f"Next: {answer.next}"] if answer.next else [])])


def _hook_text(answer: NoticeSend) -> str:
    """What Claude Code takes from a PostToolUse hook: for the agent, and the human where somebody was not told."""
    if not (answer.sent or answer.left):
        return ""
    said = f"ops: {answer.told}" + (f". Next: {answer.next}" if answer.next else "")
    output = {"hookEventName": "PostToolUse", "additionalContext": said}
    return json.dumps({**({"systemMessage": said} if answer.left else {}), "hookSpecificOutput": output})


NOTICE_HOOK = Operation(
    name="notice_hook",
    title="Send what waits, for the hook",
    summary="the same for the plugin's hook, which says what became of it as Claude Code takes it",
    effect=Effect.WRITE,
    params=SendParams,
    run=_send,
    text=_hook_text,
    ok=lambda _: True,
    open_world=True,
    flag_of="notice_send",
)

NOTICE_SEND = Operation(
    name="notice_send",
    title="Send what waits",
    summary="Try again what a webhook or PagerDuty did not take yet of incidents and logins.",
    effect=Effect.WRITE,
    params=SendParams,
    run=_send,
    text=_text,
    ok=lambda answer: answer.next is None,
    open_world=True,
)
