"""The policy as a GitHub ruleset, which no agent can disable, and which parts of it a branch does not enforce.

Formats: https://docs.github.com/en/rest/repos/rules
"""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from mcp_server.kernel.document import Json
from mcp_server.kernel.policy import Policy

NAME: Final = "ops guard"


def ruleset(policy: Policy, approvals: int, checks: Sequence[str]) -> dict[str, Json]:
    """The body of `POST /repos/OWNER/REPO/rulesets`."""
    branches: list[Json] = [f"refs/heads/{name}" for name in policy.protected]
    return {
        "name": NAME,
        "target": "branch",
        "enforcement": "active",
        "bypass_actors": [],
        "conditions": {"ref_name": {"include": branches, "exclude": []}},
        "rules": [{"type": "deletion"}, {"type": "non_fast_forward"}, _pull_request(approvals), *_green(checks)],
    }


def _pull_request(approvals: int) -> Json:
    """Commits land only by a pull request, approved by someone other than its last pusher."""
    parameters: Json = {
        "required_approving_review_count": approvals,
        "dismiss_stale_reviews_on_push": True,
        "require_last_push_approval": approvals > 0,
        "require_code_owner_review": False,
        "required_review_thread_resolution": False,
    }
    return {"type": "pull_request", "parameters": parameters}


def _green(checks: Sequence[str]) -> list[Json]:
    if not checks:
        return []
    contexts: list[Json] = [{"context": name} for name in checks]
    parameters: Json = {"strict_required_status_checks_policy": True, "required_status_checks": contexts}
    return [{"type": "required_status_checks", "parameters": parameters}]


def missing(rules: Sequence[Json], approvals: int, checks: Sequence[str]) -> tuple[str, ...]:
    """What a branch's active rules (`GET /repos/OWNER/REPO/rules/branches/BRANCH`) lack, as sentences."""
    found = [cast("Mapping[str, Json]", rule) for rule in rules if isinstance(rule, dict)]
    types = {str(rule.get("type")) for rule in found}
    wanted = {"deletion": "it may be deleted", "non_fast_forward": "it may be moved back by a forced push"}
    gaps = [text for kind, text in wanted.items() if kind not in types]
    if "pull_request" not in types:
        gaps.append("it may be pushed to without a pull request")
    elif (given := max(_approvals(rule) for rule in found)) < approvals:
        gaps.append(f"a pull request needs {given} approvals, not {approvals}")
    required = {name for rule in found for name in _contexts(rule)}
    return (*gaps, *(f"the check {name} need not be green" for name in checks if name not in required))


def _parameters(rule: Mapping[str, Json]) -> Mapping[str, Json]:
    parameters = rule.get("parameters")
    return parameters if isinstance(parameters, dict) else {}


def _approvals(rule: Mapping[str, Json]) -> int:
    count = _parameters(rule).get("required_approving_review_count")
    return count if isinstance(count, int) else 0


def _contexts(rule: Mapping[str, Json]) -> list[str]:
    listed = _parameters(rule).get("required_status_checks")
    checks = listed if isinstance(listed, list) else []
    return [str(check.get("context")) for check in checks if isinstance(check, dict)]
