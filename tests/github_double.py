"""A stand-in for GitHub: real `gh` asks it over TLS on loopback, its pull requests are about a real bare repository.

The real one cannot run here. It answers `gh`'s GraphQL with just the fields that were selected (gh takes no others),
which is all of GraphQL that it knows. Seen with gh 2.23.
"""

import json
import re
import ssl
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, cast

from tests.clones import git

TOKEN = "double-" + "t" * 20
_WORDS = re.compile(r"\.\.\.|[{}:,]|\w+")


@dataclass
class Double:
    """The server: `origin` is the bare repository, `pulls` what was opened, `seen` the mutations that came."""

    origin: Path
    address: str
    folder: Path
    pulls: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    seen: list[str] = field(default_factory=list[str])
    checks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def environment(self) -> dict[str, str]:
        """What `gh` has to know to find it, and no more."""
        places = {name: str(self.folder / name) for name in ("GH_CONFIG_DIR", "XDG_CACHE_HOME", "XDG_STATE_HOME")}
        return {"SSL_CERT_FILE": str(self.folder / "cert.pem"), **places}

    def env_file(self) -> str:
        return f"GH_TOKEN={TOKEN}\n"

    def answer(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        wanted = _selections(query)
        if "createPullRequest" in wanted:
            return {"createPullRequest": _only(wanted["createPullRequest"], {"pullRequest": self._create(variables)})}
        if "mergePullRequest" in wanted:
            self._merge(variables)
            return {"mergePullRequest": {"clientMutationId": None}}
        if "__type(" in query:
            return {name: {"fields": []} for name in wanted}
        return _only(wanted, {"repository": self._repository(variables), "viewer": {"login": "bot"}})

    def _repository(self, variables: dict[str, Any]) -> dict[str, Any]:
        head, number = variables.get("headBranch") or variables.get("headRefName"), variables.get("number")
        number = number or variables.get("pr_number")
        found = [p for p in map(self._now, self.pulls) if head in (None, p["headRefName"])]
        states = variables.get("state") or variables.get("states")
        listed = [p for p in found if not states or p["state"] in states]
        return {
            "id": "R1",
            "name": "r",
            "owner": {"id": "O1", "login": "o"},
            "hasIssuesEnabled": True,
            "defaultBranchRef": {"name": "main"},
            "viewerPermission": "WRITE",
            "isPrivate": False,
            "parent": None,
            **{f"{way}Allowed": True for way in ("mergeCommit", "rebaseMerge", "squashMerge")},
            "pullRequests": {"nodes": listed, "totalCount": len(listed), "pageInfo": {"hasNextPage": False}},
            "pullRequest": next((p for p in found if p["number"] == number), None),
        }

    def _create(self, variables: dict[str, Any]) -> dict[str, Any]:
        given = variables["input"]
        self.seen.append("createPullRequest")
        number = len(self.pulls) + 1
        pull = {
            "number": number,
            "id": f"PR_{number}",
            "title": given["title"],
            "body": given["body"],
            "state": "OPEN",
        }
        names = {"headRefName": given["headRefName"], "baseRefName": given["baseRefName"]}
        url = f"https://{self.address}/o/r/pull/{number}"
        self.pulls.append(
            {**pull, **names, "url": url, "state": "OPEN", "isCrossRepository": False, "mergeCommit": None}
        )
        return self._now(self.pulls[-1])

    def _now(self, pull: dict[str, Any]) -> dict[str, Any]:
        """Its head is where origin's branch stands."""
        if pull["state"] == "OPEN":
            pull["headRefOid"] = git(self.origin, "rev-parse", f"refs/heads/{pull['headRefName']}")
        rollup = {"contexts": {"nodes": self.checks, "pageInfo": {"hasNextPage": False}}}
        commits = {"nodes": [{"commit": {"statusCheckRollup": rollup}}], "totalCount": 1}
        return {
            **pull,
            "commits": commits,
            "statusCheckRollup": commits,
            "mergeable": "MERGEABLE",
            "mergeStateStatus": "CLEAN",
        }

    def _merge(self, variables: dict[str, Any]) -> None:
        given = variables["input"]
        self.seen.append("mergePullRequest")
        pull = next(p for p in self.pulls if p["id"] == given["pullRequestId"])
        assert given["expectedHeadOid"] == self._now(pull)["headRefOid"]
        main, head = (git(self.origin, "rev-parse", name) for name in ("main", pull["headRefName"]))
        tree, who = (
            git(self.origin, "rev-parse", f"{head}^{{tree}}"),
            ("-c", "user.name=Hub", "-c", "user.email=h@e.test"),
        )
        made = git(self.origin, *who, "commit-tree", "-p", main, "-p", head, "-m", pull["title"], tree)
        git(self.origin, "update-ref", "refs/heads/main", made, main)
        pull.update(state="MERGED", mergeCommit={"oid": made})


@contextmanager
def github_double(origin: Path, folder: Path) -> Generator[Double]:
    """The server for the bare repository `origin`; `folder` takes its certificate and gh's own files."""
    folder.mkdir(exist_ok=True)
    certificate = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(["openssl", "req", *certificate, *names], cwd=folder, check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name is not ours
            pass

        def _reply(self, told: object, code: int = 200) -> None:
            data = json.dumps(told).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            self._reply({"installed_version": "3.19.0", "login": "bot"})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers.get("Authorization") != f"token {TOKEN}":
                self._reply({"message": "Bad credentials"}, 401)
                return
            self._reply({"data": double.answer(asked["query"], asked.get("variables") or {})})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = secured.wrap_socket(server.socket, server_side=True)
    double = Double(origin, f"localhost:{server.server_address[1]}", folder)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _selections(query: str) -> dict[str, Any]:
    """What a query selects, as nested dicts by the name that the answer has; fragments are put in place."""
    words = iter(_WORDS.findall(_without_arguments(query)))
    found: dict[str, dict[str, Any]] = {}
    for word in words:
        if word == "{":
            found[""] = _fields(words)
        elif word == "fragment":
            name = next(words)
            while next(words) != "{":
                pass
            found[name] = _fields(words)
    return _joined(found[""], found)


def _without_arguments(query: str) -> str:
    while (bare := re.sub(r"\([^()]*\)|@\w+", "", query)) != query:
        query = bare
    return query


def _fields(words: Iterator[str]) -> dict[str, Any]:
    """The fields up to the closing brace, by their alias; a spread is kept as `...name`."""
    found: dict[str, Any] = {}
    last = ""
    for word in words:
        if word == "}":
            break
        if word == "{":
            inner = _fields(words)
            found.update(inner if last == "..." else {last: inner})
        elif word == "...":
            last = "..." if (name := next(words)) == "on" and next(words) else f"...{name}"
            found.update({} if last == "..." else {last: {}})
        elif word == ":":
            next(words)  # what it is called behind the alias
        elif word != ",":
            last = word
            found[last] = {}
    return found


def _joined(fields: dict[str, Any], fragments: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, inner in fields.items():
        if name.startswith("..."):
            found.update(_joined(fragments[name[3:]], fragments))
        else:
            found[name] = _joined(inner, fragments)
    return found


def _only(wanted: dict[str, Any], value: Any) -> Any:
    """`value` with the selected fields alone; what it lacks is null."""
    if isinstance(value, list):
        return [_only(wanted, each) for each in cast("list[Any]", value)]
    if not isinstance(value, dict) or not wanted:
        return cast("Any", value)
    known = cast("dict[str, Any]", value)
    return {name: _only(inner, known.get(name)) for name, inner in wanted.items()}
