"""The state on disk, read with plain git and json: the demo does not trust the tools' answers."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from mcp_server.demo.fleet import DemoFleet, master
from mcp_server.demo.git import git
from mcp_server.demo.injection import INCIDENTS, KEY, LOST, UNLISTED
from mcp_server.kernel.document import Json


@dataclass(frozen=True)
class DiskState:
    """`gone`: the fault is no longer there. `kept` is a fingerprint of everything that fixing it must not change."""

    gone: bool
    text: str
    kept: str


def at_config(agent: str) -> Callable[[DemoFleet], DiskState]:
    """Whether the agent's config matches the master. Keys that the master does not name must stay."""

    def observe(fleet: DemoFleet) -> DiskState:
        path = fleet.agent(agent) / ".claude.json"
        try:
            config = cast("dict[str, Json]", json.loads(path.read_bytes()))
        except ValueError:
            return DiskState(False, "not JSON", _fingerprint(path.read_bytes()))
        wanted = master(fleet)
        differing = sorted(_paths(wanted, config))
        own = {key: value for key, value in config.items() if key not in wanted}
        text = f"differs in {', '.join(differing)}" if differing else "in sync with the master"
        return DiskState(not differing, text, _fingerprint(json.dumps(own).encode()))

    return observe


def _paths(wanted: Json, found: Json, at: str = "") -> set[str]:
    if isinstance(wanted, dict) and isinstance(found, dict):
        return {path for key in wanted for path in _paths(wanted[key], found.get(key), f"{at}/{key}")}
    return set[str]() if wanted == found else {at}


def at_main(fleet: DemoFleet) -> DiskState:
    clone = fleet.agent("codex-5")
    ahead = int(git(clone, "rev-list", "--count", "origin/main..main"))
    return DiskState(ahead == 0, f"{ahead} commits on main", _fingerprint(git(clone, "for-each-ref").encode()))


def at_behind(fleet: DemoFleet) -> DiskState:
    clone = fleet.agent("opus-4")
    behind = int(git(clone, "rev-list", "--count", "HEAD..origin/main"))
    changed = git(clone, "status", "--porcelain", "--untracked-files=all").splitlines()
    work = b"".join((clone / line.split()[-1]).read_bytes() for line in changed)
    return DiskState(behind == 0, f"{behind} behind, {len(changed)} changed files", _fingerprint(work))


def at_key(fleet: DemoFleet) -> DiskState:
    lines = (fleet.agent("pm-2") / ".env").read_text("utf-8").splitlines()
    others = [line for line in lines if not line.startswith(f"{KEY}=")]
    gone = others == lines
    text = "not in .env" if gone else "in .env"
    return DiskState(gone, text, _fingerprint(*(line.encode() for line in others)))


def at_copies(fleet: DemoFleet) -> DiskState:
    stores = [fleet.agent(agent) / ".credentials.json" for agent in ("opus-5", "opus-6")]
    both = [store.read_bytes() for store in stores if store.exists()]
    gone = len(set(both)) == len(both)
    return DiskState(gone, f"{len(both)} stores, {len(set(both))} login", _fingerprint(*both))


def at_access(fleet: DemoFleet) -> DiskState:
    """Whether the access token was refreshed. The rest of the login must stay."""
    login = _login(fleet)
    until = datetime.fromtimestamp(cast("float", login["expiresAt"]) / 1000, UTC)
    gone = bool(login["accessToken"]) and until > datetime.now(UTC)
    text = f"access token {'good until' if gone else 'lapsed at'} {until:%H:%M} UTC"
    return DiskState(gone, text, _fingerprint(*(str(login[key]).encode() for key in ("scopes", "subscriptionType"))))


def at_login(fleet: DemoFleet) -> DiskState:
    """Whether the login was renewed, which only a human's /login can do."""
    login = _login(fleet)
    until = datetime.fromtimestamp(cast("float", login["refreshTokenExpiresAt"]) / 1000, UTC)
    gone = until.timestamp() > fleet.now.timestamp() + 3 * 86_400
    return DiskState(gone, f"login ends on {until:%Y-%m-%d %H:%M} UTC", _fingerprint(str(until).encode()))


def at_row(fleet: DemoFleet) -> DiskState:
    incident, name = fleet.agent("ops-1") / UNLISTED, Path(UNLISTED).name
    gone = name in _index(fleet)
    return DiskState(gone, "file and row" if gone else "a file, no row", _fingerprint(incident.read_bytes()))


def at_file(fleet: DemoFleet) -> DiskState:
    rows = [line for line in _index(fleet).splitlines() if Path(LOST).name in line]
    there = (fleet.agent("ops-1") / LOST).exists()
    gone = there == bool(rows)
    return DiskState(
        gone, "row and file agree" if gone else "a row, no file", _fingerprint(*(row.encode() for row in rows))
    )


def _index(fleet: DemoFleet) -> str:
    return (fleet.agent("ops-1") / INCIDENTS / "INDEX.md").read_text("utf-8")


def _login(fleet: DemoFleet) -> dict[str, Json]:
    store = cast("dict[str, dict[str, Json]]", json.loads((fleet.store / ".credentials.json").read_bytes()))
    return store["claudeAiOauth"]


def _fingerprint(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]
