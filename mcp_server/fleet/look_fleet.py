"""Discovery: the root folder of the fleet and its agents.

An agent is a folder below the root that is named `role-number` and is a git clone or holds a `.env` or
`.claude.json`. An agent that `fleet.toml` or a service of the compose file names counts even without a folder.
"""

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from shlex import quote

from mcp_server.clients.claude import CONFIG_FILE, LOCAL_SETTINGS_FILE, MEMORY_FILE, PROJECT_DIR, SETTINGS_FILE
from mcp_server.fleet import fleet_file
from mcp_server.fleet.compose import CONTAINED_ROLES, may_be_services
from mcp_server.fleet.fleet_file import AgentTable, FleetFile, FleetTable, RoleTable
from mcp_server.fleet.look_compose import ComposeReader, harmless
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent, ConfigKind, Fleet, Research, RunMode, role_of
from mcp_server.system.files import Files
from mcp_server.system.git.worktrees import main_of

_MARKERS = (".git", ".env", CONFIG_FILE)
_DEFAULTS, _ROLE_DEFAULTS = AgentTable(), RoleTable()


def locate(files: Files, environment: Mapping[str, str], cwd: Path, given: Path | None) -> Fleet:
    """The fleet in `given` (`--fleet`), in `OPS_FLEET`, or around the working folder; `not_found` without one."""
    home = Path(environment.get("HOME") or Path.home())
    root = _root(files, environment, cwd, str(given or "") or environment.get("OPS_FLEET"), home)
    fleet = _fleet(files, root, home, environment)
    if not fleet.agents:
        raise OpsError(
            "not_found",
            f"{root} holds no agents: no folder named like opus-1 that is a git clone or has a .env or .claude.json",
            f"See what is there: ls -la {quote(str(root))}",
        )
    return fleet


def _root(files: Files, environment: Mapping[str, str], cwd: Path, named: str | None, home: Path) -> Path:
    if named:
        root = _path(named, cwd, home).resolve()
        if not root.is_dir():
            raise OpsError("not_found", f"there is no fleet folder {root}", "Correct --fleet or OPS_FLEET")
        return root
    places = _places(environment, cwd)
    described = (folder for folder in places if files.holds(folder, [fleet_file.NAME]))
    root = next(described, None) or _root_above(files, places)
    if root is None:
        raise OpsError(
            "not_found",
            f"no fleet found: OPS_FLEET is not set, there is no fleet.toml from {places[-1]} upwards, "
            "and no folder around it holds the clones of several agents",
            "Name the folder that holds the agents: ops --fleet DIR ..., or set OPS_FLEET",
        )
    return root.resolve()


def _places(environment: Mapping[str, str], cwd: Path) -> tuple[Path, ...]:
    """The folders around the working folder, the nearest first: those of the clone that it is a linked work tree of,
    those on the way that the shell took through links, and those where it really is."""
    here, way = cwd / (environment.get(PROJECT_DIR) or "."), Path(environment.get("PWD") or ".")
    if not environment.get(PROJECT_DIR) and way.is_absolute() and way.exists() and way.samefile(cwd):
        here = way
    real = here.resolve()
    main = next((main for folder in (real, *real.parents) if (main := main_of(folder))), None)
    starts = ([main] if main else []) + [Path(os.path.abspath(here)), real]  # noqa: PTH100  no link is followed
    return tuple(dict.fromkeys(folder for start in starts for folder in (start, *start.parents)))


def _root_above(files: Files, places: Collection[Path]) -> Path | None:
    """The nearest folder with the clones of two agents, or of one beside a clone that leads there or shared files."""
    shared = (FleetTable().master, FleetTable().compose)
    for folder in places:
        inner = {place.name for place in places if place.parent == folder and files.holds(place, [".git"])}
        with suppress(OpsError):  # a folder that may not be listed is not theirs
            agents = _named_like_agents(files, folder, ".git")
            own = {name for name, at in agents.items() if not _is_within(folder, main_of(at))}
            if own and (len(own | inner) > 1 or files.holds(folder, shared)):
                return folder
    return None


def _is_within(folder: Path, clone: Path | None) -> bool:
    """Whether a folder of work trees is in the clone that they belong to: they are not agents."""
    return clone is not None and folder.resolve().is_relative_to(clone)


def _named_like_agents(files: Files, root: Path, *markers: str) -> dict[str, Path]:
    named = ((name, root / name) for name in files.names(root) if role_of(name))
    return {name: folder for name, folder in named if files.holds(folder, markers)}


