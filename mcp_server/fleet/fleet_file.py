"""`fleet.toml`: what a fleet says about itself. Every key may be left out; an unknown one is refused by name."""

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
    """Where the shared files lie, below the folder of `fleet.toml`."""

    master: RelativeOrAbsolute = "Docker/claude.json.master"
    codex_master: RelativeOrAbsolute | None = None
    gemini_master: RelativeOrAbsolute | None = None
    compose: RelativeOrAbsolute = "Docker/docker-compose.yml"


class ClaudeTable(_Table):
    """`store`: the host's credential store, a config folder of Claude Code."""

    store: RelativeOrAbsolute | None = None


class RoleTable(_Table):
    """`overlay`: what the agents of a role have in place of the master's values, in the master's form."""

    overlay: RelativeOrAbsolute | None = None


class DocsTable(_Table):
    """`index_rows`: with "pm" a row is proposed in the answer, and the PM alone writes it."""

    index_rows: IndexRows = "self"


class ResearchTable(_Table):
    """`model`: the one that researches a note; `shelf_days`: for how long a note holds."""

    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = Research().model
    shelf_days: Annotated[int, Field(ge=1, le=3650)] = Research().shelf_days


class AgentTable(RoleTable):
    """What differs from what ops finds by itself."""

    folder: RelativeOrAbsolute | None = None
    run_mode: RunMode | None = None
    role: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] | None = None


class GuardTable(_Table):
    """Where the policy differs from `Policy`. `branches`: role -> patterns of the branches it may use."""

    protected: list[BranchPattern] = Field(default=["main", "master"], min_length=1)
    mergers: list[str] = ["pm"]
    private: list[str] = list(PRIVATE)
    branches: dict[str, list[BranchPattern]] = {}

    def policy(self) -> Policy:
        branches = {role: tuple(patterns) for role, patterns in self.branches.items()}
        return Policy(tuple(self.protected), tuple(self.mergers), branches, tuple(self.private))


class NotifyTable(_Table):
    """Who is told of incidents. No address and no key stands here: they are in the environment or the keyring."""

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
