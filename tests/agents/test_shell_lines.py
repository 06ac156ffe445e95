"""The lines of `ops agent env` in the real shells: each has the variables that an agent would have."""

import random
import shutil
import subprocess
from collections.abc import Mapping

import pytest

from mcp_server.agents.shell_lines import exports, note, settable, unset

AWKWARD = {
    "PLAIN": "a-b/c",
    "EMPTY": "",
    "QUOTES": """a 'b' "c" `d` $e ${f} $(g) !h \\ \\n \\' ~ # ; & | * ? [x] {a,b} %""",
    "ROWS": "one\ntwo\n\nfour",
    "LAST_LINE": "ends\n",
    "CONTROL": "a\x01\x1b[31mb\tc\rd",
    "CONTROL_AT_END": "a\x01\n\n",
    "WORDS": "grüße 日本 🎉",
    "HIDDEN": "a\u202eb\u200bc",
    "TRAILING_BACKSLASH": "c:\\dir\\",
    "OCTAL": "\x017",
}
SHELLS = [shell for shell in ("sh", "bash", "zsh", "dash", "fish") if shutil.which(shell)]


def evaluated(shell: str, script: str, variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program that the shell starts after it evaluated the script, as from `ops agent env`."""
    words = [shell, *(["--no-config"] if shell == "fish" else []), "-c", 'eval "$(cat)"; env -0']
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", **variables}
    done = subprocess.run(
        words,
        input=script.encode(errors="surrogateescape"),
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert not done.stderr, done.stderr
    entries = done.stdout.decode(errors="surrogateescape").split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def values(seed: int) -> dict[str, str]:
    draw = random.Random(seed)
    alphabet = [*"ab'\"\\$`!#~;&|*?{}[]()<>%^= \n\t\x01\x7f\r", "é", "日", "\u202e", "\u200b"]
    return {f"V{n}": "".join(draw.choices(alphabet, k=draw.randrange(12))) for n in range(60)}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("given", [AWKWARD, values(1), values(2)], ids=["awkward", "drawn", "drawn again"])
def test_every_shell_has_every_value(shell: str, given: dict[str, str]) -> None:
    found = evaluated(shell, "\n".join(exports(given.items())), {})
    assert {name: found.get(name) for name in given} == given


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_loses_what_is_withheld_and_takes_a_note(shell: str) -> None:
    script = "\n".join([note("a 'b' # c"), *unset(["GONE", "NEVER_SET", "my.name"])])
    found = evaluated(shell, script, {"GONE": "x", "KEPT": "y"})
    assert "GONE" not in found
    assert found["KEPT"] == "y"


@pytest.mark.parametrize(
    "name", ["my.name", "UID", "EUID", "PPID", "status", "path", "USERNAME", "BASHOPTS", "LINES", "history", "1A"]
)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_name_that_a_shell_cannot_set_stops_nothing(shell: str, name: str) -> None:
    assert not settable(name)
    found = evaluated(shell, "\n".join(exports([(name, "1000"), ("NEXT", "ok")])), {})
    assert found["NEXT"] == "ok"
    assert found["PATH"] == "/usr/local/bin:/usr/bin:/bin"
