"""Windows of tmux, in the user's usual server, whichever one this process runs in."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mcp_server.kernel.cancellation import stop_if_cancelled
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.system.programs import find_program, run_program

_MARK, _READY = "@ops_agent", "@ops_ready"
_ASKED: Final = "OPS_WINDOW"
"Set for the program in a window that `open` made: it says when it is ready."
_FIELDS: Final = ("pane_id", "session_name", "pane_pid", "pane_dead", _MARK, _READY)
_FORMAT: Final = "\t".join(f"#{{{name}}}" for name in _FIELDS)
# For the program in a window: what finds programs, the fleet and the engine. The rest is as the server has it.
_PASSED: Final = (
    *("PATH", "HOME", "LANG", "LC_ALL", "XDG_RUNTIME_DIR", "OPS_HOME", "OPS_CLAUDE"),
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"),
)
_SIZE: Final = ("-x", "160", "-y", "50")
"Until a terminal is attached."
_INTERVAL: Final = 0.2
"Seconds between two looks at a window: tmux reports to nobody that a program has started in it."


@dataclass(frozen=True)
class Pane:
    """A pane; `mark` is what `open` was given, `ready` whether its program has called `say_ready`."""

    id: str
    session: str
    pid: int
    dead: bool
    mark: str
    ready: bool


class Tmux:
    """The tmux of this host; `unavailable` if it is not installed or refuses."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._inside = environment.get("TMUX", "").partition(",")[0]
        self._environment = {name: value for name, value in environment.items() if name != "TMUX"}

    def require(self) -> None:
        """`unavailable` if there is no tmux."""
        self._run("-V")

    def panes(self) -> tuple[Pane, ...]:
        """All panes; none without a server or without tmux."""
        try:
            rows = [line.split("\t") for line in self._run("list-panes", "-a", "-F", _FORMAT).splitlines()]
        except OpsError:
            return ()
        return tuple(
            Pane(r[0], r[1], int(r[2]), dead=r[3] == "1", mark=r[4], ready=bool(r[5]))
            for r in rows
            if len(r) == len(_FIELDS)
        )

    def open(self, session: str, window: str, mark: str, command: Sequence[str], folder: Path) -> str:
        """Start a command in a window of its own, and return its pane, which stays at its end: see `settle`."""
        there = any(pane.session == session for pane in self.panes())
        new = ("new-window", "-t", f"={session}:") if there else ("new-session", *_SIZE, "-s", session)
        # A program that waits: the options of the pane must be set before the command can end.
        pane = self._run(*new, "-d", "-P", "-F", "#{pane_id}", "-n", window, "-c", str(folder), "--", "cat").strip()
        self._run("set-option", "-p", "-t", pane, "remain-on-exit", "on")
        self._run("set-option", "-p", "-t", pane, _MARK, mark)
        named = [part for n in _PASSED if (v := self._environment.get(n)) for part in ("-e", f"{n}={v}")]
        named += ["-e", f"{_ASKED}=1"]
        self._run("respawn-pane", "-k", "-t", pane, "-c", str(folder), *named, "--", *command)
        return pane

    def say_ready(self) -> None:
        """For the program in a window that `open` made: it becomes another one now."""
        if self._environment.get(_ASKED) and (pane := self._environment.get("TMUX_PANE")):
            self._run("set-option", "-p", "-t", pane, _READY, "1")

    def settle(self, pane: str, patience: float, pause: float) -> str | None:
        """Wait until the program in a pane is ready, and `pause` seconds more; returns what went wrong, or None.

        The pane of a program that ended is closed, and the end of its text returned; no other is touched.
        """
        deadline, ready = time.monotonic() + patience, None
        while True:
            stop_if_cancelled()
            now = time.monotonic()
            found = next((each for each in self.panes() if each.id == pane), None)
            if found is None or found.dead:
                return self._closed(pane) if found else "its window was closed"
            ready = ready or (now if found.ready else None)
            if ready is not None and now - ready >= pause:
                self._run("set-option", "-p", "-t", pane, "-u", "remain-on-exit")
                return None
            if now > deadline:
                return f"it is not ready after {patience:g} s, and goes on in its window"
            time.sleep(_INTERVAL)  # tmux announces neither that a pane is ready nor that it is dead

    def attach(self, pane: Pane) -> tuple[str, ...]:
        """The command that shows a pane in this terminal, to replace this process by."""
        select = ("select-window", "-t", pane.id, ";", "select-pane", "-t", pane.id, ";")
        is_here = self._inside and self._run("display-message", "-p", "#{socket_path}").strip() == self._inside
        # A terminal in another server of tmux gets a second one inside of it.
        words = (
            ("tmux", *select, "switch-client")
            if is_here
            else ("env", "-u", "TMUX", "tmux", *select, "attach-session")
        )
        return (*words, "-t", f"={pane.session}")

    def _closed(self, pane: str) -> str:
        printed = self._run("capture-pane", "-p", "-J", "-S", "-200", "-t", pane)
        lines = [line.strip() for line in printed.splitlines() if line.strip()]
        self._run("kill-pane", "-t", pane)
        return " ".join([line for line in lines if not line.startswith("Pane is dead")][-3:]) or "it said nothing"

    def _run(self, *arguments: str) -> str:
        binary = find_program("tmux", self._environment)
        if binary is None:
            raise OpsError("unavailable", "there is no `tmux` on the PATH", "Install tmux")
        done = run_program((binary, *arguments), "", Path("/"), self._environment, 10.0)
        if done.code != 0:
            raise OpsError("unavailable", f"tmux refused: {shown(done.error.strip(), 200)}", "Look at it: tmux ls")
        return done.out
