"""What the tools' answers say of a fault, and what they, or a person's hand, claim to have done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from mcp_server.demo.faults import Fault
from mcp_server.demo.steps import Said
from mcp_server.kernel.document import Json


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


def findings_of(audit: Mapping[str, Json], fault: Fault) -> list[dict[str, str]]:
    """What an audit says of the fault; nothing unless it says so for every agent that the fault concerns."""
    told = [(row["agent"], row["findings"]) for row in cast("list[dict[str, Any]]", audit["agents"])]
    told.append((None, audit["findings"]))
    same = [(agent, found) for agent, findings in told for found in findings if found["code"] == fault.code]
    mine = [(agent, found) for agent, found in same if not fault.agents or agent in fault.agents]
    return [found for _, found in mine] if {agent for agent, _ in mine}.issuperset(fault.agents) else []


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
