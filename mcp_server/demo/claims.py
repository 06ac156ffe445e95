"""What the tools, or a person's hand, claim to have done about a fault."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from mcp_server.demo.faults import Fault
from mcp_server.demo.steps import Said
from mcp_server.domain.document import Json


@dataclass(frozen=True)
class Claim:
    fixed: bool
    done: str


def claim(fault: Fault, said: Said) -> Claim:
    match fault.name:
        case "server_missed" | "value_missed" | "local_change" | "config_cut_off":
            return _synced(fault.agents[0], said)
        case "access_lapsed":
            outcome = str(said["refresh"]["outcome"])
            return Claim(outcome == "refreshed", f"token_refresh: {outcome}")
        case "api_key":
            return Claim(True, "by hand: line deleted")
        case "login_ending":
            return _opened(said["incident login"])
        case "copied_login":
            return _opened(said["incident copies"])
        case _:
            return Claim(False, "reported")


def _opened(answer: Mapping[str, Json]) -> Claim:
    return Claim(False, f"incident_open: {answer['status']}")


def _synced(agent: str, said: Said) -> Claim:
    safe, decided = _state(said, "sync", agent), _state(said, "sync decided", agent)
    if decided == "applied":
        return Claim(True, f"config_sync: {safe}, then take master")
    return Claim(safe == "applied", f"config_sync: {safe}")


def _state(said: Said, step: str, agent: str) -> str | None:
    agents = cast("list[dict[str, Json]]", said[step]["agents"])
    return next((str(found["state"]) for found in agents if found["agent"] == agent), None)
