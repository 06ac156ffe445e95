"""Containers of this host, through the `docker` client."""

import json
import os
import re
import shlex
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from subprocess import DEVNULL, PIPE, CompletedProcess, Popen
from typing import Any, Final, cast

from mcp_server.kernel.cancellation import begin_change
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.mount import Mount
from mcp_server.kernel.secret import Secret
from mcp_server.kernel.secrets.detector import scrub
from mcp_server.system import docker_files
from mcp_server.system.child_processes import wait_for
from mcp_server.system.processes import script_of
from mcp_server.system.programs import find_program

_PATIENCE_TO_BUILD: Final = 900.0
# What the client needs to find its engine. No login, no key.
_PASSED: Final = frozenset(
    {"PATH", "HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH"}
    | {"DOCKER_TLS_VERIFY", "DOCKER_API_VERSION"}
)
_PATIENCE_TO_COMPARE: Final = 30.0
_HINTS: Final = ("See '", "Run '", "Usage:")
"How lines begin that the client prints after an error."
_ELSEWHERE: Final = ("DOCKER_HOST", "DOCKER_CONTEXT")
_MISSING: Final = "there is no `docker` on the PATH"
_NOBODY: Final = (_MISSING, "Is the docker daemon running?")
_NO_REMOTE: Final = {"COMPOSE_EXPERIMENTAL_GIT_REMOTE": "0", "COMPOSE_EXPERIMENTAL_OCI_REMOTE": "0"}
_PLUGINS: Final = (
    *("/usr/local/lib/docker", "/usr/local/libexec/docker", "/usr/lib/docker", "/usr/libexec/docker"),
    "/opt/homebrew/lib/docker",
)
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
_MOST: Final = 500
_FIELDS: Final = {
    "name": ".Name",
    "labels": ".Config.Labels",
    "mounts": ".Mounts",
    "environment": ".Config.Env",
    "since": ".State.StartedAt",
    "running": ".State.Running",
}
_FORMAT: Final = "{" + ",".join(f'"{name}":{{{{json {path}}}}}' for name, path in _FIELDS.items()) + "}"
_LABEL: Final = "com.docker.compose."


@dataclass(frozen=True)
class Container:
    """A container as its engine created it, running or not. `mounts` are those of folders and files of the host."""

    name: str
    service: str
    "Its service in a compose file; empty for one started by hand."
    compose: tuple[Path, ...]
    mounts: tuple[Mount, ...]
    environment: Mapping[str, Secret]
    running: bool
    project: str = ""
    since: str = ""
    "When it was last started, as the engine writes it."


