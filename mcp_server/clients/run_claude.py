"""The official Claude Code binary: the only program that renews a Claude login.

Which command renews, and why that one, is in `claude.py`. It would also start the user's MCP servers, hence the empty
config folder.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM

from mcp_server.clients import claude
from mcp_server.clients.installed import client_program, version_of
from mcp_server.clients.renewal_run import Run, run_of
from mcp_server.kernel.cancellation import begin_change
from mcp_server.kernel.errors import OpsError, refused_by_os, shown
from mcp_server.system.folders import private_folder
from mcp_server.system.single_flight import Flight, single_flight

# The only variables of the caller that the binary gets: to find programs and to reach the network. No login, no key.
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy")
_TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", claude.CERTIFICATES)
_PASSED = {"PATH", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "TMPDIR", *_PROXIES, *_TRUST}

PATIENCE = claude.RENEWAL_TAKES.total_seconds() + 32
_NOT_FOUND = "there is no `claude` on the PATH, and only the official binary may renew a Claude login"


class OfficialClaude:
    """The installed `claude`; a run that takes longer than `patience` seconds is ended."""

    def __init__(self, environment: Mapping[str, str], state: Path, patience: float = PATIENCE) -> None:
        self._environment = environment
        self._state = state
        self._patience = patience

    def version(self) -> str | None:
        """The installed version, read from its files: empty if they do not say, None if there is no `claude`."""
        binary = self._binary()
        return version_of("claude", binary) if binary else None

    def refresh(self, store: Path, due: Callable[[], bool]) -> tuple[Flight, Run | None]:
        """Have the binary renew the login in the folder `store`, and wait until it exits.

        Only one renewal per host and store runs at a time: a caller that comes meanwhile waits for its end and starts
        none. `due` is called before a start, while no other renewal can run. The run does not say what became of the
        login (its exit code is 0 even after a refusal): read the store. Raises `unavailable` if there is no binary.
        """
        binary = self._binary()
        if binary is None:
            named = self._environment.get("OPS_CLAUDE")
            missing = f"OPS_CLAUDE is {shown(named)}, not the full path of a program" if named else _NOT_FOUND
            raise OpsError("unavailable", missing, "Install Claude Code, or set OPS_CLAUDE to its path")
        # A little longer than a run may take, so that waiting callers see its result.
        runs: list[Run] = []
        flight = single_flight(
            store,
            self._state,
            self._patience + 10,
            due,
            lambda lock, held: runs.append(self._fly(binary, store, lock, held)),
        )
        return flight, next(iter(runs), None)

    def _binary(self) -> str | None:
        """`OPS_CLAUDE`, else `claude` on the PATH; a relative path is refused, as the working folder would decide."""
        if named := self._environment.get("OPS_CLAUDE"):
            return named if Path(named).is_absolute() and os.access(named, os.X_OK) else None
        return client_program(claude.PROGRAM, self._environment)

    def _passed(self) -> dict[str, str]:
        return {name: value for name, value in self._environment.items() if name in _PASSED}

    def _fly(self, binary: str, store: Path, lock: Path, held: int) -> Run:
        """Run it once. It inherits the lock and has a session of its own: if ops dies, both last until it exits.

        Its output goes to a file, which outlives ops as well.
        """
        with _empty_folder(self._state / "flights" / lock.stem, self._state) as empty:
            folders = {"HOME": empty, claude.CONFIG_DIR: empty / "config", claude.STORE_DIR: store}
            own = {**claude.QUIET, **claude.EXPLAINS, **{name: str(folder) for name, folder in folders.items()}}
            begin_change()
            with (
                refused_by_os(f"{binary} does not start", "Set OPS_CLAUDE to the claude binary"),
                (empty / "output").open("wb") as output,
            ):
                run = subprocess.Popen(
                    [binary, *claude.RENEWAL],
                    env={**self._passed(), **own},
                    cwd=empty / "work",
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=(held,),
                )
            code = _wait(run, self._patience)
            logs = sorted((empty / "config" / claude.DEBUG_LOGS).glob("*.txt"))
            return run_of(code, _end_of(empty / "output"), "\n".join(map(_end_of, logs)))


def _end_of(path: Path) -> str:
    with suppress(OSError):
        return path.read_bytes()[-200_000:].decode(errors="replace")
    return ""


@contextmanager
def _empty_folder(folder: Path, state: Path) -> Generator[Path]:
    """A new folder with an empty `config` and `work`. It stays if the caller is interrupted: the run goes on."""
    shutil.rmtree(folder, ignore_errors=True)
    for each in (folder / "config", folder / "work"):
        private_folder(each, state)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _wait(run: subprocess.Popen[bytes], patience: float) -> int | None:
    """The exit code of a run. After `patience` seconds it is ended: SIGTERM, then SIGKILL; then None."""
    for signal, patient in ((None, patience), (SIGTERM, 5.0), (SIGKILL, 5.0)):
        if signal is not None:
            os.killpg(run.pid, signal)
        with suppress(subprocess.TimeoutExpired):
            code = run.wait(patient)
            return code if signal is None else None
    return None
