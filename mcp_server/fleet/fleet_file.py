"""`fleet.toml`, the description of a fleet. Every key is optional; an unknown key is an error that names it."""

from pathlib import Path
from typing import Annotated

from mcp_server.kernel.checked import Checked, Field, Limits, MisfitError
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.inventory import IndexRows, Protocol, Research, SetRunMode, Signal, Target, Telemetry
from mcp_server.kernel.policy import PRIVATE, Policy

NAME = "fleet.toml"
AgentName = Annotated[str, Limits(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Address = Annotated[str, Limits(pattern=r"^https?://[^\s\x00-\x1f\x7f@]+$")]
RelativeOrAbsolute = Annotated[str, Limits(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")]

BranchPattern = Annotated[str, Limits(pattern=r"^[A-Za-z0-9*?][A-Za-z0-9._/*?-]{0,99}$")]


class FleetTable(Checked):
    """Paths of the shared files, relative to the folder of `fleet.toml`."""

    master: RelativeOrAbsolute = "Docker/claude.json.master"
    codex_master: RelativeOrAbsolute | None = None
    gemini_master: RelativeOrAbsolute | None = None
    settings_master: RelativeOrAbsolute | None = None
    local_settings_master: RelativeOrAbsolute | None = None
    memory_master: RelativeOrAbsolute | None = None
    compose: RelativeOrAbsolute = "Docker/docker-compose.yml"


class ClaudeTable(Checked):
    """`store`: the folder of the host's credential store."""

    store: RelativeOrAbsolute | None = None


class RoleTable(Checked):
    """`overlay`: a file in the dialect of the master whose values replace the master's for the agents of a role.
    `login`: the folder of the store that they use, or "setup-token" for the long-lived token in their `.env`."""

    overlay: RelativeOrAbsolute | None = None
    login: RelativeOrAbsolute | None = None


class DocsTable(Checked):
    """`index_rows`: with "pm", rows are proposed in the answer, and only the PM writes them."""

    index_rows: IndexRows = "self"


class ResearchTable(Checked):
    """`model`: the model that researches notes; `shelf_days`: the number of days for which a note is current."""

    model: Annotated[str, Limits(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = Research().model
    shelf_days: Annotated[int, Limits(ge=1, le=3650)] = Research().shelf_days


class AgentTable(RoleTable):
    """Values that replace what ops finds by itself."""

    folder: RelativeOrAbsolute | None = None
    run_mode: SetRunMode | None = None
    role: Annotated[str, Limits(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] | None = None


class GuardTable(Checked):
    """Changes to the default `Policy`. `branches`: for each role, patterns of the branches that it may use."""

    protected: list[BranchPattern] = Field(default=["main", "master"], min_length=1)
    mergers: list[str] = Field(default=["pm"])
    private: list[str] = Field(default=list(PRIVATE))
    branches: dict[str, list[BranchPattern]] = Field(default={})

    def policy(self) -> Policy:
        branches = {role: tuple(patterns) for role, patterns in self.branches.items()}
        return Policy(tuple(self.protected), tuple(self.mergers), branches, tuple(self.private))


class NotifyTable(Checked):
    """The targets of notices. Their addresses and keys are in the environment or the keyring, never here."""

    targets: list[Target] = Field(default=[])


class TelemetryTable(Checked):
    """Where clients send telemetry by OTLP, without the path of a signal; `container_endpoint`: from a container."""

    endpoint: Address = ""
    protocol: Protocol = "http/protobuf"
    signals: list[Signal] = Field(default=["metrics", "logs"])
    container_endpoint: Address | None = None

    def telemetry(self) -> Telemetry | None:
        """None without an endpoint."""
        signals = tuple(self.signals)
        return Telemetry(self.endpoint, self.protocol, signals, self.container_endpoint) if self.endpoint else None


class FleetFile(Checked):
    """The whole file; each table is optional."""

    fleet: FleetTable = FleetTable()
    guard: GuardTable = GuardTable()
    claude: ClaudeTable = ClaudeTable()
    roles: dict[str, RoleTable] = Field(default={})
    docs: DocsTable = DocsTable()
    notify: NotifyTable = NotifyTable()
    research: ResearchTable = ResearchTable()
    telemetry: TelemetryTable = TelemetryTable()
    agents: dict[AgentName, AgentTable] = Field(default={})


def parse(text: str, path: Path) -> FleetFile:
    """The content of `fleet.toml`; `invalid` names the line or the key that is wrong."""
    import tomllib  # noqa: PLC0415  many a fleet has no such file

    try:
        return FleetFile.of(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise OpsError("invalid", f"{path} is not TOML: {error}", f"Correct {path}") from None
    except MisfitError as error:
        raise _explained(path, error) from None


def _explained(path: Path, error: MisfitError) -> OpsError:
    key = shown(".".join(error.path))
    if error.fault == "unknown":
        return OpsError("invalid", f"{path} has an unknown key {key}", f"Remove {key} from {path}")
    message = f"{path}: {key} {error.problem}, got {shown(error.value)}"
    return OpsError("invalid", message, f"Correct it in {path}")
