"""Decision records (ADRs): their titles, statuses and the records that they supersede."""

import re
from dataclasses import dataclass
from typing import Final

from mcp_server.kernel.markdown.outline import Section
from mcp_server.kernel.markdown.page import read_page
from mcp_server.records.decision_name import number_of

FOLDER: Final = "docs/systems/adr"
STATES: Final = ("proposed", "accepted", "rejected", "deprecated", "superseded")
_WORDS: Final = {
    "proposed": "proposed|proposal|draft|pending|open|(?:in|under) (?:review|discussion)|rfc",
    "accepted": "accepted|approved|adopted|agreed|decided|implemented|active|done",
    "rejected": "rejected|declined|withdrawn|abandoned",
    "deprecated": "deprecated|obsolete|retired",
    "superseded": "super[sc]eded|replaced",
}
_STATE = re.compile("|".join(rf"(?P<{state}>\b(?:{words})\b)" for state, words in _WORDS.items()), re.IGNORECASE)
_NUMBERED = re.compile(r"^\W*(?:ADR[- ]?)?\d+[.: -]+", re.IGNORECASE)
_STATUS = re.compile(r"(?im)^(?:[-*+] |\| *)?\**status\**(?: *\||:)\**[ \t]*(\S.*?)(?: *\|)?[ \t]*$")
_COMMENT = re.compile(r"(?s)<!--.*?-->")


@dataclass(frozen=True)
class Decision:
    """`status` is the text as written, "" without one; `standing` is all that the record says of its status.

    `number` is None in a folder whose records are named by date.
    """

    name: str
    title: str
    status: str
    standing: str
    text: str
    number: int | None

    @property
    def state(self) -> str | None:
        """One of STATES: what the status begins with, or says further down, as adr-tools writes it. None: unclear."""
        if re.search(r"(?im)^\W*(?:super[sc]eded|replaced) by\b", self.standing):
            return "superseded"
        found = _STATE.match(re.sub(r"^\W+", "", self.status))
        return found.lastgroup if found else None


def parse(name: str, text: str) -> Decision:
    """The record in this text. Without a title it is called by its file name."""
    page = read_page(text)
    title = next((section.heading for section in page.sections if section.level == 1), "")
    stated = [*page.front.texts.get("status", ()), *(found for part in page.sections if (found := _stated(part)))]
    standing = stated[0].strip() if stated else ""
    first = standing.partition("\n")[0].strip(" *_`")
    return Decision(name, _NUMBERED.sub("", title, count=1).strip() or name, first, standing, text, number_of(name))


def _stated(section: Section) -> str:
    """The status that a section states: its text below the heading `Status`, or a line `Status: ...`."""
    body = _COMMENT.sub("", section.body)
    if section.level > 1 and section.heading.casefold() == "status" and body.strip():
        return body.strip()
    found = _STATUS.search(body)
    return found[1] if found else ""
