"""Everything there is to know about the logins of a fleet: its stores, what endangers them, what needs a person."""

from dataclasses import dataclass

from mcp_server.kernel.finding import Hazard
from mcp_server.logins.look_container_hazards import container_hazards
from mcp_server.logins.look_session_hazards import session_hazards
from mcp_server.logins.look_shadowing import shadow_hazards
from mcp_server.logins.look_store_hazards import store_hazards
from mcp_server.logins.look_stores import look_at_stores
from mcp_server.logins.store import Store
from mcp_server.logins.trouble import Trouble, troubles
from mcp_server.operation.context import Context


@dataclass(frozen=True)
class Logins:
    """The stores of a fleet, the host's first; their hazards; and `troubles`, in the order to fix them."""

    stores: tuple[Store, ...]
    hazards: tuple[Hazard, ...]
    troubles: tuple[Trouble, ...]


def look_at_logins(ctx: Context) -> Logins:
    """The logins of the fleet as they are now."""
    stores = look_at_stores(ctx)
    found = hazards(ctx, stores)
    return Logins(stores, found, troubles(stores, found))


def hazards(ctx: Context, stores: tuple[Store, ...]) -> tuple[Hazard, ...]:
    """Every hazard to these stores, and what shadows their logins. What cannot be read is a hazard too."""
    return (
        *store_hazards(ctx.world, stores),
        *container_hazards(ctx, stores),
        *session_hazards(ctx, stores),
        *shadow_hazards(ctx, stores),
    )
