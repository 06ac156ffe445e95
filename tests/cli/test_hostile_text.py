"""Text of a repository that would act on a terminal, or hide from a reader, arrives as visible escapes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.visible import visible
from tests.fixtures.clones import git
from tests.fixtures.incidents import context, open_incident

ROOT = Path(__file__).resolve().parents[2]
PUMP = ["-I", "-S", str(ROOT / "mcp_server" / "server" / "pump" / "__main__.py")]
BAD = "\x1b]0;own\x07\x1b[2J\x9b31m\u202egnp\u2066\u200b\U000e0041\x7f"
NAMED = "opus/\u202egnp\x9b31m\x85x\u2028y"
"A branch's name: git refuses the characters below 0x20 there."
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u2028-\u202e\u2060-\u2069\U000e0000-\U000e007f]")
COMMANDS = [
    ("index", "check", "espresso machine leaks descaling fluid"),
    ("runbook", "read", "espresso"),
    ("incident", "list"),
    ("incident", "report"),
    ("adr", "status"),
    ("docs", "check"),
    ("fleet", "audit"),
]
CALLS = {
    "index_check": {"problem": "espresso machine leaks descaling fluid"},
    "runbook_read": {"name": "espresso"},
    "incident_list": {},
    "docs_check": {},
    "fleet_audit": {},
}


@pytest.fixture
def hostile(six: DemoFleet) -> DemoFleet:
    """Titles, rows, subjects and branches that an agent, or who sends it a page, has written."""
    clone = six.agent("ops-1")
    docs = clone / "docs"
    page = f"# Espresso {BAD} machine leaks\n\nDescaling fluid {BAD}.\n\n## Steps {BAD}\n\n```sh\necho {BAD}\n```\n"
    (docs / "support/ops/espresso.md").write_text(page)
    row = f"| Espresso machine {BAD} leaks descaling fluid | [Leak {BAD}](espresso.md) | Manual |\n"
    index = docs / "support/ops/INDEX.md"
    index.write_text(index.read_text().replace("| Token", f"{row}| Token", 1))
    opened = open_incident(context(six), "Leak beside the boiler", "Fluid beside the boiler")
    for file in (clone / opened.path, docs / "support/incidents/INDEX.md"):
        front, mark, body = file.read_text().rpartition("\n---\n")
        in_yaml = '"' + "".join(f"\\U{ord(character):08x}" for character in f"Leak {BAD}") + '"'
        file.write_text(
            front.replace("Leak beside the boiler", in_yaml) + mark + body.replace("beside the boiler", BAD)
        )
    (docs / f"support/incidents/2026-11-02-{BAD}.md").write_text("# Of no form\n")
    (docs / "systems/adr/0009-leak.md").write_text(f"# 0009. Leak {BAD}\n\n- Status: {BAD}\n- Date: 2026-11-01\n")
    git(clone, "switch", "--quiet", "--create", NAMED)
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "--no-verify", "--cleanup=verbatim", "-m", f"feat: leak {BAD}")
    return six


def ops(fleet: DemoFleet, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", "-m", "mcp_server.cli", "--fleet", str(fleet.root), "--agent", "ops-1", *words]
    cwd = fleet.agent("ops-1")
    return subprocess.run(command, capture_output=True, timeout=120, check=False, cwd=cwd, env=variables(fleet))


def variables(fleet: DemoFleet) -> dict[str, str]:
    shared = {"OPS_SHARED": "0", "OPS_FLEET": str(fleet.root), "AGENT_NAME": "ops-1"}
    return {"PATH": os.environ["PATH"], "HOME": str(fleet.home), "OPS_HOME": str(fleet.folder / "state"), **shared}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_command_prints_a_character_that_acts_on_the_terminal(words: tuple[str, ...], hostile: DemoFleet) -> None:
    done = ops(hostile, *words)
    printed = done.stdout.decode() + done.stderr.decode()
    assert done.returncode in (0, 1), printed
    assert not RAW.search(printed), printed
    assert "\\u202e" in printed, "nothing hostile was in it: this proves nothing"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_json_has_the_same_characters_as_escapes_and_loses_none(words: tuple[str, ...], hostile: DemoFleet) -> None:
    printed = ops(hostile, "--json", *words).stdout.decode()
    assert not RAW.search(printed)
    assert "\u202e" in json.dumps(json.loads(printed), ensure_ascii=False)


def test_an_error_that_names_hostile_text_prints_it_visibly(hostile: DemoFleet) -> None:
    done = ops(hostile, "incident", "update", f"no-{NAMED}", "--entry", "x")
    assert done.returncode in (1, 2)
    assert not RAW.search((done.stdout + done.stderr).decode())


def test_the_table_on_a_terminal_has_no_colours_but_its_own(hostile: DemoFleet) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-I", "-m", "mcp_server.cli", "--fleet", str(hostile.root), "fleet", "audit"]
    environment = {**variables(hostile), "TERM": "xterm"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        printed = b""
        while chunk := _read(ours):
            printed += chunk
        process.wait(120)
    os.close(ours)
    text = printed.decode().replace("\r\n", "\n")
    assert "\x1b[3" in text
    # The terminal's own progress line is cleared by these two.
    assert not RAW.search(re.sub(r"\x1b\[(?:31|33|36|0)m|\r|\x1b\[K", "", text)), text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def test_no_tool_hides_a_character_from_the_reader_of_its_answer(hostile: DemoFleet) -> None:
    server = StdioServerParameters(
        command=sys.executable, args=PUMP, env=variables(hostile), cwd=hostile.agent("ops-1")
    )

    async def run() -> dict[str, str]:
        answers: dict[str, str] = {}
        async with Client(server, read_timeout_seconds=120) as client:
            for name, arguments in CALLS.items():
                found = await client.call_tool(name, arguments)
                text = "".join(str(getattr(part, "text", "")) for part in found.content)
                answers[name] = text + json.dumps(found.structured_content, ensure_ascii=False)
        return answers

    for name, answer in anyio.run(run).items():
        assert not RAW.search(answer), (name, answer)
        assert "\\u202e" in answer, f"nothing hostile was in the answer of {name}: this proves nothing"


def test_a_value_with_control_characters_arrives_whole_in_the_shell_that_evaluates_it(six: DemoFleet) -> None:
    with (six.agent("opus-1") / ".env").open("a") as file:
        file.write("COLOUR=\x1b[1m'b'\n")
    printed = ops(six, "agent", "env", "opus-1", "--reveal").stdout
    assert not RAW.search(printed.decode())
    shell = subprocess.run(["bash", "-c", 'eval "$(cat)"; printf %s "$COLOUR"'], input=printed, stdout=-1, check=True)
    assert shell.stdout == b"\x1b[1m'b'"


def test_every_text_that_is_already_visible_stays_as_it_is() -> None:
    text = "tabs\tand\nlines, Grüße, 日本語, 👩‍💻, می‌خواهم, ✓ → …"
    assert visible(text) == text
    assert visible("a\r\nb\rc\udc9b") == "a\nb\\u000dc\\udc9b"