class Containers:
    """The host's container engine, which gets `patience` seconds for each answer.

    A compose file may name any variable of `environment`; other commands get only what the client needs.
    """

    def __init__(self, environment: Mapping[str, str], patience: float = 5.0) -> None:
        self._environment = environment
        self._patience = patience

    def all(self) -> tuple[Container, ...]:
        """Every container of this host's engine, if one runs; `unavailable` if it does not answer in time."""
        try:
            found = self._output("container", "ls", "--all", "--quiet", "--no-trunc").split()[:_MOST]
        except OpsError as error:
            if any(sign in error.message for sign in _NOBODY) and self._has_no_engine():
                return ()
            raise
        if not found:
            return ()
        # One that was removed meanwhile is an error for the client, which still prints the others.
        lines = self._output("container", "inspect", "--format", _FORMAT, *found, partly=True).splitlines()
        return tuple(_container(json.loads(line)) for line in lines if line.startswith("{"))

    def up(self, compose: Sequence[str], service: str) -> None:
        """Start the service's container, after creating it if necessary; one that is there is never replaced.

        `compose` are Compose's options that name its files.
        """
        options = ("up", "--detach", "--no-recreate", service)
        self._output("compose", *compose, *options, patience=_PATIENCE_TO_BUILD)

    def end(self, container: Container, processes: Sequence[int], patience: float) -> None:
        """Ask processes in a running container to end; `conflict` if one is still there after `patience` seconds."""
        deadline = time.monotonic() + patience
        if processes:
            self._output("exec", container.name, "kill", "-TERM", *map(str, processes))
        for number in processes:
            while self.read_inside(container, PurePosixPath("/proc", str(number), "stat")):
                if time.monotonic() >= deadline:
                    message = f"process {number} in {container.name} was asked to end and has not"
                    raise OpsError("conflict", message, f"docker top {container.name}")

    def stop(self, container: Container) -> None:
        """Stop a container; it stays as it is."""
        self._output("stop", container.name, patience=_PATIENCE_TO_COMPARE)

    def would_be_replaced(self, compose: Sequence[str], service: str) -> bool:
        """Whether the service's container has other settings than a new one would have, `env_file`s included."""
        dry = ("--dry-run", "--progress", "json", "up", "--detach", "--no-deps", "--no-build", "--pull", "never")
        out = self._output("compose", *compose, *dry, service, patience=_PATIENCE_TO_COMPARE, is_report=True)
        return any(f'"status":"{word}"' in out for word in ("Recreate", "Creating"))

    def described(self, files: Sequence[Path], environment: Mapping[str, str]) -> bytes | None:
        """The project in these compose files as Compose itself reads it, as JSON; None if there is no Compose.

        `environment` is for interpolation. No engine is asked, and nothing is fetched from elsewhere. `unavailable`
        if Compose refuses the files.
        """
        if (compose := self._compose()) is None:
            return None
        named = [part for file in files for part in ("--file", str(file))]
        given = {**{n: v for n, v in self._environment.items() if n in _PASSED}, **environment, **_NO_REMOTE}
        command = [*compose, *named, "--profile", "*", "config", "--format", "json"]
        try:
            process = Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=given, start_new_session=True)
        except OSError:
            return None
        out, error, in_time = wait_for(process, self._patience)
        if in_time and not process.returncode:
            return out
        reason = _first_line(error.decode("utf-8", "replace")) if in_time else "it did not answer in time"
        step = f"See what it says: docker compose {shlex.join(named)} config --quiet"
        raise OpsError("unavailable", f"Compose does not read {files[0]}: {reason}", step)

    def _compose(self) -> tuple[str, ...] | None:
        """The command of Compose: the plugin of the `docker` client, else a program of its own."""
        docker, environment = find_program("docker", self._environment), self._environment
        own = Path(environment.get("DOCKER_CONFIG") or Path(environment.get("HOME") or "/nowhere") / ".docker")
        places = (own / "cli-plugins", *(Path(place) / "cli-plugins" for place in _PLUGINS))
        if docker and any(os.access(place / "docker-compose", os.X_OK) for place in places):
            return (docker, "compose")
        alone = find_program("docker-compose", environment)
        return (alone,) if alone else None

    def _has_no_engine(self) -> bool:
        """Whether nothing on this host says that there is an engine: no variable, no context, no socket."""
        home, runtime = (Path(self._environment.get(name) or "/nowhere") for name in ("HOME", "XDG_RUNTIME_DIR"))
        config = Path(self._environment.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
        sockets = (Path("/var/run/docker.sock"), runtime / "docker.sock", home / ".docker" / "run" / "docker.sock")
        try:
            named = {*_ELSEWHERE} & self._environment.keys() or any(map(Path.exists, sockets))
            return not named and not (config.exists() and b"currentContext" in config.read_bytes())
        except OSError:
            return False

    def read(self, container: Container, path: PurePosixPath) -> bytes:
        """The whole of a plain file in the container, running or not; `not_found` if there is none."""
        return docker_files.read(self._run, container.name, path)

    def read_folder(self, container: Container, folder: PurePosixPath) -> Mapping[str, bytes]:
        """The plain files in a folder of the container, by name; empty if there is no such folder."""
        return docker_files.read_folder(self._run, container.name, folder)

    def programs(self, container: Container) -> tuple[tuple[str, str], ...]:
        """For each process in a running container its program, and the script that it runs as in `Process`."""
        lines = self._output("top", container.name, "-eo", "pid,comm,args").splitlines()[1:]
        return tuple((words[1], script_of(words[2:])) for line in lines if len(words := line.split()) > 2)

    def read_inside(self, container: Container, path: PurePosixPath) -> bytes | None:
        """What a program in a running container reads at this path; None if that cannot be determined."""
        return docker_files.read_inside(self._run, container.name, path) if container.running else None

    def replace(self, container: Container, path: PurePosixPath, data: bytes) -> None:
        """Write an existing file, with its owner and mode, and read it back. By a rename in a running container."""
        docker_files.replace(self._run, container.name, path, data, running=container.running)

    def directory_lock(
        self, container: Container, lock: PurePosixPath, stale_after: float, wait: float
    ) -> AbstractContextManager[None]:
        """`Files.directory_lock` in a running container; in a stopped one nobody writes."""
        if not container.running:
            return nullcontext()
        return docker_files.directory_lock(self._run, container.name, lock, stale_after, wait)

    def _output(
        self, *arguments: str, partly: bool = False, patience: float | None = None, is_report: bool = False
    ) -> str:
        """What the client prints; with `is_report` what it prints on standard error, where Compose reports."""
        done = self._run(*arguments, patience=patience)
        if done.returncode and not (partly and done.stdout.strip()):
            raise _refused(arguments, done.stderr.decode("utf-8", "replace"))
        return (done.stderr if is_report else done.stdout).decode("utf-8", "replace")

    def _run(self, *arguments: str, data: bytes = b"", patience: float | None = None) -> "CompletedProcess[bytes]":
        binary = find_program("docker", self._environment)
        if binary is None:
            raise _unavailable(_MISSING)
        known = {n: v for n, v in self._environment.items() if arguments[0] == "compose" or n in _PASSED}
        patience = patience or self._patience
        command = [binary, *arguments]
        try:
            process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=known, start_new_session=True)
        except OSError as error:
            raise _unavailable(f"docker cannot be started: {error}") from None
        if arguments[0] != "container":  # it may change something in a container
            begin_change()
        out, error, in_time = wait_for(process, patience, data)
        if not in_time:
            raise _unavailable(f"the engine did not answer within {patience:g} s")
        return CompletedProcess(process.args, process.returncode, out, error)


