"""Pull requests, and reading the API, by the real `gh`.

The guard's `gh` is skipped: the guard has already judged whoever calls this.
"""

import json
import re
import subprocess
from collections.abc import Mapping
from typing import Final, cast

from mcp_server.kernel.cancellation import begin_change
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.secret import Secret
from mcp_server.kernel.secrets.detector import scrub
from mcp_server.system.programs import find_program
from mcp_server.system.pull_request import FIELDS, PullRequest, parse

_QUIET: Final = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1", "GH_PAGER": "cat"}
_LOUD: Final = {"GH_FORCE_TTY", "GH_DEBUG", "DEBUG", "GH_REPO"}


class GitHub:
    """Pull requests on the server that hosts a repository; each call gets `patience` seconds.

    `repository` is `host/owner/name`; `token` None stands for the login of the host's `gh`. Every method raises
    `unavailable` if the server does not answer, `denied` if it refuses, and `not_found` if it has no such thing.
    """

    def __init__(self, environment: Mapping[str, str], patience: float = 60.0) -> None:
        self._environment = environment
        self._patience = patience

    def open_of(self, repository: str, head: str, token: Secret | None) -> PullRequest | None:
        """The open pull request of the branch `head`."""
        listing = ("list", "--head", head, "--state", "open", "--json", FIELDS)
        found = map(parse, json.loads(self._gh(repository, token, *listing)))
        return next((pull for pull in found if not pull.fork), None)

    def pull(self, repository: str, number: int, token: Secret | None) -> PullRequest:
        """The pull request of this number."""
        return parse(json.loads(self._gh(repository, token, "view", str(number), "--json", FIELDS)))

    def create(self, repository: str, head: str, base: str, texts: tuple[str, str], token: Secret | None) -> int:
        """Open a pull request with title and body `texts`; returns its number."""
        begin_change()
        about = ("--head", head, "--base", base, "--title", texts[0], "--body-file", "-")
        output = self._gh(repository, token, "create", *about, text=texts[1])
        number = re.search(r"/pull/(\d+)\s*$", output)
        if number is None:
            message = f"gh opened the pull request, but its output has no number: {shown(output)}"
            raise OpsError("unavailable", message, "Look at the server")
        return int(number[1])

    def merge(self, repository: str, pull: PullRequest, method: str, token: Secret | None) -> None:
        """Merge it, provided that its head still is `pull.commit`; `method` is merge, squash or rebase."""
        begin_change()
        self._gh(repository, token, "merge", str(pull.number), f"--{method}", "--match-head-commit", pull.commit)

    def read(self, host: str, path: str) -> Json:
        """The API's answer to `GET path` on this host, with gh's own login or GH_TOKEN."""
        # gh accepts no port in --hostname, but reads GH_HOST.
        at = () if self._environment.get("GH_HOST") == host else ("--hostname", host)
        command = [_program(self._environment), "api", "--method", "GET", *at, path]
        done = self._completed(command, host, None, f"gh auth status --hostname {host}")
        if done.returncode:
            reason = shown(scrub(" ".join(done.stderr.split())), 300) or "no reason given"
            step = f"gh auth status --hostname {host}; GH_TOKEN needs the right to read {path}"
            raise OpsError("unavailable", f"{host} did not return {path}: {reason}", step)
        return cast("Json", json.loads(done.stdout))

    def _gh(self, repository: str, token: Secret | None, verb: str, *arguments: str, text: str = "") -> str:
        command = [_program(self._environment), "pr", verb, *arguments, "--repo", repository]
        done = self._completed(command, repository, token, f"Look at its state: gh pr list --repo {repository}", text)
        if done.returncode:
            raise _refused(repository, verb, done.stderr, done.returncode)
        return done.stdout

    def _completed(
        self, command: list[str], server: str, token: Secret | None, step: str, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in self._environment.items() if k not in _LOUD} | _QUIET
        if token:
            for name in ("GH_TOKEN", "GH_ENTERPRISE_TOKEN"):
                environment.setdefault(name, token.reveal())
        try:
            return subprocess.run(
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
            late = f"{server} did not answer within {self._patience:g} s"
            raise OpsError("unavailable", late, step) from None


def _program(environment: Mapping[str, str]) -> str:
    found = find_program("gh", environment)
    if found is None:
        step = "Install the GitHub CLI: https://cli.github.com"
        raise OpsError("unavailable", "there is no `gh` on the PATH", step)
    return found


def _refused(repository: str, verb: str, output: str, code: int) -> OpsError:
    reason = shown(scrub(" ".join(output.split())), 300)
    if code == 4 or "HTTP 401" in output or "gh auth login" in output:
        step = "ops runbook read gh-not-authenticated"
        return OpsError("denied", f"{repository} does not accept the login of gh: {reason}", step)
    kind = "not_found" if "Could not resolve" in output or "HTTP 404" in output else "unavailable"
    return OpsError(kind, f"gh pr {verb} failed on {repository}: {reason}", f"Look: gh pr list --repo {repository}")
