"""`guard_server`: the policy as a ruleset of GitHub's, and whether the repository has it. It changes nothing there.

The server is asked by the real `gh`, with its login or GH_TOKEN: no token comes near this process.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from pydantic import Field

from mcp_server.guard.ruleset import missing, ruleset
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
    check: bool = Field(default=False, description="Ask the server what it enforces")


@dataclass(frozen=True)
class Branch:
    """`missing` is what the server does not enforce; `bypass` how many may go round, None where that is not shown."""

    branch: str
    missing: tuple[str, ...]
    bypass: int | None


@dataclass(frozen=True)
class Server:
    repository: str
    ruleset: dict[str, Json]
    state: Literal["enforced", "not_enforced", "unknown"]
    "`unknown` where the server was not asked."
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
    told = named or (ctx.world.git.state(clone).origin if clone else None) or ""
    found = _ORIGIN.fullmatch(told)
    if not found or "/" not in found["name"]:
        step = "Name it: ops guard server --repository OWNER/REPO"
        raise OpsError("not_found", f"no repository on a server is told by {shown(told)}", step)
    return found["host"], found["name"]


def _branch(ctx: Context, host: str, name: str, branch: str, params: ServerParams) -> Branch:
    rules = cast("list[Json]", _asked(ctx, host, f"repos/{name}/rules/branches/{branch}"))
    sets = {str(rule.get("ruleset_id")) for rule in rules if isinstance(rule, dict)}
    bypass = _bypass(ctx, host, name, sorted(sets))
    return Branch(branch, missing(rules, params.approvals, params.checks), bypass)


def _bypass(ctx: Context, host: str, name: str, sets: Sequence[str]) -> int | None:
    """How many actors may go round these rulesets; GitHub shows that to admins alone."""
    count = 0
    for number in sets:
        told = cast("dict[str, Json]", _asked(ctx, host, f"repos/{name}/rulesets/{number}"))
        actors = told.get("bypass_actors")
        if not isinstance(actors, list):
            return None
        count += len(actors)
    return count


def _asked(ctx: Context, host: str, path: str) -> Json:
    # gh takes no port in --hostname; it asks GH_HOST by itself.
    at = () if ctx.world.environment.get("GH_HOST") == host else ("--hostname", host)
    done = ctx.world.run_program(("gh", "api", *at, path), "", ctx.world.cwd)
    if done.code is None:
        raise OpsError("unavailable", "there is no `gh` that answers", "Install it, and log in: gh auth login")
    if done.code:
        said = done.error.strip().splitlines()[:1] or ["no reason given"]
        step = f"gh auth status --hostname {host}; GH_TOKEN needs the right to read the repository's rules"
        raise OpsError("unavailable", f"{host} did not tell its rules: {said[0][:200]}", step)
    return cast("Json", json.loads(done.out))


def _text(server: Server) -> str:
    lines = [json.dumps(server.ruleset, indent=2)] if server.state == "unknown" else []
    for branch in server.branches:
        faults = [*branch.missing, *([f"{branch.bypass} may go round the rules"] if branch.bypass else [])]
        unseen = " (who may go round is shown to admins alone)" if branch.bypass is None else ""
        lines.append(f"{branch.branch}: {'; '.join(faults) or 'enforced'}{unseen}")
    return "\n".join([*lines, *([f"Next: {server.next}"] if server.next else [])])


GUARD_SERVER = Operation(
    name="guard_server",
    title="The guard on the server",
    summary="Prints the policy as a ruleset of GitHub's; with --check, what the repository enforces of it.",
    effect=Effect.READ,
    params=ServerParams,
    run=_server,
    text=_text,
    ok=lambda server: server.state != "not_enforced",
    open_world=True,
)
