"""`ops docs check --fix`: rows that are missing are appended, once, and no other byte of any file changes."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcp_server.audit.docs_check import DOCS_CHECK, DocsCheck
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import OpsError
from mcp_server.knowledge.docs_fix import DOCS_FIX, DocsFix
from mcp_server.operation.operation import Params
from tests.audit.test_docs_check import context
from tests.fixtures.clones import git
from tests.fixtures.lengths import EXAMPLES_ON_DISK

OPS = "docs/support/ops"
HEAD = ("| Problem | Solution Doc | Command |", "|--|--|--|")
MESSY = """# Index 🔥

> | Problem | Solution Doc | Command |
> |:--|---|--:|
> | Old \\| one | [old][1] | Manual |

1. | Problem | Solution Doc |
   |--|--|
   | nested | nested.md |

[1]: <old page.md> 'é'"""


def fixed(fleet: DemoFleet) -> DocsFix:
    return DOCS_FIX.run(context(fleet, "ops-1"), Params())


def checked(fleet: DemoFleet) -> DocsCheck:
    return DOCS_CHECK.run(context(fleet, "ops-1"), Params())


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts}


def without(longer: bytes, before: bytes) -> bytes:
    """What was put into `before` in one place to make `longer`; fails where that is not all that was done."""
    size = len(longer) - len(before)
    at = next(n for n in range(len(before) + 1) if longer[n : n + 1] != before[n : n + 1] or n == len(before))
    for start in range(at, -1, -1):
        if longer[:start] + longer[start + size :] == before:
            return longer[start : start + size]
    raise AssertionError((before, longer))


def test_an_index_that_is_too_long_stays_as_it_is_and_is_told(fleet: DemoFleet) -> None:
    index = fleet.agent("ops-1") / OPS / "INDEX.md"
    long = index.read_bytes() + b"| x | [x](x.md) | Manual |\n" * 20_000
    index.write_bytes(long)
    (left,) = fixed(fleet).left
    assert "characters is not read" in left.why
    assert index.read_bytes() == long


def test_hundreds_of_rows_are_appended_in_one_go(fleet: DemoFleet) -> None:
    docs = fleet.agent("ops-1") / OPS
    before = (docs / "INDEX.md").read_bytes()
    for number in range(300):
        (docs / f"new-{number:03}.md").write_text(f"# New {number}\n")
    rows = [f"| New {n} | [new-{n:03}.md](new-{n:03}.md) | Manual |" for n in range(300)]
    assert [done.row for done in fixed(fleet).appended] == rows
    appended = without((docs / "INDEX.md").read_bytes(), before)
    assert appended.decode().splitlines() == rows


@pytest.mark.parametrize("end", ["", "\r\n"])
def test_a_messy_index_gets_its_row_in_its_own_form_and_keeps_every_other_byte(fleet: DemoFleet, end: str) -> None:
    docs = fleet.agent("ops-1") / OPS
    shutil.rmtree(docs)
    (docs / "deep").mkdir(parents=True)
    (docs / "INDEX.md").write_bytes(("\ufeff" + MESSY.replace("\n", "\r\n") + end).encode())
    (docs / "old page.md").write_bytes(b"\xef\xbb\xbf# Old\r\n")
    (docs / "deep" / "new (1) 🔥.md").write_text("---\ntitle: 'A | new * one'\ncommand: /ops:fleet_audit\n---\n")
    (docs / "elsewhere.md").symlink_to("/etc/hostname")
    before = bytes_below(fleet.agent("ops-1"))
    done = fixed(fleet)
    assert [appended.index for appended in done.appended] == [f"{OPS}/INDEX.md"]
    assert [left.path for left in done.left] == [f"{OPS}/elsewhere.md"]
    after = bytes_below(fleet.agent("ops-1"))
    row = without(after.pop(str(docs / "INDEX.md")), before.pop(str(docs / "INDEX.md"))).decode()
    link = "[deep/new (1) 🔥.md](deep/new%20%281%29%20%F0%9F%94%A5.md)"
    assert row == f"> | A \\| new \\* one | {link} | `/ops:fleet_audit` |\r\n"
    assert after == before
    assert fixed(fleet).appended == ()


def test_on_main_nothing_is_appended(fleet: DemoFleet) -> None:
    clone = fleet.agent("ops-1")
    git(clone, "switch", "--quiet", "main")
    before = bytes_below(clone)
    with pytest.raises(OpsError) as raised:
        fixed(fleet)
    assert raised.value.kind == "denied"
    assert raised.value.next == "ops --agent ops-1 branch start"
    assert bytes_below(clone) == before


words = st.text(st.sampled_from("ab|`*_[]()<>\\~&;#-!:.\t 🔥é"), max_size=12)
lines = st.lists(words | st.sampled_from([*HEAD, "---", "```", "> | a | b |", "", "- x", "[a]: a.md"]), max_size=6)
names = st.text(st.sampled_from("abc|`[]()<>%#&? 🔥é"), min_size=1, max_size=6).map(lambda name: f"{name}.md")


@st.composite
def markdown(draw: st.DrawFn, *, table: bool) -> str:
    """Lines of markup with any line ends, with or without a mark, an index table, and an end to the last line."""
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = end.join([*draw(lines), *(["", *HEAD] if table else []), *draw(lines)])
    return draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", end]))


@settings(deadline=None, max_examples=EXAMPLES_ON_DISK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pages=st.dictionaries(names, markdown(table=False), max_size=4),
    index=markdown(table=True) | markdown(table=False),
)
def test_any_tree_can_be_checked_and_the_second_fix_changes_nothing(
    fleet: DemoFleet, pages: dict[str, str], index: str
) -> None:
    docs = fleet.agent("ops-1") / OPS
    shutil.rmtree(docs, ignore_errors=True)
    (docs / "a").mkdir(parents=True)
    for name, text in pages.items():
        (docs / "a" / name).write_bytes(text.encode())
    (docs / "INDEX.md").write_bytes(index.encode())
    before = bytes_below(docs)
    done = fixed(fleet)
    after = bytes_below(docs)
    without(after[str(docs / "INDEX.md")], before[str(docs / "INDEX.md")])
    assert {path: text for path, text in after.items() if not path.endswith("INDEX.md")} == {
        path: text for path, text in before.items() if not path.endswith("INDEX.md")
    }
    ours = [appended.row for appended in done.appended if appended.index == f"{OPS}/INDEX.md"]
    missing = [f.message for f in checked(fleet).findings if f.code == "index_row_missing" and OPS in f.message]
    assert len(ours) + len(missing) >= len(pages) - index.count(".md")
    assert not (ours and missing)
    assert fixed(fleet).appended == ()
    assert bytes_below(docs) == after
