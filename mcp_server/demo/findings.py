"""The findings in an audit's answer, and those that are about a fault."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from mcp_server.demo.faults import Fault
from mcp_server.domain.document import Json


@dataclass(frozen=True)
class Found:
    """`agent` is None for a finding of the whole fleet."""

    agent: str | None
    code: str
    message: str
    next: str


def of_fault(audit: Mapping[str, Json], fault: Fault) -> tuple[Found, ...]:
    """What the audit says of the fault; empty unless it says so for every agent that the fault concerns."""
    same = [found for found in _all(audit) if found.code == fault.code]
    if not fault.agents:
        return tuple(same)
    mine = tuple(found for found in same if found.agent in fault.agents)
    return mine if {found.agent for found in mine} == set(fault.agents) else ()


def _all(audit: Mapping[str, Json]) -> Iterator[Found]:
    for agent in cast("list[dict[str, Json]]", audit["agents"]):
        for finding in cast("list[dict[str, str]]", agent["findings"]):
            yield Found(str(agent["agent"]), finding["code"], finding["message"], finding["next"])
    for finding in cast("list[dict[str, str]]", audit["findings"]):
        yield Found(None, finding["code"], finding["message"], finding["next"])
