"""Where a client is installed on this host, and its version, from its files: the client is not started."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from mcp_server.clients import claude, codex, gemini
from mcp_server.clients.tested import version_numbers
from mcp_server.system.programs import find_program, package_version

_PACKAGES = {"claude": claude.NPM_PACKAGE, "codex": codex.NPM_PACKAGE, "gemini": gemini.NPM_PACKAGE}


# Where installers put a client though the PATH of cron, systemd or a plain ssh lacks it, in HOME and on the host.
_IN_HOME = (
    *(".local/bin", ".claude/local", ".claude/local/node_modules/.bin", "bin", ".npm-global/bin", ".volta/bin"),
    *(".bun/bin", ".local/share/pnpm", ".local/share/mise/shims", ".asdf/shims", ".yarn/bin", ".nix-profile/bin"),
)
_ON_HOST = ("/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin", "/snap/bin")


def client_program(client: str, environment: Mapping[str, str]) -> str | None:
    """The program of a client: on the PATH, else where its installers put it; None if it is nowhere."""
    if found := find_program(client, environment):
        return found
    folders = os.pathsep.join(map(str, _usual_folders(environment)))
    return find_program(client, {"PATH": folders})


def _usual_folders(environment: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environment.get("HOME") or Path.home())
    yield from (home / folder for folder in _IN_HOME)
    if prefix := environment.get("NPM_CONFIG_PREFIX") or _npm_prefix(home):
        yield Path(prefix.replace("${HOME}", str(home)).replace("~", str(home), 1)) / "bin"
    managers = (
        (environment.get("NVM_DIR") or home / ".nvm", "versions/node/*/bin"),
        (environment.get("FNM_DIR") or home / ".local/share/fnm", "node-versions/*/installation/bin"),
    )
    for root, pattern in managers:
        yield from sorted(Path(root).glob(pattern), key=lambda at: version_numbers(str(at)), reverse=True)
    yield from map(Path, _ON_HOST)
    yield Path("/home") / "linuxbrew" / ".linuxbrew" / "bin"


def _npm_prefix(home: Path) -> str | None:
    """The prefix of global packages that `~/.npmrc` sets."""
    try:
        text = (home / ".npmrc").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(r"^[ \t]*prefix[ \t]*=[ \t]*[\"']?([^\"'\s]+)", text, re.MULTILINE)
    return found[1] if found else None


def installed_version(client: str, environment: Mapping[str, str]) -> str | None:
    """The version of the client on the PATH; None without one, empty if its files do not say."""
    program = client_program(client, environment)
    return version_of(client, program) if program else None


def version_of(client: str, program: str) -> str:
    """The version in npm's package, empty without one; Claude Code's native installer names its programs by it."""
    name = Path(os.path.realpath(program)).name
    if client == "claude" and re.fullmatch(r"\d+\.\d+\.\d+\S*", name):
        return name
    return package_version(program, _PACKAGES[client]) or ""
