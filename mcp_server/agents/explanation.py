"""What an agent uses and why: its login, config and settings, and each variable that reaches it or does not. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mcp_server.fleet.environment import AgentEnvironment, Source, Withheld
from mcp_server.kernel.document import columns
from mcp_server.kernel.inventory import Client, RunMode


@dataclass(frozen=True)
class Given:
    """A variable that reaches the agent, and where it is set. Only values that ops sets itself are shown."""

    name: str
    source: Source | Literal["ops"]
    value: str | None = None


@dataclass(frozen=True)
class Explanation:
    """What `ops agent run` gives to one agent. What is null is not known, or not used by its client.

    `settings` are the files with rules in force, the first made from the user's own. `unread_lines` of its `.env` set
    nothing.
    """

    agent: str
    client: Client
    run_mode: RunMode
    folder: Path
    command: tuple[str, ...]
    store: Path | None
    "The folder of the login."
    login: str
    "Whose login it is, and what decides that."
    account: str | None
    config_folder: Path | None
    config: Path | None
    settings: tuple[Path, ...]
    variables: tuple[Given, ...]
    withheld: tuple[Withheld, ...]
    unread_lines: tuple[int, ...]


def given(environment: AgentEnvironment) -> Iterator[Given]:
    """Every variable of the environment, each once, from the source that wins."""
    yield from (Given(name, "ops", value) for name, value in environment.variables.items())
    yield from (Given(name, "env_file") for name in environment.values if name not in environment.variables)
    taken = environment.variables.keys() | environment.values.keys()
    yield from (Given(name, "caller") for name in environment.inherited if name not in taken)


def text(found: Explanation) -> str:
    """The same for a person."""
    facts = [
        ("client", f"{found.client}, in {'a container' if found.run_mode == 'docker' else found.folder}"),
        ("command", " ".join(found.command)),
        ("login", found.login),
        ("store", str(found.store or "none")),
        ("account", found.account or "not known"),
        ("config folder", str(found.config_folder or "its client's own")),
        ("config", str(found.config or "its client's own")),
        *(("settings", str(path)) for path in found.settings),
    ]
    where = {"ops": "set by ops", "env_file": "from its .env", "caller": "from the caller"}
    rows = [(each.name, where[each.source], each.value or "") for each in found.variables]
    refused = [(each.name, f"withheld, {where[each.source]}", each.reason) for each in found.withheld]
    lines = [columns(facts), "", columns([*rows, *refused])]
    if found.unread_lines:
        lines.append(f"\nlines of its .env that set nothing: {', '.join(map(str, found.unread_lines))}")
    return "\n".join(lines)
