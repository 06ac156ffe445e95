"""The one form: what is in it is read whole, what is not is refused with file, line and reason."""

from datetime import date

import pytest

from mcp_server.kernel.errors import OpsError
from mcp_server.knowledge.runbook import SlashCommand, parse

PAGE = """\
---
name: disk-full
title: The disk is full
symptoms: ["No space left on device"]
severity: sev2
tools: [fleet_audit]
command: Manual
owner: ops
reviewed: 2026-11-22
applies_to: ["Linux"]
---

## Symptoms

Writes fail.

## Meaning

Clones grow.

## Diagnosis

1. Look.

   ```sh read-only
   df -h .
   ```

   Expected: a number.

## Resolution

1. Free some.

## Verification

1. Look again.

## Rollback

None.

## Escalation

Open an incident.
"""
RENDERS = """\
renders:
  name: disk_check
  description: Check the disk
  argument-hint: "[folder]"
  tools: [fleet_audit]
  points: ["Call `fleet_audit`."]
---
"""


def fault(text: str, path: str = "runbooks/disk-full.md") -> str:
    with pytest.raises(OpsError) as raised:
        parse(path, text)
    assert raised.value.kind == "invalid"
    assert "docs/runbook-form.md" in raised.value.next
    return raised.value.message


def test_a_page_in_the_form_is_read_whole() -> None:
    page = parse("runbooks/disk-full.md", PAGE)
    assert (page.name, page.symptoms, page.reviewed) == (
        "disk-full",
        ("No space left on device",),
        date(2026, 11, 22),
    )
    assert [section.heading for section in page.sections][::3] == ["Symptoms", "Resolution", "Escalation"]
    assert page.sections[2].steps[0].command == "df -h ."
    assert page.renders is None


def test_a_page_can_be_the_home_of_a_command() -> None:
    page = parse("runbooks/disk-full.md", PAGE.replace("---\n\n## S", RENDERS + "\n## S"))
    assert page.renders == SlashCommand(
        "disk_check", "Check the disk", "[folder]", ("fleet_audit",), ("Call `fleet_audit`.",)
    )


@pytest.mark.parametrize(
    ("old", "new", "report"),
    [
        ("---\nname", "name", "1: no front matter"),
        ("title: The disk is full\n", "", "1: the front matter lacks `title`"),
        ("severity: sev2", "severity: high", "5: `severity` is 'high', not one of sev1"),
        ("severity: sev2", "severity: sev2\nmood: bad", "6: the front matter has 'mood'"),
        ("symptoms: [", "symptoms: [3, ", "4: `symptoms` is"),
        ("command: Manual", "command: reboot", "7: `command` is 'reboot'"),
        ("reviewed: 2026-11-22", "reviewed: soon", "9: `reviewed` is 'soon', not a date"),
        ("name: disk-full", "name: disk", "2: `name` is 'disk', not the file's own name"),
        ("title: The", "title: [The", "the front matter is not YAML"),
        ("## Rollback\n\nNone.\n", "", "the sections are not ## Symptoms"),
        ("## Meaning", "### Meaning", "17: the sections are not"),
        ("Clones grow.\n", "", "17: the section Meaning is empty"),
        ("1. Free some.", "Free some.", "31: the section Resolution has no numbered step"),
        ("sh read-only", "sh", "25: a command is marked neither"),
        ("sh read-only", "sh changing", "25: a command of the section Diagnosis changes something"),
        ("   Expected: a number.\n", "", "25: a command has no line `Expected: ...`"),
        ("1. Look.\n\n   ```", "1. ```", "a command stands without the sentence"),
        ("---\n\n## S", RENDERS.replace("  tools: [fleet_audit]\n", "") + "\n## S", "`renders` is"),
    ],
)
def test_what_is_not_in_the_form_is_refused_with_its_line(old: str, new: str, report: str) -> None:
    assert old in PAGE
    message = fault(PAGE.replace(old, new, 1))
    assert message.startswith("runbooks/disk-full.md:")
    assert report in message.removeprefix("runbooks/disk-full.md:")
