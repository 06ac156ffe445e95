"""`guard_server`: the policy as a GitHub ruleset, and whether the repository enforces it. Changes nothing there.

The real `gh` sends the requests, with its own login or GH_TOKEN: this process never reads a token.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from mcp_server.guard.ruleset import missing, ruleset
from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_ORIGIN = re.compile(
    r"(?:(?:https?|ssh|git)://)?(?:[^/@]+@)?(?P<host>[\w.-]+(?::\d+(?=/))?)[:/](?P<name>[^/:]+/[^/]+?)(?:\.git)?/?"
)


class ServerParams(Params):
    repository: str = Field(default="", max_length=300, description="[HOST/]OWNER/REPO, else the clone's origin")
    approvals: int = Field(default=1, ge=0, le=6, description="Approvals that a pull request needs")
    checks: list[str] = Field(default=[], max_length=50, description="Names of checks that must be green")
    check: bool = Field(default=False, description="Check what the server enforces")


@dataclass(frozen=True)
class Branch:
    """`missing`: what the server does not enforce. `bypass`: how many may bypass it; None if that is not shown."""

    branch: str
    missing: tuple[str, ...]
    bypass: int | None


@dataclass(frozen=True)
class Server:
    repository: str
    ruleset: dict[str, Json]
    state: Literal["enforced", "not_enforced", "unknown"]
    "`unknown` without --check."
    branches: tuple[Branch, ...]
    next: str


def _server(ctx: Context, params: ServerParams) -> Server:
    policy = ctx.policy
    host, name = _repository(ctx, params.repository)
    rules = ruleset(policy, params.approvals, params.checks)
    at = f" --hostname {host}" if host != "github.com" else ""
    put = f"ops guard server --json | jq .ruleset | gh api{at} repos/{name}/rulesets --input -"
    step = f"A human with admin rights: {put}"
    if not params.check:
        return Server(f"{host}/{name}", rules, "unknown", (), f"ops guard server --check. {step}")
    branches = tuple(_branch(ctx, host, name, branch, params) for branch in policy.protected)
    if any(branch.missing or branch.bypass for branch in branches):
        return Server(f"{host}/{name}", rules, "not_enforced", branches, step)
    return Server(f"{host}/{name}", rules, "enforced", branches, "")


def _repository(ctx: Context, named: str) -> tuple[str, str]:
    """Host and OWNER/REPO."""
    if re.fullmatch(r"[\w.-]+/[\w.-]+", named):
        return "github.com", named
    clone = ctx.world.git.clone_root(ctx.world.cwd)
    address = named or (ctx.world.git.state(clone).origin if clone else None) or ""
    found = _ORIGIN.fullmatch(address)
    if not found or "/" not in found["name"]:
        step = "Name it: ops guard server --repository OWNER/REPO"
        raise OpsError("not_found", f"no repository on a server: {shown(address)}", step)
    return found["host"], found["name"]


def _branch(ctx: Context, host: str, name: str, branch: str, params: ServerParams) -> Branch:
    rules = cast("list[Json]", ctx.world.github.read(host, f"repos/{name}/rules/branches/{branch}"))
    sets = {str(rule.get("ruleset_id")) for rule in rules if isinstance(rule, dict)}
    bypass = _bypass(ctx, host, name, sorted(sets))
    return Branch(branch, missing(rules, params.approvals, params.checks), bypass)


def _bypass(ctx: Context, host: str, name: str, sets: Sequence[str]) -> int | None:
    """How many actors may bypass these rulesets; None if GitHub does not show it, which it does to admins only."""
    count = 0
    for number in sets:
        ruleset = cast("dict[str, Json]", ctx.world.github.read(host, f"repos/{name}/rulesets/{number}"))
        actors = ruleset.get("bypass_actors")
        if not isinstance(actors, list):
            return None
        count += len(actors)
    return count


def _text(server: Server) -> str:
    lines = [json.dumps(server.ruleset, indent=2)] if server.state == "unknown" else []
    for branch in server.branches:
        faults = [*branch.missing, *([f"{branch.bypass} may bypass the rules"] if branch.bypass else [])]
        hidden = " (only admins see who may bypass the rules)" if branch.bypass is None else ""
        lines.append(f"{branch.branch}: {'; '.join(faults) or 'enforced'}{hidden}")
    return "\n".join([*lines, *([f"Next: {server.next}"] if server.next else [])])


GUARD_SERVER = Operation(
    name="guard_server",
    title="Rules on the server",
    summary="Prints the policy as a GitHub ruleset; with --check, reports what the repository enforces of it.",
    effect=Effect.READ,
    params=ServerParams,
    run=_server,
    text=_text,
    ok=lambda server: server.state != "not_enforced",
    open_world=True,
)
