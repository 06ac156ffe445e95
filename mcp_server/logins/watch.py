"""`ops token watch`: the check for cron or a timer. It tells people once of each change for the worse.

What was told lies in the state folder; a message that failed waits in the spool, and is sent again by a later run.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from mcp_server.kernel.errors import OpsError
from mcp_server.logins.findings import Trouble, troubles
from mcp_server.logins.look_hazards import hazards
from mcp_server.logins.look_stores import look
from mcp_server.notices.notice import SECRETS, Notice
from mcp_server.notices.write_notices import About, Delivery, announce, deliver, notice
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_WEBHOOK = SECRETS["webhook"]
_MOST = 20


Told = Literal["sent", "waiting", "no webhook", "nothing new"]


@dataclass(frozen=True)
class TokenWatch:
    """`new` are the troubles that were not there at the run before. `told`: what became of the message about them."""

    troubles: tuple[Trouble, ...]
    new: tuple[Trouble, ...]
    told: Told
    problem: str | None
    next: str | None


def _watch(ctx: Context, _: Params) -> TokenWatch:
    with ctx.world.files.lock("watch", 60):
        looks = look(ctx)
        found = troubles(ctx.world, looks, hazards(ctx, looks))
        memory = _memory(ctx)
        before = _told_before(ctx, memory)
        new = tuple(trouble for trouble in found if trouble.key not in before)
        delivery = announce(ctx, _notice(ctx, new), ("webhook",)) if new else None
        if {trouble.key for trouble in found} != before:
            keys = sorted(trouble.key for trouble in found)
            ctx.world.files.replace(memory, json.dumps(keys).encode(), inside=ctx.world.state)
    earlier = deliver(ctx.world)  # of incidents too: who runs this by a timer has what waits tried again
    told, problem = _told(new, delivery, earlier)
    return TokenWatch(found[:_MOST], new[:_MOST], told, problem, found[0].next if found else None)


def _notice(ctx: Context, new: tuple[Trouble, ...]) -> Notice:
    lines = [f"• {trouble.message}\n   {trouble.next}" for trouble in new[:_MOST]]
    text = "\n".join([f"ops: the logins of {ctx.fleet.root} need somebody", *lines])
    return notice(ctx, "logins", About("logins"), text)


def _told(new: tuple[Trouble, ...], delivery: Delivery | None, earlier: Delivery) -> tuple[Told, str | None]:
    if earlier.waiting:
        return "waiting", (delivery or earlier).problem
    if delivery or earlier.sent:
        return "sent", None
    return ("no webhook" if new else "nothing new"), None


def _memory(ctx: Context) -> Path:
    name = hashlib.sha256(str(ctx.fleet.root).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return ctx.world.state / "watch" / f"{name}.json"


def _told_before(ctx: Context, memory: Path) -> set[str]:
    """A memory that cannot be read is none: then everything is told once more."""
    try:
        keys: object = json.loads(ctx.world.files.read_text(memory))
    except (OpsError, ValueError):
        return set()
    return {str(key) for key in cast("list[object]", keys)} if isinstance(keys, list) else set()


def _text(answer: TokenWatch) -> str:
    if not (first := next(iter(answer.troubles), None)):
        return "ops: all logins are well"
    failed = f"; not told: {answer.problem}" if answer.problem else ""
    more = f" and {len(answer.troubles) - 1} more" if len(answer.troubles) > 1 else ""
    return f"ops: {first.message}{more} ({len(answer.new)} new{failed}). Next: {first.next}"


@dataclass(frozen=True)
class Units:
    """What a user's systemd needs to run the watch four times an hour, to be put below `~/.config/systemd/user`."""

    service: str
    timer: str


def _units(ctx: Context, _: Params) -> Units:
    program = str(ctx.world.pack / "bin" / "ops").replace("%", "%%")
    if set(program) & set("\"'\\"):  # a dollar stands for itself there, and in the arguments it does not
        problem = f"systemd starts no program whose path has a quote or a backslash: {ctx.world.pack}"
        raise OpsError("invalid", problem, "Install the plugin in another folder")
    root = str(ctx.fleet.root).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    command = f'"{program}" --fleet "{root}" token watch'
    return Units(
        "[Unit]\nDescription=Watch the logins of the agents\n\n"
        f"[Service]\nType=oneshot\nExecStart={command}\n"
        f"# {_WEBHOOK}=https://... in this file (mode 0600) has a message sent at each change for the worse.\n"
        "EnvironmentFile=-%h/.config/ops-token-watch.env\n",
        "[Unit]\nDescription=Watch the logins of the agents\n\n"
        "[Timer]\nOnCalendar=*:0/15\nRandomizedDelaySec=60\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n",
    )


def _units_text(units: Units) -> str:
    return (
        f"# ops-token-watch.service\n{units.service}\n# ops-token-watch.timer\n{units.timer}\n"
        "# Then: systemctl --user daemon-reload && systemctl --user enable --now ops-token-watch.timer"
    )


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

TOKEN_SYSTEMD = Operation(
    name="token_systemd",
    title="Print the systemd units",
    summary="print the units that run the watch, and change nothing",
    effect=Effect.READ,
    params=Params,
    run=_units,
    text=_units_text,
    flag_of="token_watch",
)
