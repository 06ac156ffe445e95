"""Discovery: the root folder of the fleet and its agents.

An agent is a folder below the root that is named `role-number` and is a git clone or holds a `.env` or
`.claude.json`. An agent that `fleet.toml` or a service of the compose file names counts even without a folder.
"""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from shlex import quote

from mcp_server.clients.claude import CONFIG_FILE, PROJECT_DIR
from mcp_server.fleet import fleet_file
from mcp_server.fleet.compose import CONTAINED_ROLES, may_be_services, parse
from mcp_server.fleet.fleet_file import AgentTable, FleetFile, RoleTable
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent, Client, Fleet, Research, RunMode, role_of
from mcp_server.system.files import Files

_MARKERS = (".git", ".env", CONFIG_FILE)
_DEFAULTS, _ROLE_DEFAULTS = AgentTable(), RoleTable()


def locate(files: Files, environment: Mapping[str, str], cwd: Path, given: Path | None) -> Fleet:
    """The fleet in `given` (`--fleet`), in `OPS_FLEET`, or around the working folder; `not_found` without one."""
    home = Path(environment.get("HOME") or Path.home())
    root = _root(files, environment, cwd, str(given or "") or environment.get("OPS_FLEET"), home)
    fleet = _fleet(files, root, home)
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
    here = (cwd / (environment.get(PROJECT_DIR) or ".")).resolve()
    described = (folder for folder in (here, *here.parents) if files.holds(folder, [fleet_file.NAME]))
    root = next(described, None) or _root_above_a_clone(files, here)
    if root is None:
        raise OpsError(
            "not_found",
            f"no fleet found: OPS_FLEET is not set, there is no fleet.toml from {here} upwards, "
            "and no git clone around it that has sibling agents",
            "Name the folder that holds the agents: ops --fleet DIR ..., or set OPS_FLEET",
        )
    return root


def _root_above_a_clone(files: Files, here: Path) -> Path | None:
    """The folder above the innermost clone around `here` that has sibling agents."""
    clones = (folder for folder in (here, *here.parents) if files.holds(folder, [".git"]))
    return next((c.parent for c in clones if _named_like_agents(files, c.parent, ".git").keys() - {c.name}), None)


def _named_like_agents(files: Files, root: Path, *markers: str) -> dict[str, Path]:
    named = ((name, root / name) for name in files.names(root) if role_of(name))
    return {name: folder for name, folder in named if files.holds(folder, markers)}


def _fleet(files: Files, root: Path, home: Path) -> Fleet:
    described = _described(files, root)
    compose, master, store = described.fleet.compose, described.fleet.master, described.claude.store
    others: dict[Client, str | None] = {
        "codex": described.fleet.codex_master,
        "gemini": described.fleet.gemini_master,
    }
    claimed = {table.folder for table in described.agents.values()}
    found = _named_like_agents(files, root, *_MARKERS)
    docker, run_mode = _run_modes(files, root / compose, home, found, is_named="compose" in described.fleet.given())
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
        other_masters={client: _path(path, root, home) for client, path in others.items() if path},
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
    files: Files, compose: Path, home: Path, folders: Collection[str], *, is_named: bool
) -> tuple[frozenset[str], Callable[[str], RunMode]]:
    """The agents that have a service, and the run mode of any agent.

    An agent without a service may belong in Docker by its role, or by its name in a file that is wrong, where the
    service of no agent may be it, mistyped. If the file cannot be read as text, or `fleet.toml` names one that is
    missing, that is so for every agent.
    """
    text, services = "", frozenset[str]()
    any_may = is_named
    try:
        if files.kind(compose) != "absent":
            any_may = True
            text, any_may = files.read_text(compose), False
            services = frozenset(service.name for service in parse(text, str(home)))
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
    overlays = [at for at in (described.roles.get(role, _ROLE_DEFAULTS).overlay, table.overlay) if at]
    return Agent(
        name=name,
        role=role,
        run_mode=table.run_mode or run_mode,
        folder=_path(table.folder, folder.parent, home) if table.folder else folder,
        overlays=tuple(_path(at, folder.parent, home) for at in overlays) if overlays else (),
    )


def _order(agent: Agent) -> tuple[str, int, str]:
    """opus-2 before opus-10."""
    stem, _, number = agent.name.rpartition("-")
    return (stem, int(number), "") if number.isdecimal() else (agent.name, 0, agent.name)


def _if_present(files: Files, path: Path) -> Path | None:
    return None if files.kind(path) == "absent" else path


def _path(text: str, base: Path, home: Path) -> Path:
    return home / text[2:] if text.startswith("~/") else base / text