def _fleet(files: Files, root: Path, home: Path, environment: Mapping[str, str]) -> Fleet:
    described = _described(files, root)
    compose, master, store = described.fleet.compose, described.fleet.master, described.claude.store
    named = described.fleet
    others: dict[ConfigKind, str | None] = {
        "codex": named.codex_master,
        "gemini": named.gemini_master,
        "settings": named.settings_master or _master_of(files, root, SETTINGS_FILE),
        "local_settings": named.local_settings_master or _master_of(files, root, LOCAL_SETTINGS_FILE),
        "memory": named.memory_master or _master_of(files, root, MEMORY_FILE),
    }
    claimed = {table.folder for table in described.agents.values()}
    found = _named_like_agents(files, root, *_MARKERS)
    reader = ComposeReader(files, str(home), harmless(environment))
    docker, run_mode = _run_modes(reader, root / compose, found, is_named="compose" in described.fleet.given())
    agents = (
        _agent(home, name, found.get(name) or root / name, described, run_mode(name))
        for name in (found.keys() - claimed) | docker | described.agents.keys()
    )
    return Fleet(
        root=root,
        agents=tuple(sorted(agents, key=_order)),
        master=_if_present(files, root / master),
        compose=_if_present(files, root / compose),
        store=_path(store, root, home) if store else None,
        other_masters={kind: _path(path, root, home) for kind, path in others.items() if path},
        index_rows=described.docs.index_rows,
        policy=described.guard.policy(),
        notify=tuple(described.notify.targets),
        telemetry=described.telemetry.telemetry(),
        research=Research(described.research.model, described.research.shelf_days),
    )


def _described(files: Files, root: Path) -> FleetFile:
    path = root / fleet_file.NAME
    return FleetFile() if files.kind(path) == "absent" else fleet_file.parse(files.read_text(path), path)


def _run_modes(
    reader: ComposeReader, compose: Path, folders: Collection[str], *, is_named: bool
) -> tuple[frozenset[str], Callable[[str], RunMode]]:
    """The agents that have a service, and the run mode of any agent.

    An agent without a service may belong in Docker by its role, or by its name in a file that is wrong, where the
    service of no agent may be it, mistyped. If the file cannot be read as text, or `fleet.toml` names one that is
    missing, that is so for every agent.
    """
    text, services = "", frozenset[str]()
    any_may = is_named
    try:
        if reader.files.kind(compose) != "absent":
            any_may = True
            text, any_may = reader.files.read_text(reader.files.real(compose)), False
            services = frozenset(service.name for service in reader.services(compose))
    except OpsError:
        pass  # the logins report a file that cannot be read
    docker = frozenset(name for name in services if role_of(name))
    roles = CONTAINED_ROLES | {role_of(name) for name in docker}
    doubtful = may_be_services(text, services, folders)

    def run_mode(name: str) -> RunMode:
        may_be = any_may or name in doubtful or role_of(name) in roles
        return "docker" if name in docker else "unknown" if may_be else "host"

    return docker, run_mode


def _agent(home: Path, name: str, folder: Path, described: FleetFile, run_mode: RunMode) -> Agent:
    """`folder` and `run_mode` apply unless `fleet.toml` overrides them."""
    table = described.agents.get(name, _DEFAULTS)
    role = table.role or role_of(name) or name
    of_role = described.roles.get(role, _ROLE_DEFAULTS)
    overlays = [at for at in (of_role.overlay, table.overlay) if at]
    login = table.login or of_role.login
    return Agent(
        name=name,
        role=role,
        run_mode=table.run_mode or run_mode,
        folder=_path(table.folder, folder.parent, home) if table.folder else folder,
        overlays=tuple(_path(at, folder.parent, home) for at in overlays) if overlays else (),
        login="setup-token" if login == "setup-token" else _path(login, folder.parent, home) if login else None,
    )


def _order(agent: Agent) -> tuple[str, int, str]:
    """opus-2 before opus-10."""
    stem, _, number = agent.name.rpartition("-")
    return (stem, int(number), "") if number.isdecimal() else (agent.name, 0, agent.name)


def _if_present(files: Files, path: Path) -> Path | None:
    return None if files.kind(path) == "absent" else path


def _master_of(files: Files, root: Path, file: str) -> str | None:
    name = f"Docker/{file}.master"
    return None if files.kind(root / name) == "absent" else name


def _path(text: str, base: Path, home: Path) -> Path:
    return home / text[2:] if text.startswith("~/") else base / text
