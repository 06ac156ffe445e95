"""The settings of an agent: the user's rules, and besides them what the agent's client chose itself. Pure."""

from collections.abc import Mapping

from mcp_server.kernel.document import Json


def merged(users: Mapping[str, Json], own: Mapping[str, Json], before: Mapping[str, Json]) -> dict[str, Json]:
    """The user's settings, with `own` for keys that the user does not set.

    `before` are the user's as they were merged last: a key that the user has taken out since goes with them.
    """
    kept = {key: value for key, value in own.items() if key not in before or before[key] != value}
    return {**kept, **users}
