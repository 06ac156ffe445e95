"""The official Claude Code binary: the only one that ever posts the refresh grant of a Claude login.

Of all its commands `claude mcp list` is the one that waits for the renewal and for the write of the store, sends
no model request, and takes over the lock of a dead predecessor (measured on 2.1.328). Others leave early, and then
the rotated token is lost. It would also start the user's MCP servers, hence the empty config folder.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM

from mcp_server.kernel.cancellation import changes_now
from mcp_server.kernel.errors import OpsError, refused_by_os, shown
from mcp_server.system.disk_files import private_folder
from mcp_server.system.programs import find_program, version_of
from mcp_server.system.single_flight import Flight, one_flight

# What a child may know of our environment: how to find programs and how to reach the network. No login, no key.
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy")
_TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "CLAUDE_CODE_CERT_STORE")
_PASSED = {"PATH", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "TMPDIR", *_PROXIES, *_TRUST}

# 8 s for its lock, 30 s for the grant, 20 s for the write: a signal before that can lose the rotated token.
PATIENCE = 90.0
_NOT_FOUND = "there is no `claude` on the PATH, and only the official binary may renew a Claude login"


class OfficialClaude:
    """`ports.ClaudeClient`. A run that is still on after `patience` seconds is ended."""

    def __init__(self, environment: Mapping[str, str], state: Path, patience: float = PATIENCE) -> None:
        self._environment = environment
        self._state = state
        self._patience = patience

    def version(self) -> str | None:
        binary = self._binary()
        return version_of("claude", binary) if binary else None

    def refresh(self, store: Path, due: Callable[[], bool]) -> Flight:
        binary = self._binary()
        if binary is None:
            named = self._environment.get("OPS_CLAUDE")
            missing = f"OPS_CLAUDE is {shown(named)}, not the full path of a program" if named else _NOT_FOUND
            raise OpsError("unavailable", missing, "Install Claude Code, or set OPS_CLAUDE to where it lies")
        # A little longer than a run may last, so that those who wait see how it ends.
        return one_flight(
            store, self._state, self._patience + 10, due, lambda lock, held: self._fly(binary, store, lock, held)
        )

    def _binary(self) -> str | None:
        """`OPS_CLAUDE`, else `claude` on the PATH; never one that the working folder decides on."""
        if named := self._environment.get("OPS_CLAUDE"):
            return named if Path(named).is_absolute() and os.access(named, os.X_OK) else None
        return find_program("claude", self._environment)

    def _passed(self) -> dict[str, str]:
        return {name: value for name, value in self._environment.items() if name in _PASSED}

    def _fly(self, binary: str, store: Path, lock: Path, held: int) -> None:
        """One run. It inherits the lock and has a session of its own: it outlives us, and the flight with it."""
        with _empty_folder(self._state / "flights" / lock.stem, self._state) as empty:
            places = {"HOME": empty, "CLAUDE_CONFIG_DIR": empty / "config", "CLAUDE_SECURESTORAGE_CONFIG_DIR": store}
            quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"}
            changes_now()
            with refused_by_os(f"{binary} does not start", "Set OPS_CLAUDE to the claude binary"):
                run = subprocess.Popen(
                    [binary, "mcp", "list"],
                    env={**self._passed(), **quiet, **{name: str(place) for name, place in places.items()}},
                    cwd=empty / "work",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                    pass_fds=(held,),
                )
            _wait(run, self._patience)


@contextmanager
def _empty_folder(folder: Path, state: Path) -> Generator[Path]:
    """A fresh folder with an empty `config` and `work`. An interrupted caller leaves it to the run that goes on."""
    shutil.rmtree(folder, ignore_errors=True)
    for place in (folder / "config", folder / "work"):
        private_folder(place, state)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _wait(run: subprocess.Popen[bytes], patience: float) -> None:
    """Wait for the end of a run; only long after it must have ended by itself, end it, gently first."""
    for signal, patient in ((None, patience), (SIGTERM, 5.0), (SIGKILL, 5.0)):
        if signal is not None:
            os.killpg(run.pid, signal)
        with suppress(subprocess.TimeoutExpired):
            run.wait(patient)
            break
