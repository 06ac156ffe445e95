"""The Gemini CLI, run without a terminal: one prompt in, the model's answer out (seen on 0.61.0).

It stands in an empty folder and in its mode for plans, in which it may search and read, and change nothing.
"""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from mcp_server.clients.gemini import OWN_VARIABLES
from mcp_server.kernel.caller_text import line
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.secret import Secret
from mcp_server.system.child_processes import said_by
from mcp_server.system.programs import find_program

_PATIENCE = 900.0
_LARGEST = 2_000_000
_NOT_LOGGED_IN = 41
_PASSED = {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"}
_PROXIES = {"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"}


class GeminiCli:
    """`ports.Researcher`. A run that is still on after `patience` seconds is ended, with all that it started."""

    def __init__(self, environment: Mapping[str, str], patience: float = _PATIENCE) -> None:
        self._environment, self._patience = environment, patience

    def ask(self, prompt: str, model: str, variables: Mapping[str, Secret]) -> str:
        command = [self._binary(), "--model", model, "--output-format", "json", "--approval-mode", "plan"]
        given = {name: secret.reveal() for name, secret in variables.items()}
        with tempfile.TemporaryDirectory(prefix="ops-research-") as folder:
            (Path(folder) / "asked").write_text(prompt, encoding="utf-8")
            code = self._run([*command, "--skip-trust"], {**self._passed(), **given}, Path(folder))
            said, complaint = (_read(Path(folder) / name) for name in ("out", "error"))
        if code != 0:
            raise _failed(code, model, said + complaint)
        answer = _document(said).get("response")
        if not isinstance(answer, str) or not answer.strip():
            raise OpsError("unavailable", f"{model} answered nothing", "Run the same again")
        return answer

    def _run(self, command: list[str], environment: dict[str, str], folder: Path) -> int:
        (folder / "empty").mkdir()
        asked, out, error = folder / "asked", folder / "out", folder / "error"
        with asked.open("rb") as given, out.open("wb") as said, error.open("wb") as complaint:
            process = subprocess.Popen(
                command,
                cwd=folder / "empty",
                env=environment,
                stdin=given,
                stdout=said,
                stderr=complaint,
                start_new_session=True,
            )
        try:
            in_time = said_by(process, self._patience).in_time
        finally:
            with suppress(ProcessLookupError):  # it starts itself once more, as a child
                os.killpg(process.pid, signal.SIGKILL)
        if not in_time:
            message = f"the Gemini CLI had no answer after {self._patience:g} s and was ended"
            raise OpsError("unavailable", message, "Run the same again, with a narrower topic")
        return process.returncode

    def _binary(self) -> str:
        """`OPS_GEMINI`, else `gemini` on the PATH; never one that the working folder decides on."""
        named = self._environment.get("OPS_GEMINI")
        found = named or find_program("gemini", self._environment)
        if found and Path(found).is_absolute() and os.access(found, os.X_OK):
            return found
        missing = (
            f"OPS_GEMINI is {shown(named)}, no full path of a program" if named else "no `gemini` is on the PATH"
        )
        raise OpsError("unavailable", missing, "Install the Gemini CLI: npm install -g @google/gemini-cli")

    def _passed(self) -> dict[str, str]:
        """What it may know of our environment: programs, network, its own login. Nothing of Claude's."""
        passed = _PASSED | _PROXIES
        return {n: v for n, v in self._environment.items() if n in passed or n.startswith(OWN_VARIABLES)}


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_LARGEST).decode(errors="replace")


def _document(said: str) -> dict[str, Any]:
    """The JSON document that it printed, on either stream, among warnings."""
    decoder = json.JSONDecoder()
    for start in (at for at, letter in enumerate(said) if letter == "{" and (at == 0 or said[at - 1] == "\n")):
        with suppress(ValueError):
            found = decoder.raw_decode(said, start)[0]
            if isinstance(found, dict):
                return cast("dict[str, Any]", found)
    return {}


def _failed(code: int, model: str, said: str) -> OpsError:
    if code == _NOT_LOGGED_IN:
        return OpsError(
            "unavailable",
            "the Gemini CLI is not logged in",
            "Have a human start `gemini` once as this user and sign in; then run the same again",
        )
    why = _document(said).get("error")
    told = line(str(cast("dict[str, Any]", why).get("message", "")) if isinstance(why, dict) else said[-300:], 300)
    return OpsError(
        "unavailable",
        f"the Gemini CLI ended with exit code {code}: {told or 'it says nothing'}",
        f"See whether it answers at all: gemini --model {model} --prompt hello",
    )
