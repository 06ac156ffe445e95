"""`fleet.toml`, the description of a fleet. Every key is optional; an unknown key is an error that names it."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.inventory import IndexRows, Research, RunMode, Target
from mcp_server.kernel.policy import PRIVATE, Policy

NAME = "fleet.toml"
AgentName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
RelativeOrAbsolute = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")]

BranchPattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9*?][A-Za-z0-9._/*?-]{0,99}$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FleetTable(_Table):
    """Paths of the shared files, relative to the folder of `fleet.toml`."""

    master: RelativeOrAbsolute = "Docker/claude.json.master"
    codex_master: RelativeOrAbsolute | None = None
    gemini_master: RelativeOrAbsolute | None = None
    compose: RelativeOrAbsolute = "Docker/docker-compose.yml"


class ClaudeTable(_Table):
    """`store`: the folder of the host's credential store."""

    store: RelativeOrAbsolute | None = None


class RoleTable(_Table):
    """`overlay`: a file in the dialect of the master whose values replace the master's for the agents of a role."""

    overlay: RelativeOrAbsolute | None = None


class DocsTable(_Table):
    """`index_rows`: with "pm", rows are proposed in the answer, and only the PM writes them."""

    index_rows: IndexRows = "self"


class ResearchTable(_Table):
    """`model`: the model that researches notes; `shelf_days`: the number of days for which a note is current."""

    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = Research().model
    shelf_days: Annotated[int, Field(ge=1, le=3650)] = Research().shelf_days


class AgentTable(RoleTable):
    """Values that replace what ops finds by itself."""

    folder: RelativeOrAbsolute | None = None
    run_mode: RunMode | None = None
    role: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] | None = None


class GuardTable(_Table):
    """Changes to the default `Policy`. `branches`: for each role, patterns of the branches that it may use."""

    protected: list[BranchPattern] = Field(default=["main", "master"], min_length=1)
    mergers: list[str] = ["pm"]
    private: list[str] = list(PRIVATE)
    branches: dict[str, list[BranchPattern]] = {}

    def policy(self) -> Policy:
        branches = {role: tuple(patterns) for role, patterns in self.branches.items()}
        return Policy(tuple(self.protected), tuple(self.mergers), branches, tuple(self.private))


class NotifyTable(_Table):
    """The targets of notices. Their addresses and keys are in the environment or the keyring, never here."""

    targets: list[Target] = []


class FleetFile(_Table):
    fleet: FleetTable = FleetTable()
    guard: GuardTable = GuardTable()
    claude: ClaudeTable = ClaudeTable()
    roles: dict[str, RoleTable] = {}
    docs: DocsTable = DocsTable()
    notify: NotifyTable = NotifyTable()
    research: ResearchTable = ResearchTable()
    agents: dict[AgentName, AgentTable] = {}


def parse(text: str, path: Path) -> FleetFile:
    """The content of `fleet.toml`; `invalid` names the line or the key that is wrong."""
    try:
        return FleetFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise OpsError("invalid", f"{path} is not TOML: {error}", f"Correct {path}") from None
    except ValidationError as error:
        raise _explained(path, error) from None


def _explained(path: Path, error: ValidationError) -> OpsError:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"] if part != "[key]")
    if first["type"] == "extra_forbidden":
        return OpsError("invalid", f"{path} has an unknown key {shown(key)}", f"Remove {shown(key)} from {path}")
    reason = first["msg"][:1].lower() + first["msg"][1:]
    return OpsError(
        "invalid", f"{path}: {shown(key)}: {reason}, got {shown(first['input'])}", f"Correct it in {path}"
    )
