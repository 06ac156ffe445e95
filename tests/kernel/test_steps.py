"""Any markdown page as sections and steps."""

from hypothesis import given
from hypothesis import strategies as st

from mcp_server.kernel.markdown.page import read_page
from mcp_server.kernel.markdown.steps import PageSection, Step, sections_with_steps


def sections_of(text: str) -> tuple[PageSection, ...]:
    return sections_with_steps(read_page(text))


PAGE = """\
Before any heading.

# Disk full

It happens.

## Fix

1. Look first.

   ```sh read-only
   df -h .
   ```

   Expected: a number.

2. **Human:** decide.

Then, by hand:

```sh changing
rm old
```

Expected: nothing.

```
unmarked
```
"""


def test_prose_stays_with_its_heading_and_steps_are_taken_out_of_it() -> None:
    above, disk, fix = sections_of(PAGE)
    assert (above.heading, above.text, above.level) == ("", "Before any heading.", 0)
    assert (disk.heading, disk.text, disk.steps) == ("Disk full", "It happens.", ())
    assert (fix.heading, fix.text, fix.line) == ("Fix", "", 7)


def test_a_step_has_its_sentence_command_effect_and_expected_outcome() -> None:
    look, decide, remove, unmarked = sections_of(PAGE)[2].steps
    assert look == Step("Look first.", "df -h .", "read-only", "a number.", 11)
    assert decide == Step("**Human:** decide.", line=17)
    assert (remove.text, remove.command, remove.effect, remove.expected) == (
        "Then, by hand:",
        "rm old",
        "changing",
        "nothing.",
    )
    assert (unmarked.command, unmarked.effect) == ("unmarked", "unknown")


def test_two_commands_in_one_item_are_two_steps() -> None:
    (section,) = sections_of("1. Both.\n\n   ```sh changing\n   a\n   ```\n\n   ```sh changing\n   b\n   ```\n")
    assert [(step.text, step.command) for step in section.steps] == [("Both.", "a"), ("", "b")]


def test_a_command_keeps_its_lines_and_its_inner_indentation() -> None:
    (section,) = sections_of("1. Run.\n\n   ```sh changing\n   for x in a; do\n     echo $x\n   done\n   ```\n")
    assert section.steps[0].command == "for x in a; do\n  echo $x\ndone"


@given(st.text())
def test_any_text_has_steps_or_none(text: str) -> None:
    sections_of(text)
