"""Pull requests by the real `gh`. The guard's shim of that name is not called: who calls here was judged before."""

import json
import re
import subprocess
from collections.abc import Mapping
from typing import Any, Final

from mcp_server.kernel.cancellation import changes_now
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.secret import Secret, scrub
from mcp_server.system.github import Checks, PullRequest
from mcp_server.system.programs import find_program

_FIELDS: Final = (
    "number,url,title,state,headRefName,baseRefName,headRefOid,isCrossRepository,statusCheckRollup,mergeCommit"
)
_QUIET: Final = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1", "GH_PAGER": "cat"}
_LOUD: Final = {"GH_FORCE_TTY", "GH_DEBUG", "DEBUG", "GH_REPO"}
_GOOD: Final = {"SUCCESS", "NEUTRAL", "SKIPPED"}
_WAITING: Final = {"", "PENDING", "EXPECTED", "QUEUED", "IN_PROGRESS", "WAITING", "REQUESTED"}


class GhHub:
    """`ports.Hub`; each call gets `patience` seconds."""

    def __init__(self, environment: Mapping[str, str], patience: float = 60.0) -> None:
        self._environment = environment
        self._patience = patience

    def open_of(self, repository: str, head: str, token: Secret | None) -> PullRequest | None:
        asking = ("list", "--head", head, "--state", "open", "--json", _FIELDS)
        found = [_pull(each) for each in json.loads(self._gh(repository, token, *asking))]
        return next((pull for pull in found if not pull.fork), None)

    def pull(self, repository: str, number: int, token: Secret | None) -> PullRequest:
        return _pull(json.loads(self._gh(repository, token, "view", str(number), "--json", _FIELDS)))

    def create(self, repository: str, head: str, base: str, texts: tuple[str, str], token: Secret | None) -> int:
        about = ("--head", head, "--base", base, "--title", texts[0], "--body-file", "-")
        told = self._gh(repository, token, "create", *about, text=texts[1])
        number = re.search(r"/pull/(\d+)\s*$", told)
        if number is None:
            raise OpsError("unavailable", f"gh opened it and told no number: {shown(told)}", "Look at the server")
        return int(number[1])

    def merge(self, repository: str, pull: PullRequest, method: str, token: Secret | None) -> None:
        self._gh(repository, token, "merge", str(pull.number), f"--{method}", "--match-head-commit", pull.commit)

    def _gh(self, repository: str, token: Secret | None, verb: str, *arguments: str, text: str = "") -> str:
        program = _program(self._environment)
        environment = {k: v for k, v in self._environment.items() if k not in _LOUD} | _QUIET
        if token:
            for name in ("GH_TOKEN", "GH_ENTERPRISE_TOKEN"):
                environment.setdefault(name, token.reveal())
        command = [program, "pr", verb, *arguments, "--repo", repository]
        changes_now()
        try:
            done = subprocess.run(
                command,
                input=text,
                env=environment,
                capture_output=True,
                text=True,
                timeout=self._patience,
                cwd="/",
                check=False,
            )
        except subprocess.TimeoutExpired:
            late = f"{repository} did not answer within {self._patience:g} s"
            raise OpsError("unavailable", late, f"Look at its state: gh pr list --repo {repository}") from None
        if done.returncode:
            raise _refused(repository, verb, done.stderr, done.returncode)
        return done.stdout


def _program(environment: Mapping[str, str]) -> str:
    found = find_program("gh", environment)
    if found is None:
        raise OpsError(
            "unavailable", "there is no `gh` on the PATH", "Install the GitHub CLI: https://cli.github.com"
        )
    return found


def _refused(repository: str, verb: str, told: str, code: int) -> OpsError:
    why = shown(scrub(" ".join(told.split())), 300)
    if code == 4 or "HTTP 401" in told or "gh auth login" in told:
        step = "ops runbook read gh-not-authenticated"
        return OpsError("denied", f"{repository} does not take the login that gh has: {why}", step)
    kind = "not_found" if "Could not resolve" in told or "HTTP 404" in told else "unavailable"
    return OpsError(kind, f"gh pr {verb} failed on {repository}: {why}", f"Look: gh pr list --repo {repository}")


def _pull(told: Mapping[str, Any]) -> PullRequest:
    return PullRequest(
        number=told["number"],
        url=told["url"],
        title=told["title"],
        state=told["state"],
        head=told["headRefName"],
        base=told["baseRefName"],
        commit=told["headRefOid"],
        fork=told["isCrossRepository"],
        checks=_checks(told["statusCheckRollup"] or []),
        merged_as=told["mergeCommit"]["oid"] if told["mergeCommit"] else None,
    )


def _checks(told: list[Mapping[str, str]]) -> Checks:
    """A check run ends with a conclusion, a commit status is a state."""
    ends = {each.get("conclusion") or each.get("state") or each.get("status") or "" for each in told}
    if not ends:
        return "none"
    if ends - _GOOD - _WAITING:
        return "failed"
    return "pending" if ends & _WAITING else "green"
