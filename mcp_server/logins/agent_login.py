"""Which login an agent uses from its next start on. Pure; `look_agent_login.py` finds out.

Check, refresh, audit, consolidate and the start of an agent all take it from here, so that an agent is never well on
one login and started on another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mcp_server.clients import claude
from mcp_server.kernel.inventory import Client
from mcp_server.kernel.secret import Secret
from mcp_server.logins.codex_and_gemini import CODEX_AND_GEMINI

Kind = Literal["shared", "own", "long_lived", "unknown"]
"""`shared`: the host's login; `own`: that of another store; `long_lived`: the token of `claude setup-token`, which no
store holds and nobody renews; `unknown`: of a container that mounts no store."""


@dataclass(frozen=True)
class AgentLogin:
    """The login of one agent. `source` is what decides it, in words."""

    agent: str
    client: Client
    kind: Kind
    source: str
    store: Path | None = None
    "The real folder of the store; None unless the kind is `shared` or `own`."
    named: bool = False
    "Whether a person named it for the agent, in `fleet.toml` or its `.env`."
    token: Secret | None = field(default=None, repr=False)
    "The long-lived token of an agent on this host; None also if it is declared and missing."

    @property
    def variables(self) -> Mapping[str, Secret]:
        """What its client has to be started with on this host to use this login."""
        if self.kind == "long_lived":
            return {claude.LONG_LIVED: self.token} if self.token else {}
        if self.store is None:
            return {}
        if self.client == "claude":
            return {claude.STORE_DIR: Secret(str(self.store))}
        other = next(each for each in CODEX_AND_GEMINI if each.client == self.client)
        return {other.variable: Secret(str(other.named_by(self.store)))}
