"""Open and update one incident again and again, each time killed (SIGKILL) at the next step that writes.

`python -m tests.records.incident_kills FOLDER` prints how often it was killed before one came to its end.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from mcp_server.demo.fleet import DemoFleet
from mcp_server.knowledge.look_index_findings import index_faults
from mcp_server.records.incident import record_of
from mcp_server.records.incident_update import INCIDENT_UPDATE, UpdateParams
from mcp_server.system.files import Files
from tests.fixtures.incidents import FOLDER, context, open_incident
from tests.logins.consolidate_kills import killed_at


def main(fleet: DemoFleet) -> int:
    folder = fleet.agent("ops-1") / FOLDER
    index = (folder / "INDEX.md").read_bytes()
    for number in range(100):
        (folder / "INDEX.md").write_bytes(index)
        for left in [*folder.glob("*-disk-full*"), *folder.glob("INDEX.md.*")]:
            left.unlink()
        killed = killed_at(number, lambda: _open_and_update(fleet))
        pages = list(folder.glob("*-disk-full.md"))
        assert all(record_of(page.read_text()) for page in pages)
        assert {finding.code for finding in index_faults(Files(fleet.folder), fleet.agent("ops-1"))} <= {
            "index_row_missing"
        }
        _open_and_update(fleet)
        assert index_faults(Files(fleet.folder), fleet.agent("ops-1")) == ()
        (page,) = folder.glob("*-disk-full.md")
        assert "the disk was grown" in page.read_text()
        if not killed:
            return number
    raise AssertionError("no attempt came to its end")


def _open_and_update(fleet: DemoFleet) -> None:
    one = open_incident(context(fleet))
    INCIDENT_UPDATE.run(context(fleet), UpdateParams(id=one.id, entry="the disk was grown"))


if __name__ == "__main__":
    sys.stdout.write(str(main(DemoFleet(Path(sys.argv[1]), datetime.now(UTC), ()))))
