"""Inconsistencies between decision records: numbers used twice, unclear statuses, one-sided supersessions."""

import re
from collections.abc import Mapping, Sequence

from mcp_server.kernel.finding import Finding
from mcp_server.records.decision import Decision

_STATES = ("proposed", "accepted", "rejected", "deprecated", "superseded")


def inconsistencies(records: Sequence[Decision]) -> tuple[Finding, ...]:
    """Numbers used twice, unknown statuses, and supersessions that only one record states."""
    found: list[Finding] = []
    by_number: dict[int, list[Decision]] = {}
    for record in records:
        by_number.setdefault(record.number, []).append(record)
    for number, twins in by_number.items():
        if len(twins) > 1:
            names = ", ".join(twin.name for twin in twins)
            step = "Give the newer one the next number: ops runbook read adr-number-clash"
            found.append(Finding("adr_number_twice", "warning", f"number {number} is used twice: {names}", step))
    for record in records:
        found += _fault(record, by_number)
    return tuple(found)


def _fault(record: Decision, by_number: Mapping[int, Sequence[Decision]]) -> list[Finding]:
    state = next((state for state in _STATES if record.status.casefold().startswith(state)), None)
    if state is None:
        step = f"Write one of: {', '.join(_STATES)}"
        return [Finding("adr_status_unclear", "notice", f"{record.name} has the status {record.status!r}", step)]
    named = re.search(r"(?i)superseded by\D*(\d+)", record.status)
    if state == "superseded" and not named:
        return [_broken(record, "is superseded, but does not state by which record")]
    if named:
        later = by_number.get(int(named[1]))
        if not later:
            return [_broken(record, f"is superseded by {named[1]}, which does not exist")]
        if not any(re.search(rf"(?<!\d)0*{record.number}(?!\d)", _body(one)) for one in later):
            return [_broken(record, f"is superseded by {later[0].name}, which does not state it")]
    replaced = re.findall(r"(?i)\bsupersedes\D{0,20}(\d+)", record.text)
    unaware = [o for n in replaced for o in by_number.get(int(n), ()) if not re.match("(?i)superseded", o.status)]
    if state == "accepted":
        return [_broken(one, f"is superseded by {record.name}, but does not state it") for one in unaware]
    return []


def _broken(record: Decision, what: str) -> Finding:
    return Finding(
        "adr_chain_broken", "warning", f"{record.name} {what}", "Correct the status: both records must state it"
    )


def _body(record: Decision) -> str:
    return record.text.partition("\n")[2]
