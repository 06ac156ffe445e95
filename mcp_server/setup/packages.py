"""Fetches what a lock lists: with uv where it works, else with pip; from the user's own index, by their proxy."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.setup.environment import Environment

Child = Callable[[list[str], dict[str, str], Callable[[str], object]], int]
Tell = Callable[[str], None]

VENV_HINT = "Install the parts that this Python lacks: apt install python3-venv; or install uv; then run again"
_NETWORK_HINT = "Connect to the network (or set PIP_INDEX_URL, UV_DEFAULT_INDEX to an index in reach) and run again"
_UNREACHABLE = ("connection broken", "NewConnectionError", "Failed to fetch", "error sending request", "dns error")

# Since 22.3 pip installs into environments that have none: https://pip.pypa.io/en/stable/topics/python-option/
_PIP_FOR_OTHERS = "import pip; assert [int(part) for part in pip.__version__.split('.')[:2]] >= [22, 3]"

# These would send the packages elsewhere.
_REDIRECTS = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "UV_TARGET", "UV_PREFIX")
_NOT_THEIR_BUSINESS = ("ANTHROPIC_", "CLAUDE", "PYTHON", "VIRTUAL_ENV")


def install(place: Environment, lock: str, child: Child, tell: Tell) -> None:
    """Install all that `lock` lists into `place`, hashes checked; OpsError where no installer can."""
    scratch = place.folder / "scratch"
    scratch.mkdir(exist_ok=True)
    env = _surroundings(scratch)
    file = place.root / lock
    failure: OpsError | None = None
    try:
        for name, command in _installers(place, scratch, child, env):
            if failure:
                tell(failure.message)
            tell(f"2/3 fetching packages with {name}")
            said: list[str] = []
            counted = _counting(len(_pins(file)), tell, said)
            if child([*command, "--require-hashes", "-r", str(file)], env, counted) == 0:
                return
            failure = _failure(name, said, place.log)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    nobody = f"{os.path.realpath(sys.executable)} has no pip, and there is no uv"
    raise failure or OpsError("unavailable", nobody, VENV_HINT)


def reason(said: Sequence[str]) -> str:
    """The line of an installer's output that tells why it failed."""
    lines = [line.strip() for line in said if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines[-1:] or ["it said nothing"])[-1]


def _installers(
    place: Environment, scratch: Path, child: Child, env: dict[str, str]
) -> Iterator[tuple[str, list[str]]]:
    """Each installer of this machine with its command; caches lie in `scratch`, and are gone afterwards."""
    python, system = str(place.python), os.path.realpath(sys.executable)
    if (uv := shutil.which("uv")) and _works([uv, "--version"]):
        yield "uv", [uv, "pip", "install", "--no-deps", "--python", python, "--cache-dir", str(scratch / "uv")]
    options = ["install", "--no-deps", "--no-compile", "--no-cache-dir", "--progress-bar", "off"]
    if _works([system, "-I", "-c", _PIP_FOR_OTHERS]):
        yield "pip", [system, "-I", "-m", "pip", "--python", python, *options]
    elif importlib.util.find_spec("ensurepip") and child([python, "-I", "-m", "ensurepip"], env, len) == 0:
        yield "pip", [python, "-I", "-m", "pip", *options]


def _works(argv: list[str]) -> bool:
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def _surroundings(scratch: Path) -> dict[str, str]:
    """The caller's environment, less what is secret, redirects or ends up outside `scratch`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _REDIRECTS and not name.startswith(_NOT_THEIR_BUSINESS)
    }
    asked = {"PIP_RETRIES": "2"} | kept
    return asked | {"TMPDIR": str(scratch), "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _pins(file: Path) -> list[str]:
    return re.findall(r"^[A-Za-z0-9][\w.-]*==", file.read_text(), re.MULTILINE)


def _counting(total: int, tell: Tell, said: list[str]) -> Callable[[str], None]:
    """Collects an installer's lines, and tells every tenth package that pip fetches."""
    fetched = 0

    def watch(line: str) -> None:
        nonlocal fetched
        said.append(line)
        if line.startswith(("Collecting ", "Processing ")):
            fetched += 1
            if fetched % 10 == 0:
                tell(f"2/3 fetching packages: {fetched} of {total} ({100 * fetched // total} %)")
        elif line.startswith("Installing "):
            tell("2/3 unpacking packages")

    return watch


def _failure(name: str, said: list[str], log: Path) -> OpsError:
    if any(mark in line for line in said for mark in _UNREACHABLE):
        return OpsError("unavailable", f"{name} cannot reach the package index (all it said: {log})", _NETWORK_HINT)
    failure = f"{name} could not install the packages: {reason(said)}"
    return OpsError("unavailable", failure, f"Read {log}, then run again")
