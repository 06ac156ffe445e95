"""Sends notices: each is written to the spool first, and removed once its target has accepted it.

A failed notice waits longer each time. The next notice, `ops token watch` and `ops notice send` try again. The order
of the notices for one target is kept.
"""

import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Target
from mcp_server.kernel.placeholder import PLACEHOLDER
from mcp_server.kernel.secret import Secret
from mcp_server.notices.delivery import Delivery
from mcp_server.notices.look_spool import Spooled, file_names, spool_folder, spooled
from mcp_server.notices.notice import (
    LONGEST_WAIT,
    PAGERDUTY,
    SECRETS,
    TARGETS,
    Event,
    Notice,
    Subject,
    is_refused,
    message,
    wait_after,
)
from mcp_server.operation.context import Context
from mcp_server.operation.world import World

_PATIENCE: Final = 5.0
"Seconds for one attempt: a caller waits for the answer of the operation that sends the notice."


def new_notice(ctx: Context, event: Event, about: Subject, text: str) -> Notice:
    """A notice of an event that happened now; `text` must not hold a credential."""
    fleet, at = ctx.fleet.root.name, ctx.world.clock.now().isoformat(timespec="milliseconds")
    title = f"{about.severity} {event}: {about.title} ({fleet})" if about.title else ""
    return Notice(secrets.token_hex(6), f"{fleet}/{about.id}", event, at, title, text, about.severity, fleet)


def send(ctx: Context, notice: Notice, targets: Collection[Target] = TARGETS) -> Delivery | None:
    """Spool a notice for each target that fleet.toml names or whose secret is in the environment, and deliver.

    Returns None if there is no such target.
    """
    wanted: list[Target] = [t for t in targets if t in ctx.fleet.notify or ctx.world.environment.get(SECRETS[t])]
    folder, now = spool_folder(ctx.world), ctx.world.clock.now()
    last = next(reversed(file_names(ctx.world, folder)), "0")  # names begin with a count, as the clock may jump
    for target in wanted:
        name = f"{int(last.partition('-')[0]) + 1:010}-{notice.id}.{target}.json"
        _store(ctx.world, Spooled(folder / name, target, notice, 0, now))
    return deliver(ctx.world) if wanted else None


def deliver(world: World, *, at_once: bool = False) -> Delivery:
    """Try the notices that are due, or all `at_once`. Raises nothing: a failed notice must not fail its operation."""
    sent: list[str] = []
    problems: list[str] = []
    with suppress(OpsError), world.files.lock("notices", _PATIENCE):
        for target in TARGETS:
            late: set[str] = set()
            for entry in [each for each in spooled(world) if each.target == target]:
                tried = entry
                # PagerDuty must not get the end of an incident before its beginning.
                if (at_once or _is_due(world, entry)) and not (target == "pagerduty" and entry.notice.key in late):
                    tried = _try(world, entry)
                    if tried is None:
                        sent.append(target)
                        continue
                    problems.append(f"{target}: {tried.problem}")
                if not tried.refused:
                    break
                late.add(entry.notice.key)
    waiting = [*spooled(world)]
    kept = (f"{each.target}: {each.problem or 'it failed'}, tried again later" for each in waiting)
    problem = next(iter(problems), None) or next(kept, None)
    return Delivery(tuple(dict.fromkeys(sent)), len(waiting), problem)


def _is_due(world: World, entry: Spooled) -> bool:
    """A due time far ahead was stored before the clock jumped back."""
    return not timedelta() < entry.due - world.clock.now() <= LONGEST_WAIT


def _try(world: World, entry: Spooled) -> Spooled | None:
    """Post one notice; returns None if it was accepted, else the notice as it waits from now on, with the problem."""
    status, retry_after = 0, None
    try:
        if (secret := world.secret(SECRETS[entry.target])) is None:
            return replace(entry, problem=_no_secret(world, entry.target))
        pagerduty = Secret(world.environment.get("OPS_PAGERDUTY_URL") or PAGERDUTY)
        reply = world.http.post(
            secret if entry.target == "webhook" else pagerduty,
            document=message(entry.target, entry.notice, secret),
            patience=_PATIENCE,
            idempotency=f"{entry.notice.id}-{entry.target}",
        )
        status, retry_after, problem = (
            reply.status or 0,
            reply.retry_after,
            f"it answered {reply.status or 'nothing'}",
        )
    except OpsError as error:
        problem = error.message
    if 200 <= status < 300:
        world.files.forget(entry.path)
        return None
    tries = entry.tries + 1
    due = world.clock.now() + wait_after(tries, retry_after)
    waits = replace(entry, tries=tries, due=due, problem=problem, refused=is_refused(status))
    _store(world, waits)
    return waits


def _no_secret(world: World, target: Target) -> str:
    """Why this process has no secret for the target."""
    name = SECRETS[target]
    if world.environment.get(name) == PLACEHOLDER:
        return f"{name} stays with the client, whose hook sends it after this call"
    return f"no {name} in the environment or the keyring"


def _store(world: World, entry: Spooled) -> None:
    world.files.replace(entry.path, entry.encode(), inside=world.state, mode=0o600)
