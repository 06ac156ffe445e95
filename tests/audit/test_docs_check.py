"""`docs_check` answers for the caller's clone, and for the shipped commands."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mcp_server.audit.docs_check import DOCS_CHECK, DocsCheck
from mcp_server.demo.fleet import DemoFleet
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Params
from mcp_server.server.wiring import context_of
from tests.fixtures.clock import FixedClock


def context(fleet: DemoFleet, caller: str | None, extra: Mapping[str, str] | None = None) -> Context:
    environment = {"HOME": str(fleet.home), "OPS_HOME": str(fleet.folder / "state"), "PATH": os.environ["PATH"]}
    return context_of({**environment, **(extra or {})}, fleet.root, fleet=fleet.root, agent=caller)


def fresh(ctx: Context) -> Context:
    """On a day on which none of the pages is old yet."""
    return replace(ctx, world=replace(ctx.world, clock=FixedClock()))


def checked(ctx: Context) -> DocsCheck:
    return DOCS_CHECK.run(ctx, Params())


def codes(ctx: Context) -> list[str]:
    return [finding.code for finding in checked(ctx).findings]


def test_the_callers_clone_is_looked_at_else_that_of_the_ops_agent(demo_fleet: DemoFleet) -> None:
    assert checked(context(demo_fleet, "opus-1")).clone == demo_fleet.agent("opus-1")
    found = checked(context(demo_fleet, None))
    assert found.clone == demo_fleet.agent("ops-1")
    assert [f.code for f in found.findings][:2] == ["index_file_missing", "index_row_missing"]
    assert not DOCS_CHECK.ok(found)
    assert "2026-11-18-tester-mount-stale.md has no row" in DOCS_CHECK.text(found)


def test_a_shipped_command_that_differs_from_its_runbook_is_found(demo_fleet: DemoFleet, tmp_path: Path) -> None:
    ctx = fresh(context(demo_fleet, "opus-1"))
    pack = replace(ctx, world=replace(ctx.world, pack=tmp_path))
    for folder in ("runbooks", "commands"):
        shutil.copytree(ctx.world.pack / folder, tmp_path / folder)
    (tmp_path / "commands" / "mine.md").touch()
    assert set(codes(pack)) == {"command_differs"}


def test_a_year_later_the_docs_are_stale_and_nothing_else_is_wrong(demo_fleet: DemoFleet) -> None:
    ctx = fresh(context(demo_fleet, "opus-1"))
    later = replace(ctx, world=replace(ctx.world, clock=FixedClock(datetime(2027, 12, 1, tzinfo=UTC))))
    assert set(codes(later)) - set(codes(ctx)) == {"page_stale", "note_stale"}
    shipped = next(f for f in checked(later).findings if "shipped pages were not reviewed" in f.message)
    assert shipped.next == "Update this plugin"


def test_what_is_too_large_is_told_and_a_flood_of_one_kind_does_not_hide_the_rest(fleet: DemoFleet) -> None:
    docs = fleet.agent("ops-1") / "docs" / "support"
    (docs / "ops" / "huge.md").write_text("# Huge\n" + "[x](gone.md)\n" * 4_000_000)
    rows = "".join(f"| 2026-01-02 | [{n}](gone-{n}.md) | it was so |\n" for n in range(20_000))
    (docs / "incidents" / "INDEX.md").write_text("| Date | File | Summary |\n|--|--|--|\n" + rows)
    (docs / "ops" / "links.md").write_text("# Links\n" + "[x](gone.md)\n" * 500)
    found = checked(context(fleet, "ops-1"))
    report = {finding.code: finding.message for finding in found.findings}
    assert "52,000,007 bytes, at most 500,000" in report["page_unreadable"]
    assert "incidents/INDEX.md: an INDEX.md of" in report["index_unreadable"]
    assert [finding.code for finding in found.findings].count("page_link_dead") == 20
    assert found.omitted == 480


def test_a_fleet_without_docs_says_so(fleet: DemoFleet, tmp_path: Path) -> None:
    (tmp_path / "bare" / "opus-1").mkdir(parents=True)
    (tmp_path / "bare" / "opus-1" / ".env").touch()
    ctx = context(fleet, None)
    bare = context_of(ctx.world.environment, tmp_path, fleet=tmp_path / "bare")
    assert (codes(bare)[:1], checked(bare).clone) == (["docs_missing"], None)


def test_without_a_fleet_the_shipped_pages_are_checked_and_no_docs_is_no_pass(tmp_path: Path) -> None:
    found = checked(context_of({"HOME": str(tmp_path), "OPS_HOME": str(tmp_path)}, tmp_path))
    assert found.clone is None
    (missing,) = (finding for finding in found.findings if finding.code == "docs_missing")
    assert "no fleet found" in missing.message
    assert not DOCS_CHECK.ok(found)
