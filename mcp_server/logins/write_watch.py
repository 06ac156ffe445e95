"""Remembers in the state folder which troubles the last run of the watch found, so that each is reported once."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, cast

from mcp_server.kernel.errors import OpsError
from mcp_server.logins.look_logins import look_at_logins
from mcp_server.logins.trouble import Trouble, in_keychain
from mcp_server.notices.delivery import Delivery
from mcp_server.operation.context import Context

_PATIENCE = 60.0
"Seconds to wait for another run of the watch."


class Report(NamedTuple):
    """`found` are the troubles of this run, `new` those that the run before did not find; `unknown` is what could not
    be looked at."""

    found: tuple[Trouble, ...]
    new: tuple[Trouble, ...]
    delivery: Delivery | None
    unknown: tuple[str, ...]


def report_new(ctx: Context, send: Callable[[tuple[Trouble, ...]], Delivery | None]) -> Report:
    """Look at the logins, `send` the new troubles if there are any, then remember all that were found."""
    with ctx.world.files.lock("watch", _PATIENCE):
        logins = look_at_logins(ctx)
        found = logins.troubles
        memory = _memory(ctx)
        before = _keys_in(ctx, memory)
        new = tuple(trouble for trouble in found if trouble.key not in before)
        delivery = send(new) if new else None
        if (keys := {trouble.key for trouble in found}) != before:
            ctx.world.files.replace(memory, json.dumps(sorted(keys)).encode(), inside=ctx.world.state)
    return Report(found, new, delivery, in_keychain(logins.stores))


def _memory(ctx: Context) -> Path:
    name = hashlib.sha256(str(ctx.fleet.root).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return ctx.world.state / "watch" / f"{name}.json"


def _keys_in(ctx: Context, memory: Path) -> set[str]:
    """The keys of the last run; none if they cannot be read: then everything is reported once more."""
    try:
        keys: object = json.loads(ctx.world.files.read_text(memory))
    except (OpsError, ValueError):
        return set()
    return {str(key) for key in cast("list[object]", keys)} if isinstance(keys, list) else set()
