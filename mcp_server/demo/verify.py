"""Verifies a run: for each fault what was found, what was claimed, and what is on disk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from mcp_server.demo.claimed import Claim, claim, findings_of
from mcp_server.demo.faults import FAULTS, Fault
from mcp_server.demo.run import Record
from mcp_server.demo.steps import LOOKUP, Answers
from mcp_server.kernel.document import Json


@dataclass(frozen=True)
class Row:
    """One fault. `wrong` lists what is not as claimed."""

    fault: str
    title: str
    found: bool
    runbook: str | None
    done: str
    on_disk: str
    outcome: Literal["fixed", "needs you"]
    next: str | None
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """`good`: every fault was found and every claimed effect is on disk. `wrong` is about the incidents."""

    good: bool
    server: str
    folder: Path
    agents: int
    rows: tuple[Row, ...]
    incidents: tuple[Path, ...]
    wrong: tuple[str, ...]


def verify(record: Record) -> Verdict:
    fleet = record.fleet
    opened = [Path(str(answer["path"])) for name, answer in record.answers.items() if name.startswith("incident ")]
    wrong = tuple(why for path in opened for why in _incident_wrong(path))
    rows = tuple(_row(record, fault) for fault in FAULTS)
    good = not wrong and not any(row.wrong for row in rows)
    return Verdict(good, record.server, fleet.folder, len(fleet.agents), rows, tuple(opened), wrong)


def _row(record: Record, fault: Fault) -> Row:
    after = record.after[fault.name]
    claimed = claim(fault, record.answers)
    return Row(
        fault.name,
        fault.title,
        bool(findings_of(record.answers["audit"], fault)),
        _page(record.answers[LOOKUP + fault.code]),
        claimed.done,
        _on_disk(record, fault),
        "fixed" if after.gone else "needs you",
        None if after.gone else _next(record.answers, fault),
        tuple(_wrong(record, fault, claimed)),
    )


def _wrong(record: Record, fault: Fault, claimed: Claim) -> Iterator[str]:
    before, after = record.before[fault.name], record.after[fault.name]
    if _page(record.answers[LOOKUP + fault.code]) not in fault.pages:
        yield f"the index does not lead to {' or '.join(fault.pages)}"
    if before.gone:
        yield "was not injected"
    if not findings_of(record.answers["audit"], fault):
        yield f"not found: no {fault.code} in the first audit"
    if claimed.fixed and not after.gone:
        yield "reported as fixed, but not on disk"
    if fault.curable and not after.gone:
        yield "should be fixed by now, but is not"
    if after.gone and not claimed.fixed:
        yield "gone from disk, but not reported"
    if before.kept != after.kept:
        yield "something besides the fault was changed"
    if bool(findings_of(record.answers["audit after"], fault)) == after.gone:
        yield "the second audit does not match the disk"


def _next(answers: Answers, fault: Fault) -> str | None:
    """The next step from the last audit; for a login that ends, the more detailed one from `token_refresh`."""
    if fault.code == "login_ending":
        stores = cast("list[dict[str, str]]", answers["refresh"]["stores"])
        return next((store["next"] for store in stores if store["state"] == "login_ending"), None)
    return next((found["next"] for found in findings_of(answers["audit after"], fault)), None)


def _page(answer: Mapping[str, Json]) -> str | None:
    """The name of the page that the index answers with."""
    if not answer["match"]:
        return None
    return Path(cast("list[dict[str, str]]", answer["results"])[0]["path"]).stem


def _on_disk(record: Record, fault: Fault) -> str:
    before, after = record.before[fault.name], record.after[fault.name]
    if before.kept != after.kept:
        return f"{after.text}, changed besides"
    return f"{after.text}, all else as it was" if after.gone else f"{after.text}, as it was"


def _incident_wrong(path: Path) -> Iterator[str]:
    if not path.is_file():
        yield f"reported as opened, but missing: {path}"
    elif path.name not in (path.parent / "INDEX.md").read_text("utf-8"):
        yield f"opened without a row in its INDEX.md: {path.name}"
