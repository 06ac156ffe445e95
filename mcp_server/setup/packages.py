"""Installs what a lock lists, with uv if it works, else with pip, from the user's own index and proxy."""

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
Report = Callable[[str], None]

VENV_HINT = "Install the parts that this Python lacks: apt install python3-venv; or install uv; then run again"
_NETWORK_HINT = "Connect to the network (or set PIP_INDEX_URL, UV_DEFAULT_INDEX to an index in reach) and run again"
_UNREACHABLE = ("connection broken", "NewConnectionError", "Failed to fetch", "error sending request", "dns error")

# Since 22.3 pip installs into environments that have none: https://pip.pypa.io/en/stable/topics/python-option/
_PIP_FOR_OTHERS = "import pip; assert [int(part) for part in pip.__version__.split('.')[:2]] >= [22, 3]"

# These would send the packages elsewhere.
_REDIRECTS = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "UV_TARGET", "UV_PREFIX")
_WITHHELD = ("ANTHROPIC_", "CLAUDE", "PYTHON", "VIRTUAL_ENV")


def install(target: Environment, lock: str, child: Child, report: Report) -> None:
    """Install what `lock` lists into `target` and check the hashes; OpsError if no installer can."""
    scratch = target.folder / "scratch"
    scratch.mkdir(exist_ok=True)
    env = _environment(scratch)
    file = target.root / lock
    failure: OpsError | None = None
    try:
        for name, command in _installers(target, scratch, child, env):
            if failure:
                report(failure.message)
            report(f"2/3 fetching packages with {name}")
            output: list[str] = []
            counted = _counting(len(_pins(file)), report, output)
            if child([*command, "--require-hashes", "-r", str(file)], env, counted) == 0:
                return
            failure = _failure(name, output, target.log)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    missing = f"{os.path.realpath(sys.executable)} has no pip, and there is no uv"
    raise failure or OpsError("unavailable", missing, VENV_HINT)


def reason(output: Sequence[str]) -> str:
    """The line of an installer's output that explains its failure."""
    lines = [line.strip() for line in output if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines[-1:] or ["no output"])[-1]


def _installers(
    target: Environment, scratch: Path, child: Child, env: dict[str, str]
) -> Iterator[tuple[str, list[str]]]:
    """Each installer of this machine with its command; caches are in `scratch`, which is deleted afterwards."""
    python, system = str(target.python), os.path.realpath(sys.executable)
    if (uv := shutil.which("uv")) and _works([uv, "--version"]):
        yield "uv", [uv, "pip", "install", "--no-deps", "--python", python, "--cache-dir", str(scratch / "uv")]
    options = ["install", "--no-deps", "--no-compile", "--no-cache-dir", "--progress-bar", "off"]
    if _works([system, "-I", "-c", _PIP_FOR_OTHERS]):
        yield "pip", [system, "-I", "-m", "pip", "--python", python, *options]
    elif importlib.util.find_spec("ensurepip") and child([python, "-I", "-m", "ensurepip"], env, len) == 0:
        yield "pip", [python, "-I", "-m", "pip", *options]


def _works(argv: list[str]) -> bool:
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def _environment(scratch: Path) -> dict[str, str]:
    """The caller's environment without secrets, and without what would install or write outside `scratch`."""
    kept = {
        name: value for name, value in os.environ.items() if name not in _REDIRECTS and not name.startswith(_WITHHELD)
    }
    defaults = {"PIP_RETRIES": "2"} | kept
    return defaults | {"TMPDIR": str(scratch), "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _pins(file: Path) -> list[str]:
    return re.findall(r"^[A-Za-z0-9][\w.-]*==", file.read_text(), re.MULTILINE)


def _counting(total: int, report: Report, output: list[str]) -> Callable[[str], None]:
    """Collects an installer's lines, and reports every tenth package that pip fetches."""
    fetched = 0

    def watch(line: str) -> None:
        nonlocal fetched
        output.append(line)
        if line.startswith(("Collecting ", "Processing ")):
            fetched += 1
            if fetched % 10 == 0:
                report(f"2/3 fetching packages: {fetched} of {total} ({100 * fetched // total} %)")
        elif line.startswith("Installing "):
            report("2/3 unpacking packages")

    return watch


def _failure(name: str, output: list[str], log: Path) -> OpsError:
    if any(mark in line for line in output for mark in _UNREACHABLE):
        return OpsError("unavailable", f"{name} cannot reach the package index (its output: {log})", _NETWORK_HINT)
    failure = f"{name} could not install the packages: {reason(output)}"
    return OpsError("unavailable", failure, f"Read {log}, then run again")
