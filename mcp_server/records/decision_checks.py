"""Inconsistencies between decision records: numbers used twice, unclear statuses, one-sided supersessions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcp_server.kernel.finding import Finding
from mcp_server.records.decision import STATES, Decision

_BY = re.compile(r"(?i)\b(?:super[sc]eded|replaced) by\b(.*)")
_REPLACES = re.compile(r"(?i)\bsuper[sc]edes\b(.{0,200})")
_FILE = re.compile(r"([^\s()\[\]<>/\\]+\.md)\b")
_NUMBER = re.compile(r"(?<![\w.])(?:ADR[-_ ]?|#)?(\d+)(?![\w])", re.IGNORECASE)


def inconsistencies(records: Sequence[Decision]) -> tuple[Finding, ...]:
    """Numbers used twice, unknown statuses, and supersessions that only one record states."""
    folder = _Records(records)
    return (*_twins(records), *(found for record in records for found in folder.faults(record)))


def _twins(records: Sequence[Decision]) -> Iterator[Finding]:
    by_number: dict[int, list[str]] = {}
    for record in records:
        if record.number is not None:
            by_number.setdefault(record.number, []).append(record.name)
    for number, names in by_number.items():
        if len(names) > 1:
            step = "Give the newer one the next number: ops runbook read adr-number-clash"
            message = f"number {number} is used twice: {', '.join(names)}"
            yield Finding("adr_number_twice", "warning", message, step)


@dataclass(frozen=True)
class _Records:
    records: Sequence[Decision]

    def faults(self, record: Decision) -> Iterator[Finding]:
        if record.state is None:
            step = f"Write one of: {', '.join(STATES)}"
            message = f"{record.name} has the status {record.status!r}"
            yield Finding("adr_status_unclear", "notice", message, step)
        elif record.state == "superseded":
            yield from self._superseded(record)
        elif record.state == "accepted":
            for earlier in self._replaced(record):
                if earlier.state != "superseded":
                    yield _broken(earlier, f"is superseded by {record.name}, but does not state it")

    def _superseded(self, record: Decision) -> Iterator[Finding]:
        named = _BY.search(record.standing)
        if not named or not (_FILE.search(named[1]) or _NUMBER.search(named[1])):
            yield _broken(record, "is superseded, but does not state by which record")
        elif not (later := self._named(named[1])):
            yield _broken(record, f"is superseded by {named[1].strip(' :*.')}, which does not exist")
        elif not any(record in self._mentioned(one) for one in later):
            yield _broken(record, f"is superseded by {later[0].name}, which does not state it")

    def _replaced(self, record: Decision) -> list[Decision]:
        return [one for found in _REPLACES.finditer(record.text) for one in self._named(found[1])]

    def _named(self, words: str) -> list[Decision]:
        """The records of the first file or number in these words."""
        if file := _FILE.search(words):
            return [one for one in self.records if one.name == file[1]]
        number = _NUMBER.search(words)
        return [one for one in self.records if number and one.number == int(number[1])]

    def _mentioned(self, record: Decision) -> list[Decision]:
        """The records that the text below the title of this one names, by file or number."""
        body = record.text.partition("\n")[2]
        files, numbers = set(_FILE.findall(body)), {int(n) for n in _NUMBER.findall(body)}
        return [one for one in self.records if one.name in files or one.number in numbers]


def _broken(record: Decision, what: str) -> Finding:
    step = "Correct the status: both records must state it"
    return Finding("adr_chain_broken", "warning", f"{record.name} {what}", step)
