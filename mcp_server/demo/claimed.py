"""What the answers of the tools report about a fault, and what was claimed to be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from mcp_server.demo.faults import Fault
from mcp_server.demo.steps import Answers
from mcp_server.kernel.document import Json


@dataclass(frozen=True)
class Claim:
    fixed: bool
    done: str


def claim(fault: Fault, answers: Answers) -> Claim:
    match fault.name:
        case "server_missed" | "value_missed" | "local_change" | "config_cut_off":
            return _synced(fault.agents[0], answers)
        case "access_lapsed":
            outcome = str(answers["refresh"]["outcome"])
            return Claim(outcome == "refreshed", f"token_refresh: {outcome}")
        case "api_key":
            return Claim(True, "by hand: line deleted")
        case "login_ending":
            return Claim(False, f"incident_open: {answers['incident login']['status']}")
        case "copied_login":
            return Claim(False, f"incident_open: {answers['incident copies']['status']}")
        case _:
            return Claim(False, "reported")


def findings_of(audit: Mapping[str, Json], fault: Fault) -> list[dict[str, str]]:
    """The audit's findings for a fault; empty unless every agent that the fault concerns has one."""
    rows = [(row["agent"], row["findings"]) for row in cast("list[dict[str, Any]]", audit["agents"])]
    rows.append((None, audit["findings"]))
    same = [(agent, found) for agent, findings in rows for found in findings if found["code"] == fault.code]
    mine = [(agent, found) for agent, found in same if not fault.agents or agent in fault.agents]
    return [found for _, found in mine] if {agent for agent, _ in mine}.issuperset(fault.agents) else []


def _synced(agent: str, answers: Answers) -> Claim:
    safe, decided = _state(answers, "sync", agent), _state(answers, "sync decided", agent)
    if decided == "applied":
        return Claim(True, f"config_sync: {safe}, then take master")
    return Claim(safe == "applied", f"config_sync: {safe}")


def _state(answers: Answers, step: str, agent: str) -> str | None:
    agents = cast("list[dict[str, Json]]", answers[step]["agents"])
    return next((str(found["state"]) for found in agents if found["agent"] == agent), None)