def _container(fields: dict[str, Any]) -> Container:
    labels: dict[str, str] = fields["labels"] or {}
    files = labels.get(f"{_LABEL}project.config_files", "")
    mounts = cast("list[dict[str, Any]]", fields["mounts"] or [])
    pairs = (entry.partition("=") for entry in cast("list[str]", fields["environment"] or []))
    return Container(
        name=fields["name"].removeprefix("/"),
        service=labels.get(f"{_LABEL}service", ""),
        compose=tuple(Path(file) for file in files.split(",") if file),
        mounts=tuple(
            Mount(mount["Source"], mount["Destination"], not mount["RW"])
            for mount in mounts
            if mount["Type"] == "bind"
        ),
        environment={name: Secret(value) for name, _, value in pairs},
        running=fields["running"],
        project=labels.get(f"{_LABEL}project", ""),
        since=fields["since"],
    )


def _refused(arguments: Sequence[str], error: str) -> OpsError:
    """Docker's own reason, which is its last line: Compose prints its progress before it."""
    lines = [line.strip() for line in error.splitlines() if line.strip() and not line.startswith(_HINTS)]
    last = (lines or ["no reason given"])[-1]
    with suppress(ValueError, KeyError, TypeError):  # as Compose reports in JSON
        last = str(json.loads(last)["message"])
    reason = shown(scrub(last), 500)
    if arguments[0] != "compose":
        return _unavailable(reason)
    again = shlex.join(["docker", *(word for word in arguments if word not in ("--dry-run", "--progress", "json"))])
    return OpsError("unavailable", f"Docker Compose refused: {reason}", f"See all that it says: {again}")


def _first_line(text: str) -> str:
    """The first line of an error, without what it quotes: that may be a value."""
    lines = [line for line in text.splitlines() if line.strip() and "level=warning" not in line]
    return shown(scrub(_QUOTED.sub("...", (lines or ["no reason given"])[0])), 200)


def _unavailable(reason: str) -> OpsError:
    return OpsError("unavailable", f"the container engine was not asked: {reason}", "Ask it yourself: docker info")
