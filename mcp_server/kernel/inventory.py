"""The fleet: its agents, their roles, and where they run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import Literal

from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.policy import Policy

SetRunMode = Literal["host", "docker"]
RunMode = Literal[SetRunMode, "unknown"]
IndexRows = Literal["self", "pm"]
Target = Literal["webhook", "pagerduty"]
Client = Literal["claude", "codex", "gemini"]
Signal = Literal["metrics", "logs"]
Protocol = Literal["http/protobuf", "http/json", "grpc"]
SetupToken = Literal["setup-token"]
ConfigKind = Literal[Client, "settings", "local_settings", "memory"]
"The config of a client; or, of Claude Code in a clone, its settings, the local ones, and CLAUDE.md."

_NAME = lazy_pattern(r"(?P<role>[a-z][a-z0-9_]*(?:-[a-z][a-z0-9_]*)*)-\d+")


@dataclass(frozen=True)
class Agent:
    """One agent: its folder is a clone of its own; `role` is its name without the number.

    Its run mode is `unknown` if it may belong in Docker and the compose file does not say so: it is not started.
    """

    name: str
    role: str
    run_mode: RunMode
    folder: Path
    overlays: tuple[Path, ...] = ()
    "Files whose values override the master's: its role's, then its own."
    login: Path | SetupToken | None = None
    "What `fleet.toml` says about its login: the folder of a store, or the long-lived token in its `.env`."

    @property
    def client(self) -> Client:
        """The command-line client that the role runs."""
        return self.role if self.role in ("codex", "gemini") else "claude"

    @property
    def env_file(self) -> Path:
        return self.folder / ".env"

    @property
    def git(self) -> str:
        """The beginning of a shell command that runs git in its clone."""
        return f"git -C {quote(str(self.folder))}"


@dataclass(frozen=True)
class Research:
    """The model that researches notes, and for how many days a note is valid."""

    model: str = "gemini-3-pro-preview"
    shelf_days: int = 180


@dataclass(frozen=True)
class Telemetry:
    """Where the agents' clients send their telemetry by OTLP. `contained`: as an address in a container reads it."""

    endpoint: str
    protocol: Protocol = "http/protobuf"
    signals: tuple[Signal, ...] = ("metrics", "logs")
    contained: str | None = None


@dataclass(frozen=True)
class Fleet:
    """The agents below one root folder. `master` and `compose` are None if the files do not exist."""

    root: Path
    agents: tuple[Agent, ...]
    master: Path | None
    compose: Path | None
    store: Path | None
    "The host's credential store (a config folder of Claude Code) if `fleet.toml` names one."
    other_masters: Mapping[ConfigKind, Path] = field(default_factory=dict["ConfigKind", Path])
    "The masters of Codex' and Gemini's configs, and of Claude Code's settings and CLAUDE.md, if there are any."
    index_rows: IndexRows = "self"
    "Who appends rows to an INDEX.md: the author of the page, or only the PM."
    policy: Policy = field(default_factory=Policy)
    notify: tuple[Target, ...] = ()
    "Where notices of incidents are sent; their secrets are not kept here."
    research: Research = field(default_factory=Research)
    telemetry: Telemetry | None = None

    def agent(self, name: str) -> Agent | None:
        """The agent of this name."""
        return next((a for a in self.agents if a.name == name), None)

    def writes_rows(self, agent: Agent) -> bool:
        """Whether the agent may append rows to an INDEX.md."""
        return self.index_rows == "self" or agent.role == "pm"

    def holding(self, path: Path) -> Agent | None:
        """The agent whose folder contains `path`."""
        return next((a for a in self.agents if path.is_relative_to(a.folder)), None)


def role_of(name: str) -> str | None:
    """`opus-3` -> `opus`; None if the name is not `role-number`."""
    found = _NAME.fullmatch(name)
    return found["role"] if found else None
