"""A pull request, as `gh pr view --json` prints it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Checks = Literal["green", "pending", "failed", "none"]

FIELDS: Final = (
    "number,url,title,state,headRefName,baseRefName,headRefOid,isCrossRepository,statusCheckRollup,mergeCommit"
)
_GOOD: Final = {"SUCCESS", "NEUTRAL", "SKIPPED"}
_WAITING: Final = {"", "PENDING", "EXPECTED", "QUEUED", "IN_PROGRESS", "WAITING", "REQUESTED"}


@dataclass(frozen=True)
class PullRequest:
    """One pull request on the server. `commit` is its head's; `state` is OPEN, CLOSED or MERGED."""

    number: int
    url: str
    title: str
    state: str
    head: str
    base: str
    commit: str
    fork: bool
    checks: Checks
    merged_as: str | None = None
    "The commit on `base` that the merge made."


def parse(fields: Mapping[str, Any]) -> PullRequest:
    """The pull request in a JSON object with `FIELDS`."""
    return PullRequest(
        number=fields["number"],
        url=fields["url"],
        title=fields["title"],
        state=fields["state"],
        head=fields["headRefName"],
        base=fields["baseRefName"],
        commit=fields["headRefOid"],
        fork=fields["isCrossRepository"],
        checks=_checks(fields["statusCheckRollup"] or []),
        merged_as=fields["mergeCommit"]["oid"] if fields["mergeCommit"] else None,
    )


def _checks(rollup: list[Mapping[str, str]]) -> Checks:
    """A check run has a conclusion once it has ended; a commit status has a state."""
    ends = {each.get("conclusion") or each.get("state") or each.get("status") or "" for each in rollup}
    if not ends:
        return "none"
    if ends - _GOOD - _WAITING:
        return "failed"
    return "pending" if ends & _WAITING else "green"
