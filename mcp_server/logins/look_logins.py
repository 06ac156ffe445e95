"""Everything there is to know about the logins of a fleet: its stores, what endangers them, what needs a person."""

from collections.abc import Mapping
from dataclasses import dataclass

from mcp_server.kernel.finding import Hazard
from mcp_server.logins.agent_login import AgentLogin
from mcp_server.logins.look_agent_login import agent_logins
from mcp_server.logins.look_container_hazards import container_hazards
from mcp_server.logins.look_session_hazards import session_hazards
from mcp_server.logins.look_shadowing import shadow_hazards
from mcp_server.logins.look_store_hazards import store_hazards
from mcp_server.logins.look_stores import look_at_stores
from mcp_server.logins.look_token_hazards import token_hazards
from mcp_server.logins.store import Store
from mcp_server.logins.trouble import Trouble, troubles
from mcp_server.operation.context import Context


@dataclass(frozen=True)
class Logins:
    """Each agent's login; the stores, the host's first; their hazards; and `troubles`, in the order to fix them."""

    agents: Mapping[str, AgentLogin]
    stores: tuple[Store, ...]
    hazards: tuple[Hazard, ...]
    troubles: tuple[Trouble, ...]


def look_at_logins(ctx: Context) -> Logins:
    """The logins of the fleet as they are now."""
    agents = agent_logins(ctx)
    stores = look_at_stores(ctx, agents)
    found = hazards(ctx, stores, agents)
    return Logins(agents, stores, found, troubles(stores, found))


def hazards(
    ctx: Context, stores: tuple[Store, ...], agents: Mapping[str, AgentLogin] | None = None
) -> tuple[Hazard, ...]:
    """Every hazard to these stores, and what shadows their logins. What cannot be read is a hazard too."""
    agents = agent_logins(ctx) if agents is None else agents
    return (
        *store_hazards(ctx.world, stores),
        *token_hazards(ctx, agents),
        *container_hazards(ctx, stores, agents),
        *session_hazards(ctx, stores, agents),
        *shadow_hazards(ctx, stores, agents),
    )
