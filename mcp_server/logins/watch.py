"""`ops token watch`: the check for cron or a timer. It sends one message for each change for the worse."""

from dataclasses import dataclass
from typing import Literal

from mcp_server.logins.trouble import Trouble
from mcp_server.logins.write_watch import report_new
from mcp_server.notices.delivery import Delivery
from mcp_server.notices.notice import SECRETS, Notice, Subject
from mcp_server.notices.write_notices import deliver, new_notice, send
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_WEBHOOK = SECRETS["webhook"]
_MOST = 20
Sending = Literal["sent", "waiting", "no webhook", "nothing new"]


@dataclass(frozen=True)
class TokenWatch:
    """`new` are the troubles that the run before did not find. `told`: what became of the message about them."""

    troubles: tuple[Trouble, ...]
    new: tuple[Trouble, ...]
    told: Sending
    problem: str | None
    unknown: tuple[str, ...]
    next: str | None


def _watch(ctx: Context, _: Params) -> TokenWatch:
    found, new, delivery, unknown = report_new(ctx, lambda new: send(ctx, _notice(ctx, new), ("webhook",)))
    earlier = deliver(ctx.world)  # of incidents too: a timer is what tries waiting messages again
    told, problem = _sending(new, delivery, earlier)
    return TokenWatch(found[:_MOST], new[:_MOST], told, problem, unknown, found[0].next if found else None)


def _notice(ctx: Context, new: tuple[Trouble, ...]) -> Notice:
    lines = [f"• {trouble.message}\n   {trouble.next}" for trouble in new[:_MOST]]
    text = "\n".join([f"ops: the logins of {ctx.fleet.root} need somebody", *lines])
    return new_notice(ctx, "logins", Subject("logins"), text)


def _sending(new: tuple[Trouble, ...], delivery: Delivery | None, earlier: Delivery) -> tuple[Sending, str | None]:
    if earlier.waiting:
        return "waiting", (delivery or earlier).problem
    if delivery or earlier.sent:
        return "sent", None
    return ("no webhook" if new else "nothing new"), None


def _text(answer: TokenWatch) -> str:
    if not (first := next(iter(answer.troubles), None)):
        return f"ops: {answer.unknown[0]}" if answer.unknown else "ops: all logins are well"
    failed = f"; not sent: {answer.problem}" if answer.problem else ""
    more = f" and {len(answer.troubles) - 1} more" if len(answer.troubles) > 1 else ""
    return f"ops: {first.message}{more} ({len(answer.new)} new{failed}). Next: {first.next}"


TOKEN_WATCH = Operation(
    name="token_watch",
    title="Watch the logins",
    summary=f"For cron or a timer: one line, exit code 1 while something is wrong, and a message to the webhook in "
    f"{_WEBHOOK} at each change for the worse.",
    effect=Effect.WRITE,
    params=Params,
    run=_watch,
    text=_text,
    ok=lambda answer: not answer.troubles and answer.told != "waiting",
    open_world=True,
)
