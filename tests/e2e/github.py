"""A stand-in for GitHub's API on loopback, for the real `gh`: pull requests that can be merged, rulesets.

A fake stands here because the real one needs the internet and an account. TLS is real, with a certificate of its own.
"""

import os
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.e2e.loopback import Answer, Loopback, Request, document

TOKEN = "made-up-" + "token"


@dataclass
class GitHub(Loopback):
    """The repository o/r with one open pull request, number 1. `seen` is every request, as `METHOD path`."""

    folder: Path
    head: str = "opus"
    rulesets: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    seen: list[str] = field(default_factory=list[str])
    merged: list[int] = field(default_factory=list[int])

    def __enter__(self) -> Self:
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        make = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost")
        names = ("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate))
        subprocess.run([*make, *names], check=True, capture_output=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)
        return super().__enter__()

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    def environment(self, **more: str) -> dict[str, str]:
        """What `gh` needs to find us, and nothing of the caller's but its PATH."""
        home = str(self.folder)
        own = {"GH_HOST": self.host, "GH_ENTERPRISE_TOKEN": TOKEN, "SSL_CERT_FILE": f"{home}/certificate.pem"}
        places = {
            "HOME": home,
            "GH_CONFIG_DIR": f"{home}/gh",
            "XDG_CACHE_HOME": f"{home}/c",
            "OPS_HOME": f"{home}/ops",
        }
        quiet = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "PATH": os.environ["PATH"]}
        return {**quiet, **own, **places, "OPS_HOME": f"{home}/ops", **more}

    def answer(self, request: Request) -> Answer:
        self.seen.append(f"{request.method} {request.path.split('?')[0]}")
        if request.authorization not in (f"token {TOKEN}", f"Bearer {TOKEN}"):
            return document({"message": "Bad credentials"}, 401)
        status, content = self._answered(request.method, request.path, request.body)
        return document(content, status)

    def _answered(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:  # noqa: PLR0911  # one case each
        match (method, path.removeprefix("/api/v3").split("?")[0].rstrip("/")):
            case ("GET", "/user"):
                return 200, {"login": "bot", "id": 1}
            case ("PUT", "/repos/o/r/pulls/1/merge"):
                self.merged.append(1)
                return 200, {"merged": True}
            case ("GET", where) if where.startswith("/repos/o/r/rules/branches/"):
                return 200, list(self._rules_of(f"refs/heads/{where.rpartition('/')[2]}"))
            case ("POST", "/repos/o/r/rulesets"):
                self.rulesets.append(body)
                return 201, {"id": len(self.rulesets) - 1, **body}
            case ("GET", where) if where.startswith("/repos/o/r/rulesets/"):
                return 200, self.rulesets[int(where.rpartition("/")[2])]
            case ("POST", "/api/graphql"):
                return 200, {"data": self._graphql(body["query"])}
            case _:
                return 404, {"message": "Not Found"}

    def _rules_of(self, ref: str) -> Iterator[dict[str, Any]]:
        """The active rules of a branch, each with the ruleset that it is from."""
        for number, rules in enumerate(self.rulesets):
            if rules["enforcement"] == "active" and ref in rules["conditions"]["ref_name"]["include"]:
                yield from ({**rule, "ruleset_id": number} for rule in rules["rules"])

    def _graphql(self, query: str) -> dict[str, Any]:
        if "__type" in query:  # which fields this server knows
            return {"PullRequest": {"fields": [{"name": "isInMergeQueue"}, {"name": "isMergeQueueEnabled"}]}}
        if "mergePullRequest" in query:
            self.merged.append(1)
            return {"mergePullRequest": {"clientMutationId": ""}}
        pull = {"id": "PR_1", "number": 1, "title": "A change", "state": "OPEN", "headRefName": self.head}
        pull |= {"mergeable": "MERGEABLE", "mergeStateStatus": "CLEAN", "baseRefName": "main", "url": "https://x/1"}
        repository = {
            "id": "R_1",
            "name": "r",
            "owner": {"login": "o"},
            "pullRequest": pull,
            "mergeCommitAllowed": True,
        }
        return {"repository": repository, "viewer": {"login": "bot"}}
