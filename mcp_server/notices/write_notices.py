"""Telling people: each notice is written to the spool first, and leaves it when its receiver has taken it.

The spool is `OPS_HOME/notices`, one file for each notice and target; nothing secret is in it. What failed waits,
longer each time; the next notice, `ops token watch` and `ops notice send` try again. For each target the order stays.
"""

import json
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.humanize import plural
from mcp_server.kernel.inventory import Target
from mcp_server.kernel.placeholder import PLACEHOLDER
from mcp_server.kernel.secret import Secret
from mcp_server.notices.notice import (
    LONGEST_WAIT,
    PAGERDUTY,
    SECRETS,
    TARGETS,
    Event,
    Notice,
    is_refused,
    message,
    wait_after,
)
from mcp_server.operation.context import Context
from mcp_server.operation.world import World

_FOLDER: Final = "notices"
_NAME: Final = re.compile(r"\d{10}-[0-9a-f]{12}\.[a-z]+\.json")
_PATIENCE: Final = 5.0
"Seconds for one try: somebody waits for the answer of the call that it is a part of."


@dataclass(frozen=True)
class Waiting:
    """One notice that its target did not take yet; `due` is when it is tried again."""

    path: Path
    target: Target
    notice: Notice
    tries: int
    due: datetime


@dataclass(frozen=True)
class Delivery:
    """`sent` names the targets that took something now, `waiting` counts what waits, `refused` what no repetition
    helps; `problem` says why of the first."""

    sent: tuple[str, ...]
    waiting: int
    refused: int
    problem: str | None


def told(delivery: Delivery | None) -> str:
    """What became of it, in a line."""
    if delivery is None:
        return "nobody was told, for no webhook or PagerDuty is set up; how that is done: runbook open-an-incident"
    parts = [f"told {', '.join(delivery.sent)}"] if delivery.sent else []
    parts += [f"{plural(delivery.waiting, 'notice')} not sent yet ({delivery.problem})"] if delivery.waiting else []
    parts += [f"{plural(delivery.refused, 'notice')} refused"] if delivery.refused else []
    return "; ".join(parts)


@dataclass(frozen=True)
class About:
    """What a notice is about: an incident by its id, title and severity, or the logins."""

    id: str
    title: str = ""
    severity: str = ""


def notice(ctx: Context, event: Event, about: About, text: str) -> Notice:
    """What happened now; `text` holds no credential. The key is the same for all that is about the same."""
    fleet, at = ctx.fleet.root.name, ctx.world.clock.now().isoformat(timespec="milliseconds")
    title = f"{about.severity} {event}: {about.title} ({fleet})" if about.title else ""
    return Notice(secrets.token_hex(6), f"{fleet}/{about.id}", event, at, title, text, about.severity, fleet)


def announce(ctx: Context, notice: Notice, targets: Collection[Target] = TARGETS) -> Delivery | None:
    """Spool a notice for the targets that fleet.toml names or the environment has the secret of, and deliver.

    None where there is no such target.
    """
    wanted: list[Target] = [t for t in targets if t in ctx.fleet.notify or ctx.world.environment.get(SECRETS[t])]
    folder, now = ctx.world.state / _FOLDER, ctx.world.clock.now()
    last = next(reversed(_names(ctx.world, folder)), "0")  # a count, as the clock may jump
    for target in wanted:
        name = f"{int(last.partition('-')[0]) + 1:010}-{notice.id}.{target}.json"
        _keep(ctx.world, Waiting(folder / name, target, notice, 0, now))
    return deliver(ctx.world) if wanted else None


def deliver(world: World, *, at_once: bool = False) -> Delivery:
    """Try what is due, or all `at_once`. It raises nothing: who opens an incident is not to fail over its notice."""
    sent: list[str] = []
    problems: list[str] = []
    with suppress(OpsError), world.files.lock("notices", _PATIENCE):
        for target in TARGETS:
            for waiting in [each for each in spooled(world) if each.target == target]:
                if timedelta() < waiting.due - world.clock.now() <= LONGEST_WAIT and not at_once:
                    break  # one that is further off was noted before the clock jumped
                problem = _try(world, waiting)
                if problem is None:
                    sent.append(target)
                    continue
                problems.append(problem)
                if world.files.kind(waiting.path) != "absent":
                    break
    left, refused = [*spooled(world)], [*_names(world, world.state / _FOLDER / "refused")]
    problem = next(iter(problems), None) or ("what failed is tried again later" if left else None)
    return Delivery(tuple(dict.fromkeys(sent)), len(left), len(refused), problem)


def spooled(world: World) -> Iterator[Waiting]:
    """What waits, the oldest first; a file that is none of ours is left where it is."""
    folder = world.state / _FOLDER
    for name in _names(world, folder):
        with suppress(OpsError, ValueError, KeyError, TypeError):
            told: dict[str, Any] = json.loads(world.files.read_text(folder / name))
            due = datetime.fromisoformat(told["due"])
            yield Waiting(folder / name, told["target"], Notice(**told["notice"]), told["tries"], due)


def _names(world: World, folder: Path) -> list[str]:
    with suppress(OpsError):
        return [name for name in world.files.names(folder) if _NAME.fullmatch(name)]
    return []


def _try(world: World, waiting: Waiting) -> str | None:
    """Post one notice; None when it has left the spool, else why it stays."""
    status, asked, problem = None, None, ""
    try:
        if (secret := world.secret(SECRETS[waiting.target])) is None:
            return _without(world, waiting.target)
        address = Secret(world.environment.get("OPS_PAGERDUTY_URL") or PAGERDUTY)
        address = secret if waiting.target == "webhook" else address
        document = message(waiting.target, waiting.notice, secret)
        reply = world.http.post(
            address, document=document, patience=_PATIENCE, idempotency=f"{waiting.notice.id}-{waiting.target}"
        )
        status, asked, problem = reply.status, reply.retry_after, f"it answered {reply.status or 'nothing'}"
    except OpsError as error:
        problem = error.message
    if status and 200 <= status < 300:
        world.files.forget(waiting.path)
        return None
    if status and is_refused(status):
        _keep(world, replace(waiting, path=waiting.path.parent / "refused" / waiting.path.name))
        world.files.forget(waiting.path)
        return f"{waiting.target}: {problem} and is not asked again"
    tries = waiting.tries + 1
    _keep(world, replace(waiting, tries=tries, due=world.clock.now() + wait_after(tries, asked)))
    return f"{waiting.target}: {problem}"


def _without(world: World, target: Target) -> str:
    """Why there is no secret here."""
    name = SECRETS[target]
    if world.environment.get(name) == PLACEHOLDER:
        return f"{target}: {name} stays with the client, whose hook sends it after this call"
    return f"{target}: no {name} in the environment or the keyring"


def _keep(world: World, waiting: Waiting) -> None:
    about = {"target": waiting.target, "tries": waiting.tries, "due": waiting.due.isoformat()}
    data = json.dumps({**about, "notice": asdict(waiting.notice)}).encode()
    world.files.replace(waiting.path, data, inside=world.state, mode=0o600)
