"""The services in the text of a compose file: their mounts and environments. Variables are not resolved."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.mount import Mount
from mcp_server.kernel.secret import Secret

COMPOSE_NAMES: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES: Final = tuple(
    f"{kind}.override.{end}" for kind in ("compose", "docker-compose") for end in ("yml", "yaml")
)
"Files that Compose reads as well, the first one that there is, where the compose file has one of its usual names."
CONTAINED_ROLES: Final = frozenset({"test", "human"})
"The roles whose agents are in Docker wherever nothing else is said."
_KEY = lazy_pattern(r"""^[ \t]*["']?([A-Za-z0-9][A-Za-z0-9._-]*)["']?[ \t]*:""", re.MULTILINE)
_WORD = lazy_pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HOME = lazy_pattern(r"^(?:~|\$HOME|\$\{HOME\b[^}]*\})(?=/|:|$)")


@dataclass(frozen=True)
class Service:
    """One service. A variable that is passed on from the host has an empty value here."""

    name: str
    mounts: tuple[Mount, ...]
    environment: Mapping[str, Secret]
    environment_files: tuple[str, ...] = ()
    "Paths as in mounts. `environment` overrides them, and a later file overrides an earlier one."


@lru_cache(maxsize=4)  # one audit parses it several times, and YAML is slow
def parse(text: str, home: str) -> tuple[Service, ...]:
    """The services in `text`, with `home` in place of `~` and `$HOME`; raises `invalid` if it is not YAML."""
    import yaml  # noqa: PLC0415  (only fleets with containers need it)

    try:
        document: object = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = cast("yaml.Mark | None", getattr(error, "problem_mark", None))
        where = f" at line {mark.line + 1}" if mark else ""
        raise OpsError("invalid", f"it is not YAML{where}", "Correct the compose file") from None
    named = _mapping(_mapping(document).get("services"))
    return tuple(_service(name, _mapping(body), home) for name, body in named.items())


def may_be_services(text: str, services: Collection[str], folders: Collection[str]) -> frozenset[str]:
    """Names without a service that may have been meant as one: every key of the file, and every word if it has no
    service; and the names of folders that are like a service for which there is no folder.
    """
    named = (_KEY if services else _WORD).findall(text)
    without = [service for service in services if service not in folders]
    from difflib import get_close_matches  # noqa: PLC0415  only where a service has no folder

    alike = (get_close_matches(service, folders, cutoff=0.75) for service in without)
    return frozenset(named).union(*alike) - set(services)


def _service(name: str, body: Mapping[str, object], home: str) -> Service:
    mounts = (_mount(volume, home) for volume in _list(body.get("volumes")))
    named = body.get("env_file")
    entries = (_mapping(entry).get("path") or entry for entry in (*_list(named), named))
    files = tuple(_HOME.sub(lambda _: home, entry) for entry in entries if isinstance(entry, str))
    return Service(name, tuple(m for m in mounts if m), _environment(body.get("environment")), files)


def _mount(volume: object, home: str) -> Mount | None:
    """SOURCE:TARGET[:OPTIONS] or the long form; None for a named volume, which does not begin with a slash or dot."""
    if isinstance(volume, str):
        source, _, rest = _HOME.sub(lambda _: home, volume).partition(":")
        target, _, options = rest.partition(":")
        read_only = "ro" in options.split(",")
    else:
        long = _mapping(volume)
        source, target = _HOME.sub(lambda _: home, str(long.get("source") or "")), str(long.get("target") or "")
        read_only = long.get("read_only") is True
    return Mount(source, target, read_only) if source.startswith((".", "/")) else None


def _environment(value: object) -> Mapping[str, Secret]:
    if isinstance(value, list):
        pairs = (str(item).partition("=") for item in cast("list[object]", value))
        return {name.strip(): Secret(text) for name, _, text in pairs}
    return {name: Secret("" if text is None else str(text)) for name, text in _mapping(value).items()}


def _mapping(value: object) -> Mapping[str, object]:
    return {str(k): v for k, v in cast("Mapping[object, object]", value).items()} if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
