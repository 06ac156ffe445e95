"""The container engine of this host, asked through the `docker` client. It only looks."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path, PurePosixPath
from subprocess import PIPE, CompletedProcess, Popen
from typing import Any, Final, cast

from mcp_server.clients.claude import is_inherited
from mcp_server.kernel.cancellation import changes_now
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.mount import Mount
from mcp_server.kernel.secret import Secret, scrub
from mcp_server.system import docker_files
from mcp_server.system.child_processes import said_by
from mcp_server.system.containers import Container
from mcp_server.system.programs import find_program

_PATIENCE_TO_BUILD: Final = 900.0
# What the client needs to find its engine. No login, no key.
_PASSED: Final = frozenset(
    {"PATH", "HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH"}
    | {"DOCKER_TLS_VERIFY", "DOCKER_API_VERSION"}
)
_MOST: Final = 500
_FACTS: Final = {
    "name": ".Name",
    "labels": ".Config.Labels",
    "mounts": ".Mounts",
    "environment": ".Config.Env",
    "running": ".State.Running",
}
_FORMAT: Final = "{" + ",".join(f'"{name}":{{{{json {path}}}}}' for name, path in _FACTS.items()) + "}"
_LABEL: Final = "com.docker.compose."


class DockerContainers:
    """`ports.Containers`. The engine gets `patience` seconds to answer each of two questions."""

    def __init__(self, environment: Mapping[str, str], patience: float = 5.0) -> None:
        self._environment = environment
        self._patience = patience

    def all(self) -> tuple[Container, ...]:
        found = self._ask("container", "ls", "--all", "--quiet", "--no-trunc").split()[:_MOST]
        if not found:
            return ()
        # A container that went away meanwhile is an error to the client; the others are told all the same.
        lines = self._ask("container", "inspect", "--format", _FORMAT, *found, partly=True).splitlines()
        return tuple(_container(json.loads(line)) for line in lines if line.startswith("{"))

    def up(self, compose: Path, service: str) -> None:
        self._ask("compose", "--file", str(compose), "up", "--detach", service, patience=_PATIENCE_TO_BUILD)

    def read(self, container: Container, path: PurePosixPath) -> bytes:
        return docker_files.read(self._run, container.name, path)

    def seen_inside(self, container: Container, path: PurePosixPath) -> bytes | None:
        return docker_files.seen_inside(self._run, container.name, path) if container.running else None

    def replace(self, container: Container, path: PurePosixPath, data: bytes) -> None:
        docker_files.replace(self._run, container.name, path, data, running=container.running)

    def config_lock(self, container: Container, path: PurePosixPath) -> AbstractContextManager[None]:
        return docker_files.locked(self._run, container.name, path) if container.running else nullcontext()

    def _ask(self, *question: str, partly: bool = False, patience: float | None = None) -> str:
        done = self._run(*question, patience=patience)
        if done.returncode and not (partly and done.stdout.strip()):
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise _silent(shown(scrub((lines or ["no reason given"])[0]), 200))
        return done.stdout.decode("utf-8", "replace")

    def _run(self, *words: str, data: bytes = b"", patience: float | None = None) -> "CompletedProcess[bytes]":
        binary = find_program("docker", self._environment)
        if binary is None:
            raise _silent("there is no `docker` on the PATH")
        # A compose file may name any variable of the operator's.
        passes = is_inherited if words[0] == "compose" else _PASSED.__contains__
        known = {name: value for name, value in self._environment.items() if passes(name)}
        patience = patience or self._patience
        try:
            process = Popen([binary, *words], stdin=PIPE, stdout=PIPE, stderr=PIPE, env=known, start_new_session=True)
        except OSError as error:
            raise _silent(f"docker cannot be started: {error}") from None
        if words[0] != "container":  # it may change something in a container
            changes_now()
        out, error, in_time = said_by(process, patience, data)
        if not in_time:
            raise _silent(f"the engine did not answer within {patience:g} s")
        return CompletedProcess(process.args, process.returncode, out, error)


def _container(told: dict[str, Any]) -> Container:
    labels: dict[str, str] = told["labels"] or {}
    files = labels.get(f"{_LABEL}project.config_files", "")
    mounts = cast("list[dict[str, Any]]", told["mounts"] or [])
    pairs = (entry.partition("=") for entry in cast("list[str]", told["environment"] or []))
    return Container(
        name=told["name"].removeprefix("/"),
        service=labels.get(f"{_LABEL}service", ""),
        compose=tuple(Path(file) for file in files.split(",") if file),
        mounts=tuple(
            Mount(mount["Source"], mount["Destination"], not mount["RW"])
            for mount in mounts
            if mount["Type"] == "bind"
        ),
        environment={name: Secret(value) for name, _, value in pairs},
        running=told["running"],
    )


def _silent(reason: str) -> OpsError:
    return OpsError("unavailable", f"the container engine was not asked: {reason}", "Ask it yourself: docker info")
