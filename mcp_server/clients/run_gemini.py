"""The Gemini CLI, run without a terminal: a prompt in, the model's answer out.

It runs in an empty folder and in the mode in which it may search and read, but change nothing.
"""

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from mcp_server.clients import gemini
from mcp_server.kernel.caller_text import line
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.secret import Secret
from mcp_server.system.child_processes import wait_for
from mcp_server.system.programs import find_program

_PATIENCE = 900.0
_LARGEST = 2_000_000
_PASSED = {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"}
_PROXIES = {"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"}


class GeminiCli:
    """The installed `gemini`; a run that takes longer than `patience` seconds is ended, with all that it started."""

    def __init__(self, environment: Mapping[str, str], patience: float = _PATIENCE) -> None:
        self._environment, self._patience = environment, patience

    def ask(self, prompt: str, model: str, variables: Mapping[str, Secret]) -> str:
        """The answer of `model`, which can search the web but touches no file.

        `variables` say how the model is reached and are added to the caller's. Raises `unavailable` if there is no
        Gemini CLI, or it is not logged in, fails, or takes too long.
        """
        added = {name: secret.reveal() for name, secret in variables.items()}
        import tempfile  # noqa: PLC0415  only for research

        with tempfile.TemporaryDirectory(prefix="ops-research-") as folder:
            (Path(folder) / "prompt").write_text(prompt, encoding="utf-8")
            command = [self._binary(), "--model", model, *gemini.RESEARCH]
            code = self._run(command, {**self._passed(), **added}, Path(folder))
            output, errors = (_read(Path(folder) / name) for name in ("output", "errors"))
        if code != 0:
            raise _failed(code, model, output + errors)
        answer = _document(output).get("response")
        if not isinstance(answer, str) or not answer.strip():
            raise OpsError("unavailable", f"{model} answered nothing", "Run the same again")
        return answer

    def _run(self, command: list[str], environment: dict[str, str], folder: Path) -> int:
        (folder / "empty").mkdir()
        prompt, output, errors = folder / "prompt", folder / "output", folder / "errors"
        with prompt.open("rb") as stdin, output.open("wb") as stdout, errors.open("wb") as stderr:
            process = subprocess.Popen(
                command,
                cwd=folder / "empty",
                env=environment,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        try:
            in_time = wait_for(process, self._patience).in_time
        finally:
            with suppress(ProcessLookupError):  # it starts itself again, as a child
                os.killpg(process.pid, signal.SIGKILL)
        if not in_time:
            message = f"the Gemini CLI had no answer after {self._patience:g} s and was ended"
            raise OpsError("unavailable", message, "Run the same again, with a narrower topic")
        return process.returncode

    def _binary(self) -> str:
        """`OPS_GEMINI`, else `gemini` on the PATH; a relative path is refused, as the working folder would decide."""
        named = self._environment.get("OPS_GEMINI")
        found = named or find_program(gemini.PROGRAM, self._environment)
        if found and Path(found).is_absolute() and os.access(found, os.X_OK):
            return found
        missing = (
            f"OPS_GEMINI is {shown(named)}, not the full path of a program" if named else "no `gemini` is on the PATH"
        )
        raise OpsError("unavailable", missing, f"Install the Gemini CLI: npm install -g {gemini.NPM_PACKAGE}")

    def _passed(self) -> dict[str, str]:
        """The caller's variables that it gets: for programs, the network and its own login. None of Claude's."""
        passed = _PASSED | _PROXIES
        return {n: v for n, v in self._environment.items() if n in passed or n.startswith(gemini.OWN_VARIABLES)}


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_LARGEST).decode(errors="replace")


def _document(output: str) -> dict[str, Any]:
    """The JSON document that it printed, on either stream, among warnings; else an empty one."""
    decoder = json.JSONDecoder()
    for start in (at for at, letter in enumerate(output) if letter == "{" and (at == 0 or output[at - 1] == "\n")):
        with suppress(ValueError):
            found = decoder.raw_decode(output, start)[0]
            if isinstance(found, dict):
                return cast("dict[str, Any]", found)
    return {}


def _failed(code: int, model: str, output: str) -> OpsError:
    if code == gemini.NOT_LOGGED_IN:
        return OpsError(
            "unavailable",
            "the Gemini CLI is not logged in",
            "Have a human start `gemini` once as this user and sign in; then run the same again",
        )
    error = _document(output).get("error")
    message = cast("dict[str, Any]", error).get("message", "") if isinstance(error, dict) else output[-300:]
    reason = line(str(message), 300)
    return OpsError(
        "unavailable",
        f"the Gemini CLI ended with exit code {code}: {reason or 'it printed nothing'}",
        f"See whether it answers at all: gemini --model {model} --prompt hello",
    )
