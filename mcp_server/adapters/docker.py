"""The container engine of this host, asked through the `docker` client. It only looks."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from mcp_server.domain.compose import Mount
from mcp_server.domain.errors import OpsError, shown
from mcp_server.domain.secret import Secret, scrub
from mcp_server.ports import Container

# What the client needs to find its engine. No login, no key.
_PASSED: Final = frozenset(
    {"PATH", "HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH"}
    | {"DOCKER_TLS_VERIFY", "DOCKER_API_VERSION"}
)
_MOST: Final = 500
_FACTS: Final = {"name": ".Name", "labels": ".Config.Labels", "mounts": ".Mounts", "environment": ".Config.Env"}
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

    def _ask(self, *question: str, partly: bool = False) -> str:
        folders = self._environment.get("PATH", os.defpath).split(os.pathsep)
        binary = shutil.which("docker", path=os.pathsep.join(f for f in folders if Path(f).is_absolute()))
        if binary is None:
            raise _silent("there is no `docker` on the PATH")
        known = {name: value for name, value in self._environment.items() if name in _PASSED}
        try:
            done = subprocess.run(
                [binary, *question],
                capture_output=True,
                text=True,
                timeout=self._patience,
                env=known,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except (OSError, UnicodeDecodeError) as error:
            raise _silent(f"docker cannot be started: {error}") from None
        except subprocess.TimeoutExpired:
            raise _silent(f"the engine did not answer within {self._patience:g} s") from None
        if done.returncode and not (partly and done.stdout.strip()):
            raise _silent(shown(scrub((done.stderr.strip().splitlines() or ["no reason given"])[0]), 200))
        return done.stdout


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
    )


def _silent(reason: str) -> OpsError:
    return OpsError("unavailable", f"the container engine was not asked: {reason}", "Ask it yourself: docker info")
