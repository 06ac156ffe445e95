"""A real container engine of its own: Docker in a network namespace, with one image made of this host's programs.

No registry is asked: the image is a folder of symbolic links into `/usr`, which each container mounts.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

IMAGE = "localhost/host-programs:1"
_LIMIT = 60


@contextmanager
def engine(folder: Path) -> Generator[dict[str, str]]:
    """What a client needs to reach it. `folder` has a short path (it holds a socket); the engine ends with it."""
    socket, space = f"unix://{folder}/s", f"ops{os.getpid()}"
    places = [f"--{name}={folder / name}" for name in ("data-root", "exec-root", "pidfile")]
    reach = {"DOCKER_HOST": socket, "DOCKER_CONFIG": str(folder / "config")}
    plugins = folder / "config" / "cli-plugins"
    plugins.mkdir(parents=True)
    if compose := os.environ.get("OPS_E2E_COMPOSE"):  # .ci/run installs it
        (plugins / "docker-compose").symlink_to(compose)
    _run(["ip", "netns", "add", space])
    # nsenter, as `ip netns exec` would hide the control groups.
    inside = ["nsenter", f"--net=/run/netns/{space}"]
    with (folder / "log").open("wb") as log:
        _run([*inside, "ip", "link", "set", "lo", "up"])
        daemon = subprocess.Popen(
            [*inside, "dockerd", *places, "--host", socket, "--containerd-namespace", space],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _until_it_answers(daemon, reach, folder / "log")
        _make_image(folder / "image", reach)
        yield reach
    finally:
        found = docker(reach, "ps", "--all", "--quiet", check=False).split()
        docker(reach, *(["rm", "--force", *found] if found else ["version"]), check=False)
        daemon.terminate()
        with suppress(subprocess.TimeoutExpired):
            daemon.wait(_LIMIT)
        daemon.kill()
        _run(["ip", "netns", "delete", space])


def docker(reach: dict[str, str], *arguments: str, check: bool = True) -> str:
    return _run(["docker", *arguments], {**os.environ, **reach}, check=check)


@pytest.fixture(scope="module")
def reach() -> Generator[dict[str, str]]:
    """An engine for the tests of a module, in a folder with a short path."""
    with (
        tempfile.TemporaryDirectory(prefix="ops-", ignore_cleanup_errors=True) as folder,
        engine(Path(folder)) as found,
    ):
        yield found


@pytest.fixture(autouse=True)
def emptied(reach: dict[str, str]) -> Generator[None]:
    """In a module that imports it, each test leaves the engine without a container."""
    yield
    if found := docker(reach, "ps", "--all", "--quiet").split():
        docker(reach, "rm", "--force", *found)


def start(reach: dict[str, str], *options: str, name: str = "agents-test-1", command: str = "sleep 600") -> None:
    """Run a container of the host's programs, without a network."""
    common = (f"--name={name}", "--network=none", "-v=/usr:/usr:ro")
    docker(reach, "run", "--detach", *common, *options, IMAGE, "sh", "-c", command)


def _until_it_answers(daemon: subprocess.Popen[bytes], reach: dict[str, str], log: Path) -> None:
    for _ in range(600):
        assert daemon.poll() is None, log.read_text()[-2000:]
        if "Server" in docker(reach, "version", check=False):
            return
        time.sleep(0.1)  # an engine tells nobody that it answers
    raise AssertionError(log.read_text()[-2000:])


def _make_image(root: Path, reach: dict[str, str]) -> None:
    for name in ("usr", "etc", "tmp", "proc", "sys", "dev", "workspace", "login"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    shutil.copy("/etc/ld.so.cache", root / "etc" / "ld.so.cache")
    archive = root.with_suffix(".tar")
    _run(["tar", "-C", str(root), "-cf", str(archive), "."])
    docker(reach, "import", str(archive), IMAGE)


def _run(command: list[str], environment: dict[str, str] | None = None, *, check: bool = True) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_LIMIT, check=False)
    assert not check or done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout
