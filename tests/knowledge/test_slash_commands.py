"""What is rendered from the runbooks."""

import yaml

from mcp_server.knowledge.runbook import parse
from mcp_server.knowledge.slash_commands import Difference, differences, rendered
from tests.knowledge.test_runbook import PAGE, RENDERS

HOME = parse("runbooks/disk-full.md", PAGE.replace("---\n\n## S", RENDERS + "\n## S"))
OTHER = parse("runbooks/a-b.md", PAGE.replace("disk-full", "a-b").replace("The disk is full", "Either a | b"))


def test_the_index_has_a_row_for_each_page_in_the_original_columns() -> None:
    rows = rendered([HOME, OTHER])["runbooks/INDEX.md"].splitlines()[4:]
    assert rows == [
        "| Problem | Solution Doc | Command |",
        "|---|---|---|",
        "| Either a \\| b | [a-b.md](a-b.md) | Manual |",
        "| The disk is full | [disk-full.md](disk-full.md) | Manual |",
    ]


def test_a_command_is_granted_its_own_tools_alone_and_never_pastes_what_was_typed_into_a_shell() -> None:
    text = rendered([HOME, OTHER])["commands/disk_check.md"]
    _, front, body = text.split("---\n")
    assert yaml.safe_load(front) == {
        "description": "Check the disk",
        "argument-hint": "[folder]",
        "allowed-tools": "mcp__plugin_ops_ops__fleet_audit",
    }
    assert "<typed>\n$ARGUMENTS\n</typed>" in body
    assert "!`" not in body
    assert "1. Call `fleet_audit`.\n" in body
    assert "`disk-full`" in body


def test_every_way_to_differ_is_told() -> None:
    wanted = {"a": "1", "b": "2", "c": "3"}
    assert differences(wanted, wanted) == ()
    assert differences(wanted, {"b": "2", "c": "x", "d": "4"}) == (
        Difference("a", "missing"),
        Difference("c", "differs"),
        Difference("d", "unexpected"),
    )
